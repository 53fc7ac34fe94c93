"""Taking money: the intent that is written and committed first, the call to the processor, the settling.

Every charge of the product goes this way, whether the member is there or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.errors import ProcessorUnreachable
from assistant.ids import new_digits, new_id
from assistant.payments.gateway import ChargeOutcome, ChargeRequest, PaymentGateway
from assistant.payments.models import Payment, PaymentAttempt, PaymentMethod
from assistant.payments.risk import Attempt, Risk
from assistant.payments.risk_models import RiskDecision
from assistant.payments.scheduling_models import ScheduledPayment
from assistant.payments.settling import OPEN_STATES, Settling, Verdict

CONFIRMATION_DIGITS = 8
# A charge that was sent this long ago and not settled belongs to the sweeper: its process is gone.
STALE_AFTER = timedelta(seconds=60)
# How a charge attempt ends when its turn can only promise to tell later.
OUTCOMES_TOLD_LATER = ("unknown", "processing")

# `unknown`: the processor did not answer; the sweeper looks.
Ending = Verdict | Literal["unknown"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be charged and on whose word. `amount_cents` is without the fee.

    `origin` is the channel of a member who is there, or `scheduled` or `autopay`.
    """

    account_id: int
    method: PaymentMethod
    customer_id: str
    amount_cents: int
    fee_cents: int
    origin: str
    notify_phone: str | None
    language: str
    session_id: str | None = None
    draft_id: str | None = None
    scheduled_id: str | None = None
    autopay_draft_id: str | None = None
    autopay_try: int | None = None
    # Empty: the payment gets a number of its own.
    confirmation_number: str = ""
    is_member_present: bool = True
    # The payer need not be the member: see Payment.is_guest.
    is_guest: bool = False
    save_method: bool = False


@dataclass(frozen=True)
class Intent:
    """A payment that is written down as submitted, and the request that charges it."""

    request: ChargeRequest
    attempt_id: int


