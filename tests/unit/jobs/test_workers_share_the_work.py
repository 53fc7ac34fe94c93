"""Two workers never have the same work or the same name, and the dead hold neither for long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from assistant.clock import FixedClock, SystemClock
from assistant.db import Database
from assistant.jobs.claims import LEASE, REST, Claims, Taken
from assistant.jobs.crons import Cron, next_run
from assistant.jobs.roll import Roll
from tests.conftest import MONDAY_MORNING

DEAD_AFTER = timedelta(seconds=30)


def take(db: Database, claims: Claims, keys: list[str], by: str) -> Taken:
    with db.write() as tx:
        return claims.take(tx, "made_up", {key: f"made_up:{key}:{by}" for key in keys})


def test_a_piece_of_work_goes_to_one_job_whoever_asks_at_the_same_time(
    db: Database, clock: FixedClock
) -> None:
    claims, keys = Claims(db, clock), [f"piece-{number}" for number in range(20)]
    with ThreadPoolExecutor(4) as workers:
        taken = list(workers.map(lambda number: take(db, claims, keys, f"{number}").fresh, range(4)))
    assert sorted(key for fresh in taken for key in fresh) == sorted(keys)
    assert claims.count_in_hand("made_up") == 20


def test_what_a_job_never_reported_on_is_not_handed_to_a_job_again(db: Database, clock: FixedClock) -> None:
    claims = Claims(db, clock)
    assert take(db, claims, ["piece"], "a") == Taken(["piece"], [])
    clock.advance(LEASE - timedelta(seconds=1))
    assert take(db, claims, ["piece"], "b") == Taken([], [])
    clock.advance(timedelta(seconds=2))
    assert take(db, claims, ["piece"], "c") == Taken([], ["piece"])
    assert take(db, claims, ["piece"], "d") == Taken([], [])
    claims.finish("made_up", "piece")
    assert take(db, claims, ["piece"], "e") == Taken([], []), "it rests"
    clock.advance(REST)
    assert take(db, claims, ["piece"], "f") == Taken(["piece"], [])


def test_a_claim_that_nobody_came_back_for_is_forgotten_after_a_day(db: Database, clock: FixedClock) -> None:
    claims = Claims(db, clock)
    take(db, claims, ["piece"], "a")
    assert claims.forget_lapsed() == 0
    clock.advance(timedelta(days=1) + LEASE + timedelta(seconds=1))
    assert claims.forget_lapsed() == 1


def roll(db: Database, clock: FixedClock) -> Roll:
    return Roll(db, clock, base_name="office", dead_after=DEAD_AFTER)


def test_a_worker_takes_the_first_free_name_and_keeps_it_over_restarts(
    db: Database, clock: FixedClock
) -> None:
    first, second = roll(db, clock), roll(db, clock)
    assert [first.sign_in(), second.sign_in()] == ["office-1", "office-2"]
    assert first.alive() == {"office-1", "office-2"}
    first.sign_out()
    assert roll(db, clock).sign_in() == "office-1"


def test_a_dead_workers_name_goes_to_the_next_and_the_sleeper_notices(
    db: Database, clock: FixedClock
) -> None:
    sleeper, other = roll(db, clock), roll(db, clock)
    sleeper.sign_in()
    other.sign_in()
    clock.advance(DEAD_AFTER)
    assert other.beat()
    assert other.alive() == {"office-2"}
    assert roll(db, clock).sign_in() == "office-1"
    assert not sleeper.beat()
    sleeper.sign_out()
    assert "office-1" in other.alive(), "it signed itself out only"


def test_a_sleeper_whose_name_nobody_took_goes_on(db: Database, clock: FixedClock) -> None:
    sleeper = roll(db, clock)
    sleeper.sign_in()
    clock.advance(timedelta(days=31))
    assert sleeper.forget_dead() == 1
    assert sleeper.beat()
    assert sleeper.alive() == {"office-1"}


@pytest.mark.parametrize("hour", [1, 2])
def test_nothing_is_set_for_the_hours_in_which_clocks_change(hour: int) -> None:
    with pytest.raises(ValueError, match="between one and three"):
        Cron("made_up", 0, (4, hour), lambda: 0)


def test_the_next_run_is_by_the_co_ops_clock_on_both_sides_of_a_clock_change() -> None:
    expression, zone = Cron("made_up", 30, (3, 9), lambda: 0).expression, SystemClock("America/New_York").zone
    assert expression == "30 3,9 * * *"
    # 31 October, a day before the clocks go back: 09:30 is 13:30 UTC, the day after 14:30.
    evening = MONDAY_MORNING.replace(month=10, day=31, hour=22)
    night = next_run(expression, evening, zone)
    assert night.isoformat() == "2026-11-01T08:30:00+00:00"
    assert next_run(expression, night, zone).isoformat() == "2026-11-01T14:30:00+00:00"
