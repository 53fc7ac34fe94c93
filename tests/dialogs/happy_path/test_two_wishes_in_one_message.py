"""Two wishes in one message or breath: one is served, the other is offered then, in its own words."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from assistant.payments.models import PaymentMethod
from assistant.payments.scheduling_models import ScheduledPayment
from tests.dialogs.conftest import PHONE, World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER


def states(world: World) -> list[str]:
    """How the payments for a later day stand."""
    with world.app.db.read() as tx:
        return list(tx.scalars(select(ScheduledPayment.state)))


def test_a_payment_and_a_new_pin(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    said = line.text("pay 10 and change my pin")
    assert said.startswith("One thing at a time. After this you can set up or change your PIN.")
    said = line.text("4821")
    assert "Paid: $10.00" in said
    assert said.endswith("You also wanted to set up or change your PIN.")
    assert world.balance(account) == 7420
    line.text("yes")
    assert line.expect.secret == "new_pin"
    assert "is set" in line.text("7395")


def test_an_answer_and_a_payment_with_its_amount(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    said = line.text("did you get my last payment? i also want to pay 20 dollars")
    assert said.endswith("You also wanted to pay your bill.")
    assert "Reply 1 do that now." in line.as_text()
    assert "$20.00" in line.text("1"), "the amount was told already"
    line.text("4821")
    assert world.balance(account) == 6420


def test_two_wishes_in_spanish(world: World) -> None:
    account = world.factory.account(language="es")
    world.saved_card(account)
    line = world.thread()
    said = line.text("quiero pagar 10 dólares y también cambiar mi clave")
    assert said.startswith("Una cosa a la vez. Después puede crear o cambiar su PIN.")
    assert line.text("4821").endswith("También quería crear o cambiar su PIN.")
    assert "Está bien." in line.text("no")
    assert "También" not in line.text("cuánto debo")


def test_two_wishes_on_the_phone(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.call(CALLER)
    line.speak("i want to pay my bill and set up autopay")
    for keys in ("1000000001", "30601", "4821"):
        line.press(keys)
    said = line.press("1")
    assert world.balance(account) == 0
    assert said.endswith("You also wanted to set up autopay.")
    assert line.choices == ["1 do that now"]
    assert "For each bill, we take all you owe" in line.press("1")
    assert line.expect.kind == "confirm"


@pytest.mark.parametrize(
    "words",
    [
        "i want to pay my bill, the whole thing, with my visa please",
        "pay 10 on friday and use the card on file",
        "hi there, good morning, i would like to pay my bill. thank you and have a good day",
        "what do i owe and when is it due",
        "hola, buenos días, quiero pagar mi recibo y usar mi tarjeta",
    ],
)
def test_one_wish_in_many_words_is_one(world: World, words: str) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    said = line.text(words)
    assert "One thing at a time" not in said
    assert "Una cosa a la vez" not in said
    assert "also wanted" not in said


@pytest.mark.parametrize("words", ["cancel it", "cancélalo"])
def test_cancel_it_right_after_scheduling_takes_that_payment_back(world: World, words: str) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("schedule 60 dollars for this friday")
    line.text("4821")
    line.text("yes")
    assert states(world) == ["scheduled"]
    assert "$60.00" in line.text(words)
    assert states(world) == ["scheduled"], "it is asked first"
    line.text("yes")
    assert states(world) == ["canceled"]
    assert world.gateway.taken_cents == 0


def test_cancel_it_right_after_a_receipt_is_a_question_of_money_back(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay")
    line.text("4821")
    assert "money to be given back" in line.text("cancel that")
    assert [request.topic for request in world.requests()] == ["refund"]


def test_a_wish_in_answer_to_which_charge_is_no_charge(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("there is a wrong charge on my bill")
    assert "Reply with your PIN to pay $84.20" in line.text("I want to pay my bill")
    assert world.requests() == []


@pytest.mark.parametrize("words", ["I paid my bill twice", "you charged me to pay by phone"])
def test_a_complaint_about_paying_is_written_down(world: World, words: str) -> None:
    world.factory.account()
    line = world.thread()
    line.text("there is a wrong charge on my bill")
    assert f'I wrote down: "{words}"' in line.text(words)


def test_the_code_on_the_bill_is_taken_where_ways_are_offered(world: World) -> None:
    account = world.factory.account(phone="", pin="")
    line = world.thread(PHONE)
    line.text("pay my bill")
    line.text("1000000001")
    assert line.choices[0] == "1 use the code on your paper bill"
    line.text(account.enrollment_code)
    assert line.expect.secret == "new_pin"


@pytest.mark.parametrize(
    ("language", "words", "told"),
    [("en", "pay my bill", "Your Visa 4242 has expired."), ("es", "quiero pagar", "Su Visa 4242 ya venció.")],
)
def test_a_card_that_has_expired_is_named_where_a_new_one_is_asked_for(
    world: World, language: str, words: str, told: str
) -> None:
    account = world.factory.account(language=language)
    world.saved_card(account)
    with world.app.db.write() as tx:
        tx.execute(update(PaymentMethod).values(expires_year=2025))
    said = world.thread().text(words)
    assert told in said
    assert len(world.thread().text(words)) <= 320


def test_a_guest_is_not_told_of_a_card(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    with world.app.db.write() as tx:
        tx.execute(update(PaymentMethod).values(expires_year=2025))
    line = world.call(CALLER)
    line.speak("i want to pay my neighbor's bill")
    for keys in ("1000000001", "30601", "20"):
        line.press(keys)
    assert line.expect.kind == "new_card"
    assert "expired" not in line.said
