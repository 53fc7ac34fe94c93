"""The outbox: what we send unasked is written in the commit of its cause and handed over afterwards, once.

A row moves `queued -> sending -> sent | failed | unknown` (or `queued -> withdrawn`), each move guarded, so
that any number of processes may hand over at the same time. The carrier has no idempotency key: after an
unclear outcome, or when a process died while sending, the row is `unknown` and the carrier is asked before it
goes out again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database, insert_once
from assistant.errors import SenderUnknown
from assistant.ids import new_id
from assistant.notifications.models import OutboxMessage
from assistant.notifications.opt_outs import has_opted_out, record_opt_out
from assistant.notifications.sender import NotDeliverable, Sender

# A process that has not finished a hand-over in this time is taken for dead; longer than any sender timeout.
LEASE = timedelta(minutes=2)
# Waits after the first, second, … try that brought no clear answer; after the last one we give up.
TEXT_WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 3600, 21600))
# A phone that rings long after it was asked to is worse than one that does not.
CALL_WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60))
# A one-time code is dead after this, so it is not worth keeping or sending.
SECRET_LIFE = timedelta(minutes=10)
# Twilio's code for "this phone unsubscribed".
CARRIER_OPT_OUT_CODE = "21610"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Parcel:
    """What is needed to hand a row over, with no transaction open. `looks_first`: it may be out already."""

    id: str
    kind: str
    phone: str
    body: str
    created_at: datetime
    tries: int
    looks_first: bool
    lease_ends_at: datetime


# The row may have been written while our clock was ahead of the carrier's: look that much further back.
CLOCK_SLACK = timedelta(hours=3)


class Outbox:
    """Queues texts, calls and redactions in the caller's transaction, and hands them over after it."""

    def __init__(self, db: Database, clock: Clock, sender: Sender) -> None:
        self._db = db
        self._clock = clock
        self._sender = sender

    def queue_text(
        self,
        tx: Session,
        *,
        phone: str,
        body: str,
        dedupe_key: str,
        send_after: datetime | None = None,
        holds_secret: bool = False,
        is_answer: bool = False,
        account_id: int | None = None,
    ) -> None:
        """Queue one text (<= 1600 characters). A second one with the same `dedupe_key` is ignored.

        `is_answer`: it answers the member's own text, so an opt-out does not hold it back.
        `account_id`: it tells about money, so a person tells it when it cannot be delivered.
        """
        self._queue(
            tx,
            kind="text",
            phone=phone,
            body=body,
            dedupe_key=dedupe_key,
            send_after=send_after,
            holds_secret=holds_secret,
            is_answer=is_answer,
            account_id=account_id,
        )

    def queue_call(self, tx: Session, *, phone: str, path: str, dedupe_key: str) -> None:
        """Queue one call that the member asked for; `path` below the public URL answers it."""
        self._queue(tx, kind="call", phone=phone, body=path, dedupe_key=dedupe_key, is_answer=True)

    def queue_redaction(self, tx: Session, *, phone: str, message_id: str) -> None:
        """Queue that the carrier wipes the body of a message it keeps: a card number or PIN was in it."""
        key = f"redact:{message_id}"
        self._queue(tx, kind="redact", phone=phone, body=message_id, dedupe_key=key, is_answer=True)

    def withdraw(self, tx: Session, *, dedupe_key: str) -> None:
        """Take back a row that was held back (`send_after`) in case nobody else tells; it was told.

        A row that is due was written because nobody told it, so it goes out.
        """
        tx.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.dedupe_key == dedupe_key,
                OutboxMessage.state == "queued",
                OutboxMessage.send_after > self._clock.now(),
            )
            .values(state="withdrawn", body="")
        )

    def send_due(self, limit: int = 50) -> int:
        """Hand over what is due, oldest first; returns how many went. Never raises for a vendor."""
        self._recover_stuck()
        handed_over = 0
        for row_id in self._due(limit):
            parcel = self._claim(row_id)
            if parcel is not None and self._hand_over(parcel):
                handed_over += 1
        return handed_over

    def _queue(self, tx: Session, *, send_after: datetime | None = None, **columns: Any) -> None:
        now = self._clock.now()
        row = {"id": new_id("out"), "created_at": now, "send_after": send_after or now, **columns}
        insert_once(tx, OutboxMessage, [row])

    def _recover_stuck(self) -> None:
        """A row whose sender died is unknown: it may or may not be out."""
        now = self._clock.now()
        stuck = (OutboxMessage.state == "sending") & (OutboxMessage.send_after <= now)
        with self._db.read() as tx:
            if tx.scalar(select(OutboxMessage.id).where(stuck).limit(1)) is None:
                return
        with self._db.write() as tx:
            tx.execute(update(OutboxMessage).where(stuck).values(state="unknown"))

    def _due(self, limit: int) -> list[str]:
        due = OutboxMessage.state.in_(("queued", "unknown")) & (OutboxMessage.send_after <= self._clock.now())
        with self._db.read() as tx:
            rows = select(OutboxMessage.id).where(due).order_by(OutboxMessage.created_at, OutboxMessage.id)
            return list(tx.scalars(rows.limit(limit)))

    def _claim(self, row_id: str) -> _Parcel | None:
        """Move the row to `sending` if it is still open and wanted; None when it is not ours to send."""
        now = self._clock.now()
        with self._db.write() as tx:
            row = tx.get(OutboxMessage, row_id, with_for_update=True)
            if row is None or row.state not in ("queued", "unknown") or row.send_after > now:
                return None
            reason = _reason_not_to_send(tx, row, now)
            if reason:
                _close(row, state="failed", error_code=reason)
                return None
            looks_first = row.state == "unknown"
            row.state, row.tries, row.send_after = "sending", row.tries + 1, now + LEASE
            return _Parcel(
                row.id, row.kind, row.phone, row.body, row.created_at, row.tries, looks_first, row.send_after
            )

    def _hand_over(self, parcel: _Parcel) -> bool:
        """Send with no transaction open, then write down what came of it."""
        if self._clock.now() >= parcel.lease_ends_at:
            return False  # this process slept so long that it was taken for dead: another one sends
        try:
            provider_id = (self._find(parcel) if parcel.looks_first else None) or self._send(parcel)
        except NotDeliverable as refusal:
            if parcel.kind == "redact":  # the carrier cannot wipe a message that is still on its way
                self._try_later(parcel, code=refusal.code)
            else:
                self._refused(parcel, refusal.code)
            return False
        except SenderUnknown:
            self._try_later(parcel, code="unknown")
            return False
        self._finish(
            parcel,
            lambda tx, row: _close(row, state="sent", sent_at=self._clock.now(), provider_id=provider_id),
        )
        return True

    def _send(self, parcel: _Parcel) -> str:
        if parcel.kind == "text":
            return self._sender.send_text(parcel.phone, parcel.body)
        if parcel.kind == "call":
            return self._sender.place_call(parcel.phone, parcel.body)
        self._sender.redact_text(parcel.body)
        return parcel.body

    def _find(self, parcel: _Parcel) -> str | None:
        """The carrier's id of this very parcel, if it went out; an id that another row owns is not it."""
        if parcel.kind == "redact":
            return None
        if parcel.kind == "text":
            found = self._sender.find_text(parcel.phone, parcel.body, parcel.created_at - CLOCK_SLACK)
        else:
            found = self._sender.find_call(parcel.phone, parcel.created_at)
        if found is None:
            return None
        with self._db.read() as tx:
            owner = tx.scalar(select(OutboxMessage.id).where(OutboxMessage.provider_id == found))
        return found if owner is None else None

    def _refused(self, parcel: _Parcel, code: str) -> None:
        def write(tx: Session, row: OutboxMessage) -> None:
            _close(row, state="failed", error_code=code)
            if code == CARRIER_OPT_OUT_CODE:
                record_opt_out(tx, phone=row.phone, how="carrier", at=self._clock.now())

        _log.warning("outbox_refused", outbox_id=parcel.id, kind=parcel.kind, code=code)
        self._finish(parcel, write)

    def _try_later(self, parcel: _Parcel, *, code: str) -> None:
        waits = CALL_WAITS if parcel.kind == "call" else TEXT_WAITS

        def write(tx: Session, row: OutboxMessage) -> None:
            if parcel.tries > len(waits):
                _close(row, state="failed", error_code="gave_up")
                return
            row.state, row.error_code = "unknown", code
            row.send_after = self._clock.now() + waits[parcel.tries - 1]

        gave_up = parcel.tries > len(waits)
        _log.warning("outbox_unclear", outbox_id=parcel.id, kind=parcel.kind, code=code, gave_up=gave_up)
        self._finish(parcel, write)

    def _finish(self, parcel: _Parcel, write: Callable[[Session, OutboxMessage], None]) -> None:
        """Write the outcome, unless the row was taken for stuck and claimed by another process meanwhile."""
        with self._db.write() as tx:
            row = tx.get(OutboxMessage, parcel.id, with_for_update=True)
            if row is not None and row.state == "sending" and row.tries == parcel.tries:
                write(tx, row)


def _reason_not_to_send(tx: Session, row: OutboxMessage, now: datetime) -> str:
    """Why this row must not go out any more; "" when it may."""
    if row.holds_secret and now - row.created_at >= SECRET_LIFE:
        return "expired"
    # A code was asked for a moment ago, so it is an answer too.
    if row.kind == "text" and not (row.is_answer or row.holds_secret) and has_opted_out(tx, row.phone):
        return "opted_out"
    return ""


def _close(row: OutboxMessage, **values: Any) -> None:
    """Write a final state; a secret is not kept beyond it."""
    for name, value in values.items():
        setattr(row, name, value)
    if row.holds_secret:
        row.body = ""
