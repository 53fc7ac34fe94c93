"""One member who says yes once, and the processes around that payment: they die, start again, and go on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from assistant.errors import PaymentDeclined, PaymentUnknown, Refusal, ReviewNotPossible
from assistant.notifications.models import OutboxMessage
from assistant.payments.gateway import ChargeOutcome, ProcessorNotice
from assistant.payments.models import Payment, ProcessorEvent
from assistant.payments.risk_models import PaymentReview
from tests.crashing import Boundaries, Crash
from tests.factories import Factory
from tests.unit.payments.conftest import Desk

CENTS = 8420
# A day of lookups and tries has fewer steps than this; more of them would be work without end.
_ROUNDS = 60
_WAITS_FOR_A_CLERK = PaymentReview.state == "waiting"
_NOT_SENT = OutboxMessage.state.in_(("queued", "sending", "unknown"))


@dataclass
class OnePayment:
    """A fresh member with a saved card, who has heard the amount and said yes in the turn `first`."""

    desk: Desk
    boundaries: Boundaries
    number: int
    channel: str
    account_id: int = 0
    draft_id: str = ""
    # What the replies that left told: `receipt`, `declined`, `unknown` (we will tell), or another refusal.
    replies: list[str] = field(default_factory=list)
    # How many boundaries were passed when the reply with the outcome left; 0 while none has.
    told_at: int = 0
    # The payment's states in order, as they were committed.
    states: list[str] = field(default_factory=list)
    # Events that nobody has thanked the processor for: it sends them again.
    unthanked: list[ProcessorNotice] = field(default_factory=list)

    @property
    def phone(self) -> str:
        return f"+1706{self.number:07d}"

    @property
    def session(self) -> str:
        return f"session_{self.number}"

    def prepare(self, factory: Factory) -> None:
        """Everything up to the member's yes, which `take_turn("first")` acts on."""
        payments, identity = self.desk.payments, self.desk.identity
        number = f"{2_000_000_000 + self.number}"
        account = factory.account(number, name=f"Member {self.number}", phone=self.phone)
        self.account_id = account.id
        method = payments.saved_methods.save(account.id, f"pm_{self.number}", is_default=True)
        identity.recognize_by_phone(self.session, self.phone)
        identity.check_pin(self.session, self.phone, account.pin)
        draft = payments.draft(
            session_id=self.session, account_id=account.id, amount_cents=CENTS, method_id=method.id
        )
        self.draft_id = draft.id
        self.say_yes("first")

    def say_yes(self, turn: str) -> None:
        self.desk.payments.record_consent(
            session_id=self.session, draft_id=self.draft_id, turn_id=self._turn_id(turn), how="pin"
        )

    def take_turn(self, turn: str = "first") -> None:
        """Charge, let the reply leave, and note that it left, as a turn does."""
        told = self.confirm(turn)
        self.boundaries.reach("reply")
        self.replies.append(told)
        if told in ("receipt", "declined"):
            self.told_at = len(self.boundaries.passed)
        self.desk.payments.told_in_reply(self._turn_id(turn))

    def confirm(self, turn: str = "first") -> str:
        """Charge; returns what the reply is to tell."""
        try:
            self.desk.payments.confirm(
                session_id=self.session,
                turn_id=self._turn_id(turn),
                language="en",
                channel=self.channel,
                phone=self.phone,
            )
        except PaymentDeclined:
            return "declined"
        except PaymentUnknown:
            return "unknown"
        except Refusal as refusal:
            return refusal.code
        return "receipt"

    def deliver_again(self) -> None:
        """The carrier delivers the member's yes once more, because nobody answered it."""
        if not self.replies:
            self.say_yes("second")
            self.take_turn("second")

    def survive(self, work: Callable[[], object]) -> None:
        """Do it; should the process die, it is started again and goes on with something else."""
        try:
            work()
        except Crash:
            return

    def recover(self) -> None:
        """The processes are running again; they work until nothing is left to do."""
        for _ in range(_ROUNDS):
            self.work_a_round()
            if self._is_quiet():
                return
            self._sleep_until_work()
        raise AssertionError("there is always more to do")

    def work_a_round(self) -> None:
        """Everything that listeners and workers do when it is due."""
        payments, outbox = self.desk.payments, self.desk.outbox
        for work in (
            self._take_events,
            payments.handle_notices,
            payments.sweep,
            payments.reviews.expire_due,
            outbox.send_due,
        ):
            self.survive(work)

    def decide(self, clerk: str, *, is_approved: bool = True) -> None:
        """A clerk decides the held payment; being told that it is decided already is fine."""
        payment = self.payment()
        decide = self.desk.payments.reviews.approve if is_approved else self.desk.payments.reviews.refuse
        if payment is not None:
            with suppress(ReviewNotPossible):
                decide(payment.confirmation_number, by=clerk, why="looked at it")

    def tell_by_webhook(self) -> None:
        """The processor sends an event about the charge, if it has one; as often, it sends it twice."""
        payment = self.payment()
        for charge in self.charges():
            notice = ProcessorNotice(
                event_id=f"evt_{self.number}_{len(self.unthanked)}",
                kind="payment_intent.succeeded",
                object_id=charge.processor_id,
                payment_id=payment.id if payment else "",
                intent_id=charge.processor_id,
            )
            self.unthanked += [notice, notice]

    def payment(self) -> Payment | None:
        with self.desk.db.read() as tx:
            return tx.scalar(select(Payment).where(Payment.account_id == self.account_id))

    def charges(self) -> list[ChargeOutcome]:
        """What the processor has of this member, whatever key it came with."""
        gateway, customer = self.desk.gateway, f"cus_{self.account_id}"
        keys = [key for key, asked in gateway.requests.items() if asked.customer_id == customer]
        return [gateway.charges[key] for key in keys]

    def texts(self) -> list[str]:
        return self.desk.sender.bodies_to(self.phone)

    def note_state(self) -> None:
        """Called after every commit."""
        payment = self.payment()
        if payment is not None and self.states[-1:] != [payment.state]:
            self.states.append(payment.state)

    def _turn_id(self, turn: str) -> str:
        return f"{turn}_{self.number}"

    def _take_events(self) -> None:
        while self.unthanked:
            self.desk.payments.take_notice(self.unthanked[0])
            self.unthanked.pop(0)

    def _is_quiet(self) -> bool:
        waiting = (
            select(Payment.id).where(Payment.next_lookup_at.is_not(None)),
            select(ProcessorEvent.id).where(ProcessorEvent.handled_at.is_(None)),
            select(OutboxMessage.id).where(_NOT_SENT),
            select(PaymentReview.payment_id).where(_WAITS_FOR_A_CLERK),
        )
        with self.desk.db.read() as tx:
            return not self.unthanked and all(tx.scalar(each.limit(1)) is None for each in waiting)

    def _next_times(self) -> list[datetime | None]:
        """When the work that waits falls due."""
        with self.desk.db.read() as tx:
            lookup_at = tx.scalar(select(func.min(Payment.next_lookup_at)))
            send_at = tx.scalar(select(func.min(OutboxMessage.send_after)).where(_NOT_SENT))
            review_until = tx.scalar(select(func.min(PaymentReview.expires_at)).where(_WAITS_FOR_A_CLERK))
        return [lookup_at, send_at, review_until]

    def _sleep_until_work(self) -> None:
        now = self.desk.clock.now()
        waits = [at - now for at in self._next_times() if at is not None and at > now]
        self.desk.clock.advance(min(waits, default=timedelta()) + timedelta(seconds=1))
