"""Hands due work out to jobs, a page at a time, and does it here when the engine cannot."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from assistant.db import Database
from assistant.jobs.claims import Claims, Taken
from assistant.jobs.engine import PAGE, JobEngine
from assistant.observability import place_of

# How many jobs one transaction enqueues: the writer is not held up for longer than a turn can wait.
BATCH = 100

Ids = tuple[str | int, ...]

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True)
class JobKind:
    """A kind of work that is due by its own rows.

    `due(limit)` lists the ids of what is due, the first of which names the piece of work; `work(*ids)` does
    one piece, is safe to repeat, and answers False when it has to wait.
    """

    name: str
    due: Callable[[int], list[Ids]]
    work: Callable[..., bool]
    # It comes in floods, and nobody waits for it: all other kinds go first.
    can_wait: bool = False


class Dispatcher:
    """Any number may run at once: a claim in the transaction that enqueues the job decides who hands out."""

    def __init__(self, db: Database, engine: JobEngine, claims: Claims) -> None:
        self._db = db
        self._engine = engine
        self._claims = claims

    def add(self, kind: JobKind) -> None:
        """Make jobs of this kind known to the engine, before it starts."""

        def work(*ids: str | int) -> bool:
            is_done = kind.work(*ids)
            self._claims.finish(kind.name, str(ids[0]))
            return is_done

        self._engine.add_job(kind.name, work)

    def dispatch(self, kind: JobKind) -> int:
        """Hand out the next page of what is due; returns how many pieces were taken up.

        No more than a page waits in the queue, so a claim outlives its job's wait and memory stays flat.
        """
        if self._claims.count_in_hand(kind.name) >= PAGE:
            return 0
        page = kind.due(PAGE)
        return sum(self._hand_out(kind, page[start : start + BATCH]) for start in range(0, len(page), BATCH))

    def take_back_lost(self) -> int:
        """Work of jobs that the engine does not know, because its tables were dropped or restored from an
        older copy, lapses now and not at the end of its lease. Returns how many pieces."""
        held = self._claims.held_by_jobs()
        if not held:
            return 0
        known = self._engine.known(held)
        return self._claims.let_lapse([job_id for job_id in held if job_id not in known])

    def _hand_out(self, kind: JobKind, batch: list[Ids]) -> int:
        by_key = {str(ids[0]): ids for ids in batch}
        job_ids = {key: f"{kind.name}:{key}:{secrets.token_hex(4)}" for key in by_key}
        try:
            with self._db.write() as tx:
                taken = self._claims.take(tx, kind.name, job_ids)
                for key in taken.fresh:
                    self._engine.enqueue(tx, job_ids[key], kind.name, *by_key[key], can_wait=kind.can_wait)
        except Exception as broken:  # noqa: BLE001  whatever ails the engine, payments are finished
            _LOG.error("job_engine_failed", error=type(broken).__name__, where=place_of(broken))
            taken = Taken(fresh=[], lapsed=list(by_key))
        for key in taken.lapsed:
            self._do_here(kind, by_key[key])
        return len(taken.fresh) + len(taken.lapsed)

    def _do_here(self, kind: JobKind, ids: Ids) -> None:
        """The engine has lost it, or is lost itself: the row says what is due, and guards itself."""
        try:
            kind.work(*ids)
        except Exception as unexpected:  # noqa: BLE001  it stays due; the others must not wait for it
            where = place_of(unexpected)
            _LOG.error("job_failed", kind=kind.name, error=type(unexpected).__name__, where=where)
        else:
            self._claims.finish(kind.name, str(ids[0]))
