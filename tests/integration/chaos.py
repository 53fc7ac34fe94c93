"""`uv run task chaos`: workers killed and frozen over 1,000 payments, on SQLite and on PostgreSQL.

Two workers and two services; five kills, one worker dead for good, one frozen for 15 s; Stripe's news comes
twice. Prints what was done; a book that does not agree ends it with an error.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from tests.integration.due_bills import DueBills, due_bills, until

KILLS = 5
FROZEN_SECONDS = 15
THREADS = 8
# The rate is set so that the payments take about this long, and a kill meets work under way.
_SECONDS_OF_PAYMENTS = 60
_PATIENCE_SECONDS = 1800


def torment(bills: DueBills, count: int) -> None:
    """Kill and freeze workers while `count` payments are made, then require that the books agree."""
    first, second = bills.process("worker"), bills.process("worker")
    for worker in (first, second):
        worker.start()
    until(lambda: len(bills.workers()) == 2, "two workers", _PATIENCE_SECONDS)
    bills.set_due(count)
    for kill in range(1, KILLS + 1):
        victim = first if kill % 2 else second
        victim.wait_until_working(_PATIENCE_SECONDS)
        until(lambda: bills.count() >= kill * count // (KILLS + 3), "more payments", _PATIENCE_SECONDS)  # noqa: B023
        victim.signal(signal.SIGKILL)
        _say(f"kill {kill} at {bills.count()} payments")
        if kill < KILLS:
            victim.start()
    until(lambda: bills.count() >= (KILLS + 1) * count // (KILLS + 3), "more payments", _PATIENCE_SECONDS)
    second.signal(signal.SIGSTOP)
    _say(f"frozen for {FROZEN_SECONDS} s at {bills.count()} payments")
    time.sleep(FROZEN_SECONDS)
    second.signal(signal.SIGCONT)
    until(lambda: bills.count_undrafted() == 0, "every payment", _PATIENCE_SECONDS)
    _say(f"{bills.count()} payments; {len(bills.open_payments())} of them open: time passes")
    bills.finish_open(_PATIENCE_SECONDS)
    bills.require_books_agree(count, lost_at_most=KILLS * THREADS)
    bills.require_told_once()


def run(database_url: str, count: int) -> None:
    """One run on one database."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        rate = max(count // _SECONDS_OF_PAYMENTS, 1)
        url = database_url or f"sqlite:///{Path(folder) / 'porchlight.db'}"
        _say(f"{count} payments on {make_url(url).get_backend_name()}")
        with due_bills(
            url, Path(folder), worker_dead_seconds=6, worker_threads=THREADS, stripe_calls_per_second=rate
        ) as bills:
            services = [bills.service(), bills.service()]
            for service in services:
                service.start()
            bills.processor.plan_webhooks(f"{services[0].public_url}/stripe/events", copies=2)
            torment(bills, count)
        _say(f"the books agree to the cent, after {time.monotonic() - began:.0f} s")


@contextmanager
def _postgres() -> Iterator[str]:
    """A database of this run's own on the test server."""
    server, name = make_url(os.environ["PORCHLIGHT_TEST_POSTGRES_URL"]), f"porchlight_chaos_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


def _say(words: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {words}\n")
    sys.stdout.flush()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--payments", type=int, default=1000)
    options.add_argument("--only", choices=["sqlite", "postgres"])
    chosen = options.parse_args()
    if chosen.only != "postgres":
        run("", chosen.payments)
    if chosen.only == "sqlite":
        return
    if not os.environ.get("PORCHLIGHT_TEST_POSTGRES_URL"):
        _say("PORCHLIGHT_TEST_POSTGRES_URL is not set: PostgreSQL was left out")
        return
    with _postgres() as url:
        run(url, chosen.payments)


if __name__ == "__main__":
    main()
