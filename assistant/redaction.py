"""Finds and masks what must never be kept: card numbers in any writing, and PIN-like digits. Pure.

A text is read as a row of digits however they are written: ASCII or any other Unicode digit, with spaces,
dashes, dots, slashes or emoji between them, or spelled out in English or Spanish ("four two", "forty-two",
"double four", "cuarenta y dos"). A row counts as a card number when a network's prefix, its length and the
Luhn check agree, so that account, phone and confirmation numbers and amounts survive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.spelled_digits import DigitGroup, digit_runs

CARD_MARK = "[card number]"
# Marks are never longer than what they replace, so a masked text fits where the text fitted.
SECRET_MARK = "####"  # noqa: S105  the mark, not a secret
SHORTEST_CARD, LONGEST_CARD = 13, 19
# A texted card may come in pieces; no earlier piece needs more digits than this to complete one.
TAIL_LENGTH = LONGEST_CARD - 1
# A PIN has at least 4 digits; shorter rows are amounts, menu keys, days.
SHORTEST_SECRET = 4

_STANDARD, _LONG = frozenset({16}), frozenset(range(16, 20))
# (first prefix, last prefix, lengths), from the networks' published issuer ranges.
_NETWORKS: tuple[tuple[str, str, frozenset[int]], ...] = (
    ("4", "4", frozenset({13, 16, 19})),  # Visa
    ("51", "55", _STANDARD),  # Mastercard
    ("2221", "2720", _STANDARD),
    ("34", "34", frozenset({15})),  # American Express
    ("37", "37", frozenset({15})),
    ("6011", "6011", _LONG),  # Discover
    ("644", "649", _LONG),
    ("65", "65", _LONG),
    ("300", "305", frozenset(range(14, 20))),  # Diners Club
    ("3095", "3095", frozenset(range(14, 20))),
    ("36", "36", frozenset(range(14, 20))),
    ("38", "39", frozenset(range(14, 20))),
    ("3528", "3589", _LONG),  # JCB
    ("62", "62", _LONG),  # UnionPay
    ("81", "81", _LONG),
    ("5018", "5018", frozenset(range(13, 20))),  # Maestro
    ("5020", "5020", frozenset(range(13, 20))),
    ("5038", "5038", frozenset(range(13, 20))),
    ("5893", "5893", frozenset(range(13, 20))),
    ("6304", "6304", frozenset(range(13, 20))),
    ("6759", "6763", frozenset(range(13, 20))),
)
# Our own and the vendors' random ids hold letters and digits; a chance row in them is no card.
_IDENTIFIER = re.compile(
    r"\b(?:[a-z]{2,5}_[0-9a-f]{32}|[A-Z]{2}[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b"
)


@dataclass(frozen=True)
class Redacted:
    """A text that may be kept. `completed_earlier_text`: its digits finished a card begun in texts before."""

    text: str
    had_card_number: bool = False
    completed_earlier_text: bool = False


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_card_number(digits: str) -> bool:
    """Whether prefix, length and Luhn check are those of a payment card."""
    length_fits = any(
        len(digits) in lengths and first <= digits[: len(first)] <= last for first, last, lengths in _NETWORKS
    )
    return length_fits and luhn_holds(digits)


def find_card_numbers(text: str) -> list[tuple[int, int]]:
    """The (start, end) places of card numbers in `text`, left to right, not overlapping."""
    return [place for run in digit_runs(text) for place in _cards_in_run(run)]


def mask_card_numbers(text: str) -> str:
    """`text` with every card number replaced by a mark; all else is kept. For logs and stored fields."""
    for start, end in reversed(find_card_numbers(text)):
        text = text[:start] + CARD_MARK + text[end:]
    return text


def redact_inbound(text: str, earlier_digits: str = "") -> Redacted:
    """What may be kept of a member's words.

    When a card number is in them, every other digit goes too: the expiry and the security code stand beside
    it. `earlier_digits` is what `tail_digits` found in the texts just before: a number split over several
    texts is masked from the text that completes it.
    """
    masked = mask_card_numbers(text)
    completes = bool(earlier_digits) and _completes_card(earlier_digits, text)
    if masked == text and not completes:
        return Redacted(text)
    return Redacted(_mask_digits(masked, shortest=1, mark="#"), True, completed_earlier_text=completes)


def tail_digits(texts: Sequence[str]) -> str:
    """The digits with which the given texts (oldest first) end; a text of digits only joins the one before.

    At most `TAIL_LENGTH`; "" when the newest ends in words.
    """
    tail = ""
    for text in reversed(texts):
        runs = digit_runs(text)
        if not runs or _has_words(text[runs[-1][-1].end :]):
            break
        tail = "".join(group.digits for group in runs[-1]) + tail
        if len(runs) > 1 or _has_words(text[: runs[0][0].start]):
            break
    return tail[-TAIL_LENGTH:]


def mask_secrets(text: str) -> str:
    """`text` with every row of 4 or more digits, also spelled out, replaced: for when a PIN is asked."""
    return _mask_digits(text, shortest=SHORTEST_SECRET, mark=SECRET_MARK)


def mask_all_digits(text: str) -> str:
    """`text` without any digit, also spelled out: for the earlier pieces of a card number."""
    return _mask_digits(mask_card_numbers(text), shortest=1, mark="#")


def mask_log_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor: masks card numbers in every key and value of a log event, however deep."""
    return {_mask_any(key): _mask_any(value) for key, value in event.items()}


