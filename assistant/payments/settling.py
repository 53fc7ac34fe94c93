"""Settling: what the processor says becomes our truth, once, with its ledger rows, in one commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.handoff.service import Handoff
from assistant.payments.gateway import ChargeOutcome, Returned
from assistant.payments.locks import lock_payment
from assistant.payments.lookup_times import LATE_EVERY, LOOKUP_AFTER
from assistant.payments.methods import Methods
from assistant.payments.models import Payment, PaymentAttempt, PaymentDraft, PaymentMethod
from assistant.payments.returns import CHARGED_STATES, Returns
from assistant.payments.telling import Telling
from assistant.redaction import mask_card_numbers

# Nobody knows yet how these ended, and they are looked up by the schedule.
OPEN_STATES = ("submitted", "unknown")
# The member's bank has the debit and takes days over it: not paid, and not unknown either.
PENDING = "pending"
UNSETTLED_STATES = (*OPEN_STATES, PENDING)
_WITHOUT_MONEY = ("declined", "not_charged", "canceled", "refused")

Verdict = Literal["settled", "already", "open", "pending", "stray", "mismatch"]

# The task of a person who is to find out about a payment.
UNKNOWN_TOPIC, UNKNOWN_SUMMARY = "payment_unknown", "is still unknown after a day of lookups"


@dataclass(frozen=True)
class Decision:
    """Who of the office said how a payment ended, and why; kept in the audit trail."""

    by: str
    why: str


class Settling:
    """Applies outcomes. Safe to call twice, late, in any order and from several processes."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        billing: Billing,
        methods: Methods,
        telling: Telling,
        returns: Returns,
        handoff: Handoff,
    ) -> None:
        self._db = db
        self._clock = clock
        self._billing = billing
        self._methods = methods
        self._telling = telling
        self._returns = returns
        self._handoff = handoff

    def apply(
        self,
        payment_id: str,
        outcome: ChargeOutcome,
        *,
        attempt_id: int | None,
        is_in_reply: bool,
        returned: Returned | None = None,
        decision: Decision | None = None,
    ) -> Verdict:
        """Bring one payment to where the processor says it is, with what went back of it since.

        `stray` means: the processor holds money for a payment that we had closed without, or that was paid by
        another charge; the caller must give it back. `mismatch` means: the amounts differ; a person decides,
        nothing was posted.
        """
        with self._db.write() as tx:
            payment = lock_payment(tx, payment_id)
            if attempt_id is not None:
                self._finish_attempt(tx, attempt_id, outcome)
            if outcome.state == "processing":
                return self._keep_open(tx, payment, outcome, is_in_reply=is_in_reply)
            if outcome.state == "succeeded":
                verdict = self._succeed(tx, payment, outcome, is_in_reply=is_in_reply)
                self._note_decision(tx, payment, verdict, decision)
                if returned is not None and payment.state in CHARGED_STATES and verdict != "stray":
                    self._returns.apply(tx, payment, returned)
                return verdict
            verdict = self._close_without_money(tx, payment, outcome, is_in_reply=is_in_reply)
            self._note_decision(tx, payment, verdict, decision)
            return verdict

    def close_as_not_charged(self, payment_id: str, decision: Decision | None = None) -> bool:
        """The processor never heard of it, for long enough: nothing was charged. False if already final."""
        with self._db.write() as tx:
            payment = lock_payment(tx, payment_id)
            # A bank debit that is pending was accepted once: no silence makes it undone.
            if payment.state == PENDING or not self._move(tx, payment, to="not_charged"):
                return False
            self._telling.tell(tx, payment, "not_charged", is_in_reply=False)
            self._note_decision(tx, payment, "settled", decision)
            return True

    def _succeed(
        self, tx: Session, payment: Payment, outcome: ChargeOutcome, *, is_in_reply: bool
    ) -> Verdict:
        is_second = payment.state in CHARGED_STATES and payment.processor_id != outcome.processor_id
        if is_second or payment.state in _WITHOUT_MONEY:
            return "stray"
        if outcome.amount_cents != payment.amount_cents + payment.fee_cents:
            self._ask_about_mismatch(tx, payment, outcome)
            return "mismatch"
        if not self._move(tx, payment, to="succeeded", processor_id=outcome.processor_id):
            return "already"
        self._billing.post_payment(
            tx,
            account_id=payment.account_id,
            payment_id=payment.id,
            amount_cents=payment.amount_cents,
            fee_cents=payment.fee_cents,
            at=self._clock.now(),
        )
        if payment.draft_id is not None:
            self._methods.keep_after_payment(tx, tx.get_one(PaymentDraft, payment.draft_id))
        self._telling.tell(tx, payment, "receipt", is_in_reply=is_in_reply)
        return "settled"

    def _close_without_money(
        self, tx: Session, payment: Payment, outcome: ChargeOutcome, *, is_in_reply: bool
    ) -> Verdict:
        is_decline = outcome.state == "declined"
        moved = self._move(
            tx,
            payment,
            to="declined" if is_decline else "not_charged",
            processor_id=outcome.processor_id or None,
            decline_code=outcome.decline_code or None,
        )
        if not moved:
            return "already"
        what = "declined" if is_decline else "not_charged"
        self._telling.tell(tx, payment, what, is_in_reply=is_in_reply)
        return "settled"

    def _keep_open(
        self, tx: Session, payment: Payment, outcome: ChargeOutcome, *, is_in_reply: bool
    ) -> Verdict:
        if payment.state not in OPEN_STATES:
            return "pending" if payment.state == PENDING else "already"
        payment.processor_id = payment.processor_id or outcome.processor_id
        if tx.get_one(PaymentMethod, payment.method_id).kind != "bank_account":
            payment.state = "unknown"
            return "open"
        # No ledger line yet: the money is not here, and the bank may still say no.
        payment.state, payment.next_lookup_at = PENDING, self._clock.now() + LATE_EVERY
        self._audit(tx, payment, "payment_pending")
        self._telling.tell(tx, payment, PENDING, is_in_reply=is_in_reply)
        return "pending"

    def _move(
        self,
        tx: Session,
        payment: Payment,
        *,
        to: str,
        processor_id: str | None = None,
        decline_code: str | None = None,
    ) -> bool:
        changed = tx.execute(
            update(Payment)
            .where(Payment.id == payment.id, Payment.state.in_(UNSETTLED_STATES))
            .values(
                state=to,
                settled_at=self._clock.now(),
                processor_id=processor_id or Payment.processor_id,
                decline_code=decline_code,
                next_lookup_at=None,
            )
        )
        if rows_changed(changed) != 1:
            return False
        self._audit(tx, payment, f"payment_{to}")
        return True

    def _note_decision(
        self, tx: Session, payment: Payment, verdict: Verdict, decision: Decision | None
    ) -> None:
        """A person's word ended it: who and why is kept, and the task to find out is done."""
        if decision is None or verdict != "settled":
            return
        self._handoff.drop_task(tx, topic=UNKNOWN_TOPIC, summary=summary_of(payment, UNKNOWN_SUMMARY))
        record(
            tx,
            at=self._clock.now(),
            actor=decision.by[:80],
            action="payment_resolved",
            account_id=payment.account_id,
            session_id=payment.session_id,
            payment_id=payment.id,
            state=payment.state,
            why=mask_card_numbers(decision.why)[:300],
        )

    def _finish_attempt(self, tx: Session, attempt_id: int, outcome: ChargeOutcome) -> None:
        tx.execute(
            update(PaymentAttempt)
            .where(PaymentAttempt.id == attempt_id)
            .values(
                finished_at=self._clock.now(),
                outcome=outcome.state,
                processor_id=outcome.processor_id or None,
                code=outcome.decline_code or None,
            )
        )

    def _ask_about_mismatch(self, tx: Session, payment: Payment, outcome: ChargeOutcome) -> None:
        """Once: every event of the processor comes by here again. From now on a person has it."""
        payment.next_lookup_at = None
        payment.lookup_count = max(payment.lookup_count, len(LOOKUP_AFTER))
        topic = "payment_amount_differs"
        summary = f"Payment {payment.confirmation_number}: the processor's amount differs from ours."
        if self._handoff.was_asked(tx, topic=topic, summary=summary):
            return
        self._handoff.ask_in(
            tx,
            # A payment's own task: in one session two payments may need one each.
            session_id=None,
            account_id=payment.account_id,
            phone=payment.notify_phone or "",
            topic=topic,
            summary=summary,
        )
        self._audit(tx, payment, "payment_amount_differs", processor_cents=outcome.amount_cents)

    def _audit(self, tx: Session, payment: Payment, action: str, **detail: int) -> None:
        record(
            tx,
            at=self._clock.now(),
            actor="payments",
            action=action,
            account_id=payment.account_id,
            session_id=payment.session_id,
            payment_id=payment.id,
            **detail,
        )


def summary_of(payment: Payment, what: str) -> str:
    """A task about a payment in one sentence; the same payment and cause make the same words."""
    return f"Payment {payment.confirmation_number} {what}."
