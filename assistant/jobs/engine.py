"""The engine that runs jobs: DBOS, on the database of our own tables. No other part knows how to run one.

A job's arguments are ids only, so the engine's tables hold nothing about members. What a job may do is
decided by the rows it works on; the engine sees to it that somebody does it, at a bounded rate.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from assistant.db import Database, pages
from assistant.jobs.crons import Cron
from assistant.observability import place_of

APPLICATION = "porchlight"
# Constant on purpose: a job is one call of a service that is safe to repeat, so any version may finish it.
APPLICATION_VERSION = "1"
# Work that calls the payment processor, at a bounded rate over all workers.
PROCESSOR_QUEUE = "processor"
# Work of the co-op's own: notices, retention.
OFFICE_QUEUE = "office"
PAGE = 500

# DBOS's order: the highest number last; without one a job goes first.
_LATER = 10
_POLL_SECONDS = 0.2
_BUSY_SECONDS = 30
# A worker takes more jobs at a time than it has threads, so that they need not wait for the next poll.
_TAKEN_PER_THREAD = 8

_LOG = structlog.get_logger(__name__)
Result = TypeVar("Result")


class JobFailed(Exception):
    """A job ended with an unexpected error: its type and place, never its values."""


class JobEngine:
    """Runs jobs in this process. DBOS keeps its state per process, so there is one engine per process."""

    def __init__(self, db: Database, *, zone: str, calls_per_second: int, threads: int) -> None:
        self._db = db
        self._zone = zone
        self._calls_per_second = calls_per_second
        self._threads = threads
        # Not the size of the engine's pool: a job that was taken from us keeps its thread until its new owner
        # is done, and a full pool in which the new owner waits for a thread would wait for ever.
        self._hands = threading.BoundedSemaphore(threads)
        self._executor_id = ""
        self._jobs: dict[str, Callable[..., str]] = {}
        self._cron_jobs: list[tuple[Cron, Callable[[Any, Any], Any]]] = []
        self._engine: Engine | None = None
        self._client: DBOSClient | None = None

    def add_job(self, kind: str, work: Callable[..., bool]) -> None:
        """Make `work(*ids)` a kind of job. It is safe to repeat and answers False when it has to wait."""

        def run(*ids: str | int) -> str:
            with self._hands:
                return "done" if _careful(kind, lambda: work(*ids)) else "waits"

        self._jobs[kind] = run

    def add_cron(self, cron: Cron) -> None:
        """Make work that comes by the clock known; times that were missed are made up for."""

        def run(_scheduled_at: Any, _context: Any) -> Any:
            return f"{_careful(cron.kind, lambda: _all_pages(cron.page))} done"

        self._cron_jobs.append((cron, run))

    def start(self, executor_id: str) -> None:
        """Bring the engine's tables up and begin to work. `executor_id` is this process's alone, and stays
        the same when it starts again."""
        _log_through_ours()
        self._executor_id = executor_id
        self._engine = engine_for(self._db, pool_size=self._threads + 10)
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": APPLICATION_VERSION,
            "executor_id": executor_id,
            "system_database_engine": self._engine,
            "serializer": DBOSPortableJSONSerializer(),
            # Polling needs no connection of its own per process and no triggers.
            "use_listen_notify": False,
            "log_level": "WARNING",
        }
        for kind, run in self._jobs.items():
            DBOS.workflow(name=kind)(run)
        workflows = [(cron, DBOS.workflow(name=cron.kind)(run)) for cron, run in self._cron_jobs]
        DBOS(config=config)
        DBOS.launch()
        self._register_queues()
        DBOS.apply_schedules(
            [
                {
                    "schedule_name": cron.kind,
                    "workflow_fn": run,
                    "schedule": cron.expression,
                    "context": None,
                    "automatic_backfill": True,
                    "cron_timezone": self._zone,
                    "queue_name": OFFICE_QUEUE,
                }
                for cron, run in workflows
            ]
        )
        self._client = client_on(self._engine)

    def stop(self, finish_seconds: int) -> None:
        """Stop taking jobs and let those under way finish; what does not finish is another worker's."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=finish_seconds)
        if self._engine is not None:
            self._engine.dispose()

    def enqueue(self, tx: Session, job_id: str, kind: str, *ids: str | int, can_wait: bool = False) -> None:
        """Put a job into the processor's queue in the caller's transaction: both land, or neither.

        One that `can_wait` lets all others go first.
        """
        options: EnqueueOptions = {
            "workflow_name": kind,
            "queue_name": PROCESSOR_QUEUE,
            "workflow_id": job_id,
        }
        if can_wait:
            options["priority"] = _LATER
        self._started.enqueue_in_transaction(tx, options, *ids)

    def resume_orphans(self, alive: set[str]) -> int:
        """Give jobs that were under way in a process that is gone back to the queue; returns how many."""
        pending = self._started.list_workflows(
            status="PENDING", load_input=False, load_output=False, limit=PAGE
        )
        by_queue: dict[str, list[str]] = {}
        for job in pending:
            # Our own heart may have beaten late, but we are at work on what is ours.
            if job.executor_id not in alive and job.executor_id != self._executor_id:
                by_queue.setdefault(job.queue_name or OFFICE_QUEUE, []).append(job.workflow_id)
        for queue, job_ids in by_queue.items():
            self._started.resume_workflows(job_ids, queue_name=queue)
        return sum(len(job_ids) for job_ids in by_queue.values())

    def known(self, job_ids: list[str]) -> set[str]:
        """Which of these jobs the engine has heard of: none when its tables are gone."""
        found: set[str] = set()
        try:
            for page in pages(job_ids):
                jobs = self._started.list_workflows(
                    workflow_ids=list(page), load_input=False, load_output=False
                )
                found.update(job.workflow_id for job in jobs)
        except DBAPIError:
            if self._has_tables():
                raise
            return set()
        return found

    def _has_tables(self) -> bool:
        schema = None if self._db.is_sqlite else "dbos"
        return inspect(self._db.reader).has_table("workflow_status", schema=schema)

    def forget_page(self, before: datetime) -> int:
        """Delete the history of at most PAGE jobs that ended before then; returns how many."""
        ended = self._started.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            completed_before=before.isoformat(),
            load_input=False,
            load_output=False,
            limit=PAGE,
        )
        if ended:
            self._started.delete_workflows([job.workflow_id for job in ended])
        return len(ended)

    def _register_queues(self) -> None:
        DBOS.register_queue(
            PROCESSOR_QUEUE,
            worker_concurrency=self._threads * _TAKEN_PER_THREAD,
            limiter={"limit": self._calls_per_second, "period": 1.0},
            polling_interval_sec=_POLL_SECONDS,
            on_conflict="always_update",
        )
        DBOS.register_queue(OFFICE_QUEUE, worker_concurrency=2, on_conflict="always_update")

    @property
    def _started(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("the job engine was not started")
        return self._client


def engine_for(db: Database, *, pool_size: int) -> Engine:
    """A pool for the engine's own statements, as durable as ours."""
    if not db.is_sqlite:
        return create_engine(db.url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True)
    engine = create_engine(
        db.url,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # What DBOS sets on an engine of its own making, and the durability of our own.
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def client_on(engine: Engine) -> DBOSClient:
    """Reads and writes jobs without running any."""
    return DBOSClient(
        system_database_engine=engine,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        retry_connection_errors=False,
    )


def _all_pages(page: Callable[[], int]) -> int:
    """Every page is a step of its own: a job that is taken up again goes on behind the last one."""
    total = 0
    while count := DBOS.run_step({"name": "page"}, page):
        total += count
    return total


def _careful(kind: str, work: Callable[[], Result]) -> Result:
    """Errors are told by type and place: their values may hold what must not be kept."""
    try:
        return work()
    except Exception as unexpected:  # noqa: BLE001  it is told again, without its values
        where = place_of(unexpected)
        _LOG.error("job_failed", kind=kind, error=type(unexpected).__name__, where=where)
        raise JobFailed(f"{type(unexpected).__name__} at {where}") from None


class _ThroughOurLog(logging.Handler):
    """The engine's log lines, with our redaction and without traces."""

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage().splitlines()
        _LOG.warning("job_engine", says=words[0] if words else "", level=record.levelname)


def _log_through_ours() -> None:
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, _ThroughOurLog) for handler in logger.handlers):
        logger.handlers = [_ThroughOurLog()]
        logger.propagate = False
