"""Number words in English and Spanish, one number at a place in a text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue.tokens import Token, word_at
from assistant.money import Language


def _counted(words: str, first: int, step: int = 1) -> dict[str, int]:
    return {word: first + step * place for place, word in enumerate(words.split())}


# "once" is eleven in Spanish and one time in English; "o" is zero in English and "or" in Spanish.
_EN_UNITS = _counted("one two three four five six seven eight nine", 1)
_ES_UNITS = {**_counted("uno dos tres cuatro cinco seis siete ocho nueve", 1), "un": 1, "una": 1}
UNITS = {**_EN_UNITS, **_ES_UNITS}
_ZEROS = frozenset({"zero", "oh", "cero"})
_EN_TEENS = {
    **_counted("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10),
}
_ES_TEENS = {
    **_counted("diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve", 10),
    **_counted("veintiuno veintidos veintitres veinticuatro veinticinco veintiseis", 21),
    **_counted("veintisiete veintiocho veintinueve", 27),
    **{"veintiun": 21, "veintiuna": 21},
}
_EN_TENS = {**_counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10), "fourty": 40}
_ES_TENS = _counted("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa", 20, 10)
_ES_HUNDREDS = {
    **{"cien": 100, "ciento": 100, "quinientos": 500, "quinientas": 500},
    **_counted("doscientos trescientos cuatrocientos", 200, 100),
    **_counted("doscientas trescientas cuatrocientas", 200, 100),
    **_counted("seiscientos setecientos ochocientos novecientos", 600, 100),
    **_counted("seiscientas setecientas ochocientas novecientas", 600, 100),
}
_THOUSANDS = frozenset({"thousand", "mil"})
_Read = tuple[int, int]


def number_at(tokens: Sequence[Token], start: int, language: Language) -> tuple[int, int] | None:
    """The longest spelled whole number that begins at `start`, as (value 1..999,999, place after it).

    Digits count only as the factor of a hundred or thousand and what follows it: `2 hundred and 50`.
    """
    if word_at(tokens, start) == "mil":
        thousands, place = 1, start
    else:
        article = word_at(tokens, start) == "a" and word_at(tokens, start + 1) in _THOUSANDS
        head = (1, start + 1) if article else _below_thousand(tokens, start, language)
        if head is None:
            head = (
                (1, start)
                if word_at(tokens, start) == "thousand"
                else _literal_factor(tokens, start, _THOUSANDS)
            )
        if head is None:
            return None
        thousands, place = head
        if word_at(tokens, place) not in _THOUSANDS:
            return head
    rest = _rest(tokens, place + 1, language)
    value, end = rest if rest is not None else (0, place + 1)
    return thousands * 1000 + value, end


def below_hundred_at(tokens: Sequence[Token], start: int, language: Language) -> tuple[int, int] | None:
    """A spelled number 1..99 at `start`, as (value, place after it)."""
    word = word_at(tokens, start)
    ways = ((_EN_TEENS, _ES_TEENS), (_ES_TEENS, _EN_TEENS))[language == "es"]
    if word in ways[0] or (word in ways[1] and not (word == "once" and language == "en")):
        value = ways[0].get(word) or ways[1][word]
        # "diez y seis" is written apart by many.
        if (
            word == "diez"
            and word_at(tokens, start + 1) == "y"
            and 6 <= UNITS.get(word_at(tokens, start + 2), 0) <= 9
        ):
            return value + UNITS[word_at(tokens, start + 2)], start + 3
        return value, start + 1
    if word in _EN_TENS or word in _ES_TENS:
        return _tens_at(tokens, start)
    return (UNITS[word], start + 1) if word in UNITS else None


def zero_and_unit_at(tokens: Sequence[Token], start: int, language: Language) -> tuple[int, int] | None:
    """`oh five`, `cero cinco` at `start`, as (5, place after it); `o five` in English only."""
    word = word_at(tokens, start)
    is_zero = word in _ZEROS or (word == "o" and language == "en")
    unit = UNITS.get(word_at(tokens, start + 1)) if is_zero else None
    return (unit, start + 2) if unit is not None else None


def is_zero_word(word: str, language: Language) -> bool:
    return word in _ZEROS or (word == "o" and language == "en")


def _tens_at(tokens: Sequence[Token], start: int) -> _Read:
    word = word_at(tokens, start)
    tens = _EN_TENS.get(word) or _ES_TENS[word]
    units = _EN_UNITS if word in _EN_TENS else _ES_UNITS
    place = start + 1
    # "eighty-four", "ochenta y cuatro", and "ochenta cuatro" as recognisers write it.
    if word_at(tokens, place) in ("-", "y", "i") and word_at(tokens, place + 1) in units:
        is_joined = word in _ES_TENS if word_at(tokens, place) != "-" else tokens[place].is_tight
        place += 1 if is_joined else 0
    unit = units.get(word_at(tokens, place))
    return (tens + unit, place + 1) if unit is not None else (tens, start + 1)


def _below_thousand(tokens: Sequence[Token], start: int, language: Language) -> _Read | None:
    word = word_at(tokens, start)
    if word in _ES_HUNDREDS:
        rest = below_hundred_at(tokens, start + 1, language) if word != "cien" else None
        return (_ES_HUNDREDS[word] + rest[0], rest[1]) if rest else (_ES_HUNDREDS[word], start + 1)
    if word == "hundred":
        head: _Read | None = (1, start)
    elif word == "a":
        head = (1, start + 1) if word_at(tokens, start + 1) == "hundred" else None
    else:
        head = below_hundred_at(tokens, start, language) or _literal_factor(
            tokens, start, frozenset({"hundred"})
        )
    if head is None:
        return None
    hundreds = ("hundred", "cientos", "cientas") if 2 <= head[0] <= 9 else ("hundred",)
    if word_at(tokens, head[1]) not in hundreds:
        return head
    value, end = head[0] * 100, head[1] + 1
    joint = 1 if word_at(tokens, end) == "and" else 0
    rest = below_hundred_at(tokens, end + joint, language) or _literal_rest(tokens, end + joint)
    return (value + rest[0], rest[1]) if rest else (value, end)


def _literal_factor(tokens: Sequence[Token], start: int, before: frozenset[str]) -> _Read | None:
    """`2` in `2 hundred`, `15` in `15 mil`."""
    digits = word_at(tokens, start)
    is_factor = digits.isdecimal() and 1 <= len(digits) <= 3 and not digits.startswith("0")
    return (int(digits), start + 1) if is_factor and word_at(tokens, start + 1) in before else None


def _literal_rest(tokens: Sequence[Token], place: int) -> _Read | None:
    """`50` in `2 hundred and 50`."""
    digits = word_at(tokens, place)
    is_rest = digits.isdecimal() and len(digits) == 2 and not digits.startswith("0")
    return (int(digits), place + 1) if is_rest else None


def _rest(tokens: Sequence[Token], place: int, language: Language) -> _Read | None:
    """What follows a thousand."""
    joint = 1 if word_at(tokens, place) == "and" else 0
    return _below_thousand(tokens, place + joint, language) or _literal_rest(tokens, place + joint)
