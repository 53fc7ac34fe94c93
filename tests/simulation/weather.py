"""What a seed makes of the world: which features are used, what breaks how often, and when it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from assistant.clock import local_instant
from tests.simulation.processes import Fate

_ZONE = ZoneInfo("America/New_York")
# Days around which dates go wrong: clock changes, month and year ends, a leap day; else any day.
_ODD_DAYS = (
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2027, 3, 14),
    date(2027, 11, 7),
    date(2026, 12, 31),
    date(2027, 2, 28),
    date(2028, 2, 29),
    date(2027, 4, 30),
)
# By the co-op's wall clock.
DRAFTS_AT = "09:00"
_GIVING_BACK = ("ok", "ok", "pending", "taken", "lost")
# From a bank account nearly everything takes days.
_DEBITS = ("processing", "processing", "processing", "ok", "taken", "lost", "insufficient_funds")
_BANK = ("ok", "ok", "ok", "taken", "lost", "processing", "insufficient_funds", "expired_card", "lost_card")


@dataclass(frozen=True)
class Weather:
    """Chances are per boundary or call. A story uses a few features only, so that a short one gets deep."""

    starts_at: datetime
    # When the bills of the story fall due.
    due_on: date
    features: tuple[str, ...]
    deaths: float
    sleeps: float
    hiccups: float
    bank: tuple[str, ...]
    giving_back: tuple[str, ...]
    steps: int
    fee_cents: int
    day_max_cents: int
    # Whether members pay from bank accounts first, and by card second.
    pays_from_bank: bool

    @classmethod
    def of(cls, random: Random, *, pays_from_bank: bool) -> Weather:
        features = set(random.sample(("pay", "schedule", "autopay"), random.choice((1, 1, 2))))
        for feature, chance in (("clock", 0.3), ("webhooks", 0.5), ("refunds", 0.3), ("crowd", 0.4)):
            if random.random() < chance:
                features.add(feature)
        due_on = _due_on(random)
        days_before = random.choice((0, 1, 2, 5, 12)) if features & {"schedule", "autopay"} else 1
        starts_on = due_on - timedelta(days=days_before + (1 if features & {"schedule"} else 0))
        at = time(random.randrange(7, 21), random.randrange(60))
        is_stormy = random.random() < 0.7
        fair, stormy = (("processing",), _DEBITS) if pays_from_bank else (("ok",), _BANK)
        bank = stormy if is_stormy else fair
        return cls(
            starts_at=local_instant(starts_on, at, _ZONE).astimezone(UTC),
            due_on=due_on,
            features=tuple(sorted(features)),
            deaths=random.choice((0.0, 0.02, 0.06)) if is_stormy else 0.0,
            sleeps=random.choice((0.0, 0.05, 0.15)) if "crowd" in features else 0.0,
            hiccups=random.choice((0.0, 0.0, 0.2)) if is_stormy else 0.0,
            bank=bank,
            giving_back=_GIVING_BACK if is_stormy else ("ok",),
            steps=random.randrange(4, 12),
            fee_cents=random.choice((0, 0, 250)),
            day_max_cents=random.choice((150_000, 12_000)),
            pays_from_bank=pays_from_bank,
        )

    def fate(self, random: Random) -> Fate:
        """What becomes of the running process at a boundary."""
        draw = random.random()
        if draw < self.deaths:
            return "die"
        return "sleep" if draw < self.deaths + self.sleeps else "go"


def _due_on(random: Random) -> date:
    if random.random() < 0.5:
        return random.choice(_ODD_DAYS)
    return date(2026, 2, 1) + timedelta(days=random.randrange(36 * 30))
