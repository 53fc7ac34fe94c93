"""Charging a draft that the member just said yes to, and telling the running turn how it ended."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import (
    DraftRefused,
    PaymentDeclined,
    PaymentPending,
    PaymentRefused,
    PaymentUnknown,
    ProcessorUnreachable,
)
from assistant.identity.service import Identity
from assistant.payments.declines import refusal_code
from assistant.payments.drafts import Drafts
from assistant.payments.methods import Methods
from assistant.payments.models import Payment, PaymentDraft, PaymentMethod
from assistant.payments.policy import PaymentPolicy
from assistant.payments.returns import CHARGED_STATES
from assistant.payments.reviews import Reviews
from assistant.payments.taking import Intent, Order, Taking
from assistant.payments.telling import phone_on_file
from assistant.payments.views import MethodView, Receipt


class Charging:
    """Turns a confirmed draft into a payment."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        identity: Identity,
        billing: Billing,
        drafts: Drafts,
        methods: Methods,
        policy: PaymentPolicy,
        taking: Taking,
        reviews: Reviews,
    ) -> None:
        self._db = db
        self._clock = clock
        self._identity = identity
        self._billing = billing
        self._drafts = drafts
        self._methods = methods
        self._policy = policy
        self._taking = taking
        self._reviews = reviews

    def confirm(self, *, session_id: str, turn_id: str, language: str, channel: str, phone: str) -> Receipt:
        """Charge the draft that this turn said yes to.

        Raises DraftRefused, NotVerified or PaymentRefused (no money moved; `payment_held`: a person looks at
        it first), PaymentDeclined (the bank said no), PaymentPending (the bank takes days over it),
        PaymentUnknown (we cannot tell yet).
        """
        customer_id = self._prepare(session_id, turn_id)
        intent = self._write_intent(
            session_id, turn_id, customer_id, language=language, channel=channel, phone=phone
        )
        if isinstance(intent, PaymentRefused):
            # Raised only now: what was written about it had to be committed.
            raise intent
        ending = self._taking.send(intent, is_in_reply=True)
        if ending in ("open", "mismatch", "unknown"):
            raise self._unknown(intent.request.payment_id)
        if ending == "pending":
            raise self._pending(intent.request.payment_id)
        return self._result(intent.request.payment_id)

    def _prepare(self, session_id: str, turn_id: str) -> str:
        """The processor's customer, made before anything is written; nothing is charged when it fails."""
        with self._db.read() as tx:
            account_id = tx.scalar(
                select(PaymentDraft.account_id).where(
                    PaymentDraft.session_id == session_id, PaymentDraft.consent_turn_id == turn_id
                )
            )
            if account_id is None:
                raise self._drafts.nothing_agreed(tx, session_id)
        try:
            return self._methods.customer_of(account_id)
        except ProcessorUnreachable as unreachable:
            raise PaymentRefused("payments_unavailable") from unreachable

    def _write_intent(
        self, session_id: str, turn_id: str, customer_id: str, *, language: str, channel: str, phone: str
    ) -> Intent | PaymentRefused:
        with self._db.write() as tx:
            draft = self._drafts.consented(tx, session_id=session_id, turn_id=turn_id)
            if draft.pay_on is not None:
                raise ValueError("a draft with a day is confirmed by `Scheduled.confirm`")
            method = self._usable_method(tx, draft)
            verification = self._identity.require_in(
                tx, session_id, "verified" if method.is_saved or draft.keeps_method else "recognized"
            )
            if verification.account_id != draft.account_id:
                raise DraftRefused("draft_expired")
            account = self._billing.summary_in(tx, draft.account_id)
            self._policy.check(tx, account, draft.amount_cents, accept_duplicate=draft.is_duplicate_accepted)
            draft.confirmed_at = self._clock.now()
            order = Order(
                account_id=draft.account_id,
                method=method,
                customer_id=customer_id,
                amount_cents=draft.amount_cents,
                fee_cents=draft.fee_cents,
                origin=channel,
                notify_phone=phone,
                is_guest=verification.level == "recognized"
                and phone_on_file(tx, draft.account_id, prefer=phone) != phone,
                language=language,
                session_id=session_id,
                draft_id=draft.id,
                save_method=draft.keeps_method and not method.is_saved,
            )
            return self._judged(tx, order, owed_cents=account.balance_cents)

    def _judged(self, tx: Session, order: Order, *, owed_cents: int) -> Intent | PaymentRefused:
        """The intent to send, or the refusal that what is written now stands for."""
        decision = self._taking.judge(tx, order)
        if decision.outcome == "refuse":
            # The words of any card that does not work: a thief learns nothing.
            return PaymentRefused("method_not_usable")
        if decision.outcome == "hold":
            payment = self._taking.write_held(tx, order, decision)
            review = self._reviews.begin(tx, payment, owed_cents=owed_cents)
            return PaymentRefused(
                "payment_held",
                amount_cents=order.amount_cents + order.fee_cents,
                confirmation_number=payment.confirmation_number,
                told_by=review.expires_at,
            )
        return self._taking.write_intent(tx, order, decision)

    def _usable_method(self, tx: Session, draft: PaymentDraft) -> PaymentMethod:
        if draft.method_id is None:
            raise DraftRefused("draft_not_confirmed")
        view = self._methods.find(tx, draft.account_id, draft.method_id)
        if view is None or view.is_expired:
            raise PaymentRefused("method_not_usable")
        return tx.get_one(PaymentMethod, draft.method_id)

    def _unknown(self, payment_id: str) -> PaymentUnknown:
        with self._db.read() as tx:
            payment = tx.get_one(Payment, payment_id)
            return PaymentUnknown(
                told_by=self._policy.told_by(payment.submitted_at or payment.created_at),
                amount_cents=payment.amount_cents + payment.fee_cents,
                confirmation_number=payment.confirmation_number,
            )

    def _pending(self, payment_id: str) -> PaymentPending:
        with self._db.read() as tx:
            payment = tx.get_one(Payment, payment_id)
            return PaymentPending(
                amount_cents=payment.amount_cents + payment.fee_cents,
                confirmation_number=payment.confirmation_number,
                method=MethodView.of(tx.get_one(PaymentMethod, payment.method_id), self._clock.today()),
            )

    def _result(self, payment_id: str) -> Receipt:
        with self._db.read() as tx:
            payment = tx.get_one(Payment, payment_id)
            method = tx.get_one(PaymentMethod, payment.method_id)
            # It may have been given back, in part, before this turn came to tell of it.
            if payment.state not in CHARGED_STATES:
                raise PaymentDeclined(
                    refusal_code(payment.decline_code or ""),
                    amount_cents=payment.amount_cents + payment.fee_cents,
                    brand=method.brand,
                    last_four=method.last_four,
                )
            return Receipt(
                payment_id=payment.id,
                confirmation_number=payment.confirmation_number,
                amount_cents=payment.amount_cents,
                fee_cents=payment.fee_cents,
                method=MethodView.of(method, self._clock.today()),
                balance_cents=self._billing.summary_in(tx, payment.account_id).balance_cents,
                settled_at=payment.settled_at or self._clock.now(),
            )
