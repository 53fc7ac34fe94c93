"""Held payments: a person approves or refuses them, or they end by themselves; each exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.billing.models import Account, Member
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.errors import PaymentRefused, ProcessorUnreachable, ReviewNotPossible
from assistant.money import written
from assistant.observability import done_one_by_one
from assistant.payments.locks import lock_payment
from assistant.payments.methods import Methods
from assistant.payments.models import Payment, PaymentDraft, PaymentMethod
from assistant.payments.policy import PaymentPolicy
from assistant.payments.risk import told_reasons
from assistant.payments.risk_models import PaymentReview, RiskDecision
from assistant.payments.taking import Ending, Intent, Taking
from assistant.payments.telling import Telling
from assistant.settings import Settings

# Why a payment that was fine when it was held cannot be charged any more, for the office.
_WHY_NOT = {
    "payment_in_progress": "Another payment of this account is still under way. Approve when it has ended.",
    "daily_limit_reached": "It would pass the account's limit for today. Approve tomorrow, or refuse it.",
    "cards_not_accepted": "The account takes no cards any more. Refuse it.",
}


@dataclass(frozen=True)
class ReviewView:
    """One held payment as the office sees it. `state` is waiting, approved, refused or expired."""

    confirmation_number: str
    state: str
    account_number: str
    member_name: str
    amount_cents: int
    fee_cents: int
    brand: str
    last_four: str
    origin: str
    phone: str
    held_at: datetime
    expires_at: datetime
    reasons: tuple[str, ...]
    decided_at: datetime | None
    decided_by: str | None
    why: str | None


class Reviews:
    """`approve` charges in the ordinary three steps; the move out of `held` lets one clerk through."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        *,
        billing: Billing,
        methods: Methods,
        policy: PaymentPolicy,
        taking: Taking,
        telling: Telling,
    ) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._billing = billing
        self._methods = methods
        self._policy = policy
        self._taking = taking
        self._telling = telling

    def begin(self, tx: Session, payment: Payment, *, owed_cents: int) -> PaymentReview:
        """Let a payment that was just written as held wait for a person, in the caller's transaction."""
        now = self._clock.now()
        review = PaymentReview(
            payment_id=payment.id,
            state="waiting",
            held_at=now,
            expires_at=now + timedelta(hours=self._settings.review_hours),
            owed_cents=max(owed_cents, 0),
        )
        tx.add(review)
        self._note(tx, payment, "payment_held", "risk")
        self._telling.tell(tx, payment, "held", is_in_reply=True)
        return review

    def listed(self, *, only_waiting: bool = True, limit: int = 200) -> list[ReviewView]:
        """Reviews, those that end first before the others."""
        query = (
            select(PaymentReview, Payment, PaymentMethod, Account, Member, RiskDecision.reasons)
            .join(Payment, Payment.id == PaymentReview.payment_id)
            .join(PaymentMethod, PaymentMethod.id == Payment.method_id)
            .join(Account, Account.id == Payment.account_id)
            .join(Member, Member.id == Account.member_id)
            .join(RiskDecision, RiskDecision.payment_id == Payment.id)
            .order_by(PaymentReview.expires_at, PaymentReview.payment_id)
            .limit(limit)
        )
        if only_waiting:
            query = query.where(PaymentReview.state == "waiting")
        with self._db.read() as tx:
            return [_view(*row) for row in tx.execute(query)]

    def approve(self, confirmation_number: str, *, by: str, why: str) -> Ending:
        """Charge a held payment; returns how it ended, `unknown` when the processor did not answer.

        Raises ReviewNotPossible when it is not waiting any more or must not be charged as things are now.
        """
        payment = self._find(confirmation_number)
        try:
            customer_id = self._methods.customer_of(payment.account_id)
        except ProcessorUnreachable:
            raise ReviewNotPossible("The payment processor does not answer. Nothing was charged.") from None
        with self._db.write() as tx:
            intent = self._approved(tx, payment, customer_id, by=by, why=why)
        return self._taking.send(intent, is_in_reply=False)

    def refuse(self, confirmation_number: str, *, by: str, why: str) -> None:
        """Close a held payment for good; the member is told that nothing was charged."""
        payment_id = self._find(confirmation_number).id
        with self._db.write() as tx:
            payment = lock_payment(tx, payment_id)
            if not self._close(tx, payment, "refused", by=by, why=why):
                raise _closed(tx, payment)

    def expire_due(self, limit: int = 100) -> int:
        """Refuse what nobody decided in time; returns how many. Any number of workers may run it."""
        with self._db.read() as tx:
            due = tx.scalars(
                select(PaymentReview.payment_id)
                .where(PaymentReview.state == "waiting", PaymentReview.expires_at <= self._clock.now())
                .order_by(PaymentReview.expires_at)
                .limit(limit)
            ).all()
        return done_one_by_one("held_payments", self._expire, due)

    def _expire(self, payment_id: str) -> bool:
        with self._db.write() as tx:
            payment = lock_payment(tx, payment_id)
            return self._close(tx, payment, "expired", by="worker", why="nobody decided in time")

    def _approved(self, tx: Session, found: Payment, customer_id: str, *, by: str, why: str) -> Intent:
        payment = lock_payment(tx, found.id)
        review = tx.get_one(PaymentReview, found.id)
        if payment.state != "held" or review.expires_at <= self._clock.now():
            raise _closed(tx, payment)
        method = self._chargeable(tx, payment, review)
        self._decide(tx, payment, "approved", by=by, why=why)
        draft = tx.get_one(PaymentDraft, payment.draft_id)
        return self._taking.submit_held(
            tx, payment, method, customer_id, save_method=draft.keeps_method and not method.is_saved
        )

    def _chargeable(self, tx: Session, payment: Payment, review: PaymentReview) -> PaymentMethod:
        """The method, if amount, account and method still make sense together. Raises ReviewNotPossible."""
        account = self._billing.summary_in(tx, payment.account_id)
        owed_cents = max(account.balance_cents, 0)
        over_cents = max(payment.amount_cents - owed_cents, 0)
        if over_cents > max(payment.amount_cents - review.owed_cents, 0):
            raise ReviewNotPossible(
                f"The account was paid meanwhile: it owes {written(owed_cents)} now, not "
                f"{written(review.owed_cents)} as when the member agreed. Refuse this payment."
            )
        try:
            self._policy.check(tx, account, payment.amount_cents, accept_duplicate=True)
        except PaymentRefused as refusal:
            fallback = f"The rules for payments do not allow it now ({refusal.code}). Refuse it."
            raise ReviewNotPossible(_WHY_NOT.get(refusal.code, fallback)) from None
        view = self._methods.find(tx, payment.account_id, payment.method_id)
        if view is None or view.is_expired:
            raise ReviewNotPossible("The card has expired or was removed. Refuse this payment.")
        return tx.get_one(PaymentMethod, payment.method_id)

    def _close(self, tx: Session, payment: Payment, state: str, *, by: str, why: str) -> bool:
        """Out of `held` without money: the guarded UPDATE lets one through."""
        closed = tx.execute(
            update(Payment)
            .where(Payment.id == payment.id, Payment.state == "held")
            .values(state="refused", settled_at=self._clock.now())
        )
        if rows_changed(closed) != 1:
            return False
        tx.refresh(payment)
        self._decide(tx, payment, state, by=by, why=why)
        self._telling.tell(
            tx, payment, "refused" if state == "refused" else "review_expired", is_in_reply=False
        )
        return True

    def _decide(self, tx: Session, payment: Payment, state: str, *, by: str, why: str) -> None:
        review = tx.get_one(PaymentReview, payment.id)
        review.state, review.decided_at = state, self._clock.now()
        review.decided_by, review.why = by[:80], why[:300]
        self._note(tx, payment, f"review_{state}", by)

    def _find(self, confirmation_number: str) -> Payment:
        with self._db.read() as tx:
            payment = tx.scalar(
                select(Payment)
                .join(PaymentReview, PaymentReview.payment_id == Payment.id)
                .where(Payment.confirmation_number == confirmation_number)
            )
        if payment is None:
            raise ReviewNotPossible(f"No payment with the number {confirmation_number} was ever held.")
        return payment

    def _note(self, tx: Session, payment: Payment, action: str, actor: str) -> None:
        record(
            tx,
            at=self._clock.now(),
            actor=actor[:80],
            action=action,
            account_id=payment.account_id,
            session_id=payment.session_id,
            payment_id=payment.id,
        )


def _closed(tx: Session, payment: Payment) -> ReviewNotPossible:
    """Says what became of a review that cannot be decided any more."""
    review = tx.get_one(PaymentReview, payment.id)
    if review.state == "waiting":
        return ReviewNotPossible("Its time is over; the worker refuses it. Nothing was charged.")
    by = f" by {review.decided_by}" if review.state != "expired" else ""
    return ReviewNotPossible(f"It is {review.state}{by} already; the payment is {payment.state}.")


def _view(
    review: PaymentReview,
    payment: Payment,
    method: PaymentMethod,
    account: Account,
    member: Member,
    reasons: list[dict[str, Any]],
) -> ReviewView:
    return ReviewView(
        confirmation_number=payment.confirmation_number,
        state=review.state,
        account_number=account.account_number,
        member_name=member.name,
        amount_cents=payment.amount_cents,
        fee_cents=payment.fee_cents,
        brand=method.brand,
        last_four=method.last_four,
        origin=payment.origin,
        phone=payment.notify_phone or "",
        held_at=review.held_at,
        expires_at=review.expires_at,
        reasons=tuple(told_reasons(reasons)),
        decided_at=review.decided_at,
        decided_by=review.decided_by,
        why=review.why,
    )
