"""Plays many seeds: in this process, or spread over several."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context

import structlog

from tests.simulation.opening import postgres_world, sqlite_world
from tests.simulation.story import Broken, tell
from tests.simulation.world import World

DATABASES = ("sqlite", "postgres")
# Seeds that one process takes at a time: a world is opened for each batch.
_BATCH = 250


@dataclass
class Report:
    """What was played. `failures` are whole messages, each with its trace and the command that replays it."""

    seeds: int = 0
    cpu_seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        self.seeds += other.seeds
        self.cpu_seconds += other.cpu_seconds
        self.counts += other.counts
        self.failures += other.failures


def open_world(database: str) -> AbstractContextManager[World]:
    return postgres_world() if database == "postgres" else sqlite_world()


def play_one(seed: int, database: str) -> tuple[str, str]:
    """The failure, if any, and how the story went."""
    with open_world(database) as world, quiet():
        try:
            return "", "\n".join(tell(world, seed).trace)
        except Broken as broken:
            return str(broken), ""


def play(seeds: Iterable[int], world: World) -> Report:
    """Play one seed after the other in one world; a broken promise ends it."""
    report, began = Report(), time.process_time()
    for seed in seeds:
        report.seeds += 1
        try:
            report.counts += tell(world, seed).counts
        except Broken as broken:
            report.failures.append(str(broken))
            break
    report.cpu_seconds = time.process_time() - began
    return report


def play_on_cores(seeds: Iterable[int], database: str, jobs: int, until: float | None) -> Report:
    """Play batches of seeds on `jobs` processes, until the monotonic time `until` if it is given."""
    report, numbers = Report(), iter(seeds)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        open_batches: set[Future[Report]] = set()
        while True:
            is_over = report.failures or (until is not None and time.monotonic() > until)
            while not is_over and len(open_batches) < jobs and (batch := list(islice(numbers, _BATCH))):
                open_batches.add(pool.submit(_play_batch, batch, database))
            if not open_batches:
                return report
            done, open_batches = wait(open_batches, return_when=FIRST_COMPLETED)
            for one in done:
                report.add(one.result())


def _play_batch(seeds: list[int], database: str) -> Report:
    with open_world(database) as world, quiet():
        return play(seeds, world)


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is logged, and what is there already is not looked through for garbage again and again."""
    configured = structlog.get_config()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *_: ""])
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        structlog.configure(**configured)
