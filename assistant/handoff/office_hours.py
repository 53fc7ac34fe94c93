"""When the office is open, and by when a call back can honestly be promised."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

from assistant.clock import Clock, local_instant
from assistant.settings import Settings

# In office hours a member is called within this; the next morning the office gets this long to catch up.
CALL_BACK_WITHIN = timedelta(hours=1)
MORNING_ROOM = timedelta(hours=2)
_SATURDAY = 5


class OfficeHours:
    """Monday to Friday in the co-op's zone, but for US federal holidays as they are observed."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._opens = time.fromisoformat(settings.office_opens)
        self._closes = time.fromisoformat(settings.office_closes)
        self._clock = clock

    def is_open(self) -> bool:
        """Whether somebody answers the office phone now."""
        today = self._clock.today()
        return is_working_day(today) and self._at(today, self._opens) <= self._clock.now() < self._closing(
            today
        )

    def call_back_by(self) -> datetime:
        """The instant by which the office will have called: within the hour, or in the next open morning."""
        now, today = self._clock.now(), self._clock.today()
        if self.is_open() and now + CALL_BACK_WITHIN <= self._closing(today):
            return now + CALL_BACK_WITHIN
        is_before_opening = is_working_day(today) and now < self._at(today, self._opens)
        day = today if is_before_opening else _next_working_day(today)
        return self._at(day, self._opens) + MORNING_ROOM

    def _closing(self, day: date) -> datetime:
        return self._at(day, self._closes)

    def _at(self, day: date, at: time) -> datetime:
        return local_instant(day, at, self._clock.zone)


def is_working_day(day: date) -> bool:
    """Whether the office works on this day."""
    return day.weekday() < _SATURDAY and day not in _holidays_of(day.year)


def next_working_days(day: date, count: int) -> date:
    """The working day that comes `count` working days after this one."""
    for _ in range(count):
        day = _next_working_day(day)
    return day


def _next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    return following if is_working_day(following) else _next_working_day(following)


@lru_cache(maxsize=8)
def _holidays_of(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("US", years=year))
