"""Brings refunds and disputes to where the processor says they are, with their ledger lines and texts.

News may come in any order and many times. A refund only moves forward, a dispute only with more moves of
money, and every posting is the difference to what was posted before: so each order ends in the same books.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.handoff.service import Handoff
from assistant.ids import new_id
from assistant.money import written
from assistant.payments.gateway import DisputeOutcome, RefundOutcome, Returned
from assistant.payments.models import Payment
from assistant.payments.return_models import DISPUTE_PREFIX, REFUND_PREFIX, Dispute, Refund
from assistant.payments.telling import Telling

# States in which the processor took the member's money, so that it can go back.
CHARGED_STATES = ("succeeded", "partially_refunded", "refunded")
# Refunds in these are in the ledger.
POSTED_REFUNDS = ("pending", "succeeded")
# How far a refund is; news that leads back is old news.
_REFUND_RANK = {
    "submitted": 0,
    "unknown": 0,
    "refused": 1,
    "not_made": 1,
    "pending": 2,
    "succeeded": 3,
    "failed": 4,
}
_DISPUTE_RANK = {"inquiry": 0, "open": 1, "won": 2, "lost": 2, "closed": 2}
# What is not final is read again this often, also when no webhook comes.
READ_AGAIN_AFTER = timedelta(days=1)


class Returns:
    """Applies what went back of one payment, in the caller's transaction, which holds the payment's row."""

    def __init__(self, clock: Clock, *, billing: Billing, telling: Telling, handoff: Handoff) -> None:
        self._clock = clock
        self._billing = billing
        self._telling = telling
        self._handoff = handoff

    def apply(self, tx: Session, payment: Payment, returned: Returned) -> None:
        """Take over every refund and dispute of a charged payment; what is known already changes nothing."""
        for refund in returned.refunds:
            self._apply_refund(tx, payment, refund)
        for dispute in returned.disputes:
            self._apply_dispute(tx, payment, dispute)

    def _apply_refund(self, tx: Session, payment: Payment, news: RefundOutcome) -> None:
        row = self._refund_row(tx, payment, news)
        if _REFUND_RANK[news.state] <= _REFUND_RANK[row.state]:
            return
        was_posted, is_posted = row.state in POSTED_REFUNDS, news.state in POSTED_REFUNDS
        row.state, row.processor_id, row.failure_code = news.state, news.processor_id, news.failure_code
        row.settled_at = row.settled_at or self._clock.now()
        row.next_lookup_at = self._clock.now() + READ_AGAIN_AFTER if news.state == "pending" else None
        if is_posted and not was_posted:
            self._move(tx, payment, f"refund:{row.id}", "Payment returned", refunded=row.amount_cents)
            self._telling.tell(tx, payment, "returned", cents=row.amount_cents, cause=row.id)
        if news.state == "failed":
            self._refund_failed(tx, payment, row, was_posted=was_posted)
        self._audit(tx, payment, f"refund_{row.state}", refund_id=row.id, cents=row.amount_cents)

    def _refund_row(self, tx: Session, payment: Payment, news: RefundOutcome) -> Refund:
        row = tx.scalar(select(Refund).where(Refund.processor_id == news.processor_id))
        if row is None and news.refund_id:
            row = tx.scalar(
                select(Refund).where(Refund.id == news.refund_id, Refund.payment_id == payment.id)
            )
        if row is None:
            row = Refund(
                id=new_id(REFUND_PREFIX),
                payment_id=payment.id,
                account_id=payment.account_id,
                idempotency_key=news.processor_id,
                amount_cents=news.amount_cents,
                state="succeeded" if _is_posted_without_row(tx, payment, news.amount_cents) else "submitted",
                origin="processor",
                asked_at=self._clock.now(),
            )
            tx.add(row)
            tx.flush()
        return row

    def _refund_failed(self, tx: Session, payment: Payment, row: Refund, *, was_posted: bool) -> None:
        """The bank sent the money back: it counts as paid again, and a person finds another way."""
        if was_posted:
            self._move(
                tx, payment, f"refund:{row.id}:failed", "Refund did not arrive", refunded=-row.amount_cents
            )
            self._telling.tell(tx, payment, "refund_failed", cents=row.amount_cents, cause=row.id)
        self.ask_a_person(
            tx,
            payment,
            "refund_failed",
            f"the bank did not take the refund of {written(row.amount_cents)} "
            f"({row.failure_code or 'no reason given'}). Give it back another way, by check for example.",
        )

    def _apply_dispute(self, tx: Session, payment: Payment, news: DisputeOutcome) -> None:
        row = tx.scalar(select(Dispute).where(Dispute.processor_id == news.processor_id))
        if row is None:
            row = self._open_dispute(tx, payment, news)
            self._ask_about_dispute(tx, payment, news)
        elif (news.move_count, _DISPUTE_RANK[news.state]) <= (row.move_count, _DISPUTE_RANK[row.state]):
            return
        elif row.state == "inquiry" and news.state == "open":
            # The bank asked before and takes the money now: another answer is due, by another day.
            self._ask_about_dispute(tx, payment, news)
        more_cents = news.withdrawn_cents - row.withdrawn_cents
        is_newly_lost = news.state == "lost" != row.state
        row.state, row.move_count, row.withdrawn_cents = news.state, news.move_count, news.withdrawn_cents
        row.respond_by_at = news.respond_by_at or row.respond_by_at
        # Won is not over before its money is back, and nobody may tell us of that.
        is_closed = _DISPUTE_RANK[news.state] == _DISPUTE_RANK["closed"] and not (
            news.state == "won" and news.withdrawn_cents
        )
        row.closed_at = self._clock.now() if is_closed else None
        row.next_lookup_at = None if is_closed else self._clock.now() + READ_AGAIN_AFTER
        if more_cents:
            what = "Payment taken back by the bank" if more_cents > 0 else "Payment counted again"
            self._move(tx, payment, f"dispute:{row.id}:{row.move_count}", what, disputed=more_cents)
        told = _dispute_text(row, more_cents, is_newly_lost=is_newly_lost)
        if told:
            cents = abs(more_cents) or row.withdrawn_cents
            self._telling.tell(tx, payment, told, cents=cents, cause=f"{row.id}:{row.move_count}")
        self._audit(
            tx, payment, f"dispute_{row.state}", dispute_id=row.id, withdrawn_cents=row.withdrawn_cents
        )

    def _open_dispute(self, tx: Session, payment: Payment, news: DisputeOutcome) -> Dispute:
        row = Dispute(
            id=new_id(DISPUTE_PREFIX),
            payment_id=payment.id,
            account_id=payment.account_id,
            processor_id=news.processor_id,
            is_bank_return=news.is_bank_return,
            reason=news.reason,
            amount_cents=news.amount_cents,
            withdrawn_cents=0,
            move_count=0,
            state="inquiry",
            opened_at=self._clock.now(),
        )
        tx.add(row)
        tx.flush()
        return row

    def _ask_about_dispute(self, tx: Session, payment: Payment, news: DisputeOutcome) -> None:
        amount = written(news.amount_cents)
        if news.is_bank_return:
            self.ask_a_person(tx, payment, "payment_returned", f"{amount} came back unpaid: {news.reason}.")
        elif news.state in ("inquiry", "open"):
            by = (
                news.respond_by_at.astimezone(self._clock.zone).date().isoformat()
                if news.respond_by_at
                else "?"
            )
            self.ask_a_person(
                tx,
                payment,
                "payment_disputed",
                f"the payer's bank asks {amount} back ({news.reason}). Answer it at the processor by {by}.",
            )

    def _move(
        self,
        tx: Session,
        payment: Payment,
        source: str,
        description: str,
        *,
        refunded: int = 0,
        disputed: int = 0,
    ) -> None:
        """Post the difference that this makes to bill, fee and loss, and bring the payment's row along."""
        before = _split(payment)
        payment.refunded_cents += refunded
        payment.disputed_cents += disputed
        payment.state = _state_of(payment)
        bill_cents, fee_cents, loss_cents = (
            after - earlier for after, earlier in zip(_split(payment), before, strict=True)
        )
        self._billing.post_return(
            tx,
            account_id=payment.account_id,
            payment_id=payment.id,
            source=source,
            description=description,
            amount_cents=bill_cents,
            fee_cents=fee_cents,
            loss_cents=loss_cents,
            at=self._clock.now(),
        )
        if loss_cents > 0:
            self.ask_a_person(
                tx, payment, "returned_twice", f"{written(loss_cents)} more went back than was paid."
            )

    def ask_a_person(self, tx: Session, payment: Payment, topic: str, what: str) -> None:
        """Give the office a task about a payment; a payment may have many, so none hangs on a session."""
        self._handoff.ask_in(
            tx,
            session_id=None,
            account_id=payment.account_id,
            phone=payment.notify_phone or "",
            topic=topic,
            summary=f"Payment {payment.confirmation_number}: {what}",
        )

    def _audit(self, tx: Session, payment: Payment, action: str, **detail: Any) -> None:
        record(
            tx,
            at=self._clock.now(),
            actor="payments",
            action=action,
            account_id=payment.account_id,
            payment_id=payment.id,
            **detail,
        )


