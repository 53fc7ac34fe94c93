"""The processor's webhooks: taken into the inbox once, then handled by reading the object again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import ProcessorUnreachable
from assistant.observability import done_one_by_one
from assistant.payments.gateway import PaymentGateway, ProcessorNotice
from assistant.payments.lookup import Lookup
from assistant.payments.models import Payment, ProcessorEvent

# Kinds of events about money that goes back: `refund.failed`, `charge.dispute.closed`, …
_ABOUT_RETURNS = ("refund.", "charge.refund", "charge.dispute.")


class Notices:
    """At least once, in any order: an event only says where to look."""

    def __init__(self, db: Database, clock: Clock, *, gateway: PaymentGateway, lookup: Lookup) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._lookup = lookup

    def take(self, notice: ProcessorNotice) -> bool:
        """Write the event down; False when we had it already. Handling follows with `handle_open`."""
        try:
            with self._db.write() as tx:
                tx.add(
                    ProcessorEvent(
                        id=notice.event_id,
                        kind=notice.kind,
                        object_id=notice.object_id,
                        payment_id=notice.payment_id or None,
                        received_at=self._clock.now(),
                        detail={"intent_id": notice.intent_id},
                    )
                )
        except IntegrityError:
            return False
        return True

    def handle_open(self, limit: int = 100) -> int:
        """Handle events not handled yet; those that cannot be handled now stay for the next time."""
        return done_one_by_one("processor_events", self.handle, self.open(limit))

    def open(self, limit: int) -> list[str]:
        """The events that were not handled yet, the oldest first."""
        with self._db.read() as tx:
            return list(
                tx.scalars(
                    select(ProcessorEvent.id)
                    .where(ProcessorEvent.handled_at.is_(None))
                    .order_by(ProcessorEvent.received_at)
                    .limit(limit)
                )
            )

    def handle(self, event_id: str) -> bool:
        """Act on one event by reading its object again. False when that cannot be done now."""
        with self._db.read() as tx:
            event = tx.get_one(ProcessorEvent, event_id)
        return event.handled_at is not None or self._handle(event)

    def _handle(self, event: ProcessorEvent) -> bool:
        payment_id = self._payment_of(event)
        intent_id = str(event.detail.get("intent_id") or "")
        if payment_id is not None and intent_id:
            try:
                outcome = self._gateway.read_charge(intent_id)
                returned = self._lookup.returned(outcome, is_expected=event.kind.startswith(_ABOUT_RETURNS))
                self._lookup.settle(payment_id, outcome, returned)
            except ProcessorUnreachable:
                return False
        with self._db.write() as tx:
            tx.get_one(ProcessorEvent, event.id).handled_at = self._clock.now()
        return True

    def _payment_of(self, event: ProcessorEvent) -> str | None:
        """Our payment, by the metadata or by the intent's id; None for objects that are not ours."""
        with self._db.read() as tx:
            if event.payment_id is not None and tx.get(Payment, event.payment_id) is not None:
                return event.payment_id
            intent_id = str(event.detail.get("intent_id") or "")
            return tx.scalar(select(Payment.id).where(Payment.processor_id == intent_id))
