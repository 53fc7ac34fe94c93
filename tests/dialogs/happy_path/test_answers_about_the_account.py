"""What is owed, by when, what came in: answered in one turn, to whoever may know it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from assistant.billing.models import Account
from tests.dialogs.conftest import World


@pytest.mark.parametrize(
    "words", ["what is my balance", "how much do I owe", "when is my bill due", "BALANCE", "cuánto debo"]
)
def test_what_is_owed_is_the_first_line(world: World, words: str) -> None:
    world.factory.account()
    assert world.thread().text(words).startswith(("You owe $84.20, due Dec 3.", "Debe $84.20"))


def test_what_is_past_due_is_told(world: World) -> None:
    world.factory.account(due_on=world.clock.today() - timedelta(days=3))
    assert "$84.20 of it is past due" in world.thread().text("what is my balance")


def test_a_credit_is_told(world: World) -> None:
    account = world.factory.account(balance_cents=0)
    world.factory.statement(account.id, -1200)
    assert "You have a credit of $12.00." in world.thread().text("what is my balance")


def test_cut_off_when_and_the_least_to_pay_take_one_turn(world: World) -> None:
    account = world.factory.account(due_on=world.clock.today() - timedelta(days=30))
    with world.app.db.write() as tx:
        tx.execute(
            update(Account)
            .where(Account.id == account.id)
            .values(disconnect_on=date(2026, 12, 1), disconnect_minimum_cents=5000)
        )
    told = world.thread().text("how much do I owe")
    assert "your power may be turned off on Dec 1. The least to pay before that day is $50.00." in told
    said = world.thread().text("will I be cut off, when, and what is the least I must pay?")
    assert "may be turned off on Dec 1" in said
    assert "The least to pay before that day is $50.00." in said


def test_the_least_of_a_bill_without_a_notice_is_all_of_it(world: World) -> None:
    world.factory.account()
    assert "To pay $84.20" in world.thread().text("pay the minimum please")


def test_who_owes_nothing_and_wants_to_pay_the_least_hears_so(world: World) -> None:
    world.factory.account(balance_cents=0)
    assert "You owe nothing right now" in world.thread().text("pay the minimum")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("what is my balance", "You owe nothing right now."),
        ("will I be cut off?", "I see no shutoff date on your account, and you owe nothing right now."),
        ("¿me van a cortar la luz?", "No veo una fecha de corte en su cuenta, y no debe nada"),
    ],
)
def test_who_owes_nothing_is_not_asked_to_pay(world: World, words: str, answer: str) -> None:
    world.factory.account(balance_cents=0)
    line = world.thread()
    assert line.text(words).startswith(answer)
    assert [reply.text for reply in line.replies[1:]] in (
        ["Reply MENU for anything else."],
        ["Responda MENÚ para cualquier otra cosa."],
    )


def test_a_caller_who_owes_nothing_is_led_to_the_menu_and_not_to_paying(world: World) -> None:
    account = world.factory.account(balance_cents=0)
    line = world.call()
    line.press("2")
    line.press(account.account_number)
    assert "You owe nothing right now." in line.press("30601")
    assert line.choices == ["1 go to the main menu", "2 end this call"]


def test_a_payment_made_here_is_confirmed_with_its_number(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    line.text("4821")
    number = world.last_confirmation(account)
    said = line.text("did you get my payment?")
    assert said.startswith(
        f"We received your payment of $84.20 today at 10 AM. Confirmation number: {number}."
    )


def test_a_declined_payment_is_told_as_such(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    world.gateway.plan = ["card_declined"]
    line = world.thread()
    line.text("pay my bill")
    line.text("4821")
    assert "was declined by the bank. Nothing was charged." in line.text("did my payment go through?")


def test_anyone_with_the_number_hears_yes_or_no_and_the_date_only(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    line.text("4821")
    number = world.last_confirmation(account)
    stranger = world.thread("+17065550999")
    said = stranger.text(f"was payment {number} received?")
    assert said.startswith(f"Yes. The payment with number {number} was posted on Nov 23.")
    assert "84" not in said.replace(number, "")
    assert "I find no payment with that number." in stranger.text("was payment 10000000 received?")


def test_no_payment_yet_is_said(world: World) -> None:
    world.factory.account()
    assert "I see no payment on this account yet" in world.thread().text("when was my last payment")


def test_a_stranger_hears_nothing_of_an_account(world: World) -> None:
    world.factory.account()
    said = world.thread("+17065550999").text("what is my balance")
    assert said == "Please reply with the 10 digits of your account number. They are on your bill."