def _is_posted_without_row(tx: Session, payment: Payment, amount_cents: int) -> bool:
    """Refunds from before refunds had rows are in the ledger already."""
    with_row = tx.scalar(
        select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
            Refund.payment_id == payment.id, Refund.state.in_(POSTED_REFUNDS)
        )
    )
    return payment.refunded_cents - int(with_row or 0) >= amount_cents


def _split(payment: Payment) -> tuple[int, int, int]:
    """What went back as `(bill, fee, loss)`: the bill first and the fee last, so that the member never owes a
    fee that came back, nor more than they paid."""
    gone = payment.refunded_cents + payment.disputed_cents
    bill_cents = min(gone, payment.amount_cents)
    fee_cents = min(gone - bill_cents, payment.fee_cents)
    return bill_cents, fee_cents, gone - bill_cents - fee_cents


def _state_of(payment: Payment) -> str:
    if payment.refunded_cents == 0:
        return "succeeded"
    is_whole = payment.refunded_cents == payment.amount_cents + payment.fee_cents
    return "refunded" if is_whole else "partially_refunded"


def _dispute_text(row: Dispute, more_cents: int, *, is_newly_lost: bool) -> str:
    """Which text tells this change; "" when the member's money did not change."""
    if more_cents < 0:
        return "dispute_won"
    if more_cents > 0 and row.is_bank_return:
        return "bank_returned"
    if is_newly_lost and row.withdrawn_cents:
        return "dispute_lost"
    return "dispute_opened" if more_cents > 0 else ""
