"""Corrections of amount, card and account, and several facts in one message, by text and phone."""

from __future__ import annotations

from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who


def test_amount_and_card_come_in_one_message(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    assert line.text("pay 50 with my visa") == "Reply with your PIN to pay $50.00 with Visa 4242."
    line.text("4821")
    assert world.balance(account) == 3420


def test_sorry_i_meant_48(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay 84 on my bill please")
    assert "$48.00 with Visa 4242" in line.text("sorry I meant 48")
    line.text("4821")
    assert world.balance(account) == 3620


def test_make_it_60_in_spanish(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("quiero pagar 50 de mi recibo")
    assert line.text("no, mejor 60") == "Responda con su PIN para pagar $60.00 con Visa 4242."


def test_the_other_card_is_the_only_other_one(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    other = world.app.payments.saved_methods.save(account.id, "pm_second", is_default=False)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    assert "To pay 84 dollars and 20 cents with your Visa" in line.speak("no, use my other card")
    draft = world.app.payments.current_draft(line.session_id)
    assert draft is not None
    assert draft.method is not None
    assert draft.method.id == other.id


def test_wait_not_that_account_by_text_asks_again_which(world: World) -> None:
    world.saved_card(world.factory.account(nickname="house"))
    world.saved_card(world.factory.account(account_number="1000000002", nickname="barn"))
    line = world.thread()
    line.text("pay my bill")
    assert "Reply with your PIN" in line.text("1")
    said = line.text("wait, not that account")
    assert "1 house" in line.choices[0]
    assert "Reply with your PIN" in line.text("2"), said
    line.text("4821")
    assert world.gateway.taken_cents == 8420


def test_wait_not_that_account_by_phone_asks_for_the_number_again(world: World) -> None:
    world.saved_card(world.factory.account())
    other = world.factory.account(account_number="1000000002", zip_code="30699", pin="7305")
    world.saved_card(other)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    assert "account number" in line.speak("wait not that account")
    said = say_who(line, account="1000000002", zip_code="30699", pin="7305")
    assert "press 1" in said
    line.press("1")
    assert world.balance(other) == 0


def test_wait_not_that_account_while_saying_who_it_is(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    line.press("1000000001")
    assert line.speak("wait, wrong account") == "Please key in your 10 digit account number."
    assert "ZIP code" in line.press("1000000001")


def test_a_spoken_fifteen_is_told_from_fifty_with_a_key(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    line.press("2")
    assert "Did you say 15 dollars, that is 1 5, or 50 dollars, that is 5 0?" in line.speak("fifty dollars")
    assert line.choices == ["1 choose 15 dollars", "2 choose 50 dollars"]
    assert line.press("1").startswith("To pay 15 dollars with your Visa")
    line.press("1")
    assert world.balance(account) == 6920


def test_numbers_with_dashes_in_words_and_in_capitals_are_taken(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread("+17065550999")
    line.text("PAY MY BILL")
    assert "How shall we make sure it is you?" in line.text("100-000-0001")
    line.text("1")
    assert "Now choose a PIN" in line.text("-".join(account.enrollment_code))
