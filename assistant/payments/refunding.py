"""Giving money back on the office's word: the intent first, then the processor, then the books, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.errors import PaymentRefused, ProcessorUnreachable, RefundNotPossible
from assistant.ids import new_id
from assistant.money import written
from assistant.observability import done_one_by_one
from assistant.payments.gateway import PaymentGateway, RefundRequest, Returned
from assistant.payments.locks import lock_payment
from assistant.payments.lookup_times import is_due
from assistant.payments.models import Payment
from assistant.payments.return_models import DISPUTE_PREFIX, REFUND_PREFIX, Dispute, Refund
from assistant.payments.returns import CHARGED_STATES, POSTED_REFUNDS, Returns

_OPEN = ("submitted", "unknown")
# What was sent this long ago and is not settled belongs to the worker: its process is gone.
_STALE_AFTER = timedelta(seconds=60)
# The processor may forget a key after a day; until then the same request with the same key is safe.
_RESEND_WITHIN = timedelta(hours=20)
_LOOK_AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 10, 45, 300))
_SAME_AGAIN_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class RefundView:
    """A refund as the office sees it. `state` as in `Refund`; amounts in cents."""

    id: str
    confirmation_number: str
    state: str
    amount_cents: int
    left_cents: int
    reason: str
    asked_by: str
    asked_at: datetime


class Refunding:
    """The only caller of `gateway.refund` for money that is in the ledger."""

    def __init__(self, db: Database, clock: Clock, *, gateway: PaymentGateway, returns: Returns) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._returns = returns

    def give_back(
        self,
        confirmation_number: str,
        *,
        amount_cents: int | None,
        reason: str,
        by: str,
        is_again: bool = False,
    ) -> RefundView:
        """Give back `amount_cents`, or all that is left. Raises RefundNotPossible with a sentence.

        Asked twice it happens once: one that is under way is finished and not doubled, and the same amount
        within a day wants `is_again`.
        """
        refund_id, is_mine = self._write_intent(confirmation_number, amount_cents, reason, by, is_again)
        if is_mine or self._claim(refund_id):
            self._look_or_send(refund_id, looks_first=not is_mine)
        return self.view(refund_id)

    def finish_due(self, limit: int = 50) -> int:
        """Look at the refunds and disputes whose time has come; returns how many were looked at."""
        return done_one_by_one("refunds_and_disputes", self.finish, self.due(limit))

    def due(self, limit: int) -> list[str]:
        """The ids of refunds and disputes that are to be looked at now."""
        with self._db.read() as tx:
            return [
                row_id
                for table in (Refund, Dispute)
                for row_id in tx.scalars(
                    select(table.id).where(is_due(table.next_lookup_at, self._clock.now())).limit(limit)
                )
            ]

    def finish(self, row_id: str) -> bool:
        """Look at one, and send a refund that a crash left unsent. False when another process took it."""
        if row_id.startswith(DISPUTE_PREFIX):
            return self._read_dispute(row_id)
        if not self._claim(row_id):
            return False
        self._look_or_send(row_id, looks_first=True)
        return True

    def view(self, refund_id: str) -> RefundView:
        """The refund now. Raises NoResultFound for an id that is none."""
        with self._db.read() as tx:
            row = tx.get_one(Refund, refund_id)
            payment = tx.get_one(Payment, row.payment_id)
            return RefundView(
                id=row.id,
                confirmation_number=payment.confirmation_number,
                state=row.state,
                amount_cents=row.amount_cents,
                left_cents=_left_cents(tx, payment),
                reason=row.reason,
                asked_by=row.asked_by,
                asked_at=row.asked_at,
            )

    def _write_intent(
        self, confirmation_number: str, amount_cents: int | None, reason: str, by: str, is_again: bool
    ) -> tuple[str, bool]:
        """The refund's id, and whether it was written now."""
        if not reason.strip() or not by.strip():
            raise RefundNotPossible("A refund needs a reason and the name of who gives it.")
        with self._db.write() as tx:
            payment_id = tx.scalar(
                select(Payment.id).where(Payment.confirmation_number == confirmation_number)
            )
            if payment_id is None:
                raise RefundNotPossible(f"There is no payment {confirmation_number}.")
            payment = lock_payment(tx, payment_id)
            under_way = self._under_way(tx, payment, amount_cents)
            if under_way is not None:
                return under_way, False
            self._require_possible(tx, payment, amount_cents, is_again)
            return self._add(tx, payment, amount_cents, reason, by), True

    def _under_way(self, tx: Session, payment: Payment, amount_cents: int | None) -> str | None:
        """An unfinished refund of the same amount is this one, asked again."""
        row = tx.scalar(select(Refund).where(Refund.payment_id == payment.id, Refund.state.in_(_OPEN)))
        if row is None:
            return None
        if amount_cents is not None and amount_cents != row.amount_cents:
            raise RefundNotPossible(
                f"A refund of {written(row.amount_cents)} by {row.asked_by} is still under way. "
                "Wait until it is done."
            )
        return row.id

    def _require_possible(
        self, tx: Session, payment: Payment, amount_cents: int | None, is_again: bool
    ) -> None:
        number, left_cents = payment.confirmation_number, _left_cents(tx, payment)
        if payment.state not in CHARGED_STATES:
            raise RefundNotPossible(f"Payment {number} is {payment.state}: no money was taken.")
        if _is_disputed(tx, payment):
            raise RefundNotPossible(
                f"The payer's bank asks payment {number} back. Answer or accept that at the processor; "
                "a refund would give the money twice."
            )
        if left_cents == 0:
            raise RefundNotPossible(f"All of payment {number} was given back already.")
        if amount_cents is not None and not 0 < amount_cents <= left_cents:
            raise RefundNotPossible(
                f"Of payment {number} {written(left_cents)} can be given back, not {written(amount_cents)}."
            )
        twin = None if is_again else self._twin(tx, payment, amount_cents or left_cents)
        if twin is not None:
            at = twin.asked_at.astimezone(self._clock.zone)
            raise RefundNotPossible(
                f"{written(twin.amount_cents)} of payment {number} was given back on {at:%Y-%m-%d at %H:%M} "
                f"by {twin.asked_by or 'the processor'}. To give the same amount once more, add --again."
            )

    def _twin(self, tx: Session, payment: Payment, amount_cents: int) -> Refund | None:
        return tx.scalar(
            select(Refund)
            .where(
                Refund.payment_id == payment.id,
                Refund.amount_cents == amount_cents,
                Refund.state.in_(POSTED_REFUNDS),
                Refund.asked_at > self._clock.now() - _SAME_AGAIN_WITHIN,
            )
            .limit(1)
        )

    def _add(self, tx: Session, payment: Payment, amount_cents: int | None, reason: str, by: str) -> str:
        refund_id, now = new_id(REFUND_PREFIX), self._clock.now()
        row = Refund(
            id=refund_id,
            payment_id=payment.id,
            account_id=payment.account_id,
            idempotency_key=f"porchlight-{refund_id}",
            amount_cents=amount_cents or _left_cents(tx, payment),
            state="submitted",
            origin="office",
            reason=reason.strip()[:200],
            asked_by=by.strip()[:80],
            asked_at=now,
            next_lookup_at=now + _STALE_AFTER,
        )
        tx.add(row)
        record(
            tx,
            at=now,
            actor=row.asked_by,
            action="refund_asked",
            account_id=payment.account_id,
            payment_id=payment.id,
            refund_id=refund_id,
            cents=row.amount_cents,
        )
        return refund_id

    def _claim(self, refund_id: str) -> bool:
        """Take the next look at a refund; the guarded UPDATE lets one process through."""
        now = self._clock.now()
        with self._db.write() as tx:
            row = tx.get_one(Refund, refund_id)
            wait = _LOOK_AGAIN[min(row.lookup_count, len(_LOOK_AGAIN) - 1)]
            changed = tx.execute(
                update(Refund)
                .where(
                    Refund.id == refund_id,
                    is_due(Refund.next_lookup_at, now),
                    Refund.lookup_count == row.lookup_count,
                )
                .values(next_lookup_at=now + wait, lookup_count=Refund.lookup_count + 1)
            )
            return rows_changed(changed) == 1

    def _look_or_send(self, refund_id: str, *, looks_first: bool) -> None:
        """Bring the refund further with no transaction open; what stays unclear is looked at again."""
        with self._db.read() as tx:
            row = tx.get_one(Refund, refund_id)
            payment = tx.get_one(Payment, row.payment_id)
        try:
            if looks_first:
                self._settle(payment.id, self._gateway.read_returns(str(payment.processor_id)))
                row = self._row(refund_id)
            if row.state in _OPEN:
                self._send(row, payment)
        except PaymentRefused as refused:
            self._close(refund_id, "refused", str(refused.params.get("reason", "")))
        except ProcessorUnreachable:
            self._mark_unknown(refund_id)

    def _send(self, row: Refund, payment: Payment) -> None:
        if self._clock.now() - row.asked_at > _RESEND_WITHIN:
            # The key may be forgotten, and the processor has just denied the refund.
            self._close(row.id, "not_made", "")
            return
        outcome = self._gateway.refund(
            RefundRequest(
                refund_id=row.id,
                payment_id=payment.id,
                idempotency_key=row.idempotency_key,
                processor_id=str(payment.processor_id),
                amount_cents=row.amount_cents,
            )
        )
        self._settle(payment.id, Returned(refunds=(outcome,)))

    def _settle(self, payment_id: str, returned: Returned) -> None:
        with self._db.write() as tx:
            payment = lock_payment(tx, payment_id)
            self._returns.apply(tx, payment, returned)

    def _mark_unknown(self, refund_id: str) -> None:
        with self._db.write() as tx:
            tx.execute(
                update(Refund)
                .where(Refund.id == refund_id, Refund.state == "submitted")
                .values(state="unknown")
            )

    def _close(self, refund_id: str, state: str, code: str) -> None:
        """No money moves: the processor refused, or never had it. The office asked, so the office is told."""
        with self._db.write() as tx:
            row = tx.get_one(Refund, refund_id)
            payment = lock_payment(tx, row.payment_id)
            changed = tx.execute(
                update(Refund)
                .where(Refund.id == refund_id, Refund.state.in_(_OPEN))
                .values(state=state, failure_code=code, settled_at=self._clock.now(), next_lookup_at=None)
            )
            if rows_changed(changed) == 1:
                what = (
                    f"the refund of {written(row.amount_cents)} by {row.asked_by} was not made {code}".strip()
                )
                self._returns.ask_a_person(tx, payment, "refund_not_made", f"{what}.")

    def _read_dispute(self, dispute_id: str) -> bool:
        now = self._clock.now()
        with self._db.write() as tx:
            row = tx.get_one(Dispute, dispute_id)
            payment = tx.get_one(Payment, row.payment_id)
            changed = tx.execute(
                update(Dispute)
                .where(Dispute.id == dispute_id, is_due(Dispute.next_lookup_at, now))
                .values(next_lookup_at=now + timedelta(days=1), lookup_count=Dispute.lookup_count + 1)
            )
            if rows_changed(changed) != 1:
                return False
        try:
            self._settle(payment.id, self._gateway.read_returns(str(payment.processor_id)))
        except ProcessorUnreachable:
            return False
        return True

    def _row(self, refund_id: str) -> Refund:
        with self._db.read() as tx:
            return tx.get_one(Refund, refund_id)


def _left_cents(tx: Session, payment: Payment) -> int:
    """What can still be given back: without what is back already or on its way."""
    on_its_way = tx.scalar(
        select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
            Refund.payment_id == payment.id, Refund.state.in_(_OPEN)
        )
    )
    gone = payment.refunded_cents + payment.disputed_cents + int(on_its_way or 0)
    return max(payment.amount_cents + payment.fee_cents - gone, 0)


def _is_disputed(tx: Session, payment: Payment) -> bool:
    """Whether the payer's bank asks it back, or took it: money is not to be given a second time."""
    open_or_lost = select(Dispute.id).where(
        Dispute.payment_id == payment.id, (Dispute.state == "open") | (Dispute.withdrawn_cents > 0)
    )
    return tx.scalar(open_or_lost.limit(1)) is not None
