"""Another card or amount is asked for again and again: the choice is whole each time, the goal is kept."""

from __future__ import annotations

import pytest

from tests.dialogs.conftest import Line, World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who

# The engine forgets what was said before several times meanwhile.
TURNS, OFTEN = 7, 10


def with_two_cards(world: World) -> str:
    """Saves two cards on a new account; returns the account's balance in words."""
    account = world.factory.account()
    for token, is_default in (("pm_saved_4242", True), ("pm_second_1881", False)):
        world.app.payments.saved_methods.save(account.id, token, is_default=is_default)
    return "84 dollars and 20 cents"


def paying_with_a_saved_card(world: World) -> Line:
    with_two_cards(world)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    return line


def test_the_key_for_another_card_offers_the_other_saved_one_and_a_new_one(world: World) -> None:
    line = paying_with_a_saved_card(world)
    assert line.choices == ["2 pay another amount", "3 use another card"]
    assert line.press("3") == "How do you want to pay?"
    assert line.choices == ["1 pay with a new card", "2 pay with Visa ending in 1 8 8 1"]
    assert "Now key in your card" in line.press("1")


def test_the_other_card_can_be_changed_back(world: World) -> None:
    line = paying_with_a_saved_card(world)
    line.press("3")
    assert "with your Visa ending in 1 8 8 1, press 1." in line.press("2")
    line.press("3")
    assert line.choices == ["1 pay with a new card", "2 pay with Visa ending in 4 2 4 2"]
    assert "with your Visa ending in 4 2 4 2, press 1." in line.press("2")


def test_star_at_the_choice_of_cards_goes_back_to_what_was_read_back(world: World) -> None:
    line = paying_with_a_saved_card(world)
    line.press("2")
    line.press("30*00")
    line.press("3")
    assert line.press("*").startswith("To pay 30 dollars with your Visa ending in 4 2 4 2, press 1.")


def test_words_for_another_card_offer_the_choice_once_the_other_one_was_taken(world: World) -> None:
    line = paying_with_a_saved_card(world)
    assert "ending in 1 8 8 1" in line.speak("no, use my other card")
    assert line.speak("no, use another card") == "How do you want to pay?"
    assert line.choices == ["1 pay with a new card", "2 pay with Visa ending in 4 2 4 2"]


def test_by_text_the_choice_comes_with_the_pin(world: World) -> None:
    with_two_cards(world)
    line = world.thread()
    line.text("pagar mi recibo")
    line.text("2")
    assert "otra tarjeta guardada, responda con su PIN" in line.said
    line.text("4821")
    assert line.choices == ["1 pagar con una tarjeta nueva", "2 pagar con Visa 1881"]
    assert line.text("2").endswith("Responda SÍ o 1 para pagar $84.20 con Visa 1881.")


def test_another_card_as_often_as_wanted_never_forgets_what_is_paid(world: World) -> None:
    world.app.settings.session_turns = TURNS
    line = paying_with_a_saved_card(world)
    line.press("2")
    line.press("30*00")
    for _ in range(OFTEN):
        line.press("3")
        assert line.said == "How do you want to pay?"
        assert line.press("2").startswith("To pay 30 dollars with your Visa")
    line.press("1")
    assert world.gateway.taken_cents == 3000


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_guest_changes_the_amount_as_often_as_wanted(world: World, language: str) -> None:
    world.app.settings.session_turns = TURNS
    world.factory.account()
    line = world.call(CALLER)
    if language == "es":
        line.press("5")
    line.speak("pay as a guest" if language == "en" else "quiero pagar el recibo de otra persona")
    line.press("1000000001")
    line.press("30601")
    line.press("25#")
    line.key_card()
    for _ in range(OFTEN):
        line.press("2")
        assert line.expect.kind == "amount"
        line.press("26#")
        assert line.expect.kind == "confirm"
        assert "84" not in line.said
    line.press("1")
    assert world.gateway.taken_cents == 2600
