"""The stand-in's books: one SQLite file, one transaction per request."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from assistant.clock import Clock
from assistant.sandbox.stripe_books import Books
from assistant.sandbox.stripe_postbox import Postbox

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    created INTEGER NOT NULL, customer TEXT, intent TEXT, charge TEXT, body TEXT NOT NULL,
    hidden TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX IF NOT EXISTS ix_objects_kind ON objects (kind, customer, seq);
CREATE INDEX IF NOT EXISTS ix_objects_intent ON objects (kind, intent);
CREATE TABLE IF NOT EXISTS keys (
    name TEXT PRIMARY KEY, path TEXT NOT NULL, params TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, due_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', answer TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS debits (intent TEXT PRIMARY KEY, began INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS ix_deliveries_due ON deliveries (state, due_at);
"""


class Store:
    """Opens transactions on the file. Safe to share between threads: each transaction has a connection."""

    def __init__(self, path: Path, clock: Clock, postbox: Postbox) -> None:
        self.path = path
        self.clock = clock
        self.postbox = postbox
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Books]:
        """One writing transaction; committed when the block ends, rolled back when it raises."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Books(connection, self.clock, self.postbox)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def has_debits(self) -> bool:
        """Whether the debit of a bank account is on its way."""
        with closing(self._connect()) as connection:
            return connection.execute("SELECT 1 FROM debits LIMIT 1").fetchone() is not None

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All objects by kind, oldest first: the processor's books, for reconciliation."""
        found: dict[str, list[dict[str, Any]]] = {}
        with closing(self._connect()) as connection:
            for kind, body in connection.execute("SELECT kind, body FROM objects ORDER BY seq"):
                found.setdefault(kind, []).append(json.loads(body))
        return found

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=15, isolation_level=None)
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection
