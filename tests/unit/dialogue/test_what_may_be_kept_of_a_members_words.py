"""No piece of a card number is written down or sent to the engine, and what is no such piece still is."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.dialogue.keeping import kept_words, words_for_engine
from assistant.dialogue.turn import Choice, Expectation, Heard
from tests.card_numbers import card_numbers, writings

OPEN = Expectation()
MENU = Expectation("choice", choices=(Choice(1, "pay your bill", "pay_bill"),))
HOW_MUCH = Expectation("amount")
ACCOUNT = Expectation("digits", length=10)
PIN = Expectation("digits", length=4, secret="pin")


def kept(text: str, expect: Expectation = OPEN) -> str:
    return kept_words(Heard("text", text), expect, "en", 4)


def read(text: str, expect: Expectation = OPEN) -> str:
    return words_for_engine(text, expect, "en", 4)


@given(st.data(), card_numbers(), st.sampled_from([OPEN, MENU, HOW_MUCH, PIN]))
def test_no_piece_of_any_card_is_kept_or_read(data: st.DataObject, number: str, expect: Expectation) -> None:
    start = data.draw(st.integers(0, len(number) - 5))
    end = data.draw(st.integers(start + 5, len(number)))
    before = data.draw(st.sampled_from(["", "my card is ", "use "]))
    piece = data.draw(st.sampled_from(writings(number[start:end])))
    # `4000.00` is an amount to everybody; the card's other pieces are still caught.
    assume(not re.fullmatch(r"\d{4}\.\d\d", piece))
    text = before + piece
    for words in (kept(text, expect), read(text, expect)):
        assert sum(sign.isdigit() for sign in words) < 4, words


@pytest.mark.parametrize("text", ["1900 0", "2019 zero", "use 2012/1", "1900 0001"])
def test_a_piece_that_begins_like_a_year_is_neither(text: str) -> None:
    assert not any(sign.isdigit() for sign in kept(text) + read(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "pay 50 on my bill",
            "pay $1,200.00 please",
            "1200.50",
            "pay 1200 on my bill",
            "make it 60, not 50",
        ),
        *("on 12/15/2026", "December 15 2026", "call me at 706-555-0111", "at (706) 555-0111 please"),
        *("between 50 and 60", "84.20", "it was 30 on the 3rd and 20 on the 5th"),
    ],
)
def test_amounts_days_and_phone_numbers_are_kept(text: str) -> None:
    assert kept(text) == text
    assert read(text) == text


def test_an_amount_that_was_asked_for_is_kept() -> None:
    assert kept("1200", HOW_MUCH) == "1200"


def test_of_an_account_number_that_was_asked_for_the_last_four_are_kept() -> None:
    assert kept("1000000001", ACCOUNT) == "######0001"
    assert kept("100000000", ACCOUNT) == "####"
    assert kept("yes", ACCOUNT) == "yes"


def test_a_pin_is_never_kept() -> None:
    assert kept("it is 4821", PIN) == "it is ####"
    assert kept("my pin is 4821") == "my pin is ####"
