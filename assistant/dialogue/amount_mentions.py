"""Finds the amounts a text mentions, and tells them from dates, times, counts and account numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.dialogue.amount_words import (
    AMOUNT_NAMED,
    AROUND_FULL_ALONE,
    BETWEEN_CUE_AND_AMOUNT,
    BETWEEN_NAME_AND_NUMBER,
    BOUNDS_AFTER,
    BOUNDS_BEFORE,
    CHANGE_WORDS,
    CORRECTIONS,
    CUES,
    DAY_BEFORE,
    FOLLOWERS,
    FOUR_DIGIT_FOLLOWERS,
    FULL,
    FULL_ALONE,
    HALF,
    MINIMUM,
    NAMED_NUMBERS,
    NEGATORS,
    PAST_DUE,
    REPORTED_AFTER,
    REPORTED_BEFORE,
    TIME_AFTER,
)
from assistant.dialogue.date_words import MONTHS
from assistant.dialogue.money_phrases import MoneyPhrase, money_at
from assistant.dialogue.tokens import Phrases, Token, word_at
from assistant.money import CENTS_PER_DOLLAR, Language

AmountKind = Literal["exact", "full", "past_due", "half", "minimum"]
_NAMED: tuple[tuple[AmountKind, Phrases], ...] = (
    ("full", FULL),
    ("past_due", PAST_DUE),
    ("half", HALF),
    ("minimum", MINIMUM),
)
# No bill comes near it; a longer number is an account, phone or card number.
LARGEST_CENTS = 99_999_999
LONGEST_BARE_DIGITS = 4
LONGEST_WALK = 6
CONNECTORS = frozenset({"or", "and", "to", "o", "u", "y", "a"})
# May stand between two amounts that belong together; a number after them is never passed over.
_SMALL = (
    CONNECTORS
    | BETWEEN_CUE_AND_AMOUNT
    | CORRECTIONS.words
    | NEGATORS.words
    | {"no", "not", "but", "pero", "now", "later", "uh", "um", "like", "maybe", "then", "e"}
)


@dataclass(frozen=True)
class Mention:
    """An amount at `tokens[start:end]`. `cents` is None for a named kind and when the sum cannot be read.

    `is_told`: it was paid, owed, charged or is a fee, and nobody asks to pay it.
    `is_unsure`: it cannot be read, or only bounds the amount (`more than half`).
    """

    start: int
    end: int
    kind: AmountKind
    cents: int | None = None
    is_told: bool = False
    is_unsure: bool = False


def mentions_in(tokens: Sequence[Token], language: Language, *, is_answer: bool) -> list[Mention]:
    """Mentions left to right. A bare number is an amount in an answer; elsewhere it needs a cue."""
    found: list[Mention] = []
    place = 0
    while place < len(tokens):
        mention = _named_at(tokens, place, is_answer=is_answer)
        end = mention.end if mention else place + 1
        phrase = None if mention else money_at(tokens, place, language)
        if phrase is not None:
            mention, end = _of_phrase(tokens, phrase, found, is_answer=is_answer), phrase.end
        if mention is not None:
            found.append(mention)
        place = max(end, place + 1)
    return found


def _named_at(tokens: Sequence[Token], place: int, *, is_answer: bool) -> Mention | None:
    """The longest named amount at `place`: `the whole thing`, `lo vencido`."""
    best: Mention | None = None
    for kind, known in _NAMED:
        length = known.length_at(tokens, place)
        if length and (best is None or length > best.end - best.start):
            best = Mention(place, place + length, kind)
    if best is None and is_answer and (length := FULL_ALONE.length_at(tokens, place)):
        # "everything" names an amount only when nothing but a plain wish to pay stands around it.
        rest = [token for step, token in enumerate(tokens) if not place <= step < place + length]
        is_alone = all(token.kind == "sign" or token.text in AROUND_FULL_ALONE for token in rest)
        best = Mention(place, place + length, "full") if is_alone else None
    if best is not None and word_at(tokens, best.end) in ("past", "an", "hour", "price", "dozen"):
        return None  # "half past five"
    if best is not None and BOUNDS_BEFORE.length_before(tokens, place):
        return replace(best, is_unsure=True)
    return best


def _of_phrase(
    tokens: Sequence[Token], phrase: MoneyPhrase, earlier: list[Mention], *, is_answer: bool
) -> Mention | None:
    """The phrase as a mention, None when it is no amount at all."""
    if not phrase.is_marked and _is_other_number(tokens, phrase):
        return None
    cents = _payable(tokens, phrase, is_answer=is_answer)
    mention = Mention(phrase.start, phrase.end, "exact", cents, is_unsure=cents is None)
    link = _link_to(earlier[-1], phrase, tokens) if earlier else None
    is_spelled_one = phrase.digits == 0 and phrase.cents == CENTS_PER_DOLLAR
    if is_spelled_one and not phrase.is_marked:
        return None  # "this one", "una"
    if phrase.is_marked or is_answer:
        return replace(mention, is_told=_is_told(tokens, phrase, earlier, link))
    if _is_counted_thing(tokens, phrase, link) or phrase.digits > LONGEST_BARE_DIGITS:
        return None
    has_cue = _has_cue(tokens, phrase.start)
    if phrase.digits == LONGEST_BARE_DIGITS and link is None:
        # It may be a PIN or the end of a card: "pay 4821".
        follower = word_at(tokens, phrase.end)
        is_named = AMOUNT_NAMED.length_before(tokens, phrase.start)
        if not is_named and (not has_cue or follower not in FOUR_DIGIT_FOLLOWERS):
            return None
    if has_cue or link is not None:
        return replace(mention, is_told=_is_told(tokens, phrase, earlier, link))
    # A number that nothing explains makes every other amount in the text unsure.
    return replace(mention, cents=None, is_unsure=True)


def _payable(tokens: Sequence[Token], phrase: MoneyPhrase, *, is_answer: bool) -> int | None:
    """The cents of a phrase that stands for itself: no bound, share, sign or foreign money around it."""
    cents = phrase.cents
    if cents is None or not 0 < cents <= LARGEST_CENTS:
        return None
    if is_answer and not phrase.is_marked and phrase.digits >= LONGEST_BARE_DIGITS:
        # 8420 may be 84.20 without its point, and 4821 a PIN; only 1200 must be dollars.
        is_round = phrase.digits == LONGEST_BARE_DIGITS and cents % (100 * CENTS_PER_DOLLAR) == 0
        if not is_round:
            return None
    if phrase.is_pesos and not is_answer:
        return None
    before, after = word_at(tokens, phrase.start - 1), tokens[phrase.end : phrase.end + 1]
    is_negative = before in ("-", "+") or (before == "$" and word_at(tokens, phrase.start - 2) == "-")
    is_glued = bool(after) and after[0].is_tight and (after[0].kind != "sign" or after[0].text in "-/%")
    if is_negative or (is_glued and not (after[0].text == "-" and not _goes_on(tokens, phrase.end))):
        return None
    if BOUNDS_BEFORE.length_before(tokens, phrase.start) or BOUNDS_AFTER.length_at(tokens, phrase.end):
        return None
    return cents


def _goes_on(tokens: Sequence[Token], dash: int) -> bool:
    return dash + 1 < len(tokens) and tokens[dash + 1].is_tight


def _is_other_number(tokens: Sequence[Token], phrase: MoneyPhrase) -> bool:
    """A date, a time, an ordinal, a row of digits, or a number that names a card, an account, a room."""
    if phrase.is_digit_row:
        return True
    first = tokens[phrase.start]
    after, before = word_at(tokens, phrase.end), word_at(tokens, phrase.start - 1)
    if after in TIME_AFTER or (after == "%" and phrase.cents is None):
        return True
    if first.kind == "number" and (phrase.cents is None and ("/" in first.text or ":" in first.text)):
        return True
    if before in MONTHS or after in MONTHS:
        return True
    if after == "de" and word_at(tokens, phrase.end + 1) in MONTHS:
        return True
    if phrase.digits >= LONGEST_BARE_DIGITS and phrase.cents is None:
        return True
    is_day = phrase.cents is not None and phrase.cents <= 31 * CENTS_PER_DOLLAR
    if is_day and before in DAY_BEFORE:
        return True
    return _names_something(tokens, phrase)


def _names_something(tokens: Sequence[Token], phrase: MoneyPhrase) -> bool:
    """`card ending in 4242`, `my visa 4242`, `account # 12`, `option 3`."""
    place = phrase.start - 1
    steps = 0
    while place >= 0 and steps < LONGEST_WALK and word_at(tokens, place) in BETWEEN_NAME_AND_NUMBER:
        place, steps = place - 1, steps + 1
    return word_at(tokens, place) in NAMED_NUMBERS and (phrase.digits >= LONGEST_BARE_DIGITS or steps == 0)


def _is_counted_thing(tokens: Sequence[Token], phrase: MoneyPhrase, link: Mention | None) -> bool:
    """`2 accounts`, `24 hours`, `5 minutos`: a noun follows."""
    if phrase.end >= len(tokens) or tokens[phrase.end].kind != "word":
        return False
    if link is not None and word_at(tokens, phrase.start - 1) in CONNECTORS:
        return False  # "50 or 60 whichever": better no amount than the first of two
    if any(known.length_at(tokens, phrase.end) for known in (BOUNDS_AFTER, CORRECTIONS, NEGATORS)):
        return False
    return tokens[phrase.end].text not in FOLLOWERS


def _has_cue(tokens: Sequence[Token], start: int) -> bool:
    """Whether a word that asks for a payment stands before, with only small words between."""
    place = start - 1
    for _ in range(LONGEST_WALK):
        word = word_at(tokens, place)
        if word in ("no", "not") or word in CUES or CORRECTIONS.length_before(tokens, place + 1):
            return True
        if word == "from" and CHANGE_WORDS & {token.text for token in tokens[:place]}:
            return True
        if word not in BETWEEN_CUE_AND_AMOUNT:
            return False
        place -= 1
    return False


def _link_to(earlier: Mention, phrase: MoneyPhrase, tokens: Sequence[Token]) -> Mention | None:
    """The mention before, when little stands between: `50 or 60`, `50, no, 60`, `50 - 60`."""
    between = tokens[earlier.end : phrase.start]
    return earlier if len(between) <= LONGEST_WALK and all(_is_small(token) for token in between) else None


def _is_small(token: Token) -> bool:
    return token.kind == "sign" or token.text in _SMALL


def _is_told(
    tokens: Sequence[Token], phrase: MoneyPhrase, earlier: list[Mention], link: Mention | None
) -> bool:
    if link is not None and link.is_told and not _has_cue_since(tokens, link.end, phrase.start):
        return True
    if REPORTED_AFTER.length_at(tokens, phrase.end):
        return True
    place = phrase.start
    for _ in range(LONGEST_WALK):
        length = REPORTED_BEFORE.length_before(tokens, place)
        if length or _is_past_pague(tokens, place - 1):
            return True
        if word_at(tokens, place - 1) not in BETWEEN_CUE_AND_AMOUNT | {"already", "over"}:
            return False
        place -= 1
    return False


def _is_past_pague(tokens: Sequence[Token], place: int) -> bool:
    """`pagué` is told, `pague` is asked for; only the accent parts them."""
    return place >= 0 and tokens[place].raw in ("pagué", "pagó", "mandé", "envié", "cobró", "di", "deposité")


def _has_cue_since(tokens: Sequence[Token], start: int, end: int) -> bool:
    return any(token.text in CUES for token in tokens[start:end])
