"""What of a member's words the transcript keeps and the engine reads: no secret, no long number by chance.

Half a card number looks like any long number, and the other half may be under way in another text. So a
long number is let through only where it is surely something else: what we asked for, an amount, a day, a
phone number. The grammars read the words as they came; what they found travels beside the text.
"""

from __future__ import annotations

import re

from assistant.dialogue.amounts import find_amount, read_amount
from assistant.dialogue.meaning import only_digits, volunteers_secret
from assistant.dialogue.turn import Expectation, Heard, Language
from assistant.money import CENTS_PER_DOLLAR
from assistant.redaction import SECRET_MARK, mask_secrets
from assistant.spelled_digits import DigitGroup, digit_runs

# Shorter rows are amounts, days, counts; a piece of a card has at least this many digits in one group.
SHORTEST_PIECE = 4
# So many digits in a row are a piece, however they are grouped.
LONGEST_OTHER = 7
# What stays of a long number that we asked for: enough for a clerk to tell it from another.
_SHOWN = 4
_DAY = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)?\d\d")
_MONEY = re.compile(r"(?:\d{1,6}|\d{1,3}(?:,\d{3})+)(?:[.,]\d{2})?")
_CENTS = re.compile(r".*[.,]\d{2}")
_PHONE = re.compile(r"\(?\d{3}\)?[\s.\-]\s?\d{3}[\s.\-]\d{4}")
_DAY_DIGITS = 2
_YEAR = re.compile(r"(?:19|20)\d\d")


def kept_words(heard: Heard, expect: Expectation, language: Language, pin_length: int) -> str:
    """The words as they may be written down. An asked number keeps its last digits."""
    text = heard.text
    if expect.secret or volunteers_secret(text, expect, pin_length):
        return mask_secrets(text)
    if expect.kind == "digits":
        digits = only_digits(text)
        if digits and len(digits) == expect.length > _SHOWN:
            return "#" * (len(digits) - _SHOWN) + digits[-_SHOWN:]
        if digits and len(digits) != expect.length:
            return mask_secrets(text)
        return text if digits else _without_long_numbers(text, expect, language)
    return _without_long_numbers(text, expect, language)


def words_for_engine(text: str, expect: Expectation, language: Language, pin_length: int) -> str:
    """The words as the language understanding reads them: it tells no number from another anyway."""
    if expect.secret or volunteers_secret(text, expect, pin_length):
        return mask_secrets(text)
    return _without_long_numbers(text, expect, language)


def _without_long_numbers(text: str, expect: Expectation, language: Language) -> str:
    for run in reversed(digit_runs(text)):
        if _may_be_a_piece(run) and not _is_known_thing(text, run, expect, language):
            text = text[: run[0].start] + SECRET_MARK + text[run[-1].end :]
    return text


def _may_be_a_piece(run: list[DigitGroup]) -> bool:
    groups = [group.digits for group in run]
    if _YEAR.fullmatch(groups[-1]) and all(len(digits) <= _DAY_DIGITS for digits in groups[:-1]):
        # `2026`, `15 2026`: a year stands alone or behind a day. `1900 0` is a card cut up.
        groups.pop()
    is_long = any(len(digits) >= SHORTEST_PIECE for digits in groups)
    is_one_by_one = len(groups) >= SHORTEST_PIECE and all(len(digits) == 1 for digits in groups)
    return is_long or is_one_by_one or sum(len(group.digits) for group in run) > LONGEST_OTHER


def _is_known_thing(text: str, run: list[DigitGroup], expect: Expectation, language: Language) -> bool:
    """An amount, a day or a phone number, by the way it is written."""
    written = text[run[0].start : run[-1].end]
    around = text[max(run[0].start - 1, 0) : run[-1].end]
    if _DAY.fullmatch(written) or _PHONE.fullmatch(written) or _PHONE.fullmatch(around):
        return True
    if not _MONEY.fullmatch(written):
        return False
    is_marked = around.startswith("$") or _CENTS.fullmatch(written) is not None
    return is_marked or _is_amount_read(text, written, expect, language)


def _is_amount_read(text: str, written: str, expect: Expectation, language: Language) -> bool:
    """`pay 1200`: the amount that our grammar read is this number."""
    amount = read_amount(text, language) if expect.kind == "amount" else find_amount(text, language)
    if amount is None or amount.cents is None:
        return False
    return str(amount.cents // CENTS_PER_DOLLAR) == re.sub(r"\D", "", written)
