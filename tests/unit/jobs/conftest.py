"""A job engine on each database, with work that tests make up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import inspect, text

from assistant.clock import FixedClock
from assistant.db import Base, Database
from assistant.jobs.claims import Claims
from assistant.jobs.crons import Cron
from assistant.jobs.dispatch import Dispatcher, JobKind
from assistant.jobs.engine import JobEngine


def until(found: Callable[[], object], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.02)


def drop_engine_tables(db: Database) -> None:
    """What a careless hand may do to tables that are not ours."""
    with db.write() as tx:
        if not db.is_sqlite:
            tx.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))
            return
        tx.execute(text("PRAGMA defer_foreign_keys=ON"))
        for table in set(inspect(tx.connection()).get_table_names()) - set(Base.metadata.tables):
            tx.execute(text(f'DROP TABLE "{table}"'))


@dataclass
class Works:
    """Pieces of work that are due until they are done."""

    due: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    does: Callable[[str], bool] = lambda _key: True

    def list_due(self, limit: int) -> list[tuple[str | int, ...]]:
        return [(key,) for key in self.due if key not in self.done][:limit]

    def work(self, key: str) -> bool:
        is_done = self.does(key)
        if is_done:
            self.done.append(key)
        return is_done


@dataclass
class Shop:
    """An engine, what is handed to it, and the crons it knows; started and stopped at will."""

    db: Database
    clock: FixedClock
    works: Works
    calls_per_second: int = 1000
    crons: list[Cron] = field(default_factory=list)
    engine: JobEngine | None = None

    def start(self) -> None:
        self.engine = JobEngine(
            self.db, zone="America/New_York", calls_per_second=self.calls_per_second, threads=4
        )
        self.claims = Claims(self.db, self.clock)
        self.dispatcher = Dispatcher(self.db, self.engine, self.claims)
        self.kind = JobKind("made_up", self.works.list_due, self.works.work)
        self.dispatcher.add(self.kind)
        for cron in self.crons:
            self.engine.add_cron(cron)
        self.engine.start("test-1")

    def stop(self, finish_seconds: int = 0) -> None:
        if self.engine is not None:
            self.engine.stop(finish_seconds)
            self.engine = None

    def dispatch(self) -> int:
        return self.dispatcher.dispatch(self.kind)


@pytest.fixture
def shop(db: Database, clock: FixedClock) -> Iterator[Shop]:
    drop_engine_tables(db)
    made = Shop(db, clock, Works())
    yield made
    made.stop()
    drop_engine_tables(db)
