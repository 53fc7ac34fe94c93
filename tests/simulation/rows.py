"""Reads what is committed, in plain SQL on a connection of its own: cheap enough after every commit."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import psycopg

from assistant.db import Database


class PaymentRow(NamedTuple):
    id: str
    account_id: int
    state: str
    origin: str
    amount_cents: int
    fee_cents: int
    refunded_cents: int
    disputed_cents: int
    processor_id: str | None
    draft_id: str | None
    scheduled_id: str | None
    autopay_draft_id: str | None
    autopay_try: int | None
    created_at: datetime
    submitted_at: datetime | None
    confirmation_number: str
    idempotency_key: str
    told_at: datetime | None
    next_lookup_at: datetime | None
    session_id: str | None

    @property
    def returned(self) -> tuple[int, int, int]:
        """What went back of bill and fee, and what the co-op lost beyond them."""
        gone = self.refunded_cents + self.disputed_cents
        bill = min(gone, self.amount_cents)
        fee = min(gone - bill, self.fee_cents)
        return bill, fee, gone - bill - fee


class ScheduledRow(NamedTuple):
    id: str
    account_id: int
    state: str
    reason: str
    amount_cents: int
    method_id: str
    pay_on: date
    draft_at: datetime


class DraftRow(NamedTuple):
    id: str
    enrollment_id: str
    account_id: int
    statement_id: int
    state: str
    reason: str
    planned_cents: int
    try_count: int
    due_on: date
    draft_at: datetime


class Rows:
    """The committed rows of one database."""

    def __init__(self, db: Database) -> None:
        self.is_sqlite = db.is_sqlite
        if db.is_sqlite:
            self._connection: Any = sqlite3.connect(str(db.url.database), isolation_level=None)
            self._connection.execute("PRAGMA synchronous=OFF")
        else:
            url = db.url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(url, autocommit=True)

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self._connection.execute(sql).fetchall())

    def run(self, *statements: str) -> None:
        for statement in statements:
            self._connection.execute(statement)

    def payments(self) -> list[PaymentRow]:
        """The oldest first."""
        return self._read(PaymentRow, "payments ORDER BY created_at, id")

    def scheduled(self) -> list[ScheduledRow]:
        return self._read(ScheduledRow, "scheduled_payments ORDER BY made_at, id")

    def autopay_drafts(self) -> list[DraftRow]:
        return self._read(DraftRow, "autopay_drafts ORDER BY made_at, id")

    def ledger(self) -> dict[tuple[str, str], int]:
        """Sums of the lines that payments caused, by `(payment_id, book)`."""
        rows = self.all(
            "SELECT payment_id, book, SUM(amount_cents) FROM ledger_entries"
            " WHERE payment_id IS NOT NULL GROUP BY payment_id, book"
        )
        return {(payment, book): int(cents) for payment, book, cents in rows}

    def posted_refunds(self) -> dict[str, int]:
        """What our refunds say went back, by payment."""
        rows = self.all(
            "SELECT payment_id, SUM(amount_cents) FROM refunds WHERE state IN ('pending', 'succeeded')"
            " GROUP BY payment_id"
        )
        return {payment: int(cents) for payment, cents in rows}

    def balances(self) -> dict[int, int]:
        """What each account owes, by its ledger."""
        rows = self.all(
            "SELECT account_id, SUM(amount_cents) FROM ledger_entries WHERE book = 'member'"
            " GROUP BY account_id"
        )
        return {account: int(cents) for account, cents in rows}

    def first_time(self, sql: str) -> datetime | None:
        """The instant that a query for one `MIN(…)` finds."""
        [[value]] = self.all(sql)
        return _instant(value) if value is not None else None

    def bills(self, account_id: int) -> list[tuple[str, int]]:
        """`(due_on, amount_cents)` of an account's statements, the last due first."""
        rows = self.all(
            "SELECT due_on, amount_cents FROM statements"
            f" WHERE account_id = {account_id} ORDER BY due_on DESC, id DESC"
        )
        return [(str(due_on), cents) for due_on, cents in rows]

    def post_bill(self, name: str, account_id: int, cents: int, due_on: date, now: datetime) -> None:
        """A statement and its charge, as the utility's import writes them."""
        issued_on = due_on - timedelta(days=20)
        at = now.replace(tzinfo=None if self.is_sqlite else UTC).isoformat(" ", "microseconds")
        self.run(
            "INSERT INTO statements (statement_number, account_id, amount_cents, issued_on, due_on)"
            f" VALUES ('{name}', {account_id}, {cents}, '{issued_on}', '{due_on}')",
            "INSERT INTO ledger_entries (account_id, book, kind, amount_cents, posted_at, effective_on,"
            f" source, description) VALUES ({account_id}, 'member', 'charge', {cents}, '{at}',"
            f" '{issued_on}', 'statement:{name}', 'Electric service')",
        )

    def _read(self, kind: Any, source: str) -> list[Any]:
        rows = self.all(f"SELECT {', '.join(kind._fields)} FROM {source}")
        return [_typed(kind, row, self.is_sqlite) for row in rows]

    def close(self) -> None:
        self._connection.close()


def _instant(value: Any) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    moment: datetime = value
    return moment.astimezone(UTC)


def _typed(kind: Any, row: tuple[Any, ...], is_sqlite: bool) -> Any:
    """SQLite keeps instants and dates as text."""
    values = list(row)
    for index, name in enumerate(kind._fields):
        value = values[index]
        if value is None:
            continue
        if name.endswith("_at"):
            values[index] = _instant(value)
        elif is_sqlite and name.endswith("_on"):
            values[index] = date.fromisoformat(value)
    return kind(*values)
