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
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Subquery, insert, literal, select, text, true, union_all

from assistant import migrations
from assistant.billing.models import Account, LedgerEntry, Statement
from assistant.billing.service import Billing
from assistant.clock import SystemClock
from assistant.db import Database, UtcDateTime
from tests.benchmarks.bulk import CENTS, add_accounts
from tests.benchmarks.figures import Spread
from tests.unit.billing.proofs import MadeProof

BILLS = 24
# Some 1.4 million rows.
_ACCOUNTS_PER_COMMIT = 20_000
_ZONE = "America/New_York"


def fill(db: Database, accounts: int) -> None:
    """So many accounts with two years of bills and payments, written by the database itself.

    Account after account, with keys that grow with them: every index is only ever added to at its end, and
    24 million bills take minutes.
    """
    migrations.upgrade(db.writer)
    clock = SystemClock(_ZONE)
    add_accounts(db, 1, accounts, statements=0, today=clock.today(), now=clock.now())
    dues = [clock.today() + timedelta(days=10 - 30 * back) for back in range(BILLS - 1, -1, -1)]
    issued = [due - timedelta(days=20) for due in dues]
    for first in range(1, accounts + 1, _ACCOUNTS_PER_COMMIT):
        with db.write() as tx:
            mine = Account.id.between(first, min(first + _ACCOUNTS_PER_COMMIT - 1, accounts))
            bills = _months(dues, issued, [CENTS] * BILLS, ["B"] * BILLS)
            number = Account.account_number + "-" + bills.c.name
            bill = select(number, Account.id, bills.c.cents, bills.c.issued, bills.c.day)
            names = ["statement_number", "account_id", "amount_cents", "issued_on", "due_on"]
            ordered = bill.join_from(Account, bills, true()).where(mine).order_by(Account.id, bills.c.day)
            tx.connection().execute(insert(Statement).from_select(names, ordered))
            # Each bill as a charge on its day of issue, each but the last one paid when due.
            lines = _months(
                issued + dues[:-1],
                issued + dues[:-1],
                [CENTS] * BILLS + [-CENTS] * (BILLS - 1),
                ["charge"] * BILLS + ["payment"] * (BILLS - 1),
            )
            entry = select(
                Account.id,
                literal("member"),
                lines.c.kind,
                lines.c.cents,
                literal(clock.now(), UtcDateTime()),
                lines.c.day,
                Account.account_number + "-" + lines.c.name,
                literal("Electric service"),
            )
            names = ["account_id", "book", "kind", "amount_cents", "posted_at", "effective_on"]
            ordered = entry.join_from(Account, lines, true()).where(mine).order_by(Account.id, lines.c.name)
            tx.connection().execute(
                insert(LedgerEntry).from_select([*names, "source", "description"], ordered)
            )
    with db.writer.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _months(days: list[date], issued: list[date], cents: list[int], kinds: list[str]) -> Subquery:
    """What every account gets, a row for each month: its name sorts as its day does."""
    return union_all(
        *(
            select(
                literal(day).label("day"),
                literal(issued_on).label("issued"),
                literal(amount).label("cents"),
                literal(kind).label("kind"),
                literal(f"{day.isoformat()}-{kind}").label("name"),
            )
            for day, issued_on, amount, kind in zip(days, issued, cents, kinds, strict=True)
        )
    ).subquery("months")


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
