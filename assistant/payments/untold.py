"""News about money that no text could bring: a person tells it. And news that the next session opens with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, false, select, true, update
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.handoff.service import TELLING_TOPIC, Handoff
from assistant.identity.limits import is_real_phone
from assistant.identity.models import AccountAccess
from assistant.identity.verification import Verification
from assistant.notifications.models import OutboxMessage
from assistant.notifications.outbox import Outbox
from assistant.observability import done_one_by_one
from assistant.payments.models import Payment
from assistant.payments.telling import telling_key

# News of a payment that is older than this needs no opening any more.
_FRESH_FOR = timedelta(days=7)
_KINDS = {
    "succeeded": "paid",
    "partially_refunded": "paid",
    "declined": "declined",
    "not_charged": "not_charged",
}
_OUTCOME_TEXTS = ("receipt", "declined", "not_charged")


@dataclass(frozen=True)
class EarlierPayment:
    """How an interrupted payment of an earlier session ended: `kind` is paid, declined or not_charged."""

    payment_id: str
    kind: str
    total_cents: int
    confirmation_number: str


class Untold:
    """Sees to it that nobody is left without word about their money."""

    def __init__(self, db: Database, clock: Clock, *, outbox: Outbox, handoff: Handoff) -> None:
        self._db = db
        self._clock = clock
        self._outbox = outbox
        self._handoff = handoff

    def hand_over(self, limit: int = 100) -> int:
        """Give the office each text about money that failed for good, once; returns how many."""
        failed = (OutboxMessage.state == "failed") & OutboxMessage.account_id.is_not(None)
        is_open = failed & OutboxMessage.handed_over_at.is_(None)
        with self._db.read() as tx:
            ids = tx.scalars(select(OutboxMessage.id).where(is_open).limit(limit)).all()
        return done_one_by_one("untold_news", self._hand_over, ids)

    def earlier(self, known: Verification) -> EarlierPayment | None:
        """The newest payment of another session that this one may hear of, and nobody may have told yet.

        An account number and its ZIP stand on every bill: who knows no more hears of what this phone paid.
        """
        told_by_text = exists().where(
            OutboxMessage.state == "sent",
            OutboxMessage.dedupe_key.in_([what + ":" + Payment.id for what in _OUTCOME_TEXTS]),
            # In a thread of texts the news stands right above; a caller may not have looked.
            Payment.origin == "sms",
        )
        with self._db.read() as tx:
            payment = tx.scalar(
                select(Payment)
                .where(
                    Payment.account_id == known.account_id,
                    Payment.session_id != known.session_id,
                    _may_hear(known),
                    Payment.told_at.is_(None),
                    Payment.settled_at > self._clock.now() - _FRESH_FOR,
                    Payment.state.in_(_KINDS),
                    Payment.disputed_cents == 0,
                    ~told_by_text,
                )
                .order_by(Payment.settled_at.desc(), Payment.id)
                .limit(1)
            )
        if payment is None:
            return None
        return EarlierPayment(
            payment.id,
            _KINDS[payment.state],
            payment.amount_cents + payment.fee_cents,
            payment.confirmation_number,
        )

    def opened_with(self, tx: Session, payment_id: str) -> None:
        """A session opened with the news, in the caller's transaction: it is not opened with again.

        A text that was held back is taken back. A person's task stays: nobody knows that it was heard.
        """
        tx.execute(
            update(Payment)
            .where(Payment.id == payment_id, Payment.told_at.is_(None))
            .values(told_at=self._clock.now())
        )
        for what in _OUTCOME_TEXTS:
            self._outbox.withdraw(tx, dedupe_key=telling_key(what, payment_id))

    def _hand_over(self, row_id: str) -> bool:
        with self._db.write() as tx:
            row = tx.get_one(OutboxMessage, row_id)
            claimed = tx.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == row_id, OutboxMessage.handed_over_at.is_(None))
                .values(handed_over_at=self._clock.now())
            )
            if rows_changed(claimed) != 1:
                return False
            self._handoff.ask_in(
                tx,
                session_id=None,
                account_id=row.account_id,
                phone=row.phone,
                topic=TELLING_TOPIC,
                summary=f"The text did not reach the phone ({row.error_code}). Tell the member: {row.body}",
            )
            return True


def _may_hear(known: Verification) -> ColumnElement[bool]:
    """Who is verified, or calls from a phone on file, hears of payments of the account; all of their own."""
    is_on_file = exists().where(
        AccountAccess.account_id == known.account_id,
        AccountAccess.phone == known.phone,
        AccountAccess.revoked_at.is_(None),
    )
    is_member = true() if known.level == "verified" else is_on_file
    # That a guest's bank said no is no news for the member; that the bill was paid is.
    is_for_payer = Payment.is_guest & Payment.state.in_(("declined", "not_charged"))
    # All withheld numbers look the same.
    is_own = Payment.notify_phone == known.phone if is_real_phone(known.phone) else false()
    return is_own | (is_member & ~is_for_payer)
