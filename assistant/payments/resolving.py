"""Payments that are still unknown after a day: a person looks at the processor and says how they ended.

What the person says is checked with the processor before it is believed, and settled like any other outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NoReturn

from sqlalchemy import ColumnElement, select

from assistant.billing.models import Account, Member
from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import ProcessorUnreachable, ResolveNotPossible
from assistant.money import written
from assistant.payments.gateway import ChargeOutcome, PaymentGateway
from assistant.payments.lookup import Lookup
from assistant.payments.lookup_times import LOOKUP_AFTER
from assistant.payments.models import Payment, PaymentMethod
from assistant.payments.returns import CHARGED_STATES
from assistant.payments.settling import OPEN_STATES, Decision, Settling

# What became of a payment that a person decided about; `declined`: the processor has a charge that failed.
Resolved = Literal["charged", "not_charged", "declined", "given_back", "already"]
_NO_MONEY = ("not_charged", "declined", "canceled")


@dataclass(frozen=True)
class UnknownView:
    """One payment that waits for a person. `processor_id` is known when the processor ever named one."""

    confirmation_number: str
    account_number: str
    member_name: str
    amount_cents: int
    fee_cents: int
    brand: str
    last_four: str
    origin: str
    phone: str
    submitted_at: datetime
    processor_id: str | None


class Resolving:
    """Takes a person's word only where the processor's agrees; the guarded move lets one of many through."""

    def __init__(
        self, db: Database, clock: Clock, *, gateway: PaymentGateway, settling: Settling, lookup: Lookup
    ) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._settling = settling
        self._lookup = lookup

    def listed(self, limit: int = 200) -> list[UnknownView]:
        """What lookups could not find out within a day, the oldest first."""
        query = (
            select(Payment, PaymentMethod, Account, Member)
            .join(PaymentMethod, PaymentMethod.id == Payment.method_id)
            .join(Account, Account.id == Payment.account_id)
            .join(Member, Member.id == Account.member_id)
            .where(_is_handed_over())
            .order_by(Payment.submitted_at, Payment.id)
            .limit(limit)
        )
        with self._db.read() as tx:
            return [_view(*row) for row in tx.execute(query)]

    def charged(self, confirmation_number: str, processor_id: str, *, by: str, why: str) -> Resolved:
        """The person saw this charge: post it, once the processor says that it is this payment's.

        Raises ResolveNotPossible with a sentence; nothing was changed then.
        """
        decision = _decision(by, why)
        payment = self._find(confirmation_number)
        if payment.state in CHARGED_STATES and payment.processor_id == processor_id:
            return "already"
        self._require_open(payment)
        outcome = self._read(processor_id)
        _require_own(payment, outcome)
        return self._settle(payment, outcome, decision)

    def not_charged(self, confirmation_number: str, *, by: str, why: str) -> Resolved:
        """The person saw no charge: close it, once the processor lists none that took money, or may yet.

        Raises ResolveNotPossible with a sentence; nothing was changed then.
        """
        decision = _decision(by, why)
        payment = self._find(confirmation_number)
        if payment.state in _NO_MONEY:
            return "already"
        self._require_open(payment)
        try:
            outcome = self._lookup.listed(payment) or self._lookup.find(payment)
        except ProcessorUnreachable:
            _refuse("The payment processor does not answer, so nobody can check it. Nothing was changed.")
        if outcome is None or _was_wrong_and_went_back(payment, outcome):
            is_closed = self._settling.close_as_not_charged(payment.id, decision)
            return "not_charged" if is_closed else self._overtaken(payment.id)
        if outcome.state == "succeeded":
            _refuse(
                f"The processor lists {outcome.processor_id} over {written(outcome.amount_cents)} for it. "
                f"Look again, and use --charged {outcome.processor_id}."
            )
        if outcome.state == "processing":
            _refuse(
                f"The processor still works on {outcome.processor_id}, and it may take the money yet. "
                "Cancel it there first."
            )
        return self._settle(payment, outcome, decision)

    def _settle(self, payment: Payment, outcome: ChargeOutcome, decision: Decision) -> Resolved:
        try:
            returned = self._lookup.returned(outcome)
        except ProcessorUnreachable:
            _refuse("The payment processor does not answer any more. Nothing was changed.")
        verdict = self._settling.apply(
            payment.id, outcome, attempt_id=None, is_in_reply=False, returned=returned, decision=decision
        )
        if verdict == "settled":
            return "charged" if outcome.state == "succeeded" else "declined"
        if verdict == "stray":
            self._lookup.give_back(payment.id, outcome)
            return "given_back"
        return self._overtaken(payment.id)

    def _overtaken(self, payment_id: str) -> NoReturn:
        """Somebody else, or news of the processor, ended it between our look and our word."""
        with self._db.read() as tx:
            state = tx.get_one(Payment, payment_id).state
        _refuse(f"It ended meanwhile: the payment is {state}.")

    def _find(self, confirmation_number: str) -> Payment:
        with self._db.read() as tx:
            payment = tx.scalar(select(Payment).where(Payment.confirmation_number == confirmation_number))
        if payment is None:
            _refuse(f"There is no payment {confirmation_number}.")
        return payment

    def _read(self, processor_id: str) -> ChargeOutcome:
        try:
            return self._gateway.read_charge(processor_id)
        except ProcessorUnreachable:
            _refuse(f"The payment processor does not answer, or has no {processor_id}. Nothing was changed.")

    def _require_open(self, payment: Payment) -> None:
        if payment.state not in OPEN_STATES:
            _refuse(f"Payment {payment.confirmation_number} is {payment.state}: that does not change.")
        if payment.lookup_count < len(LOOKUP_AFTER):
            _refuse(
                f"Payment {payment.confirmation_number} is still being looked up. "
                "A person decides only what is not known after a day."
            )


def _was_wrong_and_went_back(payment: Payment, outcome: ChargeOutcome) -> bool:
    """A charge over another amount than the member agreed to, which the office gave back whole."""
    is_wrong = outcome.amount_cents != payment.amount_cents + payment.fee_cents
    return outcome.state == "succeeded" and is_wrong and outcome.refunded_cents >= outcome.amount_cents


def _require_own(payment: Payment, outcome: ChargeOutcome) -> None:
    """The charge that the person named must be this payment's, whole, and have taken the money."""
    number, theirs = payment.confirmation_number, outcome.processor_id
    if outcome.payment_id != payment.id:
        _refuse(f"{theirs} is not payment {number}'s. Look for the metadata payment_id {payment.id}.")
    if payment.processor_id not in (None, theirs):
        _refuse(f"Payment {number} is {payment.processor_id} at the processor, not {theirs}.")
    if outcome.state != "succeeded":
        _refuse(f"{theirs} has taken no money: the processor says it is {outcome.state}.")
    if outcome.amount_cents != payment.amount_cents + payment.fee_cents:
        _refuse(
            f"{theirs} is over {written(outcome.amount_cents)}, payment {number} over "
            f"{written(payment.amount_cents + payment.fee_cents)}. Give {theirs} back at the processor."
        )


def _decision(by: str, why: str) -> Decision:
    if not by.strip() or not why.strip():
        _refuse("A decision needs a reason and the name of who decides.")
    return Decision(by.strip(), why.strip())


def _refuse(sentence: str) -> NoReturn:
    raise ResolveNotPossible(sentence) from None


def _is_handed_over() -> ColumnElement[bool]:
    return Payment.state.in_(OPEN_STATES) & (Payment.lookup_count >= len(LOOKUP_AFTER))


def _view(payment: Payment, method: PaymentMethod, account: Account, member: Member) -> UnknownView:
    return UnknownView(
        confirmation_number=payment.confirmation_number,
        account_number=account.account_number,
        member_name=member.name,
        amount_cents=payment.amount_cents,
        fee_cents=payment.fee_cents,
        brand=method.brand,
        last_four=method.last_four,
        origin=payment.origin,
        phone=payment.notify_phone or "",
        submitted_at=payment.submitted_at or payment.created_at,
        processor_id=payment.processor_id,
    )
