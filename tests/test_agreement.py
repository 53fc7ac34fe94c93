"""What is written in two places says the same: settings, refusals, intents, actions, words, fingerprints.

A setting, refusal, intent, action or response without its partner fails here.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_core import PydanticUndefined

from actions import all_actions
from actions.intents import NEVER_OFFERED
from assistant import errors
from assistant.dialogue.talk_words import wish_title
from assistant.dialogue.turn import ExpectKind, SecretKind
from assistant.settings import Settings
from tests.agreement_fakes import no_services
from tests.for_each import for_each

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "es")
CHANNELS = ("sms", "voice")
# What no outbound text may hold, and what the carrier acts on by itself.
CARRIER_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}


def domain() -> dict[str, Any]:
    """All domain files in one."""
    merged: dict[str, Any] = {"responses": {}, "intents": [], "actions": [], "forms": {}}
    for path in sorted((ROOT / "dialogs" / "domain").glob("*.yml")):
        part = yaml.safe_load(path.read_text(encoding="utf-8"))
        merged["responses"].update(part.get("responses") or {})
        merged["intents"] += part.get("intents") or []
        merged["actions"] += part.get("actions") or []
        merged["forms"].update(part.get("forms") or {})
    return merged


DOMAIN = domain()
VARIATIONS = [
    (name, variation) for name, variations in DOMAIN["responses"].items() for variation in variations
]


def language_of(variation: dict[str, Any]) -> str:
    return next(
        (str(part["value"]) for part in variation.get("condition", []) if part["name"] == "language"), ""
    )


def refusal_codes() -> list[str]:
    pending, codes = [errors.Refusal], set[str]()
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        codes |= kind.codes
    return sorted(codes)


def names_in(files: str) -> set[str]:
    return {
        re.sub(r" .*", "", entry["intent"])
        for path in (ROOT / "nlu_data").glob(files)
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in entry
    }


def test_every_setting_is_in_the_readme_and_in_the_example_with_its_default_and_words() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        variable = f"PORCHLIGHT_{name.upper()}"
        assert f"| `{variable}` |" in readme, variable
        assert f"{variable}=" in example, variable
        assert field.description, variable
        assert field.description in readme, variable
        assert field.default is not PydanticUndefined, variable


def test_the_readme_and_the_example_name_no_setting_that_does_not_exist() -> None:
    known = {f"PORCHLIGHT_{name.upper()}" for name in Settings.model_fields}
    for file in ("README.md", ".env.example"):
        rows = re.findall(
            r"^(?:\| `)?#? ?(PORCHLIGHT_[A-Z_]+)(?:` \||=)", (ROOT / file).read_text("utf-8"), re.MULTILINE
        )
        assert set(rows) == known, file


@for_each(refusal_codes())
def test_every_refusal_has_words_in_both_languages_on_both_channels(code: str) -> None:
    assert_has_words(f"utter_{code}")


@for_each(sorted(DOMAIN["responses"]))
def test_every_response_has_words_in_both_languages_on_both_channels(name: str) -> None:
    assert_has_words(name)


def assert_has_words(name: str) -> None:
    variations = DOMAIN["responses"].get(name, [])
    for language in LANGUAGES:
        for channel in CHANNELS:
            fitting = [
                variation
                for variation in variations
                if language_of(variation) in (language, "") and variation.get("channel", channel) == channel
            ]
            assert fitting, f"{name} has no words in {language} for {channel}"


@for_each(VARIATIONS)
def test_a_response_expects_something_that_exists(name: str, variation: dict[str, Any]) -> None:
    custom = variation.get("custom") or {}
    assert custom.get("expect", "open") in ExpectKind.__args__  # type: ignore[attr-defined]
    assert custom.get("secret", "") in SecretKind.__args__  # type: ignore[attr-defined]
    if custom.get("expect") in ("confirm", "new_card"):
        assert custom.get("draft_id") == "{draft_id}", name
    unknown = set(custom) - {
        "expect",
        "secret",
        "length",
        "draft_id",
        "fuller",
        "shortest",
        "is_terms",
        "missed",
        "is_closing",
        "undo",
    }
    assert not unknown, name


@for_each(VARIATIONS)
def test_a_choice_leads_to_an_intent_that_exists(name: str, variation: dict[str, Any]) -> None:
    for button in variation.get("buttons") or []:
        intent, brace, rest = button["payload"].removeprefix("/").partition("{")
        assert intent in intents(), f"{name}: {button['payload']}"
        if brace:
            json.loads(brace + rest)


@for_each(VARIATIONS)
def test_words_hold_no_link_and_no_word_that_the_carrier_acts_on(
    name: str, variation: dict[str, Any]
) -> None:
    words = variation["text"]
    assert not re.search(r"https?:|www\.|\.(com|org|net|coop)\b", words), name
    asked = set(re.findall(r"\b[A-Z]{3,}\b", words))
    assert not asked & CARRIER_WORDS, f"{name} uses {asked & CARRIER_WORDS} as a dialogue word"


def intents() -> set[str]:
    return {next(iter(intent)) if isinstance(intent, dict) else intent for intent in DOMAIN["intents"]}


def test_every_intent_of_the_training_data_is_in_the_domain() -> None:
    assert names_in("*.yml") - intents() == set()


def test_every_intent_that_members_say_is_taught_in_both_languages() -> None:
    only_english = names_in("*.en.yml") - names_in("*.es.yml")
    only_spanish = names_in("*.es.yml") - names_in("*.en.yml")
    assert (only_english, only_spanish) == (set(), set())


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wish_that_may_be_offered_has_a_title_and_no_other_has_one(language: str, channel: str) -> None:
    titled = {name for name in intents() if wish_title(name, language, channel)}  # type: ignore[arg-type]
    assert titled == names_in("*.yml") - NEVER_OFFERED
    assert wish_title("none", language, channel)  # type: ignore[arg-type]


def test_the_domain_and_the_code_name_the_same_actions() -> None:
    in_code = {action.name() for action in all_actions(no_services())}
    assert in_code == set(DOMAIN["actions"])


def test_every_setting_can_be_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORCHLIGHT_PAYMENT_MAX_CENTS", "70000")
    assert Settings(_env_file=None).payment_max_cents == 70_000
