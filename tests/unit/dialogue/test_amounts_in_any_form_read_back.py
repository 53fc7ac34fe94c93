"""Every amount that can be owed, in every form in which people write and say it, reads back to the cent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.dialogue.amounts import find_amount, read_amount, read_keyed_amount
from assistant.money import Language, spoken, written
from tests.spelled_numbers import in_english, in_spanish

AMOUNTS = st.integers(min_value=1, max_value=999_999)
LANGUAGES: tuple[Language, ...] = ("en", "es")


def _english_words(cents: int) -> str:
    dollars, rest = divmod(cents, 100)
    return f"{in_english(dollars)} dollars and {in_english(rest)} cents"


def _english_dashes(cents: int) -> str:
    dollars, rest = divmod(cents, 100)
    return f"{in_english(dollars, ' ', '-')} dollars {in_english(rest, ' ', '-')} cents"


def _spanish_words(cents: int) -> str:
    dollars, rest = divmod(cents, 100)
    return f"{in_spanish(dollars)} dólares con {in_spanish(rest)} centavos"


def _dollars_con_cents(cents: int) -> str:
    return f"{cents // 100} con {cents % 100:02d}"


FORMS: dict[str, Callable[[int], str]] = {
    "$1,234.50": written,
    "$1234.50": lambda cents: f"${cents // 100}.{cents % 100:02d}",
    "1234.50": lambda cents: f"{cents // 100}.{cents % 100:02d}",
    "1,234.50 dollars": lambda cents: f"{written(cents)[1:]} dollars",
    "1234.50 usd": lambda cents: f"{cents // 100}.{cents % 100:02d} usd",
    "1234.50$": lambda cents: f"{cents // 100}.{cents % 100:02d}$",
    "English as we say it": lambda cents: spoken(cents, "en"),
    "Spanish as we say it": lambda cents: spoken(cents, "es"),
    "1234 bucks and 50 cents": lambda cents: f"{cents // 100} bucks and {cents % 100} cents",
    "1234 dólares con 50": lambda cents: f"{cents // 100} dólares con {cents % 100:02d}",
}


@pytest.mark.parametrize("form", FORMS)
@given(cents=AMOUNTS, language=st.sampled_from(LANGUAGES))
def test_a_written_amount_reads_back_in_an_answer_and_in_a_sentence(
    form: str, cents: int, language: Language
) -> None:
    assume("cents" not in form or (cents % 100 and cents >= 100))
    amount = FORMS[form](cents)

    for read in (read_amount(amount, language), find_amount(f"pay {amount} on my bill please", language)):
        assert read is not None, amount
        assert (read.kind, read.cents) == ("exact", cents)


@pytest.mark.parametrize("words", [_english_words, _english_dashes, _spanish_words])
@given(cents=AMOUNTS)
def test_an_amount_in_words_reads_back(words: Callable[[int], str], cents: int) -> None:
    assume(cents % 100 and cents >= 200)
    language: Language = "es" if words is _spanish_words else "en"

    read = read_amount(words(cents), language)

    assert read is not None, words(cents)
    assert read.cents == cents


@given(dollars=st.integers(2, 9_999), language=st.sampled_from(LANGUAGES))
def test_whole_dollars_in_words_read_back_without_the_word_dollars(dollars: int, language: Language) -> None:
    words = in_spanish(dollars) if language == "es" else in_english(dollars)

    read = read_amount(words, language)

    assert read is not None, words
    assert read.cents == dollars * 100


@given(dollars=st.integers(10, 99), cents=st.integers(10, 99))
def test_two_numbers_said_in_a_row_are_dollars_and_cents(dollars: int, cents: int) -> None:
    assume(not (dollars % 10 == 0 and cents in (dollars + 10, *range(1, 10))))

    for words in (f"{in_english(dollars)} {in_english(cents)}", f"{dollars} {cents}"):
        read = read_amount(words, "en")
        assert read is not None, words
        assert read.cents == dollars * 100 + cents


@given(dollars=st.integers(1, 9), cents=st.integers(10, 99))
def test_a_single_digit_before_two_digits_is_unsure(dollars: int, cents: int) -> None:
    assert read_amount(f"{in_english(dollars)} {in_english(cents)}", "en") is None
    assert read_amount(f"{dollars} {cents}", "en") is None


@given(cents=AMOUNTS)
def test_a_spanish_decimal_comma_counts_in_spanish_only(cents: int) -> None:
    amount = f"{cents // 100},{cents % 100:02d}"
    read = read_amount(amount, "es")

    assert read is not None, amount
    assert read.cents == cents
    assert read_amount(amount, "en") is None


@given(cents=AMOUNTS)
def test_dollars_con_cents_reads_back(cents: int) -> None:
    read = read_amount(_dollars_con_cents(cents), "es")

    assert read is not None, _dollars_con_cents(cents)
    assert read.cents == cents


@given(cents=AMOUNTS, zeros=st.integers(0, 3), pounds=st.sampled_from(["", "#"]))
def test_a_keyed_amount_reads_back(cents: int, zeros: int, pounds: str) -> None:
    dollars, rest = divmod(cents, 100)

    assert read_keyed_amount(f"{'0' * zeros}{dollars}*{rest:02d}{pounds}") == cents
    if dollars:
        assert read_keyed_amount(f"{dollars}{pounds}") == dollars * 100
        assert read_keyed_amount(f"{dollars}*{pounds}") == dollars * 100


@given(text=st.text(max_size=80), language=st.sampled_from(LANGUAGES))
def test_no_text_makes_the_grammar_fail(text: str, language: Language) -> None:
    for read in (read_amount(text, language), find_amount(text, language)):
        assert read is None or (read.kind == "exact") == (read.cents is not None)
        assert read is None or read.cents is None or read.cents > 0
    keyed = read_keyed_amount(text)
    assert keyed is None or keyed > 0


_PIECES = st.sampled_from(
    [
        "pay",
        "$",
        "50",
        "84.20",
        "no",
        "not",
        ",",
        ".",
        "-",
        "/",
        "or",
        "and",
        "60",
        "dollars",
        "cents",
        "con",
        "y",
        "o",
        "de",
        "twenty",
        "one",
        "hundred",
        "mil",
        "all",
        "half",
        "past",
        "due",
        "4242",
        "card",
        "ending",
        "the",
        "15th",
        "dec",
        "12/3",
        "5pm",
        "%",
        "twice",
        "50²",
        "½",
        "5️⃣",
        "point",
        "oh",
        "05",
        "e",
        "k",
        "more",
        "less",
        "1,234.50",
        "1.234,50",
        "us",
        "pesos",
        "€",
        "(",
        ")",
    ]
)


@given(
    pieces=st.lists(_PIECES, max_size=12), gap=st.sampled_from(["", " "]), language=st.sampled_from(LANGUAGES)
)
def test_no_jumble_of_money_words_makes_the_grammar_fail(
    pieces: list[str], gap: str, language: Language
) -> None:
    text = gap.join(pieces)
    for read in (read_amount(text, language), find_amount(text, language)):
        assert read is None or (read.kind == "exact") == (read.cents is not None)


@given(
    digits=st.from_regex(r"[1-9][0-9]{4,11}", fullmatch=True),
    before=st.sampled_from(
        ["", "my account is ", "pay ", "it is ", "mi cuenta es ", "pagar ", "call me at "]
    ),
    language=st.sampled_from(LANGUAGES),
)
def test_a_row_of_five_or_more_digits_is_no_amount(digits: str, before: str, language: Language) -> None:
    assert find_amount(before + digits, language) is None
    assert read_amount(before + digits, language) is None


@given(digits=st.from_regex(r"[0-9]{10}", fullmatch=True), gap=st.sampled_from([" ", "-", "."]))
def test_a_spaced_phone_or_account_number_is_no_amount(digits: str, gap: str) -> None:
    spaced = gap.join((digits[:3], digits[3:6], digits[6:]))

    assert find_amount(f"my number is {spaced}", "en") is None
    assert read_amount(spaced, "en") is None


@given(cents=AMOUNTS, last_four=st.from_regex(r"[0-9]{4}", fullmatch=True))
def test_the_last_four_digits_of_a_card_never_become_the_amount(cents: int, last_four: str) -> None:
    for text in (
        f"pay {written(cents)} with my card ending in {last_four}",
        f"use card {last_four} to pay {written(cents)}",
        f"put {written(cents)} on my visa {last_four}",
        f"pagar {written(cents)} con la tarjeta terminada en {last_four}",
    ):
        read = find_amount(text, "en")
        assert read is not None, text
        assert read.cents == cents
    assert find_amount(f"pay with card ending {last_four}", "en") is None


@given(first=AMOUNTS, second=AMOUNTS)
def test_of_two_amounts_only_a_correction_lets_one_stand(first: int, second: int) -> None:
    assume(first != second)
    one, other = written(first), written(second)

    for unsure in (
        f"{one} or {other}",
        f"between {one} and {other}",
        f"{one} - {other}",
        f"{one} to {other}",
    ):
        assert read_amount(unsure, "en") is None
        assert find_amount(f"pay {unsure}", "en") is None
    for corrected in (f"{one}, no, {other}", f"not {one}, {other}", f"{other} instead of {one}"):
        read = read_amount(corrected, "en")
        assert read is not None, corrected
        assert read.cents == second
