"""Which PINs are too easy to guess from a keypad, a calendar, a phone number or a bill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Literal

Weakness = Literal["", "length", "repeats", "run", "keypad", "year", "own_number"]

_OLDEST_YEAR = 1900
_YEARS_AHEAD = 10
# Straight lines on the keypad, in both directions.
_KEYPAD_LINES = ("2580", "0852", "1470", "0741", "3690", "0963")


def weakness_of(pin: str, *, length: int, own_numbers: Iterable[str], today: date) -> Weakness:
    """Why a PIN is weak, or "" when it is good.

    `own_numbers` are numbers that others know too (account, phone, ZIP): a PIN must not be a part of one.
    """
    if len(pin) != length or not (pin.isascii() and pin.isdigit()):
        return "length"
    if _repeats(pin):
        return "repeats"
    if _is_run(pin, 1) or _is_run(pin, -1):
        return "run"
    if pin in _KEYPAD_LINES:
        return "keypad"
    if _is_year(pin, today):
        return "year"
    if any(pin in number for number in own_numbers):
        return "own_number"
    return ""


def _repeats(pin: str) -> bool:
    """7777, 1212, 123123 (one group again and again), and two pairs: 1122, 1221."""
    is_one_group = any(
        len(pin) % size == 0 and pin[:size] * (len(pin) // size) == pin
        for size in range(1, len(pin) // 2 + 1)
    )
    return is_one_group or sorted(Counter(pin).values()) == [2, 2]


def _is_run(pin: str, step: int) -> bool:
    """1234, 7890 (9 is followed by 0), 9876, and so on."""
    return all((int(after) - int(before)) % 10 == step % 10 for before, after in pairwise(pin))


def _is_year(pin: str, today: date) -> bool:
    return len(pin) == 4 and _OLDEST_YEAR <= int(pin) <= today.year + _YEARS_AHEAD
