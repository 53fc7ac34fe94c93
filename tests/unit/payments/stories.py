"""How a payment may go, and the lab that plays it again with every death that is possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from tests.crashing import Boundaries
from tests.exhaustive import is_tried
from tests.factories import Factory
from tests.unit.payments.conftest import Desk
from tests.unit.payments.ending_well import require_good_end
from tests.unit.payments.one_payment import OnePayment

Act = Callable[[OnePayment], None]


def pay(one: OnePayment) -> None:
    one.survive(one.take_turn)


def pay_and_deliver_again(one: OnePayment) -> None:
    pay(one)
    one.survive(one.deliver_again)


def pay_and_hear_from_the_processor(one: OnePayment) -> None:
    pay(one)
    one.tell_by_webhook()


def pay_and_get_no_reply(one: OnePayment) -> None:
    one.survive(one.confirm)


def pay_at_a_slow_bank(one: OnePayment) -> None:
    """The processor says `processing` first; the bank's yes comes later."""
    pay(one)
    payment = one.payment()
    if payment is not None:
        one.desk.gateway.finish_processing(payment.id, "succeeded")


def two_clerks_approve(one: OnePayment) -> None:
    """One after the other: the second does not know whether the first got through."""
    one.survive(lambda: one.decide("Ann"))
    one.survive(lambda: one.decide("Bob"))


def a_clerk_refuses_and_another_approves(one: OnePayment) -> None:
    one.survive(lambda: one.decide("Ann", is_approved=False))
    one.survive(lambda: one.decide("Bob"))


def nothing(_one: OnePayment) -> None:
    """Nothing went before."""


def was_closed_as_not_charged(one: OnePayment) -> None:
    """The charge got lost and was given up; then, against all odds, it reached the processor after all."""
    one.take_turn()
    one.recover()
    payment = one.payment()
    assert payment is not None
    assert payment.state == "not_charged"
    one.desk.gateway.arrive_late(payment.id)


def was_held(one: OnePayment) -> None:
    """The risk rules want a person to look at every payment."""
    one.desk.settings.risk_account_cards = 0
    one.take_turn()


def was_paid_and_partly_refunded(one: OnePayment) -> None:
    """The office gave 20 dollars back at the processor."""
    one.take_turn()
    [charge] = one.charges()
    one.desk.gateway.refund_by_hand(charge.processor_id, 2000, f"office_{one.number}")


@dataclass(frozen=True)
class Story:
    """What goes before (nobody dies there), what happens then, and what FakeGateway plans for the charge."""

    bank: str
    act: Act = pay
    given: Act = nothing
    channel: str = "sms"


STORIES = {
    "the bank says yes": Story("ok", pay_and_deliver_again),
    "the bank says yes to a caller": Story("ok", channel="voice"),
    "the bank says no": Story("insufficient_funds", pay_and_deliver_again),
    "the bank takes its time": Story("processing", pay_at_a_slow_bank),
    "the answer gets lost": Story("taken", pay_and_deliver_again),
    "the answer gets lost and a webhook comes": Story("taken", pay_and_hear_from_the_processor),
    "the charge gets lost": Story("lost", pay_and_deliver_again),
    "a lost charge arrives late": Story("lost", OnePayment.tell_by_webhook, was_closed_as_not_charged),
    "a held payment is approved": Story("ok", two_clerks_approve, was_held),
    "the answer to an approved payment gets lost": Story("taken", two_clerks_approve, was_held),
    "a held payment is refused": Story("ok", a_clerk_refuses_and_another_approves, was_held),
    "the office refunds a part": Story("ok", OnePayment.tell_by_webhook, was_paid_and_partly_refunded),
}


class Lab:
    """Runs stories again and again, each with a fresh member, on one database."""

    def __init__(self, desk: Desk, factory: Factory) -> None:
        self.desk = desk
        self.boundaries = Boundaries()
        self._factory = factory
        self._numbers = count(1)
        self.boundaries.watch_database(desk.db)
        self.boundaries.watch_vendors(desk.gateway, desk.sender)

    def run(self, story: Story, *deaths: int, meanwhile: Act = nothing, at: int = 0) -> int:
        """One story with these deaths; how many boundaries there were until all was quiet.

        `meanwhile` is what other processes do when `at` boundaries are passed.
        """
        one = OnePayment(self.desk, self.boundaries, next(self._numbers), story.channel)
        one.prepare(self._factory)
        self.desk.gateway.plan = [story.bank]
        story.given(one)
        self.boundaries.after_commit = one.note_state
        self.boundaries.meanwhile = lambda passed: meanwhile(one) if passed == at else None
        with self.boundaries.counted(*deaths):
            story.act(one)
            one.recover()
        try:
            require_good_end(one)
        except AssertionError as broken:
            seen = f"deaths {self.boundaries.places}, states {one.states}, replies {one.replies}"
            raise AssertionError(f"{broken} ({seen}, texts {one.texts()})") from None
        return len(self.boundaries.passed)

    def die_once_anywhere(self, story: Story) -> None:
        for death in range(1, self.run(story) + 1):
            self.run(story, death)

    def work_beside(self, story: Story, meanwhile: Act) -> None:
        """Nobody dies; other processes work at one place after the other."""
        for at in range(1, self.run(story) + 1):
            self.run(story, meanwhile=meanwhile, at=at)

    def die_twice_anywhere(self, story: Story) -> None:
        for first in range(1, self.run(story) + 1):
            for second in range(first + 1, self.run(story, first) + 1):
                if is_tried((first, second), 6):
                    self.run(story, first, second)
