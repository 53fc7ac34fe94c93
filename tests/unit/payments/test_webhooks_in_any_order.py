"""The events of a payment with a refund and a dispute, in every order and each twice: the same books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, permutations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.db import Database
from assistant.payments.gateway import ChargeOutcome, ProcessorNotice, Returned
from assistant.payments.models import ProcessorEvent
from assistant.payments.return_models import Dispute, Refund
from tests.crashing import Boundaries, spare_the_disk
from tests.exhaustive import is_tried
from tests.factories import Factory
from tests.fake_gateway import FakeGateway
from tests.unit.payments.conftest import Desk
from tests.unit.payments.one_payment import CENTS, OnePayment

PART = 2000
# What happened at the processor, in this order, and the event that tells of it.
STEPS: tuple[tuple[str, Callable[[FakeGateway, str], object]], ...] = (
    ("payment_intent.succeeded", lambda bank, intent: None),
    ("charge.refunded", lambda bank, intent: bank.refund_by_hand(intent, PART, f"hand {intent}")),
    ("charge.dispute.created", lambda bank, intent: bank.dispute(intent, "open", cents=CENTS - PART)),
    ("charge.dispute.closed", lambda bank, intent: bank.dispute(intent, "won", cents=CENTS - PART)),
    ("refund.failed", lambda bank, intent: _fail_refund_of(bank, intent)),
)


def _fail_refund_of(bank: FakeGateway, intent: str) -> None:
    charge, refund = bank.refunds[f"hand {intent}"]
    assert charge == intent
    bank.move_refund(refund.processor_id, "failed")


@dataclass
class Past:
    """The processor as it was after each step: what a handler reads that asked early and answers late."""

    charge: ChargeOutcome
    returned: Returned


class Courier:
    """Pays once, lets everything happen at the processor, and then delivers the events in some order."""

    def __init__(self, desk: Desk, factory: Factory) -> None:
        self._desk = desk
        self._factory = factory
        self._numbers = count(1)

    def run(self, order: tuple[int, ...], *, sees_the_past: bool = False) -> dict[str, object]:
        """Deliver `order` of STEPS, each as an event of its own; returns the books. `sees_the_past`: each is
        handled with what was true when it was sent, although others were handled before."""
        one = OnePayment(self._desk, Boundaries(), next(self._numbers), "sms")
        one.prepare(self._factory)
        self._desk.gateway.plan = ["taken"]
        assert one.confirm() == "unknown"
        [charge] = one.charges()
        past = self._let_it_happen(charge.processor_id)
        for copy, number in enumerate(order):
            self._deliver(one, charge.processor_id, number, copy, past if sees_the_past else None)
        return self._books_of(one)

    def _let_it_happen(self, intent: str) -> list[Past]:
        bank, past = self._desk.gateway, []
        for _, step in STEPS:
            step(bank, intent)
            past.append(Past(bank.read_charge(intent), bank.read_returns(intent)))
        return past

    def _deliver(self, one: OnePayment, intent: str, number: int, copy: int, past: list[Past] | None) -> None:
        kind, _ = STEPS[number]
        payment = one.payment()
        assert payment is not None
        # A dispute carries no metadata of ours.
        payment_id = "" if "dispute" in kind else payment.id
        notice = ProcessorNotice(f"evt_{one.number}_{kind}_{copy}", kind, "obj", payment_id, intent)
        payments, bank = self._desk.payments, self._desk.gateway
        assert payments.take_notice(notice)
        assert not payments.take_notice(notice)
        if past is None:
            payments.handle_notices()
            return
        with pytest.MonkeyPatch.context() as then:
            then.setattr(bank, "read_charge", lambda _: past[number].charge)
            then.setattr(bank, "read_returns", lambda _: past[number].returned)
            payments.handle_notices()

    def _books_of(self, one: OnePayment) -> dict[str, object]:
        payment = one.payment()
        assert payment is not None
        with self._desk.db.read() as tx:
            is_open = select(ProcessorEvent.id).where(ProcessorEvent.handled_at.is_(None))
            assert tx.scalar(is_open) is None
            return {
                "state": payment.state,
                "refunded": payment.refunded_cents,
                "disputed": payment.disputed_cents,
                "balance": self._desk.billing.summary(one.account_id).balance_cents,
                "books": self._desk.books(one.account_id),
                "refunds": _states(tx, Refund, payment.id),
                "disputes": _states(tx, Dispute, payment.id),
            }


def _states(tx: Session, table: type[Refund] | type[Dispute], payment_id: str) -> list[str]:
    return sorted(tx.scalars(select(table.state).where(table.payment_id == payment_id)))


IN_THE_END = {
    "state": "succeeded",
    "refunded": 0,
    "disputed": 0,
    "balance": 0,
    "books": {"member": 0, "clearing": CENTS},
    "refunds": ["failed"],
    "disputes": ["won"],
}
on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def courier(desk: Desk, factory: Factory, db: Database) -> Courier:
    spare_the_disk(db)
    return Courier(desk, factory)


@pytest.mark.exhaustive
@on_sqlite
def test_every_order_ends_in_the_same_books_whichever_event_comes_twice(courier: Courier) -> None:
    for number, order in enumerate(permutations(range(len(STEPS)))):
        if not is_tried(order, 6):
            continue
        twice = number % len(STEPS)
        with_copy = tuple(step for step in order for _ in range(1 + (step == twice)))
        assert courier.run(with_copy) == IN_THE_END, with_copy


@pytest.mark.exhaustive
@on_sqlite
def test_news_that_was_read_long_ago_ends_in_the_same_books_in_every_order(courier: Courier) -> None:
    for order in permutations(range(1, len(STEPS))):
        if not is_tried(order, 6):
            continue
        # What settles the payment was read before all the others.
        assert courier.run((0, *order, *order), sees_the_past=True) == IN_THE_END, order


def test_forwards_and_backwards_on_both_databases(courier: Courier) -> None:
    order = tuple(range(len(STEPS)))
    assert courier.run(order * 2) == IN_THE_END
    assert courier.run(order[::-1] * 2) == IN_THE_END


@on_sqlite
def test_posting_whatever_an_event_says_is_found(courier: Courier, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: no rank, so that late news of a refund undoes what came after it."""
    monkeypatch.setattr("assistant.payments.returns._REFUND_RANK", _NoRank())
    with pytest.raises((AssertionError, ValueError)):
        test_news_that_was_read_long_ago_ends_in_the_same_books_in_every_order(courier)


class _NoRank(dict[str, int]):
    """Says that every word is newer than the one before."""

    def __init__(self) -> None:
        super().__init__()
        self._count = count()

    def __getitem__(self, _state: str) -> int:
        return -next(self._count)
