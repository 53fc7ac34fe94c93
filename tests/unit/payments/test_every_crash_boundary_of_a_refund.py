"""A process dies before every commit and vendor call of a refund, a dispute and their webhooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy.orm import Session

from assistant.db import Database
from assistant.errors import ProcessorUnreachable
from assistant.payments.gateway import DisputeOutcome, Returned
from assistant.payments.models import Payment
from assistant.payments.refunding import Refunding
from assistant.payments.return_models import Refund
from assistant.payments.returns import Returns
from tests.crashing import spare_the_disk
from tests.factories import Factory
from tests.unit.payments.conftest import Desk
from tests.unit.payments.one_refund import PART, OneRefund, require_good_refund
from tests.unit.payments.stories import Lab

CENTS = 8420
GIVEN_BACK, TAKEN_BACK, COUNTS_AGAIN = "was given back", "took back", "counts as paid again"
on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)

Act = Callable[[OneRefund], None]


@dataclass(frozen=True)
class RefundStory:
    """What happens after a payment, what FakeGateway plans for the refund, and how it must end."""

    act: Act
    bank: str = "ok"
    given: int = 0
    taken: int = 0
    texts: dict[str, int] = field(default_factory=dict)


def ask(one: OneRefund) -> None:
    one.ask_until_answered()


def ask_and_see_it_come_back(one: OneRefund) -> None:
    one.ask_until_answered()
    one.recover()
    [refund] = [made for charge, made in one.desk.gateway.refunds.values() if charge == one.intent_id]
    one.desk.gateway.move_refund(refund.processor_id, "failed")
    one.news("refund.updated", "refund.failed")


def lose_a_dispute(one: OneRefund) -> None:
    one.desk.gateway.dispute(one.intent_id, "open")
    one.news("charge.dispute.created", "charge.dispute.funds_withdrawn")
    one.recover()
    one.desk.gateway.dispute(one.intent_id, "lost")
    one.news("charge.dispute.closed")


def win_a_dispute(one: OneRefund) -> None:
    one.desk.gateway.dispute(one.intent_id, "open")
    one.news("charge.dispute.created")
    one.recover()
    one.desk.gateway.dispute(one.intent_id, "won")
    one.news("charge.dispute.closed", "charge.dispute.funds_reinstated")


def get_it_returned(one: OneRefund) -> None:
    one.desk.gateway.dispute(one.intent_id, "lost", is_bank_return=True)
    one.news("charge.dispute.created", "charge.dispute.closed")


STORIES = {
    "it is given back": RefundStory(ask, given=PART, texts={GIVEN_BACK: 1}),
    "the answer gets lost": RefundStory(ask, "taken", given=PART, texts={GIVEN_BACK: 1}),
    "the request gets lost": RefundStory(ask, "lost", given=PART, texts={GIVEN_BACK: 1}),
    "it comes back later": RefundStory(ask_and_see_it_come_back, texts={GIVEN_BACK: 1, "did not take it": 1}),
    "a dispute is lost": RefundStory(
        lose_a_dispute, taken=CENTS, texts={TAKEN_BACK: 1, "decided to keep": 1}
    ),
    "a dispute is won": RefundStory(win_a_dispute, texts={TAKEN_BACK: 1, COUNTS_AGAIN: 1}),
    "the bank returns it": RefundStory(get_it_returned, taken=CENTS, texts={"did not pay us": 1}),
}
# A refund and a webhook, each at its longest.
PAIRS = ("the answer gets lost", "a dispute is won")


class RefundLab(Lab):
    """The lab of payments, with stories that begin when the payment is made."""

    def run(  # type: ignore[override]
        self, story: RefundStory, *deaths: int, meanwhile: Act = lambda _: None, at: int = 0
    ) -> int:
        one = OneRefund(self.desk, self.boundaries, next(self._numbers), "sms")
        one.prepare(self._factory)
        one.pay_first()
        self.desk.gateway.refund_plan = [story.bank]
        self.boundaries.after_commit = one.note_state
        self.boundaries.meanwhile = lambda passed: meanwhile(one) if passed == at else None
        with self.boundaries.counted(*deaths):
            story.act(one)
            one.recover()
        self.desk.gateway.refund_plan = []
        try:
            require_good_refund(one, given=story.given, taken=story.taken, texts=story.texts)
        except AssertionError as broken:
            seen = f"deaths {self.boundaries.places}, answers {one.answers}, texts {one.texts()}"
            raise AssertionError(f"{broken} ({seen})") from None
        return len(self.boundaries.passed)


@pytest.fixture
def lab(desk: Desk, factory: Factory, db: Database) -> RefundLab:
    spare_the_disk(db)
    return RefundLab(desk, factory)


@on_sqlite
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_death_anywhere_gives_no_cent_twice_and_loses_none(lab: RefundLab, story: RefundStory) -> None:
    lab.die_once_anywhere(story)  # type: ignore[arg-type]


@pytest.mark.parametrize("db", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_death_anywhere_on_postgresql(lab: RefundLab) -> None:
    lab.die_once_anywhere(STORIES["the answer gets lost"])  # type: ignore[arg-type]


@pytest.mark.exhaustive
@on_sqlite
@pytest.mark.parametrize("name", PAIRS)
def test_a_second_death_anywhere_after_the_first_changes_nothing(lab: RefundLab, name: str) -> None:
    lab.die_twice_anywhere(STORIES[name])  # type: ignore[arg-type]


@on_sqlite
@pytest.mark.parametrize("bank", ["ok", "taken", "lost"])
def test_a_second_clerk_who_asks_at_any_moment_gives_nothing_twice(lab: RefundLab, bank: str) -> None:
    story = RefundStory(ask, bank, given=PART, texts={GIVEN_BACK: 1})
    lab.work_beside(story, OneRefund.ask)  # type: ignore[arg-type]


@on_sqlite
@pytest.mark.parametrize("bank", ["ok", "taken"])
def test_news_of_the_refund_at_any_moment_posts_it_once(lab: RefundLab, bank: str) -> None:
    def news(one: OneRefund) -> None:
        one.news("refund.created", "charge.refunded")
        one.work_a_round()

    lab.work_beside(RefundStory(ask, bank, given=PART, texts={GIVEN_BACK: 1}), news)  # type: ignore[arg-type]


# Planted bugs: each must be found, or the tests above prove nothing.


@on_sqlite
def test_a_new_key_for_each_send_is_found(lab: RefundLab, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Refunding._send

    def with_new_key(self: Refunding, row: Refund, payment: Payment) -> None:
        with self._db.read() as tx:
            fresh = tx.get_one(Refund, row.id)
        fresh.idempotency_key = f"{row.id}:{self._clock.now()}:{row.lookup_count}"
        send(self, fresh, payment)

    monkeypatch.setattr(Refunding, "_send", with_new_key)
    monkeypatch.setattr(lab.desk.gateway, "read_returns", lambda _: Returned())
    with pytest.raises(AssertionError, match=r"more or less than once|differ"):
        lab.die_once_anywhere(STORIES["the answer gets lost"])  # type: ignore[arg-type]


@on_sqlite
def test_taking_no_answer_for_a_no_is_found(lab: RefundLab, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Refunding._send

    def give_up(self: Refunding, row: Refund, payment: Payment) -> None:
        try:
            send(self, row, payment)
        except ProcessorUnreachable:
            self._close(row.id, "refused", "")

    monkeypatch.setattr(Refunding, "_send", give_up)
    with pytest.raises(AssertionError, match="the records differ"):
        lab.die_once_anywhere(STORIES["the answer gets lost"])  # type: ignore[arg-type]


@on_sqlite
def test_acting_on_late_news_of_a_dispute_is_found(lab: RefundLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dispute that is posted again whenever it is told of."""
    apply = Returns._apply_dispute

    def forgetful(self: Returns, tx: Session, payment: Payment, news: DisputeOutcome) -> None:
        apply(self, tx, payment, replace(news, processor_id=f"{news.processor_id}:{self._clock.now()}"))

    monkeypatch.setattr(Returns, "_apply_dispute", forgetful)
    with pytest.raises(AssertionError, match="the records differ"):
        lab.die_once_anywhere(STORIES["a dispute is lost"])  # type: ignore[arg-type]
