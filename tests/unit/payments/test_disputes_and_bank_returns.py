"""What the payer's bank takes back: in the ledger and told when money moves, given again when we win."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.handoff.models import HandoffRequest
from assistant.payments.gateway import ProcessorNotice
from assistant.payments.return_models import Dispute
from tests.unit.payments.conftest import Desk


class Bank:
    """Moves the one payment's dispute on, and lets the processor tell of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._events = 0

    def news(self, kind: str) -> None:
        """A dispute carries no metadata of ours: the payment is found by its intent."""
        self._events += 1
        notice = ProcessorNotice(f"evt_{self._events}", f"charge.dispute.{kind}", "du_1", "", "pi_1")
        self._desk.payments.take_notice(notice)
        self._desk.payments.handle_notices()


@pytest.fixture
def bank(desk: Desk) -> Bank:
    desk.pay()
    return Bank(desk)


def told(desk: Desk, words: str) -> int:
    return sum(words in body for body in desk.queued())


def only_dispute(desk: Desk) -> Dispute:
    with desk.db.read() as tx:
        return tx.scalars(select(Dispute)).one()


def tasks(desk: Desk) -> list[str]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(HandoffRequest.topic).where(HandoffRequest.state == "open")))


def test_what_the_bank_takes_is_owed_again_and_told(desk: Desk, bank: Bank) -> None:
    desk.gateway.dispute("pi_1", "open")
    for kind in ("created", "funds_withdrawn", "updated"):
        bank.news(kind)
    assert desk.balance == 8420
    payment = desk.only_payment()
    assert (payment.state, payment.disputed_cents) == ("succeeded", 8420)
    assert told(desk, "your bank took back $84.20") == 1
    assert tasks(desk) == ["payment_disputed"]
    status = desk.payments.status_by_confirmation(payment.confirmation_number, session_id="s", phone="")
    assert status is not None
    assert not status.is_posted
    assert desk.billing.last_payment(desk.account.id) is None


def test_a_dispute_that_we_win_brings_the_money_back(desk: Desk, bank: Bank) -> None:
    desk.gateway.dispute("pi_1", "open")
    bank.news("created")
    # Closed as won first; the money follows.
    desk.gateway.dispute("pi_1", "won", moves=1, withdrawn=8420)
    bank.news("closed")
    assert (desk.balance, only_dispute(desk).state) == (8420, "won")
    desk.gateway.dispute("pi_1", "won")
    bank.news("funds_reinstated")
    assert desk.balance == 0
    assert desk.only_payment().disputed_cents == 0
    assert told(desk, "The $84.20 counts as paid again") == 1
    assert desk.books() == {"member": 0, "clearing": 8420}


def test_a_dispute_that_we_lose_is_told_and_stays_owed(desk: Desk, bank: Bank) -> None:
    desk.gateway.dispute("pi_1", "open", cents=5000)
    bank.news("created")
    desk.gateway.dispute("pi_1", "lost", cents=5000)
    bank.news("closed")
    bank.news("closed")
    assert desk.balance == 5000
    assert only_dispute(desk).closed_at is not None
    assert told(desk, "your bank has decided to keep the $50.00") == 1


def test_an_inquiry_moves_no_money_and_is_the_offices_business(desk: Desk, bank: Bank) -> None:
    desk.gateway.dispute("pi_1", "inquiry")
    bank.news("created")
    assert desk.balance == 0
    assert told(desk, "your bank") == 0
    assert tasks(desk) == ["payment_disputed"]
    desk.gateway.dispute("pi_1", "open")
    bank.news("updated")
    bank.news("updated")
    assert desk.balance == 8420
    assert tasks(desk) == ["payment_disputed", "payment_disputed"], "it wants another answer"


def test_a_payment_that_the_bank_returns_is_owed_again(desk: Desk, bank: Bank) -> None:
    desk.gateway.dispute("pi_1", "lost", is_bank_return=True)
    for kind in ("created", "funds_withdrawn", "closed"):
        bank.news(kind)
    assert desk.balance == 8420
    assert told(desk, "your bank did not pay us the $84.20") == 1
    assert told(desk, "decided") == 0
    assert tasks(desk) == ["payment_returned"]


def test_an_open_dispute_is_read_again_without_a_webhook(desk: Desk, bank: Bank) -> None:
    desk.gateway.dispute("pi_1", "open")
    bank.news("created")
    desk.gateway.dispute("pi_1", "won")
    desk.clock.advance(only_dispute(desk).next_lookup_at - desk.clock.now())  # type: ignore[operator]
    assert desk.payments.refunding.finish_due() == 1
    assert desk.balance == 0
    assert only_dispute(desk).next_lookup_at is None


def test_a_won_dispute_is_read_again_until_its_money_is_back(desk: Desk, bank: Bank) -> None:
    desk.gateway.dispute("pi_1", "won", moves=1, withdrawn=8420)
    bank.news("closed")
    desk.gateway.dispute("pi_1", "won")
    desk.clock.advance(timedelta(days=1))
    assert desk.payments.refunding.finish_due() == 1
    assert desk.balance == 0
    assert only_dispute(desk).next_lookup_at is None


def test_late_news_of_an_earlier_day_changes_nothing(desk: Desk, bank: Bank) -> None:
    desk.gateway.dispute("pi_1", "won")
    bank.news("closed")
    desk.gateway.dispute("pi_1", "open")
    bank.news("created")
    assert (desk.balance, only_dispute(desk).state) == (0, "won")


def test_what_goes_back_twice_is_the_coops_loss_and_never_the_members(desk: Desk, bank: Bank) -> None:
    number = desk.only_payment().confirmation_number
    desk.payments.refunding.give_back(number, amount_cents=2000, reason="r", by="ana")
    desk.gateway.dispute("pi_1", "open")
    bank.news("created")
    assert desk.balance == 8420
    assert desk.books() == {"member": 8420, "clearing": -2000, "income": 2000}
    assert sorted(tasks(desk)) == ["payment_disputed", "returned_twice"]
    desk.gateway.dispute("pi_1", "won")
    bank.news("funds_reinstated")
    assert desk.books() == {"member": 2000, "clearing": 6420, "income": 0}


def test_a_dispute_of_a_payment_that_was_never_ours_is_put_aside(desk: Desk, bank: Bank) -> None:
    notice = ProcessorNotice("evt_x", "charge.dispute.created", "du_x", "", "pi_of_another")
    desk.payments.take_notice(notice)
    assert desk.payments.handle_notices() == 1
    assert tasks(desk) == []
