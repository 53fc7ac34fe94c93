"""Texts stay in GSM-7 and within their length; every phrase exists in both languages."""

from __future__ import annotations

import re

import pytest
import smsutil
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant.channels.gsm import gsm_length, to_gsm
from assistant.channels.wording import (
    PHRASES_FILE,
    TEXT_GOAL,
    TEXT_LIMIT,
    lowered,
    phrase,
    spoken_choices,
    text_of,
)
from assistant.dialogue.turn import Choice, Expectation, Reply

PHRASES = yaml.safe_load(PHRASES_FILE.read_text(encoding="utf-8"))["responses"]
BLANKS = {
    "office": "706-555-0101",
    "coop": "Lantern Valley Electric",
    "code": "7 3 5, 2 9 1",
    "choices": "1 pay",
    "title": "pay",
    "number": "1",
    "pay_phone": "706-555-0100",
}


def is_gsm(text: str) -> bool:
    """What smsutil says; it calls the empty text invalid."""
    return not text or smsutil.is_valid_gsm(text)


@given(st.text(max_size=400))
def test_any_text_becomes_gsm(text: str) -> None:
    written = to_gsm(text)
    assert is_gsm(written)
    assert gsm_length(written) == len(smsutil.encode(written)) if written else written == ""


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Está aquí: también él pagó su útil señal", "Esta aqui: también él pago su util señal"),
        ("¿Cuánto debe? ¡Ñandú, pingüino!", "¿Cuanto debe? ¡Ñandu, pingüino!"),
        ("ÁÉÍÓÚ", "AÉIOU"),
        ("“It’s due” – now…", '"It\'s due" - now...'),
        ("Thanks 👍🏽!", "Thanks !"),
        ("e\u0301 a\u0301", "é a"),
        ("a\u00a0b", "a b"),
    ],
)
def test_letters_that_gsm_lacks_are_written_with_ones_it_has(text: str, written: str) -> None:
    assert to_gsm(text) == written


replies = st.lists(
    st.builds(
        Reply,
        st.text(max_size=900),
        st.builds(
            Expectation,
            kind=st.sampled_from(["open", "choice", "confirm", "digits"]),
            choices=st.lists(
                st.builds(
                    Choice, st.integers(1, 9), st.text("abc Áé", min_size=1, max_size=60), st.just("x")
                ),
                max_size=5,
            ).map(tuple),
        ),
    ),
    max_size=3,
)


@given(replies, st.sampled_from(["en", "es"]))
def test_a_text_always_fits_the_carrier(said: list[Reply], language: str) -> None:
    text = text_of(said, language)  # type: ignore[arg-type]
    assert is_gsm(text)
    assert gsm_length(text) <= TEXT_LIMIT


def test_replies_are_joined_without_repeats() -> None:
    said = [Reply("Sorry."), Reply("Sorry."), Reply("How much?"), Reply("")]
    assert text_of(said, "en") == "Sorry.\nHow much?"


def test_a_long_text_loses_its_empty_lines_first() -> None:
    text = text_of([Reply("a" * 160 + "\n\n\n" + "b" * 160)], "en")
    assert text == "a" * 160 + "\n" + "b" * 160
    assert len(text) == TEXT_GOAL + 1


def test_choices_beside_a_confirmation_are_other_ways() -> None:
    other = (Choice(1, "pay another amount", "pay_bill"), Choice(2, "pay with a new card", "switch_method"))
    pin = Expectation("confirm", secret="pin", draft_id="d", choices=other)
    words = "Reply with your PIN to pay $84.20 with Visa 4242."
    expected = words + "\nOr reply 1 pay another amount, 2 pay with a new card."
    assert text_of([Reply(words, pin)], "en") == expected
    assert text_of([Reply("", pin)], "es").startswith("O responda 1 ")


@pytest.mark.parametrize(
    ("title", "spoken"),
    [
        ("pay the past due $84.20", "To pay the past due $84.20, press 1."),
        ("Pay your bill", "To pay your bill, press 1."),
        ("Visa 4242", "For Visa 4242, press 1."),
        ("PIN", "For PIN, press 1."),
    ],
)
def test_a_choice_is_spoken_as_a_sentence(title: str, spoken: str) -> None:
    assert spoken_choices([Choice(1, title, "x")], "en") == spoken


def test_a_name_keeps_its_capitals_in_a_text() -> None:
    assert lowered("Visa 4242") == "Visa 4242"
    assert lowered("Other amount") == "other amount"


@pytest.mark.parametrize("name", sorted(PHRASES))
def test_every_phrase_is_there_in_both_languages_and_keeps_the_house_rules(name: str) -> None:
    languages = [variation["condition"][0]["value"] for variation in PHRASES[name]]
    assert languages == ["en", "es"]
    for language in languages:
        words = phrase(name.removeprefix("utter_channel_"), language, **BLANKS)
        assert "{" not in words
        assert not re.search(r"https?:|www\.|\.com", words)
        assert len(words) <= TEXT_GOAL
        # The carrier would take these for a wish to stop.
        replies_asked = re.findall(r"\b[A-Z]{3,}\b", words)
        assert not {"STOP", "CANCEL", "END", "QUIT", "REVOKE"} & set(replies_asked)


def test_the_word_we_ask_for_after_a_card_number_is_one_we_know() -> None:
    assert "reply CALL" in phrase("card_texted", "en", **BLANKS)
    assert "responda LLAMAR" in phrase("card_texted", "es", **BLANKS)
