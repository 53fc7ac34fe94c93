"""A processor in memory with honest books: it may decline, or go silent before or after taking the money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from assistant.clock import Clock
from assistant.errors import PaymentRefused, ProcessorUnreachable
from assistant.payments.gateway import (
    ChargeOutcome,
    ChargeRequest,
    DisputeOutcome,
    DisputeState,
    MethodDetails,
    ProcessorNotice,
    RefundOutcome,
    RefundRequest,
    RefundState,
    Returned,
)


class OneKeyTwoRequests(BaseException):
    """A promise to the processor was broken. Not an Exception: the worker's rounds pass over those."""


@dataclass
class FakeGateway:
    """Fills PaymentGateway. `plan` says what the next charges do: "ok", "processing", a decline code, "lost"
    (never arrived), "taken" (charged, answer lost); `without_plan` says it once the plan is used up.
    `refund_plan` and `refund_without_plan` say the same of refunds: "ok", "pending", "lost", "taken".
    `is_down` makes every other call unreachable, `hiccup` the calls it is true for. `notices` are the events
    that the processor sends."""

    clock: Clock
    plan: list[str] = field(default_factory=list)
    is_down: bool = False
    refuses_refunds: bool = False
    customers: dict[str, str] = field(default_factory=dict)
    charges: dict[str, ChargeOutcome] = field(default_factory=dict)
    requests: dict[str, ChargeRequest] = field(default_factory=dict)
    refund_plan: list[str] = field(default_factory=list)
    # By idempotency key, with the charge they belong to.
    refunds: dict[str, tuple[str, RefundOutcome]] = field(default_factory=dict)
    disputes: dict[str, tuple[str, DisputeOutcome]] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)
    lost: dict[str, ChargeRequest] = field(default_factory=dict)
    notices: list[ProcessorNotice] = field(default_factory=list)
    without_plan: Callable[[ChargeRequest], str] = lambda _request: "ok"
    refund_without_plan: Callable[[RefundRequest], str] = lambda _request: "ok"
    hiccup: Callable[[], bool] = lambda: False

    def create_customer(self, *, account_id: int, idempotency_key: str) -> str:
        self._require_up()
        return self.customers.setdefault(idempotency_key, f"cus_{account_id}")

    def read_method(self, method_id: str) -> MethodDetails:
        self._require_up()
        last_four = method_id[-4:] if method_id[-4:].isdecimal() else "4242"
        return MethodDetails(method_id, "card", "visa", last_four, 12, 2031)

    def attach_method(self, method_id: str, *, customer_id: str) -> str:
        self._require_up()
        self.attached.append(method_id)
        return method_id

    def detach_method(self, method_id: str) -> None:
        self.attached.remove(method_id)

    def charge(self, request: ChargeRequest) -> ChargeOutcome:
        what = self.plan.pop(0) if self.plan else self.without_plan(request)
        if what == "lost":
            self.lost[request.payment_id] = request
            raise ProcessorUnreachable("no answer")
        outcome = self._once(request, what)
        if what == "taken":
            raise ProcessorUnreachable("the answer was lost")
        return outcome

    def find_charge(self, *, payment_id: str, customer_id: str, since: datetime) -> ChargeOutcome | None:
        self._require_up()
        for key, request in self.requests.items():
            if (request.payment_id, request.customer_id) == (payment_id, customer_id):
                made_at = self.charges[key].created_at
                if made_at is None or made_at >= since:
                    return self.charges[key]
        return None

    def read_charge(self, processor_id: str) -> ChargeOutcome:
        self._require_up()
        found = next((one for one in self.charges.values() if one.processor_id == processor_id), None)
        if found is None:
            raise ProcessorUnreachable("not found: nobody knows whether we ask the right account")
        return found

    def cancel_charge(self, processor_id: str) -> ChargeOutcome:
        return self.read_charge(processor_id)

    def refund(self, request: RefundRequest) -> RefundOutcome:
        self._require_up()
        if self.refuses_refunds:
            raise PaymentRefused("payment_refused")
        what = self.refund_plan.pop(0) if self.refund_plan else self.refund_without_plan(request)
        if what == "lost":
            raise ProcessorUnreachable("no answer")
        known = self.refunds.get(request.idempotency_key)
        if known is None:
            state: RefundState = "pending" if what == "pending" else "succeeded"
            made = RefundOutcome(
                f"re_{len(self.refunds) + 1}", state, request.amount_cents, request.refund_id
            )
            known = request.processor_id, made
            self.refunds[request.idempotency_key] = known
            self._add_up()
            self._announce("refund.created", request.processor_id)
        if what == "taken":
            raise ProcessorUnreachable("the answer was lost")
        return known[1]

    def read_returns(self, processor_id: str) -> Returned:
        self._require_up()
        return Returned(
            tuple(one for charge, one in self.refunds.values() if charge == processor_id),
            tuple(one for charge, one in self.disputes.values() if charge == processor_id),
        )

    def refund_by_hand(self, processor_id: str, cents: int, key: str = "by hand") -> str:
        """Somebody gives money back at the processor, past us; returns the refund's id."""
        return self.refund(RefundRequest("", "", key, processor_id, cents)).processor_id

    def move_refund(self, refund_id: str, state: RefundState) -> None:
        """A refund arrives at the member's bank, or comes back from there."""
        for key, (charge, one) in self.refunds.items():
            if one.processor_id == refund_id:
                self.refunds[key] = charge, replace(one, state=state)
                self._announce("refund.updated", charge)
        self._add_up()

    def dispute(
        self,
        processor_id: str,
        state: DisputeState,
        *,
        cents: int = 0,
        withdrawn: int | None = None,
        moves: int | None = None,
        is_bank_return: bool = False,
    ) -> None:
        """Set the dispute of a charge to this state; by default what that does to the money as well."""
        paid = {charge.processor_id: charge.amount_cents for charge in self.charges.values()}
        cents = cents or paid[processor_id]
        money = {"inquiry": (0, 0), "open": (1, cents), "lost": (1, cents), "won": (2, 0), "closed": (0, 0)}
        usual_moves, usual_cents = money[state]
        self.disputes[processor_id] = (
            processor_id,
            DisputeOutcome(
                f"du_{processor_id}",
                state,
                cents,
                "insufficient_funds" if is_bank_return else "fraudulent",
                usual_moves if moves is None else moves,
                usual_cents if withdrawn is None else withdrawn,
                is_bank_return,
            ),
        )
        self._add_up()
        self._announce("charge.dispute.updated", processor_id)

    def read_notice(self, body: bytes, signature: str) -> ProcessorNotice:
        raise AssertionError("signatures are the real gateway's business")

    def finish_processing(self, payment_id: str, state: str, decline_code: str = "") -> None:
        """The bank made up its mind about a charge that was `processing`."""
        for key, request in self.requests.items():
            if request.payment_id == payment_id:
                ended = replace(self.charges[key], state=state, decline_code=decline_code)  # type: ignore[arg-type]
                self.charges[key] = ended
                self._announce(f"payment_intent.{state}", self.charges[key].processor_id)

    def arrive_late(self, payment_id: str) -> None:
        """A charge that was lost on the way reaches the bank after all."""
        self._once(self.lost[payment_id], "ok")

    @property
    def taken_cents(self) -> int:
        """What the members' banks paid, less what was given back or taken back."""
        paid = sum(
            one.amount_cents - one.refunded_cents for one in self.charges.values() if one.state == "succeeded"
        )
        return paid - sum(one.withdrawn_cents for _, one in self.disputes.values())

    def _add_up(self) -> None:
        """Bring the charges along: what was given back of each, and whether it is disputed."""
        for key, outcome in self.charges.items():
            given = sum(
                one.amount_cents
                for charge, one in self.refunds.values()
                if charge == outcome.processor_id and one.state != "failed"
            )
            self.charges[key] = replace(
                outcome, refunded_cents=given, is_disputed=outcome.processor_id in self.disputes
            )

    def _once(self, request: ChargeRequest, what: str) -> ChargeOutcome:
        """The first answer of a key is the answer of that key; other content under it is an error."""
        known = self.requests.get(request.idempotency_key)
        if known is not None:
            if known != request:
                raise OneKeyTwoRequests(request.idempotency_key)
            return self.charges[request.idempotency_key]
        state = {"ok": "succeeded", "taken": "succeeded", "processing": "processing"}.get(what, "declined")
        outcome = ChargeOutcome(
            state=state,  # type: ignore[arg-type]
            processor_id=f"pi_{len(self.charges) + 1}",
            amount_cents=request.amount_cents,
            decline_code=what if state == "declined" else "",
            created_at=self.clock.now(),
            payment_id=request.payment_id,
        )
        self.requests[request.idempotency_key] = request
        self.charges[request.idempotency_key] = outcome
        self._announce(f"payment_intent.{state}", outcome.processor_id)
        return outcome

    def _announce(self, kind: str, intent_id: str) -> None:
        [payment_id] = [
            self.requests[key].payment_id
            for key, one in self.charges.items()
            if one.processor_id == intent_id
        ]
        event_id = f"evt_{len(self.notices) + 1}"
        self.notices.append(ProcessorNotice(event_id, kind, intent_id, payment_id, intent_id))

    def _require_up(self) -> None:
        if self.is_down or self.hiccup():
            raise ProcessorUnreachable("down")
