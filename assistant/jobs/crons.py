"""Work that comes at times of the day, by the co-op's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from assistant.clock import local_instant

# Local hours in which a clock change makes a time come twice, or never.
_HOURS_OF_CLOCK_CHANGES = (1, 2)


@dataclass(frozen=True)
class Cron:
    """`page` runs over and over until it finds nothing, every day at `minute` past each of `hours` (local).

    Raises ValueError for hours in which clocks change.
    """

    kind: str
    minute: int
    hours: tuple[int, ...]
    page: Callable[[], int]

    def __post_init__(self) -> None:
        if any(hour in _HOURS_OF_CLOCK_CHANGES for hour in self.hours):
            raise ValueError("between one and three at night a time may come twice, or never")

    @property
    def expression(self) -> str:
        """In cron's own notation."""
        return f"{self.minute} {','.join(map(str, self.hours))} * * *"


def next_run(expression: str, after: datetime, zone: ZoneInfo) -> datetime:
    """The next instant of a `Cron.expression`, in UTC."""
    minute, hours, *_ = expression.split()
    today = after.astimezone(zone).date()
    times = [time(int(hour), int(minute)) for hour in hours.split(",")]
    instants = [local_instant(today + timedelta(days=day), at, zone) for day in (0, 1) for at in times]
    return min(instant for instant in instants if instant > after)
