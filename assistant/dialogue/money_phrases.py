"""Reads one sum of money at a place in a text: `$84.20`, `84 con 20`, `eighty four twenty`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.dialogue.amount_words import (
    CENT_WORD,
    CENTS_JOINTS,
    DOLLAR_WORD,
    FOLLOWERS,
    OTHER_MONEY,
    PESO_WORDS,
    POINT_WORDS,
)
from assistant.dialogue.number_groups import Group, end_of_chain, group_at, groups_at, is_chained, is_currency
from assistant.dialogue.number_words import (
    below_hundred_at,
    is_zero_word,
)
from assistant.dialogue.tokens import Token, word_at
from assistant.money import CENTS_PER_DOLLAR, Language

_THOUSANDS_WITH_COMMAS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{2})?")
_PLAIN_DOLLARS = re.compile(r"(?:0|[1-9]\d*)(?:\.\d{2})?")
# Mexican and Central American members write 84,20 now and then; 1,234 stays one thousand.
_SPANISH_DECIMALS = re.compile(r"(?:0|[1-9]\d{0,2}(?:\.\d{3})*|[1-9]\d*),\d{2}")
# Four numbers in a row, with nothing between them, are digits of something and no sum.
SHORTEST_DIGIT_ROW = 4
_Cents = tuple[int, int]


@dataclass(frozen=True)
class MoneyPhrase:
    """A sum at `tokens[start:end]`. `cents` is None when it cannot be read for sure.

    `is_marked`: dollars, cents or decimals are named, so it is money and not just a number.
    `digits`: how many digits a bare number in figures has, 0 for words. `is_pesos`: said in pesos.
    `is_digit_row`: digits of an account or phone number, said one by one.
    """

    start: int
    end: int
    cents: int | None
    is_marked: bool = False
    digits: int = 0
    is_pesos: bool = False
    is_digit_row: bool = False


def money_at(tokens: Sequence[Token], start: int, language: Language) -> MoneyPhrase | None:
    """The sum of money or bare number that begins at `start`, None when no number begins there."""
    place = _after_dollar_mark(tokens, start)
    has_mark = place > start
    if has_mark and word_at(tokens, place) == ".":
        return _cents_only_figures(tokens, start, place + 1)
    if tokens[start].kind == "sign" and not has_mark:
        return None
    if word_at(tokens, place) and tokens[place].kind == "number":
        phrase = _in_figures(tokens, start, place, language)
        if phrase is not None:
            return _with_currency(tokens, phrase, has_mark, language)
    groups = groups_at(tokens, place, language)
    if not groups:
        return None
    return _with_currency(tokens, _in_groups(tokens, start, groups, language), has_mark, language)


def _after_dollar_mark(tokens: Sequence[Token], start: int) -> int:
    """The place after `$`, `us$` or `usd` at `start`."""
    place = start
    if word_at(tokens, place) in ("us", "usd", "u"):
        place += 1
    if word_at(tokens, place) == "$":
        return place + 1
    return place if word_at(tokens, start) == "usd" else start


def _cents_only_figures(tokens: Sequence[Token], start: int, place: int) -> MoneyPhrase:
    """`$.50`."""
    digits = word_at(tokens, place)
    is_cents = len(digits) == 2 and digits.isdecimal() and tokens[place].is_tight
    return MoneyPhrase(start, place + 1, int(digits) if is_cents else None, is_marked=True)


def _in_figures(tokens: Sequence[Token], start: int, place: int, language: Language) -> MoneyPhrase | None:
    """A number in figures that is whole by itself; None when words around it belong to the number."""
    figure = tokens[place]
    if is_chained(tokens, place):
        return MoneyPhrase(start, end_of_chain(tokens, place), None, digits=len(figure.text))
    if not figure.text.isdecimal() or word_at(tokens, place + 1) in POINT_WORDS:
        cents = _cents_of_figures(figure.text, language)
        if figure.text.isdecimal():
            return _with_point(tokens, start, place + 1, int(figure.text), language)
        return MoneyPhrase(
            start, place + 1, cents, is_marked=cents is not None and not _is_whole(figure.text)
        )
    return None


def _is_whole(figures: str) -> bool:
    return len(figures) < 3 or figures[-3] not in ".,"


def _cents_of_figures(figures: str, language: Language) -> int | None:
    """`1,234.50` -> 123450; None for a form that could mean two things (`84.5`, `84,20` in English)."""
    if _PLAIN_DOLLARS.fullmatch(figures) or _THOUSANDS_WITH_COMMAS.fullmatch(figures):
        dollars, _, cents = figures.replace(",", "").partition(".")
    elif language == "es" and _SPANISH_DECIMALS.fullmatch(figures):
        dollars, _, cents = figures.replace(".", "").partition(",")
    else:
        return None
    return int(dollars) * CENTS_PER_DOLLAR + int(cents or 0)


def _with_point(
    tokens: Sequence[Token], start: int, point: int, dollars: int, language: Language
) -> MoneyPhrase:
    """`84 point two oh`, `84 punto veinte`; one digit after the point is not sure."""
    first = _spelled_digit(tokens, point + 1, language)
    second = _spelled_digit(tokens, point + 2, language)
    cents = _two_digits_at(tokens, point + 1, language)
    if cents is None and first is not None and second is not None:
        cents = first * 10 + second, point + 3
    if cents is None:
        end = point + 1 if first is None else point + 2
        return MoneyPhrase(start, end, None, is_marked=first is not None)
    is_clean = group_at(tokens, cents[1], language) is None
    return MoneyPhrase(
        start, cents[1], dollars * CENTS_PER_DOLLAR + cents[0] if is_clean else None, is_marked=True
    )


def _spelled_digit(tokens: Sequence[Token], place: int, language: Language) -> int | None:
    if is_zero_word(word_at(tokens, place), language):
        return 0
    read = below_hundred_at(tokens, place, language)
    return read[0] if read is not None and read[0] < 10 else None


def _two_digits_at(tokens: Sequence[Token], place: int, language: Language) -> _Cents | None:
    """Cents as people say them after dollars: `twenty`, `20`, `05`, `oh five`."""
    group = group_at(tokens, place, language)
    return (group.value, group.end) if group is not None and group.can_be_cents else None


def _in_groups(tokens: Sequence[Token], start: int, groups: list[Group], language: Language) -> MoneyPhrase:
    """Numbers in a row as dollars and cents: `eighty four twenty` -> 84.20; `one twenty` is unsure."""
    end = groups[-1].end
    first = groups[0]
    # "one twenty dollars" can only be 120; without the word it may be 1.20 too.
    is_named = is_currency(word_at(tokens, end))
    figures = 0 if first.is_spelled else len(word_at(tokens, first.end - 1))
    if len(groups) == 1:
        if first.is_spelled and word_at(tokens, end) in POINT_WORDS:
            return _with_point(tokens, start, end, first.value, language)
        cents = None if first.is_only_cents else first.value * CENTS_PER_DOLLAR
        return MoneyPhrase(start, end, cents, digits=figures)
    is_digit_row = len(groups) >= SHORTEST_DIGIT_ROW and not is_named
    return MoneyPhrase(start, end, _joined_cents(groups, is_named=is_named), is_digit_row=is_digit_row)


def _joined_cents(groups: list[Group], *, is_named: bool) -> int | None:
    first, second = groups[0], groups[1]
    is_all_sure = not first.is_only_cents and second.can_be_cents
    if not is_all_sure or len(groups) > 3:
        return None
    if len(groups) == 3:
        third = groups[2]
        is_spoken = first.is_spelled and second.is_spelled and first.value < 10 and not is_named
        dollars = first.value * 100 + second.value
        return dollars * CENTS_PER_DOLLAR + third.value if is_spoken and third.can_be_cents else None
    if is_named:
        is_hundreds = first.is_spelled and second.is_spelled and first.value < 10
        return (first.value * 100 + second.value) * CENTS_PER_DOLLAR if is_hundreds else None
    # "forty fifty" is said for "between forty and fifty".
    is_loose_range = first.value % 10 == 0 and second.value == first.value + 10
    if first.value < 10 or is_loose_range or first.value > 9999:
        return None
    return first.value * CENTS_PER_DOLLAR + second.value


def _with_currency(
    tokens: Sequence[Token], phrase: MoneyPhrase, has_mark: bool, language: Language
) -> MoneyPhrase:
    """The phrase with what follows it: `dollars`, `bucks and 10 cents`, `con 20`, or a foreign currency."""
    after = word_at(tokens, phrase.end)
    if after in OTHER_MONEY or (phrase.start and word_at(tokens, phrase.start - 1) in OTHER_MONEY):
        return replace(phrase, end=phrase.end + (after in OTHER_MONEY), cents=None, is_marked=True)
    if after in ("-", "us") and DOLLAR_WORD.fullmatch(word_at(tokens, phrase.end + 1)):
        return _with_currency(tokens, replace(phrase, end=phrase.end + 1), has_mark, language)
    if CENT_WORD.fullmatch(after) and not has_mark and not phrase.is_marked:
        dollars, cents = divmod(phrase.cents or 0, CENTS_PER_DOLLAR)
        is_small = 0 < dollars < CENTS_PER_DOLLAR and not cents
        return replace(phrase, end=phrase.end + 1, cents=dollars if is_small else None, is_marked=True)
    end, is_pesos, is_named = phrase.end, after in PESO_WORDS, has_mark
    if is_pesos or DOLLAR_WORD.fullmatch(after) or (after == "$" and not _opens_a_sum(tokens, phrase.end)):
        end, is_named = phrase.end + 1, True
    whole = replace(phrase, end=end, is_marked=phrase.is_marked or is_named, is_pesos=is_pesos)
    if phrase.cents is None or phrase.is_marked or phrase.cents % CENTS_PER_DOLLAR:
        return whole
    return _with_cents(tokens, whole, is_named, language)


def _opens_a_sum(tokens: Sequence[Token], sign: int) -> bool:
    """Whether this `$` belongs to the number after it."""
    return sign + 1 < len(tokens) and tokens[sign + 1].kind == "number" and not tokens[sign].is_tight


def _with_cents(
    tokens: Sequence[Token], phrase: MoneyPhrase, is_named: bool, language: Language
) -> MoneyPhrase:
    """The phrase with the cents after it: `and 10 cents`, `con veinte centavos`, `con 20`, `twenty`."""
    joint = word_at(tokens, phrase.end)
    place = phrase.end + 1 if joint in CENTS_JOINTS else phrase.end
    group = group_at(tokens, place, language)
    if group is None or phrase.cents is None or (place == phrase.end and not is_named):
        return phrase
    after = word_at(tokens, group.end)
    has_cents_word = bool(CENT_WORD.fullmatch(after))
    is_followed_by_thing = bool(after) and tokens[group.end].kind == "word" and after not in FOLLOWERS
    is_two_digits = group.can_be_cents and (is_named or joint == "con")
    is_joined_for_sure = (
        has_cents_word or DOLLAR_WORD.fullmatch(after) or (is_two_digits and not is_followed_by_thing)
    )
    if not is_joined_for_sure or group.value >= CENTS_PER_DOLLAR:
        return phrase
    end = group.end + (has_cents_word or bool(DOLLAR_WORD.fullmatch(after)))
    return MoneyPhrase(
        phrase.start, end, phrase.cents + group.value, True, 0, phrase.is_pesos or after in PESO_WORDS
    )
