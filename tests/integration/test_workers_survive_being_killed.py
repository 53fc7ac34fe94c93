"""kill -9 and SIGSTOP of real workers in the middle of a morning's payments: the books agree to the cent."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.integration.due_bills import due_bills, until
from tests.unit.jobs.conftest import drop_engine_tables

pytestmark = pytest.mark.slow

COUNT = 50
FROZEN_SECONDS = 5
THREADS = 4


def test_one_worker_dead_for_good_and_one_frozen_charge_everyone_once(
    empty_database_url: str, tmp_path: Path
) -> None:
    with due_bills(
        empty_database_url,
        tmp_path,
        worker_dead_seconds=3,
        stripe_calls_per_second=12,
        worker_threads=THREADS,
    ) as bills:
        sleeper, victim = bills.process("worker"), bills.process("worker")
        for worker in (sleeper, victim):
            worker.start()
        until(lambda: len(bills.workers()) == 2, "two workers")
        bills.set_due(COUNT)
        until(lambda: bills.count() >= 10, "the first payments")
        sleeper.signal(signal.SIGSTOP)
        time.sleep(FROZEN_SECONDS)
        sleeper.signal(signal.SIGCONT)
        until(lambda: bills.count() >= 28, "payments of both")
        victim.signal(signal.SIGKILL)
        until(lambda: bills.count_undrafted() == 0, "every payment")
        bills.finish_open()
        bills.require_books_agree(COUNT, lost_at_most=THREADS)


# The jobs' own tests drop what the engine knows, without a process to kill.
@pytest.mark.thorough
def test_with_the_engines_tables_dropped_under_a_worker_every_payment_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'porchlight.db'}"
    with due_bills(url, tmp_path, stripe_calls_per_second=5) as bills:
        worker = bills.process("worker")
        worker.start()
        until(lambda: bills.workers(), "the worker")
        bills.set_due(20)
        until(lambda: bills.count() >= 3, "the first payments")
        drop_engine_tables(bills.db)
        until(lambda: bills.count_undrafted() == 0, "every payment")
        bills.finish_open()
        bills.require_books_agree(20)