def _mask_any(value: Any) -> Any:
    if isinstance(value, str):
        return _mask_around_identifiers(value)
    if isinstance(value, bytes):
        return _mask_around_identifiers(value.decode("utf-8", errors="replace"))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return CARD_MARK if is_card_number(str(abs(value))) else value
    if isinstance(value, Mapping):
        return {_mask_any(key): _mask_any(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask_any(item) for item in value]
    # Anything else is written by its repr in the end: that is where a number could hide.
    written = str(value)
    return value if mask_card_numbers(written) == written else mask_card_numbers(written)


def _mask_around_identifiers(text: str) -> str:
    kept_from = 0
    pieces = []
    for identifier in _IDENTIFIER.finditer(text):
        pieces += [mask_card_numbers(text[kept_from : identifier.start()]), identifier.group()]
        kept_from = identifier.end()
    return "".join([*pieces, mask_card_numbers(text[kept_from:])])


def _mask_digits(text: str, *, shortest: int, mark: str) -> str:
    for run in reversed(digit_runs(text)):
        if sum(len(group.digits) for group in run) >= shortest:
            text = text[: run[0].start] + mark + text[run[-1].end :]
    return text


def _has_words(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _completes_card(earlier_digits: str, text: str) -> bool:
    """Whether the earlier digits and the first row of digits in `text` hold a card that spans both."""
    runs = digit_runs(text)
    if not runs or _has_words(text[: runs[0][0].start]):
        return False
    joined = earlier_digits + "".join(group.digits for group in runs[0])
    border = len(earlier_digits)
    return any(
        is_card_number(joined[start : start + length])
        for start in range(border)
        for length in range(max(SHORTEST_CARD, border - start + 1), LONGEST_CARD + 1)
        if start + length <= len(joined)
    )


def _cards_in_run(run: Sequence[DigitGroup]) -> list[tuple[int, int]]:
    """The cards in one row of digits: longest first from each place, none overlapping."""
    digits = "".join(group.digits for group in run)
    owner = [index for index, group in enumerate(run) for _ in group.digits]
    found: list[tuple[int, int]] = []
    start = 0
    while start <= len(digits) - SHORTEST_CARD:
        for length in range(LONGEST_CARD, SHORTEST_CARD - 1, -1):
            end = start + length
            is_within = end <= len(digits)
            if is_within and is_card_number(digits[start:end]) and _is_plausible(run, owner, start, end):
                found.append((run[owner[start]].start, run[owner[end - 1]].end))
                # A group that holds a card's end is masked whole, so go on behind it.
                start = max(place for place, index in enumerate(owner) if index == owner[end - 1])
                break
        start += 1
    return found


def _is_plausible(run: Sequence[DigitGroup], owner: Sequence[int], start: int, end: int) -> bool:
    """Whether these digits would be written together: not a phone number and a PIN side by side."""
    first, last = owner[start], owner[end - 1]
    groups = run[first : last + 1]
    if len(groups) == 1:
        return True
    starts_group = start == 0 or owner[start - 1] != first
    ends_group = end == len(owner) or owner[end] != last
    # Within a row of short groups a card may be followed at once by its security code.
    if not starts_group or not (ends_group or all(len(group.digits) <= 4 for group in groups[:-1])):
        return False
    is_phone_first = [len(group.digits) for group in groups[:3]] == [3, 3, 4]
    return not is_phone_first
