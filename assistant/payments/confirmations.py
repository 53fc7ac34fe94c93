"""What a confirmation number alone may tell, and the pause for whoever tries one number after another."""

from __future__ import annotations

from sqlalchemy import select

from assistant.clock import Clock
from assistant.db import Database
from assistant.identity.limits import by_phone, by_session, give_back, reserve
from assistant.payments.models import Payment
from assistant.payments.scheduling_models import ScheduledPayment
from assistant.payments.views import ConfirmationStatus
from assistant.settings import Settings

_PURPOSE, _PAUSED = "confirmation", "lookups_paused"


class Confirmations:
    """Answers yes or no and the date. In a pause every number is answered alike, known or not."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings

    def status(self, number: str, *, session_id: str, phone: str) -> ConfirmationStatus | None:
        """None when there is no such payment. Raises IdentityRefused(lookups_paused, until) in a pause.

        A number that is not found counts against the phone and the session; one that is found does not.
        """
        tries = self._settings.lookup_tries
        limits = [
            by_phone(_PURPOSE, phone, tries, refusal=_PAUSED),
            by_session(_PURPOSE, session_id, tries, refusal=_PAUSED),
        ]
        with self._db.write() as tx:
            reserved = reserve(tx, self._clock.now(), limits)
        status = self.find(number)
        if status is not None:
            with self._db.write() as tx:
                give_back(tx, reserved)
        return status

    def find(self, number: str) -> ConfirmationStatus | None:
        """The same without counting a try."""
        with self._db.read() as tx:
            payment = tx.scalar(select(Payment).where(Payment.confirmation_number == number))
            if payment is None:
                is_set = tx.scalar(
                    select(ScheduledPayment.id).where(
                        ScheduledPayment.confirmation_number == number, ScheduledPayment.state == "scheduled"
                    )
                )
                return None if is_set is None else ConfirmationStatus(False, None)
        total_cents = payment.amount_cents + payment.fee_cents
        is_posted = (
            payment.state in ("succeeded", "partially_refunded") and payment.disputed_cents < total_cents
        )
        if not is_posted or payment.settled_at is None:
            return ConfirmationStatus(False, None)
        return ConfirmationStatus(True, payment.settled_at.astimezone(self._clock.zone).date())
