"""A short run of the simulation; the long ones are `task simulation` and the run of CI."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import require_postgres
from tests.simulation.__main__ import main
from tests.simulation.opening import postgres_world, sqlite_world
from tests.simulation.planted import BUGS
from tests.simulation.running import play, quiet
from tests.simulation.story import tell
from tests.simulation.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with sqlite_world() as opened, quiet():
        yield opened


@pytest.mark.parametrize("seeds", [range(n, n + 50) for n in (50, 100, 150)], ids=lambda seeds: str(seeds))
def test_150_stories_keep_every_promise(world: World, seeds: range) -> None:
    report = play(seeds, world)
    assert not report.failures, report.failures[0]
    assert report.seeds == 50
    assert report.counts["charges"] > 20
    assert report.counts["charges of who is there"] > 10
    assert report.counts["deaths"] > 5


def test_a_seed_tells_the_same_story_each_time(world: World) -> None:
    for seed in range(10):
        first, second = tell(world, seed), tell(world, seed)
        assert first.trace == second.trace
        assert first.books() == second.books()


# Every story is played on SQLite in the default run.
@pytest.mark.thorough
@pytest.mark.postgres
def test_the_same_seeds_end_equal_on_both_databases(world: World) -> None:
    require_postgres()
    with postgres_world() as other:
        for seed in range(200, 230):
            here = tell(world, seed)
            on_sqlite = (here.trace, here.books())
            there = tell(other, seed)
            assert on_sqlite == (there.trace, there.books())


def test_a_failure_names_the_seed_and_the_command_that_replays_it(capsys: pytest.CaptureFixture[str]) -> None:
    with BUGS["settling in two commits"]():
        assert main(["--seed", "0"]) == 1
    shown = capsys.readouterr().out
    assert "state and ledger differ" in shown
    assert "Replay: uv run python -m tests.simulation --seed 0" in shown
    assert main(["--seed", "0"]) == 0
