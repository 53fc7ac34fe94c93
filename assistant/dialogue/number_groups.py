"""Numbers in a row, said or typed, as the pieces of a sum: `eighty four twenty` is 84 and 20. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.dialogue.amount_words import CENT_WORD, DOLLAR_WORD, PESO_WORDS
from assistant.dialogue.number_words import number_at, zero_and_unit_at
from assistant.dialogue.tokens import Token, word_at
from assistant.money import Language

_TIED_TO_NUMBERS = frozenset({"-", "/", ":", "."})


@dataclass(frozen=True)
class Group:
    """One number among several in a row. `can_be_cents`: it has two digits (`twenty`, `05`, `oh five`)."""

    value: int
    end: int
    can_be_cents: bool
    is_spelled: bool
    is_only_cents: bool = False


def is_chained(tokens: Sequence[Token], place: int) -> bool:
    """Whether a dash, a slash or a dot ties this number to another one: a range, a date, a phone number."""
    before, after = word_at(tokens, place - 1), word_at(tokens, place + 1)
    if before in _TIED_TO_NUMBERS and tokens[place].is_tight:
        return True
    follows = place + 2 < len(tokens) and tokens[place + 2].kind == "number"
    return after in _TIED_TO_NUMBERS and follows and tokens[place + 1].is_tight and tokens[place + 2].is_tight


def end_of_chain(tokens: Sequence[Token], place: int) -> int:
    end = place + 1
    while end + 1 < len(tokens) and tokens[end].text in _TIED_TO_NUMBERS and tokens[end].is_tight:
        if tokens[end + 1].kind != "number" or not tokens[end + 1].is_tight:
            break
        end += 2
    return end


def groups_at(tokens: Sequence[Token], start: int, language: Language) -> list[Group]:
    """All numbers said in a row from `start`, with nothing between them."""
    groups: list[Group] = []
    group = group_at(tokens, start, language)
    while group is not None:
        groups.append(group)
        group = group_at(tokens, group.end, language)
    return groups


def group_at(tokens: Sequence[Token], place: int, language: Language) -> Group | None:
    if place >= len(tokens):
        return None
    zero = zero_and_unit_at(tokens, place, language)
    if zero is not None:
        return Group(zero[0], zero[1], can_be_cents=True, is_spelled=True, is_only_cents=True)
    spelled = number_at(tokens, place, language)
    if spelled is not None:
        return Group(*spelled, can_be_cents=10 <= spelled[0] <= 99, is_spelled=True)
    text = tokens[place].text
    if tokens[place].kind != "number" or not text.isdecimal() or is_chained(tokens, place):
        return None
    if _is_part_of_a_word(tokens, place):
        return None
    is_padded = len(text) > 1 and text.startswith("0")
    return Group(
        int(text[:12]), place + 1, can_be_cents=len(text) == 2, is_spelled=False, is_only_cents=is_padded
    )


def _is_part_of_a_word(tokens: Sequence[Token], place: int) -> bool:
    """`15th`, `2k`, `A50`, `50²`: letters touch the figures and they are no currency."""
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if after is not None and after.kind == "word" and after.is_tight and not is_currency(after.text):
        return True
    before = word_at(tokens, place - 1)
    return tokens[place].is_tight and place > 0 and tokens[place - 1].kind == "word" and before != "usd"


def is_currency(word: str) -> bool:
    return word == "$" or bool(DOLLAR_WORD.fullmatch(word) or CENT_WORD.fullmatch(word)) or word in PESO_WORDS
