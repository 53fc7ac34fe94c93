"""Reads how much a member wants to pay, in English and Spanish: cents, or a named amount such as `full`.

Pure, and None whenever two readings are possible: an amount that is returned is read back and may be charged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.dialogue.amount_mentions import AmountKind, Mention, mentions_in
from assistant.dialogue.amount_words import (
    AFTER_TEXT_SPEAK,
    ASKING,
    CHANGE_WORDS,
    CLAUSE_BREAKS,
    CORRECTIONS,
    COUNTED_PAYMENTS,
    LINKS_NAMED_TO_EXACT,
    NEGATORS,
    PAY_WORDS,
    POLITE,
    SPANISH_VERBS_AFTER_NO,
    SPOILERS,
)
from assistant.dialogue.number_words import below_hundred_at
from assistant.dialogue.tokens import (
    Token,
    tokens_of,
    word_at,
)
from assistant.money import CENTS_PER_DOLLAR, Language

# Dollars, star, two digits of cents; more digits are an account or card number keyed by mistake.
_KEYED = re.compile(r"0*([0-9]{1,6})(?:\*([0-9]{2})?)?")


@dataclass(frozen=True)
class AmountRead:
    """What was asked for. `cents` (US cents, above 0) is set exactly when `kind` is `exact`."""

    cents: int | None
    kind: AmountKind


def read_amount(text: str, language: Language) -> AmountRead | None:
    """The amount of an answer that is about nothing else, but for small polite words."""
    tokens = _without_text_speak(tokens_of(text))
    mentions = mentions_in(tokens, language, is_answer=True)
    covered = {place for mention in mentions for place in range(mention.start, mention.end)}
    rest = [place for place in range(len(tokens)) if place not in covered]
    if not all(_is_small_talk(tokens, place) for place in rest) or any(
        mention.is_told for mention in mentions
    ):
        return None
    return _the_one(tokens, mentions, language)


def find_amount(text: str, language: Language) -> AmountRead | None:
    """The one clean amount that a text asks to pay; None for no amount, for two and for a doubtful one."""
    tokens = _without_text_speak(tokens_of(text))
    if any(token.text in SPOILERS for token in tokens) or _is_counted_payments(tokens, language):
        return None
    mentions = mentions_in(tokens, language, is_answer=False)
    if _is_question(tokens, mentions):
        return None
    mentions = [mention for mention in mentions if mention.kind == "exact" or _is_to_be_paid(tokens, mention)]
    return _the_one(tokens, [mention for mention in mentions if not mention.is_told], language)


def read_keyed_amount(keys: str) -> int | None:
    """Cents of dollars, star, two digits keyed: `84*20` -> 8420, `84` and `84*` -> 8400, `84*2` -> None."""
    match = _KEYED.fullmatch(keys.strip().rstrip("#"))
    if match is None:
        return None
    cents = int(match[1]) * CENTS_PER_DOLLAR + int(match[2] or 0)
    return cents or None


_SMALL_TALK = POLITE | CORRECTIONS.words | NEGATORS.words | {"or", "no", "but", "pero", "o"}


def _is_small_talk(tokens: Sequence[Token], place: int) -> bool:
    token = tokens[place]
    if token.text in ("dias", "tardes", "noches"):
        return word_at(tokens, place - 1) in ("buenos", "buenas")
    if token.text in ("how", "what"):
        return word_at(tokens, place + 1) == "about"
    return token.text not in "%@/\\+" if token.kind == "sign" else token.text in _SMALL_TALK


def _without_text_speak(tokens: Sequence[Token]) -> list[Token]:
    """`i want 2 pay 4 my mom` holds no number: those figures become the words they are read as."""
    return [
        replace(token, kind="word", text={"2": "to", "4": "for"}[token.text])
        if token.text in ("2", "4") and word_at(tokens, place + 1) in AFTER_TEXT_SPEAK
        else token
        for place, token in enumerate(tokens)
    ]


def _is_counted_payments(tokens: Sequence[Token], language: Language) -> bool:
    """`two payments of 50`, `3 pagos`."""
    return any(
        token.text in COUNTED_PAYMENTS
        and place > 0
        and (tokens[place - 1].kind == "number" or below_hundred_at(tokens, place - 1, language) is not None)
        for place, token in enumerate(tokens)
    )


def _is_question(tokens: Sequence[Token], mentions: Sequence[Mention]) -> bool:
    """Whether something is asked about an amount: `how much is past due`, `why is my bill 120`."""
    named = {place for mention in mentions for place in range(mention.start, mention.end)}
    return any(ASKING.length_at(tokens, place) for place in range(len(tokens)) if place not in named)


def _is_to_be_paid(tokens: Sequence[Token], mention: Mention) -> bool:
    """Whether a word for paying stands before a named amount: `pay it in full`, not `the minimum to pay`."""
    return any(token.text in PAY_WORDS for token in tokens[: mention.start])


def _the_one(tokens: Sequence[Token], mentions: list[Mention], language: Language) -> AmountRead | None:
    """What remains after negations and corrections, when that is one amount."""
    if (
        not mentions
        or any(mention.is_unsure for mention in mentions)
        or _is_taken_back(tokens, mentions[-1].end)
    ):
        return None
    wanted = [mention for mention in mentions if not _is_negated(tokens, mention, mentions, language)]
    wanted = _merged(tokens, wanted)
    if not wanted:
        return None
    current = wanted[0]
    for following in wanted[1:]:
        is_same = (following.kind, following.cents) == (current.kind, current.cents)
        if not is_same and not _is_corrected(tokens, current, following, language):
            return None
        current = following
    return AmountRead(current.cents, current.kind)


def _is_taken_back(tokens: Sequence[Token], end: int) -> bool:
    """`50, no`: nothing is left, and nothing was put in its place."""
    rest = [token.text for token in tokens[end:] if token.kind == "word"]
    return rest[:1] in (["no"], ["nope"], ["not"]) and len(rest) == 1


def _is_negated(
    tokens: Sequence[Token], mention: Mention, mentions: Sequence[Mention], language: Language
) -> bool:
    """Whether the clause before the amount says no to it: `not 50`, `no quiero pagar 50`."""
    floor = max((other.end for other in mentions if other.end <= mention.start), default=0)
    for place in range(mention.start - 1, floor - 1, -1):
        if NEGATORS.length_before(tokens, place + 1, floor):
            return True
        if tokens[place].text == "no" and _is_spanish_negation(tokens, place, mention.start, floor, language):
            return True
        if tokens[place].text in CLAUSE_BREAKS:
            return False
    return False


def _is_spanish_negation(
    tokens: Sequence[Token], no: int, start: int, floor: int, language: Language
) -> bool:
    """`no quiero pagar 50` and `no 50` in Spanish; `no, 50` and `60 no 50` put something right instead."""
    after = word_at(tokens, no + 1)
    return after in SPANISH_VERBS_AFTER_NO or (
        language == "es" and no + 1 == start and (floor == 0 or no > floor)
    )


def _merged(tokens: Sequence[Token], wanted: list[Mention]) -> list[Mention]:
    """Two mentions of one thing as one: `the full 84.20`, `50 of the past due`, `all of the past due`."""
    merged: list[Mention] = []
    for mention in wanted:
        joined = _joined(tokens, merged[-1], mention) if merged else None
        if joined is not None:
            merged[-1] = joined
        else:
            merged.append(mention)
    return merged


def _joined(tokens: Sequence[Token], first: Mention, second: Mention) -> Mention | None:
    between = tokens[first.end : second.start]
    if any(token.text not in LINKS_NAMED_TO_EXACT for token in between):
        return None
    whole = ("full", "past_due")
    if {first.kind, second.kind} in ({"exact", "full"}, {"exact", "past_due"}):
        exact = first if first.kind == "exact" else second
        return replace(exact, start=first.start, end=second.end)
    if first.kind in ("full", "half") and second.kind in whole and first.kind != second.kind:
        # Half of the past due amount is a sum that nobody has told us how to name.
        kind = "exact" if (first.kind, second.kind) == ("half", "past_due") else second.kind
        return (
            None
            if kind == "exact"
            else replace(second, kind="half" if first.kind == "half" else kind, start=first.start)
        )
    return None


def _is_corrected(tokens: Sequence[Token], first: Mention, second: Mention, language: Language) -> bool:
    """Whether the second amount takes the place of the first: `50, no, 60`, `from 50 to 60`, `60 instead`."""
    between = tokens[first.end : second.start]
    texts = [token.text for token in between]
    is_change = bool(CHANGE_WORDS & {token.text for token in tokens[: first.start]})
    if is_change and word_at(tokens, first.start - 1) in ("from", "de") and texts in (["to"], ["a"]):
        return True
    if texts and texts[-1] in ("or", "o", "and", "y", "u"):
        return False
    if any(CORRECTIONS.length_at(between, place) for place in range(len(between))):
        return True
    if word_at(tokens, second.end) == "instead" and word_at(tokens, second.end + 1) != "of":
        return True
    # In Spanish `60 no 50` may keep the 60 or take the 50; a pause after `no` decides.
    return any(
        text == "no" and (language == "en" or (step + 1 < len(texts) and between[step + 1].kind == "sign"))
        for step, text in enumerate(texts)
    )
