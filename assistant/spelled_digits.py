"""Reads rows of digits in free text, however they are written or spelled, in English and Spanish. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# What people put between the digits of one number; anything longer, or with words in it, ends the row.
LONGEST_GAP = 6


def _numbered(words: str, first: int) -> dict[str, str]:
    """`"four five", 4` -> `{"four": "4", "five": "5"}`."""
    return {word: str(value) for value, word in enumerate(words.split(), first)}


_UNITS = {
    **_numbered("zero one two three four five six seven eight nine", 0),
    **_numbered("cero uno dos tres cuatro cinco seis siete ocho nueve", 0),
    **{"un": "1", "una": "1", "niner": "9", "nought": "0", "nil": "0"},
}
# What a recogniser or a hurried thumb writes for a digit; it counts only between digits.
_LOOSE_UNITS = {
    **{"o": "0", "oh": "0", "won": "1", "l": "1", "to": "2", "too": "2"},
    **{"for": "4", "fore": "4", "ate": "8"},
}
_TEENS = {
    **_numbered("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10),
    **_numbered("diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve", 10),
    **_numbered("veintiuno veintidos veintitres veinticuatro veinticinco veintiseis", 21),
    **_numbered("veintisiete veintiocho veintinueve", 27),
}
_TENS = {
    **_numbered("twenty thirty forty fifty sixty seventy eighty ninety", 2),
    **_numbered("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa", 2),
    "fourty": "4",
}
_REPEATS = {"double": 2, "doble": 2, "triple": 3, "treble": 3, "quadruple": 4, "cuadruple": 4}
_HUNDREDS = {"hundred", "cien", "ciento"}
# Said between digits without meaning anything.
_FILLERS = frozenset(
    [
        *("and", "then", "dash", "hyphen", "space", "dot", "point", "period", "slash", "comma", "uh", "um"),
        *("er", "next", "y", "e", "luego", "guion", "raya", "espacio", "punto", "barra", "coma", "este"),
    ]
)
# Digit words written as one word ("fourtwofourtwo"); longest first, so that no word hides in another.
_UNIT = re.compile("|".join(sorted(_UNITS, key=len, reverse=True)))
_TOKEN = re.compile(r"\w+", re.UNICODE)
_DIGIT_LOOKALIKES = {"o": "0", "O": "0", "l": "1", "I": "1"}


@dataclass(frozen=True)
class DigitGroup:
    """Digits written together, or one spelled number, at `text[start:end]`."""

    digits: str
    start: int
    end: int


@dataclass(frozen=True)
class _Word:
    """A word that may stand for digits. Kinds: digits, unit, loose, teen, tens, hundred, repeat, filler."""

    kind: str
    digits: str
    start: int
    end: int


def digit_runs(text: str) -> list[list[DigitGroup]]:
    """Rows of digit groups with nothing but separators or fillers between them, left to right."""
    runs: list[list[DigitGroup]] = []
    row: list[_Word] = []
    for word in _words(text):
        if word is None or (row and not _is_gap(text[row[-1].end : word.start])):
            runs.append(_groups(row))
            row = []
        if word is not None:
            row.append(word)
    return [run for run in [*runs, _groups(row)] if run]


def _words(text: str) -> Iterator[_Word | None]:
    """Digit-like words of `text` in order, None where a row must end."""
    for token in _TOKEN.finditer(text):
        yield from _split_token(token.group(), token.start())


def _split_token(token: str, start: int) -> Iterator[_Word | None]:
    """One token as words: letters and digits that touch (`card4242`, `4242exp`) are taken apart."""
    place = start
    for piece in re.findall(r"\d+|[^\W\d_]+|_+|\w", _with_plain_digits(token)):
        end = place + len(piece)
        if piece.isascii() and piece.isdecimal():
            yield _Word("digits", piece, place, end)
        elif piece.strip("_"):
            yield from _meanings(piece, place, end)
        place = end


def _with_plain_digits(token: str) -> str:
    """The token with every Unicode digit as ASCII, and o, O, l, I as digits when they stand among digits."""
    plain = "".join(_plain_digit(character) for character in token)
    if not any(character.isdecimal() for character in plain):
        return plain
    if all(character.isdecimal() or character in _DIGIT_LOOKALIKES for character in plain):
        return "".join(_DIGIT_LOOKALIKES.get(character, character) for character in plain)
    return plain


def _plain_digit(character: str) -> str:
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)


def _meanings(piece: str, start: int, end: int) -> Iterator[_Word | None]:
    """The meaning of one word, or of each digit word in `fourtwofourtwo`."""
    word = piece.lower()
    glued = _UNIT.findall(word)
    if len(glued) < 2 or "".join(glued) != word:
        yield _meaning(piece, start, end)
        return
    place = start
    for unit in glued:
        yield _Word("unit", _UNITS[unit], place, place + len(unit))
        place += len(unit)


def _meaning(piece: str, start: int, end: int) -> _Word | None:
    word = _without_accents(piece.lower())
    for kind, table in (("unit", _UNITS), ("loose", _LOOSE_UNITS), ("teen", _TEENS), ("tens", _TENS)):
        if word in table:
            return _Word(kind, table[word], start, end)
    if word in _REPEATS:
        return _Word("repeat", str(_REPEATS[word]), start, end)
    if word in _HUNDREDS:
        return _Word("hundred", "00", start, end)
    return _Word("filler", "", start, end) if word in _FILLERS else None


def _without_accents(word: str) -> str:
    split = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def _is_gap(between: str) -> bool:
    """Whether this may stand inside one number: short, no letters, no digits, no currency sign."""
    visible = [sign for sign in between if unicodedata.category(sign) not in ("Cf", "Mn", "Me")]
    return len(visible) <= LONGEST_GAP and not any(
        sign.isalnum() or unicodedata.category(sign) == "Sc" for sign in visible
    )


def _groups(row: list[_Word]) -> list[DigitGroup]:
    """The row's words as groups of digits: `forty two` is 42, `double four` is 44, fillers are dropped."""
    groups: list[DigitGroup] = []
    place = 0
    while place < len(row):
        taken, group = _group_at(row, place)
        if group is not None:
            groups.append(group)
        place += taken
    return groups


def _group_at(row: list[_Word], place: int) -> tuple[int, DigitGroup | None]:
    """How many words the group at `place` takes, and the group (None for a word that means nothing here)."""
    word = row[place]
    rest = row[place + 1 : place + 3]
    if word.kind == "repeat":
        if rest and rest[0].kind in ("unit", "loose", "digits") and len(rest[0].digits) == 1:
            return 2, DigitGroup(rest[0].digits * int(word.digits), word.start, rest[0].end)
        return 1, None
    if word.kind == "tens":
        # "cuarenta y dos": the filler belongs to the number.
        after = 1 if rest and rest[0].kind == "filler" else 0
        if len(rest) > after and rest[after].kind == "unit" and rest[after].digits != "0":
            return after + 2, DigitGroup(word.digits + rest[after].digits, word.start, rest[after].end)
        return 1, DigitGroup(word.digits + "0", word.start, word.end)
    if word.kind == "loose":
        is_inside = 0 < place < len(row) - 1
        return 1, DigitGroup(word.digits, word.start, word.end) if is_inside else None
    if word.kind in ("digits", "unit", "teen"):
        return 1, DigitGroup(word.digits, word.start, word.end)
    # "forty-two hundred" is 4200; a hundred on its own is no digits.
    if word.kind == "hundred" and place and row[place - 1].kind in ("unit", "teen", "tens", "digits"):
        return 1, DigitGroup(word.digits, word.start, word.end)
    return 1, None
