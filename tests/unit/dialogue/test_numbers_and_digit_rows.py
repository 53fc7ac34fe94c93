"""Numbers in words, and account numbers as people say, type and correct them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.numbers import read_digits, read_number
from assistant.money import Language
from tests.spelled_numbers import in_english, in_spanish

ROWS = st.from_regex(r"[0-9]{4,12}", fullmatch=True)
_EN = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_ES = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]


@given(number=st.integers(1, 9_999))
def test_every_number_in_words_reads_back(number: int) -> None:
    assert read_number(in_spanish(number), "es") == number
    for joint in (" and ", " "):
        for dash in (" ", "-"):
            assert read_number(in_english(number, joint, dash), "en") == number


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("84", "en", 84),
        ("84.", "en", 84),
        ("1,200", "en", 1200),
        ("zero", "en", 0),
        ("a hundred and twenty", "en", 120),
        ("forty-two hundred", "en", 4200),
        ("dos cientos", "es", 200),
        ("diez y seis", "es", 16),
        ("once", "es", 11),
        ("once", "en", None),
        ("fifty sixty", "en", None),
        ("12,34", "en", None),
        ("84.5", "en", None),
        ("fifty people", "en", None),
        ("", "en", None),
    ],
)
def test_a_text_is_one_number_or_none(text: str, language: Language, number: int | None) -> None:
    assert read_number(text, language) == number


@given(digits=ROWS)
def test_a_row_said_digit_by_digit_reads_back(digits: str) -> None:
    assert read_digits(" ".join(_EN[int(digit)] for digit in digits), "en") == digits
    assert read_digits(" ".join(_ES[int(digit)] for digit in digits), "es") == digits
    assert read_digits(", ".join(_EN[int(digit)] for digit in digits), "en") == digits
    assert read_digits(" ".join("oh" if d == "0" else _EN[int(d)] for d in digits), "en") == digits


@given(digits=ROWS, gap=st.sampled_from(["", " ", "-", " - ", "."]))
def test_a_typed_row_reads_back_with_any_gaps(digits: str, gap: str) -> None:
    assert read_digits(f"it's {gap.join((digits[:2], digits[2:]))} thanks", "en", len(digits)) == digits


@pytest.mark.parametrize(
    ("text", "language", "length", "digits"),
    [
        ("double five oh one", "en", 0, "5501"),
        ("triple zero one", "en", 0, "0001"),
        ("forty eight twenty one", "en", 0, "4821"),
        ("five eighty-one, two forty nineteen", "en", 0, "58124019"),
        ("cuarenta y ocho veintiuno", "es", 0, "4821"),
        ("cuarenta ocho veintiuno", "es", 4, "4821"),
        ("forty eight hundred", "en", 4, "4800"),
        ("two hundred five", "en", 3, "205"),
        ("two hundred five", "en", 4, "2005"),
        ("3 oh 6 0 1", "en", 5, "30601"),
        ("my pin is 4821 but don't tell", "en", 4, "4821"),
        ("5517 no wait 6203", "en", 0, "6203"),
        ("not 4821, 4822", "en", 4, "4822"),
        ("account 1000000001, pin 4821", "en", 10, "1000000001"),
    ],
)
def test_a_row_is_read_as_people_say_it(text: str, language: Language, length: int, digits: str) -> None:
    assert read_digits(text, language, length) == digits


@pytest.mark.parametrize(
    ("text", "language", "length"),
    [
        ("it's either 5517 or 6203", "en", 0),
        ("4821, 4822", "en", 0),
        ("two hundred five", "en", 0),
        ("cuarenta ocho veintiuno", "es", 0),
        ("4821", "en", 5),
        ("500 dollars", "en", 0),
        ("$500", "en", 0),
        ("oh no, I forgot", "en", 0),
        ("one moment", "en", 0),
        ("it's not 4821", "en", 4),
        ("I don't know it", "en", 0),
        ("", "en", 0),
    ],
)
def test_an_unsure_or_missing_row_gives_none(text: str, language: Language, length: int) -> None:
    assert read_digits(text, language, length) is None


@given(text=st.text(max_size=80), language=st.sampled_from(("en", "es")), length=st.integers(0, 12))
def test_no_text_makes_the_readers_fail(text: str, language: Language, length: int) -> None:
    digits = read_digits(text, language, length)
    assert digits is None or (digits.isascii() and digits.isdigit())
    assert digits is None or not length or len(digits) == length
    number = read_number(text, language)
    assert number is None or number >= 0
