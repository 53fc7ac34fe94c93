"""Which day is meant, and whether words about paying name one that is not today."""

from __future__ import annotations

import re
from datetime import date, timedelta

from actions.turn import Turn
from assistant.dialogue.dates import read_date

# "The bill due Dec 3" names the bill, not the day to pay it on.
_NAMES_A_BILL = re.compile(
    r"\b(?:due (?!date)|bill (?:of|from|for)|factura (?:de|del)|que venc)", re.IGNORECASE
)
_KEYED = re.compile(r"\d{4}")


def chosen_day(turn: Turn) -> date | None:
    """The day of a choice that was picked."""
    day = turn.entity("day")
    return date.fromisoformat(day) if isinstance(day, str) else None


def day_in(turn: Turn, words: str, due_on: date | None) -> date | None:
    """The one day that words name, today or later; None when unsure."""
    return read_date(words, turn.language, turn.services.clock.today(), due_on) if words else None


def keyed_day(turn: Turn, digits: str) -> date | None:
    """`1203` -> the next December 3."""
    if not _KEYED.fullmatch(digits):
        return None
    written = f"{digits[:2]}/{digits[2:]}"
    return read_date(written, "en", turn.services.clock.today(), None)


def names_later_day(turn: Turn) -> bool:
    """Whether what was said about paying names a day after today: then it must not be paid at once."""
    if not turn.words or _NAMES_A_BILL.search(turn.words):
        return False
    today = turn.services.clock.today()
    # Which day it is does not matter yet, so any due date makes "two days before it's due" a day.
    day = day_in(turn, turn.words, today + timedelta(days=60))
    return day is not None and day > today
