"""Calls that break off around the charge: what was begun is finished, what was not is not, and it is told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.payments.models import PaymentDraft
from assistant.sandbox.live_call import LiveCall
from assistant.sandbox.phone_models import CallInput
from tests.integration.killable_coop import CHARGES, Coop, until
from tests.phone_fixtures import Phone

pytestmark = pytest.mark.slow

# The call comes from a phone that is not on file; the receipt goes to the one that is.
CALLER = "+17065550999"
OFFER = "To pay 84 dollars and 20 cents with your Visa"


def call_and_hear_the_offer(coop: Coop) -> Phone:
    """Account number, ZIP and PIN by keypad, up to the question that moves money."""
    caller = Phone(coop.carrier, CALLER)
    caller.dial()
    for keys in ("1", coop.account.account_number, coop.account.zip_code):
        caller.press(keys)
    assert OFFER in caller.press(coop.account.pin)
    return caller


def say_yes_and_wait_for_the_charge(coop: Coop, caller: Phone, *, seconds: float) -> LiveCall:
    """Press 1; the charge is taken, and its answer takes `seconds`."""
    coop.processor.fault("delay", when="after", method="POST", path=CHARGES, seconds=seconds)
    call = caller.current
    assert call is not None
    call.give(CallInput(keys="1"))
    until(coop.processor.charged, "the charge")
    return call


def test_who_hangs_up_during_the_charge_has_paid_and_gets_the_receipt_by_text(coop: Coop) -> None:
    caller = call_and_hear_the_offer(coop)
    call = say_yes_and_wait_for_the_charge(coop, caller, seconds=2)
    assert coop.balance_cents == 8420, "the line is cut before we know"
    call.hang_up()
    call.settle(60)
    assert call.state == "ended"
    assert "Your confirmation number" not in caller.transcript()
    coop.require_paid_and_told_once()
    coop.work_for(timedelta(minutes=5), timedelta(hours=1))
    coop.require_paid_and_told_once()
    assert caller.received() == []


def test_a_call_that_our_death_cut_off_is_told_by_text(coop: Coop) -> None:
    caller = call_and_hear_the_offer(coop)
    call = say_yes_and_wait_for_the_charge(coop, caller, seconds=8)
    coop.service.kill()
    call.settle(60)
    assert call.state == "ended"
    assert [payment.state for payment in coop.payments()] == ["submitted"]
    coop.service.start()
    coop.work_for(timedelta(minutes=2))
    coop.require_paid_and_told_once()


def test_who_hangs_up_while_keying_the_card_has_paid_nothing(coop: Coop) -> None:
    caller = call_and_hear_the_offer(coop)
    asked = caller.press("3")
    number = re.search(r"To pay with a new card, press (\d)", asked)
    assert number, asked
    assert "Now key in your card" in caller.press(number.group(1))
    assert caller.state == "card"
    caller.press("4242")
    caller.hang_up()
    assert caller.state == "ended"
    assert "caller-hung-up" in [entry.form.get("Result") for entry in coop.carrier.wire.entries()]

    coop.work_for(timedelta(minutes=11))
    with coop.db.read() as tx:
        [session] = set(tx.scalars(select(PaymentDraft.session_id)))
    assert coop.worker.payments.current_draft(session) is None
    assert coop.payments() == []
    assert coop.processor.charged() == []
    assert len(coop.processor.books()["payment_method"]) == 1, "only the card on file"
    assert coop.balance_cents == 8420
    assert coop.phone.received() == []
    coop.require_books_agree()
