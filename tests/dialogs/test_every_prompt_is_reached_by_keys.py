"""The phone line by keypad alone, walked from the greeting to every leaf, in both languages.

Each kind of caller is walked for what such a call is about, a member with a card for everything. That takes a
quarter of an hour and is what `task walk` does, and CI with the other thorough tests; every run walks a few
kinds, who press what other tests do not.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from assistant.dialogue.turn import Language
from tests.dialogs.callers import Town
from tests.dialogs.conftest import World
from tests.dialogs.kinds_of_callers import KINDS
from tests.dialogs.walking import Walk
from tests.dialogs.words import wordings

IN_EVERY_RUN = (
    "somebody who enrolls",
    "a guest",
    "one of two accounts",
    "who has two payments set",
    "who pays the same twice",
    "whose bank says no",
    "at night",
)
HAS_EVERYBODY = os.environ.get("PORCHLIGHT_WALK") == "everybody"
NAMES = tuple(KINDS) if HAS_EVERYBODY else IN_EVERY_RUN
pytestmark = [pytest.mark.thorough] if HAS_EVERYBODY else []
LANGUAGES: tuple[Language, Language] = ("en", "es")
# Walks are kept for the last two tests; keys that say the same everywhere are shared by a language's walks.
WALKED: dict[tuple[str, Language], Walk] = {}
TRIED: dict[Language, set[tuple[str, str]]] = {"en": set(), "es": set()}
# What the phone line can say with choices, and keys alone do not lead to.
_PIN_FIRST = "on the phone the PIN comes before a saved card is read back"
_OWN_PHONE = "by text only: the number that calls names nobody"
_MEANWHILE = "only when somebody else changed it between two keys"
NOT_BY_KEYS: dict[str, str] = {
    "utter_ask_which_account": _OWN_PHONE,
    "utter_ask_account_last_four": _OWN_PHONE,
    "utter_receipt_and_next": _OWN_PHONE,
    "utter_ask_pin_for_methods": _PIN_FIRST,
    "utter_offer_with_pin": _PIN_FIRST,
    "utter_read_back_with_pin": _PIN_FIRST,
    "utter_read_back_over_with_pin": _PIN_FIRST,
    "utter_autopay_already_on": _MEANWHILE,
    "utter_autopay_not_on": _MEANWHILE,
    "utter_schedule_not_found": _MEANWHILE,
    "utter_arrangement_needs_person": _MEANWHILE,
    "utter_arrangement_offer_gone": "only when ten minutes pass at the offer",
}


def walked(world: World, name: str, language: Language) -> Walk:
    """The walk of one kind of caller, made once."""
    if (name, language) not in WALKED:
        kind = KINDS[name]
        walk = Walk(
            kind.calls(Town(world, language)),
            language,
            wishes=kind.wishes,
            start=kind.start,
            only_here=bool(kind.start),
            tried=TRIED[language],
            most_keys=5000 if HAS_EVERYBODY else 40,
        )
        WALKED[name, language] = walk.run()
    return WALKED[name, language]


needs_everybody = pytest.mark.skipif(not HAS_EVERYBODY, reason="`uv run task walk` lets everybody call")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_key_that_is_pressed_leads_on(world: World, name: str, language: Language) -> None:
    walk = walked(world, name, language)
    assert walk.troubles == []
    assert walk.pressed > 0


@needs_everybody
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_key_that_is_offered_is_pressed(world: World, name: str, language: Language) -> None:
    assert walked(world, name, language).not_pressed == []


@needs_everybody
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_of_the_phone_line_is_met(world: World, language: Language) -> None:
    heard = {response for name in NAMES for response in walked(world, name, language).heard}
    asked = {
        each.response
        for each in wordings()
        if each.channel == "voice" and (each.buttons or "expect" in each.custom)
    }
    assert sorted(asked - heard - set(NOT_BY_KEYS)) == []
    assert sorted(heard & set(NOT_BY_KEYS)) == []


@needs_everybody
@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same_on_the_way(world: World, name: str) -> None:
    """But for the greeting: a stranger is greeted in English, and goes on in Spanish by a key.

    Keys that walks of a language share are pressed once, for whatever wish came there first: which one is not
    compared.
    """
    greeting = {"utter_call_opened", "utter_language_changed"}
    english, spanish = (walked(world, name, language) for language in LANGUAGES)
    assert english.heard - greeting == spanish.heard - greeting
    prompts = [
        {str(replace(each, wish="")) for each in walk.left if each.name not in greeting}
        for walk in (english, spanish)
    ]
    assert prompts[0] == prompts[1]
