"""The one clock: every instant and every date in the product comes from here, so a test can own time."""

from __future__ import annotations

import time as machine_time
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Ticks:
    """Milliseconds that no step of the wall clock touches. Only those of one `source` can be compared."""

    source: str
    ms: int


class Clock(Protocol):
    """Tells the time. `now` is aware and in UTC; `today` is a date in the co-op's zone.

    `now` may step forward or back; how long something has been quiet for sure is told by `ticks`.
    """

    zone: ZoneInfo

    def now(self) -> datetime: ...

    def today(self) -> date: ...

    def ticks(self) -> Ticks: ...


class SystemClock:
    """The machine's time, with dates in the co-op's zone."""

    def __init__(self, zone_name: str) -> None:
        self.zone = ZoneInfo(zone_name)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.now().astimezone(self.zone).date()

    def ticks(self) -> Ticks:
        """Since this machine was started, the same for all its processes."""
        return Ticks(_boot_id(), machine_time.clock_gettime_ns(_TICKING) // 1_000_000)


# Counts on while the machine sleeps, where the system has such a clock.
_TICKING = getattr(machine_time, "CLOCK_BOOTTIME", machine_time.CLOCK_MONOTONIC)


@cache
def _boot_id() -> str:
    """Names this start of this machine; where the system has no name for it, this process."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return uuid.uuid4().hex


class FixedClock:
    """A clock that stands still until it is moved: for tests and simulations."""

    def __init__(self, now: datetime, zone_name: str = "America/New_York") -> None:
        self.zone = ZoneInfo(zone_name)
        self._now = require_aware(now)
        self._ticked = timedelta()

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return self._now.astimezone(self.zone).date()

    def ticks(self) -> Ticks:
        return Ticks("fixed", self._ticked // timedelta(milliseconds=1))

    def advance(self, step: timedelta) -> None:
        self._now += step
        self._ticked += step

    def jump(self, step: timedelta) -> None:
        """Somebody sets the clock: no time has passed."""
        self._now += step


def require_aware(moment: datetime) -> datetime:
    """Return `moment` in UTC; a naive one is a programming error (ValueError)."""
    if moment.tzinfo is None:
        raise ValueError("a naive time has no place here: give it a zone")
    return moment.astimezone(UTC)


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time in `zone`; a time skipped in spring is read as the hour after."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
