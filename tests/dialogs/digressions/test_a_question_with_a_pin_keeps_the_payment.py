"""A question that needs the PIN, in the middle of a payment whose PIN is the yes: it is answered, that PIN is
no yes, and the payment is read back again."""

from __future__ import annotations

import pytest

from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER

QUESTIONS = {
    "en": ("show me my last payments", "what is my balance made of", "send me a copy of my bill"),
    "es": ("quiero ver mis últimos pagos",),
}
READ_BACK = {
    "en": "Reply YES or 1 to pay $60.00 with Visa 4242.",
    "es": "Responda SÍ o 1 para pagar $60.00 con Visa 4242.",
}
PAY = {"en": "I want to pay $60 on my bill", "es": "quiero pagar 60 dólares de mi recibo"}


@pytest.mark.parametrize(
    ("language", "question"), [(language, each) for language, asked in QUESTIONS.items() for each in asked]
)
def test_the_pin_answers_the_question_and_takes_no_money(world: World, language: str, question: str) -> None:
    account = world.factory.account(language=language)
    world.saved_card(account)
    line = world.thread()
    line.text(PAY[language])
    assert line.expect.kind == "confirm"
    line.text(question)
    assert (line.expect.kind, line.expect.secret) == ("digits", "pin")
    said = line.text("4821")
    assert world.gateway.taken_cents == 0
    assert len(line.replies) == 2
    assert said.endswith(READ_BACK[language])
    line.text("1")
    assert world.balance(account) == 2420


def test_a_wrong_pin_for_the_question_keeps_the_payment_too(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text(PAY["en"])
    line.text("show me my last payments")
    line.text("1111")
    assert "That PIN did not match" in line.said
    assert line.text("4821").endswith(READ_BACK["en"])


def test_leaving_the_question_leads_back_to_the_payment(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text(PAY["en"])
    line.text("show me my last payments")
    assert line.text("back").endswith("Reply with your PIN to pay $60.00 with Visa 4242.")


def test_another_question_before_the_pin_still_leads_back(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text(PAY["en"])
    line.text("show me my last payments")
    said = line.text("how much do I owe")
    assert "$84.20" in said
    assert said.endswith("Reply with your PIN to pay $60.00 with Visa 4242.")


def test_another_wish_before_the_pin_takes_the_place_of_the_payment(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text(PAY["en"])
    line.text("show me my last payments")
    line.text("set up autopay")
    line.text("4821")
    assert "autopay" in line.said.lower()
    assert "$60.00" not in line.said


def test_a_caller_who_pays_without_a_pin_and_asks_for_the_past_keeps_the_payment(world: World) -> None:
    account = world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    line.press("1000000001")
    line.press("30601")
    line.press("1")
    line.key_card()
    assert line.expect.kind == "confirm"
    line.speak("what were my last payments")
    assert line.expect.secret == "pin"
    said = line.press("4821")
    assert world.gateway.taken_cents == 0
    assert "84 dollars and 20 cents with your Visa" in said or "May we keep" in said
    while line.expect.kind == "yes_no":
        line.press("2")
    line.press("1")
    assert world.balance(account) == 0
