"""Reads a number, or a row of digits such as an account number, said or typed, in English and Spanish. Pure.

None when unsure: two different rows, or words that could be heard as two different rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import prod

from assistant.dialogue.number_groups import is_currency
from assistant.dialogue.number_words import UNITS, below_hundred_at, is_zero_word, number_at
from assistant.dialogue.tokens import Token, phrases, tokens_of, word_at
from assistant.money import Language

_REPEATS = {"double": 2, "doble": 2, "triple": 3, "treble": 3}
# Between the digits of one row; a comma does so only between spoken digits ("four two, six one").
_JOINTS = frozenset(
    {"-", ".", "/", "dash", "hyphen", "guion", "raya", "space", "espacio", "uh", "um", "then", "luego"}
)
_NEGATORS = phrases("not, isnt, its not, no es, not it is, wasnt")
_CORRECTIONS = phrases(
    "no, wait, sorry, i mean, i meant, actually, perdon, digo, mejor dicho, correction, oops"
)
# A shorter row is something else when no such length is asked for: "number 2", "one moment", "oh no".
_SHORTEST_ROW = 3
_MOST_READINGS = 64


@dataclass(frozen=True)
class _Row:
    """Digits said or typed in a row at `tokens[start:end]`, in every way that they can be heard."""

    start: int
    end: int
    readings: frozenset[str]


def read_number(text: str, language: Language) -> int | None:
    """A text that is one whole number, in words or digits: `eighty four`, `ciento veinte`, `1,200`, `84`."""
    tokens = tokens_of(text.strip().rstrip(".!?"))
    if len(tokens) == 1 and tokens[0].kind == "number":
        return _written_number(tokens[0].text)
    if len(tokens) == 1 and tokens[0].text in ("zero", "cero"):
        return 0
    read = number_at(tokens, 0, language)
    return read[0] if read is not None and read[1] == len(tokens) else None


def read_digits(text: str, language: Language, length: int = 0) -> str | None:
    """The one row of digits in an answer, as ASCII digits: `4-8-2-1`, `four eight double two`, `it's 4821`.

    With a `length`, rows and readings of another length are left out; so it settles what could be heard two
    ways (`two hundred five` is 205 or 2005). A corrected row counts as it was corrected.
    """
    tokens = tokens_of(text)
    rows = [row for row in _rows(tokens, language) if _may_be_meant(tokens, row)]
    if length:
        rows = [fitting for row in rows if (fitting := _of_length(row, length)).readings]
    else:
        rows = [row for row in rows if _longest(row) >= _SHORTEST_ROW]
    if not rows:
        return None
    wanted = rows[-1]
    for row, following in pairwise(rows):
        if row.readings != following.readings and not _is_corrected(tokens, row, following):
            return None
    return next(iter(wanted.readings)) if len(wanted.readings) == 1 else None


def _written_number(figures: str) -> int | None:
    groups = figures.split(",")
    is_grouped = len(groups) == 1 or (len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]))
    digits = "".join(groups)
    longest = 15
    return int(digits) if digits.isdecimal() and is_grouped and len(digits) <= longest else None


def _may_be_meant(tokens: Sequence[Token], row: _Row) -> bool:
    """Whether the row is neither denied (`not 4821`) nor money (`500 dollars`)."""
    return not _NEGATORS.length_before(tokens, row.start) and not is_currency(word_at(tokens, row.end))


def _of_length(row: _Row, length: int) -> _Row:
    return _Row(row.start, row.end, frozenset(way for way in row.readings if len(way) == length))


def _longest(row: _Row) -> int:
    return max((len(reading) for reading in row.readings), default=0)


def _is_corrected(tokens: Sequence[Token], row: _Row, following: _Row) -> bool:
    return any(_CORRECTIONS.length_at(tokens, place) for place in range(row.end, following.start))


def _rows(tokens: Sequence[Token], language: Language) -> Iterator[_Row]:
    place = 0
    while place < len(tokens):
        start, pieces = place, []
        piece = _piece_at(tokens, place, language)
        end = place
        while piece is not None:
            pieces.append(piece[0])
            end = piece[1]
            place = _next_piece(tokens, end, language)
            piece = _piece_at(tokens, place, language) if place >= 0 else None
        if pieces:
            yield _Row(start, end, _ways_to_hear(pieces))
        place = max(end, start + 1)


def _ways_to_hear(pieces: list[frozenset[str]]) -> frozenset[str]:
    """All digits that a row may stand for; none when they are too many to be sure of anything."""
    if prod(len(piece) for piece in pieces) > _MOST_READINGS:
        return frozenset()
    return frozenset("".join(way) for way in product(*pieces))


def _next_piece(tokens: Sequence[Token], end: int, language: Language) -> int:
    """Where the row may go on after `end`; -1 when something else stands there."""
    if end >= len(tokens):
        return -1
    is_spoken = tokens[end - 1].kind == "word"
    word = tokens[end].text
    goes_on = word in _JOINTS or (is_spoken and word in (",", "y", "and", "e"))
    if not goes_on:
        return end
    after = end + 1
    is_closing = (
        word in ".," and after < len(tokens) and tokens[after].kind == "number" and not tokens[after].is_tight
    )
    return -1 if is_closing else after


def _piece_at(tokens: Sequence[Token], place: int, language: Language) -> tuple[frozenset[str], int] | None:
    """Digits at `place` in every way that they can be heard, and the place after them."""
    word = word_at(tokens, place)
    if not word:
        return None
    if tokens[place].kind == "number":
        return _typed_at(tokens, place)
    if word in _REPEATS:
        digit = _digit_at(tokens, place + 1, language)
        return (frozenset({digit * _REPEATS[word]}), place + 2) if digit else None
    if is_zero_word(word, language):
        return frozenset({"0"}), place + 1
    return _spelled_at(tokens, place, language)


def _typed_at(tokens: Sequence[Token], place: int) -> tuple[frozenset[str], int] | None:
    """`4821`, `48.21`, `4,8,2,1`; a price and a time are none."""
    figures = tokens[place].text
    is_listed = all(len(digit) == 1 for digit in figures.split(","))
    is_price = word_at(tokens, place - 1) == "$" or ":" in figures or ("," in figures and not is_listed)
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    is_ordinal = (
        after is not None and after.is_tight and after.text in ("st", "nd", "rd", "th", "am", "pm", "%")
    )
    if is_price or is_ordinal:
        return None
    return frozenset({"".join(digit for digit in figures if digit.isdecimal())}), place + 1


def _digit_at(tokens: Sequence[Token], place: int, language: Language) -> str:
    word = word_at(tokens, place)
    if is_zero_word(word, language):
        return "0"
    if word in UNITS:
        return str(UNITS[word])
    return word if len(word) == 1 and word.isdecimal() else ""


def _spelled_at(tokens: Sequence[Token], place: int, language: Language) -> tuple[frozenset[str], int] | None:
    """`four`, `forty eight`, `cuarenta y ocho`, `two hundred five`."""
    word = word_at(tokens, place)
    if word in ("a", "un", "una") and word_at(tokens, place + 1) not in ("hundred", "thousand"):
        return None if word == "a" else _article_as_digit(tokens, place, language)
    whole = number_at(tokens, place, language)
    if whole is None:
        return None
    small = below_hundred_at(tokens, place, language)
    if small is not None and small[1] == whole[1]:
        return frozenset(_ways_of_tens(tokens, place, small)), small[1]
    return frozenset(_ways_of_hundreds(tokens, place, whole, language)), whole[1]


def _article_as_digit(
    tokens: Sequence[Token], place: int, language: Language
) -> tuple[frozenset[str], int] | None:
    """`un` between digits is 1; before anything else it is an article."""
    is_between = bool(_digit_at(tokens, place - 1, language) and _digit_at(tokens, place + 1, language))
    return (frozenset({"1"}), place + 1) if is_between else None


def _ways_of_tens(tokens: Sequence[Token], place: int, read: tuple[int, int]) -> set[str]:
    """`cuarenta ocho` without its `y` may be 48 or 40 8; `forty eight` is 48."""
    value, end = read
    is_apart = end - place == 2 and word_at(tokens, place)[-3:] in ("nta", "nte")
    return {str(value), f"{value - value % 10}{value % 10}"} if is_apart else {str(value)}


def _ways_of_hundreds(
    tokens: Sequence[Token], place: int, whole: tuple[int, int], language: Language
) -> set[str]:
    """`two hundred five` as one number and as numbers said one after the other."""
    ways = {str(whole[0])}
    for cut in range(place + 1, whole[1]):
        if word_at(tokens, cut) in ("hundred", "thousand"):
            continue
        head = number_at(tokens[:cut], place, language)
        tail = number_at(tokens[: whole[1]], cut, language)
        if head is not None and head[1] == cut and tail is not None and tail[1] == whole[1]:
            ways.add(f"{head[0]}{tail[0]}")
    return ways
