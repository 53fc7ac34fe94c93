"""The worker: hands due work to jobs, sends what waits, and finishes what others left behind.

Whether a piece of work may be done is decided by guarded UPDATEs of its own rows, so any number of workers
may run at once, and the work is done even when the job engine's tables are gone.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from assistant import migrations
from assistant.app import Application, build
from assistant.db import Database
from assistant.errors import Fault
from assistant.jobs.claims import Claims
from assistant.jobs.crons import Cron
from assistant.jobs.dispatch import Dispatcher, JobKind
from assistant.jobs.engine import JobEngine
from assistant.jobs.roll import Roll
from assistant.observability import configure_logging, place_of
from assistant.retention import forget_old
from assistant.settings import Settings

_LOG = structlog.get_logger(__name__)
_WAIT_FOR_TABLES_SECONDS = 60
# What is under way gets this long to finish; what does not is finished by whoever comes next.
_FINISH_SECONDS = 3
# Heartbeats come this often within the time after which a worker is taken for dead.
_BEATS = 6
# Rounds whose work goes to jobs while there is an engine.
_DONE_AS_JOBS = frozenset(
    {
        "processor_events",
        "payment_lookups",
        "refunds_and_disputes",
        "scheduled_payments",
        "autopay_notices",
        "autopay_drafts",
        "retention",
    }
)


@dataclass(frozen=True)
class Round:
    """Something done again and again. `every_seconds` is the pause between two of them."""

    name: str
    every_seconds: float
    work: Callable[[], int]


def kinds_of(application: Application) -> list[JobKind]:
    """The work that calls the processor: one job for each piece."""
    payments = application.payments
    return [
        JobKind(
            "scheduled_payment",
            lambda limit: list(payments.scheduled_drafting.due(limit)),
            payments.scheduled_drafting.draft,
        ),
        JobKind(
            "autopay_draft",
            lambda limit: list(payments.autopay_drafting.due(limit)),
            payments.autopay_drafting.draft,
        ),
        JobKind(
            "payment_lookup",
            lambda limit: [(payment_id,) for payment_id in payments.lookup.due(limit)],
            payments.lookup.look_at,
        ),
        JobKind(
            "processor_event",
            lambda limit: [(event_id,) for event_id in payments.notices.open(limit)],
            payments.notices.handle,
            can_wait=True,
        ),
        JobKind(
            "refund_or_dispute",
            lambda limit: [(row_id,) for row_id in payments.refunding.due(limit)],
            payments.refunding.finish,
        ),
    ]


def rounds_of(application: Application) -> list[Round]:
    """Everything there is to do, without the job engine: this alone brings every payment to its end."""
    return [
        Round("outbox", 2, application.outbox.send_due),
        Round("processor_events", 5, application.payments.handle_notices),
        Round("payment_lookups", 10, application.payments.sweep),
        Round("untold_news", 30, application.payments.untold.hand_over),
        Round("refunds_and_disputes", 10, application.payments.refunding.finish_due),
        Round("held_payments", 30, application.payments.reviews.expire_due),
        Round("scheduled_payments", 2, application.payments.scheduled_drafting.draft_due),
        Round("autopay_notices", 10, application.payments.autopay_planning.plan_due),
        Round("autopay_drafts", 2, application.payments.autopay_drafting.draft_due),
        Round("arrangements", 600, application.billing.arrangements.close_ended),
        Round("reminders", 300, application.payments.reminders.queue_due),
        Round("retention", 3600, lambda: forget_old(application.db, application.clock, application.settings)),
    ]


class Worker:
    """One worker process: its name in the roll, its engine, and a thread for each of its rounds."""

    def __init__(self, application: Application) -> None:
        self._application = application
        settings, db, clock = application.settings, application.db, application.clock
        self._dead_after = timedelta(seconds=settings.worker_dead_seconds)
        self._roll = Roll(
            db, clock, base_name=settings.worker_name or socket.gethostname(), dead_after=self._dead_after
        )
        self._engine = JobEngine(
            db,
            zone=settings.coop_zone,
            calls_per_second=settings.stripe_calls_per_second,
            threads=settings.worker_threads,
        )
        self._claims = Claims(db, clock)
        self._dispatcher = Dispatcher(db, self._engine, self._claims)
        self._kinds = kinds_of(application)
        self._add_jobs()
        self._stop = threading.Event()
        self._lost_its_name = False

    def run(self) -> bool:
        """Work until `stop`. False when another process took our name while this one slept."""
        name = self._roll.sign_in()
        threads = [
            threading.Thread(target=self._repeat, args=(one,), name=one.name, daemon=True)
            for one in self._rounds()
        ]
        # The heart beats before the first job begins, or another worker would take it for a dead one's.
        threads[0].start()
        self._engine.start(name)
        for thread in threads[1:]:
            thread.start()
        _LOG.info("worker_started", worker=name, rounds=[thread.name for thread in threads])
        self._stop.wait()
        deadline = time.monotonic() + _FINISH_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._engine.stop(_FINISH_SECONDS)
        if self._lost_its_name:
            _LOG.error("worker_lost_its_name", worker=name, why="it slept, and another one took its name")
            return False
        self._roll.sign_out()
        _LOG.info("worker_stopped", worker=name)
        return True

    def stop(self) -> None:
        """Finish what is under way, and end."""
        self._stop.set()

    def _add_jobs(self) -> None:
        application = self._application
        for kind in self._kinds:
            self._dispatcher.add(kind)
        notices = application.payments.autopay_planning.plan_due
        self.crons = [
            Cron("autopay_notices", minute=0, hours=tuple(range(9, 20)), page=notices),
            Cron("retention", minute=30, hours=(3,), page=self._forget),
        ]
        for cron in self.crons:
            self._engine.add_cron(cron)

    def _rounds(self) -> list[Round]:
        payments = self._application.payments
        return [
            Round("heartbeat", self._dead_after.total_seconds() / _BEATS, self._beat),
            Round("janitor", self._dead_after.total_seconds() / 2, self._resume_orphans),
            Round("lost_jobs", self._dead_after.total_seconds() / 2, self._dispatcher.take_back_lost),
            *(
                Round(kind.name, 1, lambda kind=kind: self._dispatcher.dispatch(kind))  # type: ignore[misc]
                for kind in self._kinds
            ),
            Round("autopay_outcomes", 2, payments.autopay_drafting.conclude_due),
            # Beside the hourly job: a draft needs its notice, also when the engine's tables are gone.
            Round("autopay_notices", 600, payments.autopay_planning.plan_due),
            *(one for one in rounds_of(self._application) if one.name not in _DONE_AS_JOBS),
        ]

    def _repeat(self, one: Round) -> None:
        while True:
            _attempt(one)
            if self._stop.wait(one.every_seconds):
                return

    def _beat(self) -> int:
        if not self._roll.beat():
            self._lost_its_name = True
            self.stop()
        return 0

    def _resume_orphans(self) -> int:
        return self._engine.resume_orphans(self._roll.alive())

    def _forget(self) -> int:
        application = self._application
        history_ends = application.clock.now() - timedelta(days=application.settings.job_history_days)
        return (
            forget_old(application.db, application.clock, application.settings)
            + self._engine.forget_page(history_ends)
            + self._claims.forget_lapsed()
            + self._roll.forget_dead()
        )


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; ends the process.

    A job that was taken from us while we slept keeps its thread until its new owner is done with it. Nothing
    of ours hangs on that, so the process does not wait for it, as Python would.
    """
    configure_logging(settings.log_level)
    application = build(settings)
    _wait_for_tables(application.db)
    worker = Worker(application)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    is_well = worker.run()
    application.close()
    os._exit(0 if is_well else 1)


def _wait_for_tables(db: Database) -> None:
    """`serve` or `porchlight migrate` makes them, perhaps at this moment."""
    deadline = time.monotonic() + _WAIT_FOR_TABLES_SECONDS
    while not migrations.is_current(db.writer):
        if time.monotonic() > deadline:
            raise Fault("The database is of another version. Run `porchlight migrate`.")
        time.sleep(0.5)


def _attempt(one: Round) -> None:
    """One round; an error is logged and does not keep the next one from coming."""
    try:
        count = one.work()
    except Exception as unexpected:  # noqa: BLE001  the next round must still come
        _LOG.error(
            "round_failed", round=one.name, error=type(unexpected).__name__, where=place_of(unexpected)
        )
        return
    if count:
        _LOG.info("round", round=one.name, count=count)