class Taking:
    """The only caller of `gateway.charge`."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        gateway: PaymentGateway,
        settling: Settling,
        give_back: Callable[[str, ChargeOutcome], None],
        risk: Risk,
    ) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._settling = settling
        self._give_back = give_back
        self._risk = risk

    def judge(self, tx: Session, order: Order) -> RiskDecision:
        """What the risk rules say, in the transaction that writes the payment. The account is locked."""
        return self._risk.decide(
            tx,
            Attempt(
                account_id=order.account_id,
                amount_cents=order.amount_cents,
                method=order.method,
                phone=order.notify_phone,
                session_id=order.session_id,
                is_member_present=order.is_member_present,
            ),
        )

    def write_intent(self, tx: Session, order: Order, decision: RiskDecision) -> Intent:
        """Write the payment and its first attempt in the caller's transaction, which must commit before
        `send`. Only what the risk rules allowed."""
        if decision.outcome != "allow":
            raise ValueError("a payment that the risk rules did not allow")
        now = self._clock.now()
        payment = self._write(tx, order, decision, "submitted", submitted_at=now)
        payment.next_lookup_at = now + STALE_AFTER
        return self._intent(
            tx,
            payment,
            order.method,
            order.customer_id,
            is_member_present=order.is_member_present,
            save_method=order.save_method,
        )

    def write_held(self, tx: Session, order: Order, decision: RiskDecision) -> Payment:
        """Write the payment down for a review; nothing is sent."""
        return self._write(tx, order, decision, "held", submitted_at=None)

    def submit_held(
        self, tx: Session, payment: Payment, method: PaymentMethod, customer_id: str, *, save_method: bool
    ) -> Intent:
        """A person approved it: the very charge that the member agreed to, sent later.

        The move is guarded; RuntimeError when the payment is not held, which the caller has looked at.
        """
        now = self._clock.now()
        moved = tx.execute(
            update(Payment)
            .where(Payment.id == payment.id, Payment.state == "held")
            .values(state="submitted", submitted_at=now, next_lookup_at=now + STALE_AFTER)
        )
        if rows_changed(moved) != 1:
            raise RuntimeError("a held payment moved under its lock")
        tx.refresh(payment)
        return self._intent(tx, payment, method, customer_id, is_member_present=True, save_method=save_method)

    def _write(
        self, tx: Session, order: Order, decision: RiskDecision, state: str, *, submitted_at: datetime | None
    ) -> Payment:
        payment_id = new_id("pay")
        payment = Payment(
            id=payment_id,
            account_id=order.account_id,
            method_id=order.method.id,
            draft_id=order.draft_id,
            scheduled_id=order.scheduled_id,
            autopay_draft_id=order.autopay_draft_id,
            autopay_try=order.autopay_try,
            confirmation_number=order.confirmation_number or new_confirmation_number(tx),
            idempotency_key=f"porchlight-{payment_id}",
            amount_cents=order.amount_cents,
            fee_cents=order.fee_cents,
            state=state,
            origin=order.origin,
            session_id=order.session_id,
            notify_phone=order.notify_phone,
            is_guest=order.is_guest,
            language=order.language,
            created_at=self._clock.now(),
            submitted_at=submitted_at,
        )
        tx.add(payment)
        tx.flush()
        decision.payment_id = payment_id
        return payment

    def _intent(
        self,
        tx: Session,
        payment: Payment,
        method: PaymentMethod,
        customer_id: str,
        *,
        is_member_present: bool,
        save_method: bool,
    ) -> Intent:
        ticks = self._clock.ticks()
        attempt = PaymentAttempt(
            payment_id=payment.id,
            kind="charge",
            started_at=self._clock.now(),
            tick_source=ticks.source,
            tick_ms=ticks.ms,
        )
        tx.add(attempt)
        tx.flush()
        request = ChargeRequest(
            payment_id=payment.id,
            idempotency_key=payment.idempotency_key,
            customer_id=method.customer_id or customer_id,
            method_id=method.processor_id,
            amount_cents=payment.amount_cents + payment.fee_cents,
            description=f"Electric bill payment {payment.confirmation_number}",
            is_member_present=is_member_present,
            save_method=save_method,
        )
        return Intent(request, attempt.id)

    def send(self, intent: Intent, *, is_in_reply: bool) -> Ending:
        """Charge with no transaction open, and settle. `is_in_reply`: the running turn tells the outcome."""
        payment_id = intent.request.payment_id
        try:
            outcome = self._gateway.charge(intent.request)
        except ProcessorUnreachable:
            return "unknown" if self._mark_unknown(payment_id, intent.attempt_id) else "already"
        verdict = self._settling.apply(
            payment_id, outcome, attempt_id=intent.attempt_id, is_in_reply=is_in_reply
        )
        if verdict == "stray":
            # We slept so long that the sweeper closed the payment as not charged: make that true.
            self._give_back(payment_id, outcome)
        return verdict

    def _mark_unknown(self, payment_id: str, attempt_id: int) -> bool:
        """False when news of the processor settled the payment while we waited in vain."""
        with self._db.write() as tx:
            changed = tx.execute(
                update(Payment)
                .where(Payment.id == payment_id, Payment.state.in_(OPEN_STATES))
                .values(state="unknown", next_lookup_at=self._clock.now() + STALE_AFTER)
            )
            is_unknown = rows_changed(changed) == 1
            attempt = tx.get_one(PaymentAttempt, attempt_id)
            attempt.finished_at = self._clock.now()
            attempt.outcome = "unknown" if is_unknown else "overtaken"
            return is_unknown


def new_confirmation_number(tx: Session) -> str:
    """Eight random digits that no payment or scheduled payment has yet; the unique key decides a tie."""
    while True:
        number = new_digits(CONFIRMATION_DIGITS)
        taken = [exists().where(table.confirmation_number == number) for table in (Payment, ScheduledPayment)]
        if not tx.scalar(select(or_(*taken))):
            return number
