"""When drafts are made: the instant of a day in the co-op's zone, and until when it may be changed.

A day is a day: a draft is not moved for weekends or holidays, because that would take it past the due date or
before the day the member chose; cards are charged on any day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from assistant.clock import Clock, local_instant
from assistant.settings import Settings

# Unasked texts of a routine kind wait for the day.
_TEXTS_FROM, _TEXTS_UNTIL = time(9), time(20)


class Timetable:
    """Days to instants and back. Instants are aware UTC; days are the co-op's."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def draft_instant(self, on: date) -> datetime:
        """When what is due `on` is drafted: `drafts_at` by the co-op's wall clock, in winter and summer."""
        return local_instant(on, time.fromisoformat(self._settings.drafts_at), self._clock.zone)

    def day_of(self, moment: datetime) -> date:
        """The co-op's date of an instant."""
        return moment.astimezone(self._clock.zone).date()

    def changes_until(self, draft_at: datetime) -> datetime:
        """The last instant at which a scheduled payment may be changed or canceled."""
        return draft_at - timedelta(hours=self._settings.schedule_change_hours)

    def is_changeable(self, draft_at: datetime) -> bool:
        """Whether a scheduled payment may still be changed or canceled."""
        return self._clock.now() <= self.changes_until(draft_at)

    def is_missed(self, draft_at: datetime) -> bool:
        """Whether a draft is so late that it must not be made any more without asking."""
        return self._clock.now() > draft_at + timedelta(days=self._settings.draft_catch_up_days)

    def is_daytime(self) -> bool:
        """Whether people are awake: notices, and drafts that are behind their time, wait for it."""
        local = self._clock.now().astimezone(self._clock.zone).time()
        begins = min(_TEXTS_FROM, time.fromisoformat(self._settings.drafts_at))
        return begins <= local < _TEXTS_UNTIL

    def autopay_day(self, due_on: date, days_before: int) -> date | None:
        """The day a bill is drafted that is told about today; None when the due date leaves no such day.

        It is the day the member chose, but never the day of the notice itself: there is at least a night
        between the notice and the draft.
        """
        day = max(due_on - timedelta(days=days_before), self._clock.today() + timedelta(days=1))
        return day if day <= due_on else None

    def is_notice_due(self, due_on: date, days_before: int) -> bool:
        """Whether the member is to be told by now of the draft of a bill due `due_on`."""
        notice_on = due_on - timedelta(days=days_before + self._settings.autopay_notice_days)
        return self._clock.today() >= notice_on
