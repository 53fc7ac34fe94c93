"""When a payment whose outcome is not known is looked up, and when a lookup counts as a denial."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

# Counted from its submission; after the last of these a person gets it.
LOOKUP_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360, 1440))
# From then on it is still looked up once a day, this long: a bank debit may take its time.
LATE_EVERY, LATE_UNTIL = timedelta(days=1), timedelta(days=14)
# The processor must have denied it this often, the last time this long after we sent it, before we say
# "not charged": no request is on its way that long.
DENIALS_WANTED = 3
QUIET_PERIOD = timedelta(minutes=15)
# No lookup is ever set further ahead: one that is was written by a clock that ran ahead and was set back.
FURTHEST_AHEAD = timedelta(days=1, hours=1)


def next_lookup(submitted_at: datetime, count: int, now: datetime) -> datetime | None:
    """The time of the lookup after the `count`-th; None when there is none.

    By the schedule; but after a lookup that came late, or a clock that jumped ahead, at least half the time
    that lies between the two, so that a jump does not use the schedule up.
    """
    if count < len(LOOKUP_AFTER):
        gap = LOOKUP_AFTER[count] - LOOKUP_AFTER[count - 1]
        return max(submitted_at + LOOKUP_AFTER[count], now + gap / 2)
    return now + LATE_EVERY if now - submitted_at < LATE_UNTIL else None


def is_due(column: InstrumentedAttribute[datetime | None], now: datetime) -> ColumnElement[bool]:
    """Its time has come, or lies so far ahead that only a clock that was set back can have written it."""
    return or_(column <= now, column > now + FURTHEST_AHEAD)
