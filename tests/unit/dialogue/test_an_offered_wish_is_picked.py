"""Where wishes are offered ("is it one of these?"), a number, a name, a yes and a no mean one thing each."""

from __future__ import annotations

import pytest

from assistant.dialogue.meaning import NONE_OF_THESE, Means, Says, meaning_of
from assistant.dialogue.turn import Choice, Expectation, Heard, HeardKind

PAY = Choice(1, "pay your bill", "pay_bill", {"amount_cents": 5000})
OWED = Choice(2, "know what you owe", "check_balance")


def none(number: int) -> Choice:
    return Choice(number, "do something else", NONE_OF_THESE)


ONE = Expectation("choice", choices=(PAY, none(2)))
TWO = Expectation("choice", choices=(PAY, OWED, none(3)))


def pick(words: str, expect: Expectation, kind: HeardKind = "text") -> object:
    return meaning_of(Heard(kind, words), expect, "en")


@pytest.mark.parametrize("kind", ["text", "speech", "keys"])
def test_a_number_picks_with_what_was_said_before(kind: HeardKind) -> None:
    assert pick("1", TWO, kind) == Means("pay_bill", {"amount_cents": 5000})
    assert pick("2", TWO, kind) == Means("check_balance")
    assert pick("3", TWO, kind) == Means(NONE_OF_THESE)


@pytest.mark.parametrize("kind", ["text", "speech"])
def test_a_name_picks(kind: HeardKind) -> None:
    assert pick("what you owe", TWO, kind) == Means("check_balance")
    assert pick("something else", TWO, kind) == Means(NONE_OF_THESE)


@pytest.mark.parametrize("kind", ["text", "speech"])
def test_a_yes_picks_the_only_wish_and_between_two_it_says_nothing(kind: HeardKind) -> None:
    assert pick("yes", ONE, kind) == Means("pay_bill", {"amount_cents": 5000})
    assert pick("yes", TWO, kind) == Means("affirm")


@pytest.mark.parametrize("expect", [ONE, TWO])
@pytest.mark.parametrize("words", ["no", "No.", "nope"])
def test_a_no_is_none_of_them(expect: Expectation, words: str) -> None:
    assert pick(words, expect) == Means(NONE_OF_THESE)


def test_other_words_are_a_new_try() -> None:
    assert isinstance(pick("i want to talk about the trees at my line", TWO), Says)
