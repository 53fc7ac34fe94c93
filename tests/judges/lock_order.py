"""A judge of locks: an account is locked before what belongs to it, or two transactions may wait in a circle.

It watches every transaction of a test on PostgreSQL; SQLite has one writer and no such circle.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Engine, event

from assistant.db import Base

_STATEMENT = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
_LOCKED_TABLE = re.compile(r"FROM (\w+)")
_KEPT = "locks of this transaction"
# Proofs and limits are judged behind no account's lock; their transactions never take one.
_ITS_OWN_ORDER = {
    "account_access",
    "account_secrets",
    "contact_preferences",
    "enrollment_tickets",
    "identity_claims",
    "one_time_codes",
    "verifications",
}


class LockOrder:
    """What one transaction holds, as far as the order matters."""

    def __init__(self) -> None:
        self.inserted: set[str] = set()
        # A row of such a table is held: by a lock, a change or a deletion.
        self.held: str | None = None
        # `no key change` is what PostgreSQL takes by itself when a row that names the account is inserted.
        self.account = ""

    def see(self, statement: str) -> str | None:
        """What is wrong with the next statement, or None."""
        words = " ".join(statement.split())
        change = _STATEMENT.match(words)
        if change is not None:
            verb, table = change.groups()
            return self._inserts(table) if verb == "INSERT INTO" else self._holds(table)
        if " FOR UPDATE" in words and (locked := _LOCKED_TABLE.search(words)) is not None:
            return self._locks_account() if locked[1] == "accounts" else self._holds(locked[1])
        return None

    def _inserts(self, table: str) -> str | None:
        self.inserted.add(table)
        if not _names_account(table) or self.account:
            return None
        self.account = "no key change"
        return f"{self.held} is held when {table} makes the account be locked" if self.held else None

    def _locks_account(self) -> str | None:
        if self.account == "locked":
            return None
        before, self.account = self.account, "locked"
        if self.held:
            return f"{self.held} is held when the account is locked"
        return "the account is locked after a row that names it was inserted" if before else None

    def _holds(self, table: str) -> None:
        if _names_account(table) and table not in self.inserted and table not in _ITS_OWN_ORDER:
            self.held = self.held or table


def watch_locks(engine: Engine) -> list[str]:
    """What the transactions of an engine do in the wrong order from now on; the list grows."""
    wrong: list[str] = []

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.info[_KEPT] = LockOrder()

    @event.listens_for(engine, "before_cursor_execute")
    def _statement(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        order = connection.info.get(_KEPT)
        if order is not None and (found := order.see(statement)):
            wrong.append(f"{found}: {' '.join(statement.split())[:80]}")

    return wrong


def _names_account(table: str) -> bool:
    columns = Base.metadata.tables[table].columns if table in Base.metadata.tables else ()
    return any(key.column.table.name == "accounts" for column in columns for key in column.foreign_keys)
