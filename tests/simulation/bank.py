"""What the processor and the payers' banks do, and what the office does about money that goes back."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from assistant.errors import ProcessorUnreachable
from assistant.payments.gateway import ChargeOutcome, ChargeRequest, RefundRequest

if TYPE_CHECKING:
    from tests.simulation.story import Story

# A request that got no answer is on its way for this long at most.
ON_THE_WAY = timedelta(seconds=90)


class Bank:
    """Decides with the story's seed; in the calm everything works at once."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._world = story.world
        self._random = story.random
        # Whether every charge gets lost, whatever the weather is.
        self.is_silent = False
        gateway = story.world.gateway
        gateway.without_plan, gateway.refund_without_plan = self._charge, self._refund
        gateway.hiccup = lambda: not story.is_calm and self._random.random() < story.weather.hiccups

    def decide_processing(self) -> None:
        """The banks make up their minds about charges that are `processing`."""
        gateway = self._world.gateway
        undecided = [
            gateway.requests[key] for key, one in gateway.charges.items() if one.state == "processing"
        ]
        for request in undecided:
            gateway.finish_processing(request.payment_id, self._random.choice(("succeeded", "declined")))

    def arrive_late(self) -> None:
        """Charges without an answer reach the bank after all, if it is not too long ago."""
        now = self._world.clock.true.now()
        for payment_id in list(self._world.gateway.lost):
            if now - self._story.promises.asked_at[payment_id] <= ON_THE_WAY:
                self._story.note("a lost charge arrives")
                self._world.gateway.arrive_late(payment_id)
            del self._world.gateway.lost[payment_id]

    def give_back(self) -> None:
        """The office gives something back, with our command or past us at the processor."""
        rows = self._world.rows.payments()
        charged = [row for row in rows if row.state in ("succeeded", "partially_refunded")]
        if not charged:
            return
        row = self._random.choice(charged)
        charge = self._charge_of(str(row.processor_id))
        left = charge.amount_cents - charge.refunded_cents
        cents = self._random.choice((left, max(1, left // 3)))
        if self._random.random() < 0.7:
            self._give_back_with_us(row.confirmation_number, cents)
        elif left > 0 and not charge.is_disputed:
            self._give_back_by_hand(charge.processor_id, cents)

    def review(self) -> None:
        """A clerk decides about a payment that is held."""
        held = [row.confirmation_number for row in self._world.rows.payments() if row.state == "held"]
        if not held:
            return
        reviews, number = self._world.payments.reviews, self._random.choice(held)
        decide = self._random.choice((reviews.approve, reviews.refuse))
        self._story.start("office reviews", lambda: decide(number, by="Pat", why="called the member"))

    def move_returns(self) -> None:
        """A refund gets to the bank or comes back; a payer's bank asks a payment back, or that ends."""
        gateway = self._world.gateway
        pending = [one.processor_id for _, one in gateway.refunds.values() if one.state == "pending"]
        asked_back = [pi for pi, one in gateway.disputes.values() if one.state == "open"]
        taken = [one.processor_id for one in gateway.charges.values() if one.state == "succeeded"]
        if pending:
            self._story.note("a refund gets to the bank")
            gateway.move_refund(self._random.choice(pending), self._random.choice(("succeeded", "failed")))
        elif asked_back:
            self._story.note("a dispute ends")
            gateway.dispute(asked_back[0], self._random.choice(("won", "lost")))
        elif taken and self._random.random() < 0.3:
            self._story.note("a payment is disputed")
            gateway.dispute(self._random.choice(taken), "open")

    def end_returns(self) -> None:
        """Every refund and dispute that is under way ends."""
        gateway = self._world.gateway
        for _, refund in list(gateway.refunds.values()):
            if refund.state == "pending":
                state = self._random.choice(("succeeded", "succeeded", "failed"))
                gateway.move_refund(refund.processor_id, state)
        for processor_id, dispute in list(gateway.disputes.values()):
            if dispute.state == "open":
                gateway.dispute(processor_id, self._random.choice(("won", "lost")))

    def _charge(self, request: ChargeRequest) -> str:
        self._story.promises.before_charge(request)
        what = "ok" if self._story.is_calm else self._random.choice(self._story.weather.bank)
        what = "lost" if self.is_silent else what
        self._story.note(f"charges {request.amount_cents}: {what}")
        self._story.counts["charges"] += 1
        self._story.counts["charges of who is there"] += request.is_member_present
        return what

    def _refund(self, request: RefundRequest) -> str:
        what = "ok" if self._story.is_calm else self._random.choice(self._story.weather.giving_back)
        self._story.note(f"gives {request.amount_cents} back: {what}")
        self._story.counts["refunds"] += 1
        return what

    def _give_back_with_us(self, confirmation_number: str, cents: int) -> None:
        def work() -> str:
            refund = self._world.payments.refunding.give_back(
                confirmation_number, amount_cents=cents, reason="paid twice", by="Pat"
            )
            return f"{refund.amount_cents} {refund.state}"

        self._story.start("office refunds", work)

    def _give_back_by_hand(self, processor_id: str, cents: int) -> None:
        gateway = self._world.gateway
        with suppress(ProcessorUnreachable):
            gateway.refund_by_hand(processor_id, cents, f"by hand {len(gateway.refunds)}")

    def _charge_of(self, processor_id: str) -> ChargeOutcome:
        charges = self._world.gateway.charges.values()
        return next(one for one in charges if one.processor_id == processor_id)
