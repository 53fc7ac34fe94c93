"""The roll of workers: a stable name for each process, its heartbeat, and who has stopped beating."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from assistant.clock import Clock
from assistant.db import Database, insert_once, rows_changed
from assistant.ids import new_id
from assistant.jobs.models import Worker

_REMEMBERED = timedelta(days=30)


class Roll:
    """One worker's place in the roll. `name` stays the same over restarts, so its jobs find it again."""

    def __init__(self, db: Database, clock: Clock, *, base_name: str, dead_after: timedelta) -> None:
        self._db = db
        self._clock = clock
        self._base_name = base_name
        self._dead_after = dead_after
        self._boot_id = new_id("boot")
        self.name = ""

    def sign_in(self) -> str:
        """Take the first free name of this machine: `host-1`, `host-2`, …"""
        number = 1
        while not self._take(f"{self._base_name}-{number}"):
            number += 1
        self.name = f"{self._base_name}-{number}"
        return self.name

    def beat(self) -> bool:
        """Say that we are alive. False when another process has our name: we slept too long."""
        with self._db.write() as tx:
            beaten = tx.execute(
                update(Worker)
                .where(Worker.name == self.name, Worker.boot_id == self._boot_id)
                .values(beat_at=self._clock.now())
            )
            return rows_changed(beaten) == 1 or insert_once(tx, Worker, [self._row(self.name)]) == 1

    def sign_out(self) -> None:
        """Leave in good order: the name is free at once."""
        with self._db.write() as tx:
            tx.execute(delete(Worker).where(Worker.name == self.name, Worker.boot_id == self._boot_id))

    def forget_dead(self) -> int:
        """Strike out names that have not beaten for a month; returns how many."""
        with self._db.write() as tx:
            gone = tx.execute(delete(Worker).where(Worker.beat_at < self._clock.now() - _REMEMBERED))
            return rows_changed(gone)

    def alive(self) -> set[str]:
        """The names that have beaten lately."""
        with self._db.read() as tx:
            return set(tx.scalars(select(Worker.name).where(Worker.beat_at > self._dead_line())))

    def _take(self, name: str) -> bool:
        row = self._row(name)
        with self._db.write() as tx:
            if insert_once(tx, Worker, [row]):
                return True
            is_free = (Worker.name == name) & (Worker.beat_at <= self._dead_line())
            return rows_changed(tx.execute(update(Worker).where(is_free).values(row))) == 1

    def _row(self, name: str) -> dict[str, Any]:
        now = self._clock.now()
        return {"name": name, "boot_id": self._boot_id, "started_at": now, "beat_at": now}

    def _dead_line(self) -> datetime:
        return self._clock.now() - self._dead_after
