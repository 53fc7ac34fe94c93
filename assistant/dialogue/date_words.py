"""Brings a text into the one spelling that the rules for dates read: `twenty-first` as `21th`. Pure."""

from __future__ import annotations

from assistant.dialogue.number_words import number_at
from assistant.dialogue.tokens import Token, tokens_of, word_at
from assistant.money import Language

WEEKDAYS = {
    **dict.fromkeys(("monday", "mon", "lunes"), 0),
    **dict.fromkeys(("tuesday", "tue", "tues", "tuseday", "martes"), 1),
    **dict.fromkeys(("wednesday", "wed", "weds", "wensday", "wednsday", "wendsday", "miercoles"), 2),
    **dict.fromkeys(("thursday", "thu", "thur", "thurs", "thrusday", "jueves"), 3),
    **dict.fromkeys(("friday", "fri", "firday", "fryday", "viernes"), 4),
    **dict.fromkeys(("saturday", "sat", "saterday", "sabado"), 5),
    **dict.fromkeys(("sunday", "sun", "domingo"), 6),
}
MONTHS = {
    **dict.fromkeys(("january", "jan", "enero", "ene"), 1),
    **dict.fromkeys(("february", "feb", "febuary", "febrero"), 2),
    **dict.fromkeys(("march", "mar", "marzo"), 3),
    **dict.fromkeys(("april", "apr", "abril", "abr"), 4),
    **dict.fromkeys(("may", "mayo"), 5),
    **dict.fromkeys(("june", "jun", "junio"), 6),
    **dict.fromkeys(("july", "jul", "julio"), 7),
    **dict.fromkeys(("august", "aug", "agosto", "ago"), 8),
    **dict.fromkeys(("september", "sept", "sep", "septiembre", "setiembre"), 9),
    **dict.fromkeys(("october", "oct", "octubre"), 10),
    **dict.fromkeys(("november", "nov", "noviembre"), 11),
    **dict.fromkeys(("december", "dec", "decmber", "diciembre", "dic"), 12),
}
_ORDINALS = {
    word: place
    for place, word in enumerate(
        (
            *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
            *("eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth"),
            *("eighteenth", "nineteenth", "twentieth"),
        ),
        1,
    )
} | {"thirtieth": 30, "primero": 1, "primer": 1}
_ONES = ("one", "un", "una", "uno")
# What stands before a first that is a day; "first" elsewhere tells an order.
_BEFORE_A_FIRST = frozenset(
    ("the", "on", "by", "till", "until", "through", "el", "al", "del", "dia", "para", "hasta")
) | frozenset(WEEKDAYS)
_ENDINGS = ("st", "nd", "rd", "th", "ro", "º", "er")


def plain_date_text(text: str, language: Language) -> str:
    """Lower case, no accents, numbers as figures, every ordinal as `21th`, one space between the parts.

    Dates in figures stay whole (`12/3/2026`, `2026-12-03`), signs stand alone.
    """
    tokens = tokens_of(text)
    parts: list[str] = []
    place = 0
    while place < len(tokens):
        part, end = _part_at(tokens, place, language)
        is_glued = bool(parts) and _is_glued(tokens, place)
        parts.append(part if is_glued or not parts else f" {part}")
        place = end
    return "".join(parts)


def _part_at(tokens: list[Token], place: int, language: Language) -> tuple[str, int]:
    """The next part in its one spelling, and the place after it."""
    token = tokens[place]
    if token.kind == "number":
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        has_ending = after is not None and after.text in _ENDINGS
        return (f"{token.text}th", place + 2) if has_ending else (token.text, place + 1)
    if token.text in _ORDINALS and not (_is_moment(tokens, place) or _is_order(tokens, place)):
        return f"{_ORDINALS[token.text]}th", place + 1
    tens = {"twenty": 20, "thirty": 30}.get(token.text)
    if tens is not None:
        unit = place + (2 if word_at(tokens, place + 1) == "-" else 1)
        ordinal = _ORDINALS.get(word_at(tokens, unit), 0)
        if 0 < ordinal < 10:
            return f"{tens + ordinal}th", unit + 1
    is_word = token.text in _ONES and not _counts(word_at(tokens, place + 1))
    read = None if token.text == "a" or is_word else number_at(tokens, place, language)
    return (str(read[0]), read[1]) if read is not None else (token.text, place + 1)


def _is_moment(tokens: list[Token], place: int) -> bool:
    """`wait a second`."""
    return tokens[place].text == "second" and word_at(tokens, place - 1) in ("", "a", "1", "one")


def _is_order(tokens: list[Token], place: int) -> bool:
    """`use the visa first`, `primero la luz`: before other things, not the first of a month."""
    if tokens[place].text not in ("first", "primero"):
        return False
    before, after = word_at(tokens, place - 1), word_at(tokens, place + 1)
    is_alone = len(tokens) == 1
    return not (is_alone or after in ("of", "de") or before in MONTHS or before in _BEFORE_A_FIRST)


def _counts(after: str) -> bool:
    """Whether `one` before this word is a number: `one week`, `uno de diciembre`; not `the one at home`."""
    return after == "de" or after.startswith(("day", "week", "month", "dia", "semana", "mes"))


def _is_glued(tokens: list[Token], place: int) -> bool:
    """Whether a dash keeps figures together: `2026-12-03`."""
    before, token = tokens[place - 1], tokens[place]
    is_dash = token.text == "-" and before.kind == "number"
    is_after_dash = before.text == "-" and before.is_tight and token.kind == "number"
    return token.is_tight and (is_dash or is_after_dash)
