"""True time, which the vendors keep, and what our own machines believe, which may be wrong."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from assistant.clock import FixedClock, Ticks


class WrongableClock(FixedClock):
    """Our machines' clock: true time and an error that a story may step forward and back."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.true = FixedClock(now)
        self.error = timedelta()

    def now(self) -> datetime:
        return self.true.now() + self.error

    def today(self) -> date:
        return self.now().astimezone(self.zone).date()

    def ticks(self) -> Ticks:
        """Counts true time: no wrong clock reaches it."""
        return self.true.ticks()

    def advance(self, step: timedelta) -> None:
        """Time passes, for everybody."""
        self.true.advance(step)

    def start_at(self, moment: datetime) -> None:
        """A new story begins at this true time, with a clock that is right."""
        self.true.advance(moment - self.true.now())
        self.error = timedelta()
