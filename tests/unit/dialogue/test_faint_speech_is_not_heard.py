"""What a recogniser is unsure of counts as noise; a yes wants more certainty than a wish."""

from __future__ import annotations

import pytest

from assistant.dialogue.hearing import Hearing
from assistant.dialogue.turn import Choice, Expectation, ExpectKind, Heard, HeardKind

HEARING = Hearing(words_from=0.3, yes_from=0.6)
OPEN = Expectation("open")


def is_too_faint(words: str, confidence: float | None, kind: ExpectKind = "open") -> bool:
    return HEARING.is_too_faint(Heard("speech", words, confidence), Expectation(kind))


@pytest.mark.parametrize("words", ["pay my bill", "yes", "no", "balance", "sí", "quiero pagar"])
def test_words_below_the_bound_are_noise_whatever_they_say(words: str) -> None:
    assert is_too_faint(words, 0.29)


@pytest.mark.parametrize("words", ["pay my bill", "no", "agent", "cuánto debo"])
@pytest.mark.parametrize("confidence", [0.3, 0.45, 1.0])
def test_a_wish_and_a_no_are_taken_from_the_bound_on(words: str, confidence: float) -> None:
    assert not is_too_faint(words, confidence)


@pytest.mark.parametrize("words", ["yes", "yeah", "Sí.", "ok", "claro"])
@pytest.mark.parametrize("kind", ["yes_no", "confirm", "choice", "open"])
def test_a_yes_wants_a_higher_bound(words: str, kind: ExpectKind) -> None:
    assert is_too_faint(words, 0.59, kind)
    assert not is_too_faint(words, 0.6, kind)


@pytest.mark.parametrize("kind", ["yes_no", "confirm"])
def test_one_is_a_yes_where_a_yes_is_asked_for(kind: ExpectKind) -> None:
    assert is_too_faint("one", 0.5, kind)
    assert is_too_faint("uno", 0.5, kind)
    assert not is_too_faint("two", 0.5, kind)


def test_one_is_only_a_choice_where_choices_are_read_out() -> None:
    choices = (Choice(1, "pay your bill", "pay_bill"), Choice(2, "hear what you owe", "check_balance"))
    assert not HEARING.is_too_faint(Heard("speech", "one", 0.5), Expectation("choice", choices=choices))


def test_no_confidence_is_sure_and_nought_means_that_none_was_set_but_is_no_yes() -> None:
    assert not is_too_faint("pay my bill", None)
    assert not is_too_faint("yes", None, "yes_no")
    assert not is_too_faint("pay my bill", 0.0)
    assert is_too_faint("yes", 0.0, "yes_no")


@pytest.mark.parametrize("kind", ["text", "keys", "silence"])
def test_only_speech_can_be_faint(kind: HeardKind) -> None:
    assert not HEARING.is_too_faint(Heard(kind, "yes", 0.1), OPEN)
