"""Balance and history of one account among few and among many: `uv run python -m tests.benchmarks.reads`.

Every account has 24 bills, all but the last one paid. Reads at both databases take turns, so that the
machine's other work hits both.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import String, cast, insert, literal, select, text

from assistant import migrations
from assistant.billing.models import Account, LedgerEntry, Statement
from assistant.billing.service import Billing
from assistant.clock import SystemClock
from assistant.db import Database, UtcDateTime
from tests.benchmarks.bulk import CENTS, add_accounts
from tests.benchmarks.figures import Spread
from tests.unit.billing.proofs import MadeProof

BILLS = 24
_ZONE = "America/New_York"


def fill(db: Database, accounts: int) -> None:
    """So many accounts with two years of bills and payments, written by the database itself."""
    migrations.upgrade(db.writer)
    clock = SystemClock(_ZONE)
    add_accounts(db, 1, accounts, statements=0, today=clock.today(), now=clock.now())
    for back in range(BILLS - 1, -1, -1):
        due = clock.today() + timedelta(days=10 - 30 * back)
        issued, number = due - timedelta(days=20), cast(Account.id, String)
        bill = select(
            literal(f"B-{due}-") + number, Account.id, literal(CENTS), literal(issued), literal(due)
        )
        lines = [("charge", f"statement:B-{due}-", CENTS, issued)]
        lines += [("payment", f"counter:{due}-", -CENTS, due)] if back else []
        with db.write() as tx:
            names = ["statement_number", "account_id", "amount_cents", "issued_on", "due_on"]
            tx.connection().execute(insert(Statement).from_select(names, bill))
            for kind, source, cents, day in lines:
                entry = select(
                    Account.id,
                    literal("member"),
                    literal(kind),
                    literal(cents),
                    literal(clock.now(), UtcDateTime()),
                    literal(day),
                    literal(source) + number,
                    literal("Electric service"),
                )
                names = ["account_id", "book", "kind", "amount_cents", "posted_at", "effective_on"]
                tx.connection().execute(
                    insert(LedgerEntry).from_select([*names, "source", "description"], entry)
                )
    with db.writer.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def reads_of(db: Database) -> dict[str, Callable[[int], object]]:
    """What a member asks most: what is owed, and the last payments."""
    billing = Billing(db, SystemClock(_ZONE))
    return {
        "balance": billing.summary,
        "history": lambda account_id: billing.history.payments(MadeProof(account_id), size=3),
    }


def measure(databases: dict[int, Database], rounds: int) -> dict[str, dict[int, Spread]]:
    """Milliseconds of each read at each size."""
    reads = {accounts: reads_of(db) for accounts, db in databases.items()}
    taken: dict[str, dict[int, list[float]]] = {
        name: {accounts: [] for accounts in databases} for name in ("balance", "history")
    }
    chance = random.Random(17)
    for number in range(rounds + 20):
        for accounts, by_name in reads.items():
            account_id = chance.randint(1, accounts)
            for name, read in by_name.items():
                began = time.perf_counter()
                read(account_id)
                if number >= 20:  # the first ones warm up
                    taken[name][accounts].append((time.perf_counter() - began) * 1000)
    return {
        name: {accounts: Spread.of(values) for accounts, values in by_size.items()}
        for name, by_size in taken.items()
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--few", type=int, default=1_000)
    options.add_argument("--many", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=500)
    options.add_argument(
        "--database-urls", nargs=2, help="two empty PostgreSQL databases, few and many; SQLite without"
    )
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        urls = chosen.database_urls or [f"sqlite:///{Path(folder) / name}.db" for name in ("few", "many")]
        databases = {count: Database(url) for count, url in zip((chosen.few, chosen.many), urls, strict=True)}
        began = time.monotonic()
        for accounts, db in databases.items():
            fill(db, accounts)
        filled_seconds = round(time.monotonic() - began)
        found = measure(databases, chosen.rounds)
        for db in databases.values():
            db.close()
    for name, by_size in found.items():
        few, many = by_size[chosen.few], by_size[chosen.many]
        told = {
            "read": name,
            "few": chosen.few,
            "many": chosen.many,
            "p50_ms": [round(few.p50, 2), round(many.p50, 2)],
            "p95_ms": [round(few.p95, 2), round(many.p95, 2)],
            "ratio_p50": round(many.p50 / few.p50, 2),
            "filled_seconds": filled_seconds,
        }
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
