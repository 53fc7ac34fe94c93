"""A morning's autopay beside a plain loop of stripe-python: `uv run python -m tests.benchmarks.autopay_run`.

Both charge at the same stand-in, a process of its own; the loop runs before and after the worker, so that the
machine's other work hits both. The loop only charges; the worker keeps books and survives a crash.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from assistant import migrations
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.jobs.models import Worker
from assistant.payments.models import Payment
from tests.benchmarks.bulk import CENTS, add_accounts, add_due_autopay
from tests.benchmarks.processor_process import Processor, processor_process
from tests.integration.due_bills import Process, until, zone_where_it_is_noon

_PATIENCE_SECONDS = 7200
_LOOP_SHARE = 10
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """Figures of one run. CPU is that of the workers, or of the loop; the stand-in's is left out."""

    database: str
    workers: int
    payments: int
    answer_ms: int
    loop_per_second: float
    ours_per_second: float
    ratio: float
    loop_cpu_ms: float
    ours_cpu_ms: float
    worker_peak_mib: list[int]


def loop(processor: Processor, payers: list[tuple[str, str]]) -> tuple[float, float]:
    """Charge each payer in a plain loop; seconds and CPU seconds."""
    api = processor.client().v1
    began, cpu = time.monotonic(), time.process_time()
    for customer, method in payers:
        api.payment_intents.create(
            {
                "amount": CENTS,
                "currency": "usd",
                "customer": customer,
                "payment_method": method,
                "confirm": True,
                "off_session": True,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )
    return time.monotonic() - began, time.process_time() - cpu


def run(database_url: str, folder: Path, count: int, workers: int, answer_ms: int) -> Run:
    zone = zone_where_it_is_noon()
    clock = SystemClock(zone)
    db = Database(database_url or f"sqlite:///{folder / 'porchlight.db'}")
    migrations.upgrade(db.writer)
    with processor_process(folder) as processor:
        add_accounts(db, 1, count, statements=1, today=clock.today(), now=clock.now())
        share = max(count // _LOOP_SHARE, 50)
        payers = processor.add_payers(count + 2 * share)
        if answer_ms:
            processor.answer_after(answer_ms)
        before = loop(processor, payers[count : count + share])
        values: dict[str, Any] = {
            "data_dir": folder,
            "database_url": db.url.render_as_string(hide_password=False),
            "coop_zone": zone,
            "stripe_api_base": processor.url,
            # Nobody answers there: texts wait in the outbox.
            "twilio_api_base": "http://127.0.0.1:9",
            "stripe_calls_per_second": 100_000,
            "worker_name": "bench",
        }
        processes = [Process("worker", values, folder, f"worker-{number}") for number in range(workers)]
        for process in processes:
            process.start()
        until(lambda: _count_workers(db) == workers, "the workers", _PATIENCE_SECONDS)
        time.sleep(2)
        add_due_autopay(
            db,
            [(number + 1, *payer) for number, payer in enumerate(payers[:count])],
            today=clock.today(),
            now=clock.now(),
        )
        cpu = sum(_cpu_seconds(process.pid) for process in processes)
        until(lambda: _count_paid(db) == count, "every payment", _PATIENCE_SECONDS)
        cpu = sum(_cpu_seconds(process.pid) for process in processes) - cpu
        peaks = [memory_mib(process.pid, "VmHWM") for process in processes]
        for process in processes:
            process.stop()
        after = loop(processor, payers[count + share :])
        seconds = _seconds_of_run(db)
    db.close()
    loop_per_second = 2 * share / (before[0] + after[0])
    return Run(
        db.url.get_backend_name(),
        workers,
        count,
        answer_ms,
        round(loop_per_second, 1),
        round(count / seconds, 1),
        round(count / seconds / loop_per_second, 2),
        round((before[1] + after[1]) / (2 * share) * 1000, 2),
        round(cpu / count * 1000, 2),
        peaks,
    )


def _count_workers(db: Database) -> int:
    with db.read() as tx:
        return int(tx.scalar(select(func.count()).select_from(Worker)) or 0)


def _count_paid(db: Database) -> int:
    with db.read() as tx:
        return int(tx.scalar(select(func.count()).where(Payment.state == "succeeded")) or 0)


def _seconds_of_run(db: Database) -> float:
    """From the first intent that was written to the last payment that was settled."""
    with db.read() as tx:
        first, last = tx.execute(select(func.min(Payment.created_at), func.max(Payment.settled_at))).one()
    return float((last - first).total_seconds())


def _cpu_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def memory_mib(pid: int | str, what: str) -> int:
    """Memory of a process, `self` for this one: `VmRSS` is what it holds, `VmHWM` the most it ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(what))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--payments", type=int, default=10_000)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument(
        "--answer-ms",
        type=int,
        default=0,
        help="how long the processor takes for a charge; a real one 300 or more",
    )
    options.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite without")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(chosen.database_url, Path(folder), chosen.payments, chosen.workers, chosen.answer_ms)
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")


if __name__ == "__main__":
    main()
