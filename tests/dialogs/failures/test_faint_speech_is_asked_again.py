"""On the phone, words that the recogniser is unsure of are noise, and a faint yes is asked for by key."""

from __future__ import annotations

import pytest

from assistant.dialogue.turn import Heard
from tests.dialogs.conftest import Line, World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who
from tests.factories import MadeAccount

REMOVE = {"en": "remove my card", "es": "quitar mi tarjeta"}
YES = {"en": "yes", "es": "sí"}


def say(line: Line, words: str, confidence: float | None) -> str:
    return line.hear(Heard("speech", words, confidence))


@pytest.mark.parametrize(
    ("key", "wish", "fuller"),
    [
        ("", "pay my bill", "Please use the keys of your phone, or say what you need."),
        ("5", "pagar mi factura", "Use las teclas de su teléfono, o diga lo que necesita."),
    ],
    ids=["en", "es"],
)
def test_a_faint_wish_is_asked_for_again_and_taken_when_it_is_clear(
    world: World, key: str, wish: str, fuller: str
) -> None:
    world.factory.account()
    line = world.call(CALLER)
    if key:
        line.press(key)
    assert say(line, wish, 0.2).startswith(fuller)
    say(line, wish, None)
    assert line.expect.kind == "digits", "without any confidence the words are taken"


def test_noise_in_the_other_language_does_not_change_the_language(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    assert say(line, "quiero pagar mi factura por favor", 0.15).startswith("Please use the keys")


@pytest.mark.parametrize(
    ("language", "by_key", "shortest"),
    [
        ("en", "If you want to pay 84 dollars and 20 cents", "To pay 84 dollars and 20 cents, press 1."),
        (
            "es",
            "Si quiere pagar 84 dólares con 20 centavos",
            "Para pagar 84 dólares con 20 centavos, oprima 1.",
        ),
    ],
)
def test_line_noise_that_sounds_like_a_yes_moves_nothing(
    world: World, language: str, by_key: str, shortest: str
) -> None:
    account = world.factory.account(language=language)
    world.saved_card(account)
    line = world.call()
    line.press("1")
    say_who(line)
    assert line.expect.kind == "confirm"
    assert say(line, YES[language], 0.5).startswith(by_key)
    assert say(line, YES[language], 0.5) == shortest
    say(line, YES[language], 0.25)
    assert line.expect.kind == "transfer", "three times nothing usable leads to a person"
    assert world.gateway.charges == {}


def asked_to_take_the_card_off(world: World, account: MadeAccount, language: str) -> Line:
    world.saved_card(account)
    line = world.call()
    line.speak(REMOVE[language])
    say_who(line)
    assert line.expect.kind == "yes_no", line.said
    return line


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("confidence", [0.29, 0.5])
def test_a_faint_yes_takes_no_card_off_and_the_key_does(
    world: World, language: str, confidence: float
) -> None:
    account = world.factory.account(language=language)
    line = asked_to_take_the_card_off(world, account, language)
    assert {"en": "press 1", "es": "oprima 1"}[language] in say(line, YES[language], confidence).lower()
    assert len(world.app.payments.saved_methods.saved(account.id)) == 1
    line.press("1")
    assert world.app.payments.saved_methods.saved(account.id) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_clear_yes_is_enough_where_no_money_moves(world: World, language: str) -> None:
    account = world.factory.account(language=language)
    line = asked_to_take_the_card_off(world, account, language)
    say(line, YES[language], 0.6)
    assert world.app.payments.saved_methods.saved(account.id) == []
