"""Memory of planning autopay, by the number of enrollments.

`uv run python -m tests.benchmarks.planning_memory`. Each size is planned by a process of its own, page by
page as the worker does it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import delete

from assistant import migrations
from assistant.app import build
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.payments.scheduling_models import AutopayDraft
from assistant.settings import Settings
from tests.benchmarks.autopay_run import memory_mib
from tests.benchmarks.bulk import add_accounts, add_due_autopay
from tests.integration.due_bills import zone_where_it_is_noon


def plan(count: int, pages: int) -> dict[str, object]:
    """Plan the first pages of so many bills; what the process held before and at each page's end."""
    with tempfile.TemporaryDirectory() as folder:
        zone, url = zone_where_it_is_noon(), f"sqlite:///{Path(folder) / 'porchlight.db'}"
        clock, db = SystemClock(zone), Database(url)
        migrations.upgrade(db.writer)
        add_accounts(db, 1, count, statements=1, today=clock.today(), now=clock.now())
        add_due_autopay(
            db,
            [(one, f"cus_{one}", f"pm_{one}") for one in range(1, count + 1)],
            today=clock.today(),
            now=clock.now(),
        )
        with db.write() as tx:
            tx.execute(delete(AutopayDraft))
        before = memory_mib("self", "VmRSS")
        planning = build(Settings(data_dir=Path(folder), database_url=url, coop_zone=zone)).payments
        held, planned, began = [], 0, time.monotonic()
        for _ in range(pages):
            planned += planning.autopay_planning.plan_due()
            held.append(memory_mib("self", "VmRSS"))
    return {
        "enrollments": count,
        "planned": planned,
        "held_mib_before_and_at_page_ends": [before, *held],
        "peak_mib": memory_mib("self", "VmHWM"),
        "seconds": round(time.monotonic() - began, 1),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    options.add_argument("--pages", type=int, default=2, help="pages of 500 bills that are planned")
    options.add_argument("--one", type=int, help="plan this size here, in this process")
    chosen = options.parse_args()
    if chosen.one:
        sys.stdout.write(json.dumps(plan(chosen.one, chosen.pages)) + "\n")
        return
    for size in chosen.sizes:
        wanted = ("--one", str(size), "--pages", str(chosen.pages))
        subprocess.run([sys.executable, "-m", "tests.benchmarks.planning_memory", *wanted], check=True)


if __name__ == "__main__":
    main()
