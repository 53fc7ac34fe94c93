"""A simulation that cannot fail proves nothing: every planted bug must be found within 1,000 seeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.opening import sqlite_world
from tests.simulation.planted import BUGS
from tests.simulation.running import play, quiet
from tests.simulation.world import World

_README = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
# The bug and the promise that breaks; the seed between them is for readers, it moves with the stories.
PROMISES = dict(re.findall(r"^\| ([a-z ]+) \| \d+ \| (.+) \|$", _README, re.MULTILINE))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with sqlite_world() as opened, quiet():
        yield opened


# Found after hundreds of stories, as the table in the README says.
RARE = {"a webhook believed each time it comes", "drafting beside a debit that is on its way"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.thorough) if name in RARE else name for name in BUGS]
)
def test_it_is_found_by_the_promise_that_it_breaks(world: World, name: str) -> None:
    with BUGS[name]():
        report = play(range(1000), world)
    assert report.failures, f"{name} was not found in {report.seeds} seeds"
    assert PROMISES[name] in report.failures[0].splitlines()[0]
    assert "Replay: uv run python -m tests.simulation --seed" in report.failures[0]


def test_the_table_names_every_planted_bug() -> None:
    assert set(PROMISES) == set(BUGS)
