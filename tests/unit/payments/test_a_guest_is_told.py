"""A guest hears on the phone that paid, without a balance; the member hears that the bill was paid."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from assistant.errors import PaymentDeclined, PaymentRefused, PaymentUnknown
from tests.unit.payments.conftest import PHONE, Desk

GUEST_PHONE = "+17065550190"


def pay_as_guest(desk: Desk, bank: str, *, cents: int = 8420, phone: str = GUEST_PHONE) -> None:
    """Account number, ZIP and a card that is keyed now, by phone; whatever the bank says."""
    desk.identity.claim(desk.session, desk.account.account_number)
    desk.identity.recognize_by_zip(desk.session, phone, desk.account.zip_code)
    draft = desk.draft(cents)
    desk.payments.attach_card(desk.session, draft.id, "pm_keyed")
    desk.say_yes(draft)
    desk.gateway.plan = [bank]
    with suppress(PaymentDeclined, PaymentRefused, PaymentUnknown):
        desk.payments.confirm(
            session_id=desk.session, turn_id="turn_1", language="en", channel="voice", phone=phone
        )


def sent(desk: Desk, phone: str) -> list[str]:
    """What reaches a phone within the next two hours."""
    for _ in range(12):
        desk.clock.advance(timedelta(minutes=10))
        desk.payments.sweep()
        desk.outbox.send_due()
    return desk.sender.bodies_to(phone)


def test_a_guest_who_hung_up_hears_it_was_paid_without_the_balance_and_the_member_with_it(desk: Desk) -> None:
    pay_as_guest(desk, "ok", cents=2500)
    [body] = sent(desk, GUEST_PHONE)
    assert "we received your payment of $25.00" in body
    assert "alance" not in body
    [receipt] = sent(desk, PHONE)
    assert "Your balance is now $59.20" in receipt


@pytest.mark.parametrize(
    ("bank", "words"), [("insufficient_funds", "did not go through"), ("lost", "was not charged")]
)
def test_a_guests_trouble_is_told_to_the_guest_alone(desk: Desk, bank: str, words: str) -> None:
    pay_as_guest(desk, bank)
    assert words in sent(desk, GUEST_PHONE)[-1]
    assert sent(desk, PHONE) == []


def test_a_guest_hears_of_a_review_and_of_its_end(desk: Desk) -> None:
    pay_as_guest(desk, "ok", cents=28_000)
    assert desk.only_payment().state == "held"
    desk.payments.reviews.refuse(desk.only_payment().confirmation_number, by="clerk", why="not his card")
    assert ["takes a look" in body or "could not take" in body for body in sent(desk, GUEST_PHONE)] == [
        True
    ] * 2
    assert sent(desk, PHONE) == []


@pytest.mark.parametrize("bank", ["ok", "insufficient_funds"])
def test_a_guest_who_heard_it_in_the_call_gets_no_text(desk: Desk, bank: str) -> None:
    pay_as_guest(desk, bank)
    desk.payments.told_in_reply("turn_1")
    assert sent(desk, GUEST_PHONE) == []


def test_a_guest_who_hides_the_number_is_nobody_to_text(desk: Desk) -> None:
    pay_as_guest(desk, "insufficient_funds", phone="withheld")
    assert sent(desk, PHONE) == []
    assert desk.sender.texts == []


def by_pin(desk: Desk) -> None:
    desk.identity.check_pin(desk.session, GUEST_PHONE, desk.account.pin)


def by_phone(desk: Desk) -> None:
    desk.recognize()


@pytest.mark.parametrize("proof", [by_pin, by_phone])
def test_who_proves_to_be_the_member_is_no_guest(desk: Desk, proof: Callable[[Desk], None]) -> None:
    phone = GUEST_PHONE if proof is by_pin else PHONE
    desk.identity.claim(desk.session, desk.account.account_number)
    desk.identity.recognize_by_zip(desk.session, phone, desk.account.zip_code)
    proof(desk)
    draft = desk.draft()
    desk.payments.attach_card(desk.session, draft.id, "pm_keyed")
    desk.say_yes(draft)
    desk.payments.confirm(
        session_id=desk.session, turn_id="turn_1", language="en", channel="voice", phone=phone
    )
    assert not desk.only_payment().is_guest
    assert "Your balance is now $0.00" in sent(desk, PHONE)[0]
    assert sent(desk, GUEST_PHONE) == []
