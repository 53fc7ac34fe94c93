"""The database: one declarative base, honest column types, a writer and readers.

SQLite gets one writer connection (`BEGIN IMMEDIATE`, WAL, synchronous=FULL) and a second engine for
reads; PostgreSQL gets one pool, with read-only transactions for reads. No HTTP call may happen inside
`Database.write`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CursorResult,
    Date,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    func,
    literal_column,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeEngine

from assistant.clock import require_aware

# SQLite below this crashes or loses data in ways we have met with Python 3.12+ (RETURNING in WAL mode).
SQLITE_MINIMUM = (3, 40, 0)
SQLITE_BUSY_SECONDS = 10
# Keys per SELECT … IN: well below the count of parameters that a database takes.
_KEYS_PER_QUERY = 500

_NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. Stored in UTC; refuses naive values; comes back aware on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = require_aware(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        from_naive: datetime = value if value.tzinfo else value.replace(tzinfo=_UTC)
        return from_naive.astimezone(_UTC)


_UTC = require_aware(datetime.fromisoformat("2000-01-01T00:00:00+00:00")).tzinfo

# Autoincrement needs INTEGER on SQLite and BIGINT elsewhere.
BigId = BigInteger().with_variant(Integer, "sqlite")


# A strict SQLite table knows five type names only; SQLAlchemy's richer ones are stored as these.
_SQLITE_NAMES: dict[type[TypeEngine[Any]], str] = {
    String: "TEXT",
    DateTime: "TEXT",
    Date: "TEXT",
    JSON: "TEXT",
    Boolean: "INTEGER",
}


def _register_sqlite_names() -> None:
    for kind, sqlite_name in _SQLITE_NAMES.items():
        compiles(kind, "sqlite")(lambda _type, _compiler, _name=sqlite_name, **_options: _name)


_register_sqlite_names()

Key = TypeVar("Key", str, int)


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {datetime: UtcDateTime, int: BigId}  # noqa: RUF012  SQLAlchemy's own class-level protocol


class Database:
    """Opens transactions. `write` commits at the end of the block; `read` never writes."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.is_sqlite:
            self.writer = _sqlite_engine(self.url, pool_size=1, is_writer=True)
            self.reader = _sqlite_engine(self.url, pool_size=8, is_writer=False)
        else:
            self.writer = create_engine(self.url, pool_size=10, max_overflow=10, pool_pre_ping=True)
            self.reader = self.writer.execution_options(postgresql_readonly=True)
        self._write_sessions = sessionmaker(self.writer, expire_on_commit=False)
        self._read_sessions = sessionmaker(self.reader, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that commits when the block ends and rolls back when it raises."""
        with self._write_sessions.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One snapshot for reading; whatever is changed in it is thrown away."""
        with self._read_sessions() as session:
            yield session

    def close(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


def insert_once(tx: Session, model: type[Base], rows: list[dict[str, Any]]) -> int:
    """Insert the rows that no unique key forbids, in the caller's transaction; returns how many were new."""
    into = sqlite_insert if tx.get_bind().dialect.name == "sqlite" else postgresql_insert
    # Counted by what comes back: psycopg does not tell the row count of an INSERT.
    insert = into(model).values(rows).on_conflict_do_nothing().returning(literal_column("1", Integer))
    return len(tx.connection().execute(insert).all())


def pages(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """The keys in groups that one query can take."""
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        yield keys[start : start + _KEYS_PER_QUERY]


def lock_keys(tx: Session, keys: Iterable[str]) -> None:
    """Make transactions that share a key wait for each other until they end, in the caller's transaction.

    For what no row stands for, such as all tries from one phone. On SQLite the one writer is alone anyway.
    """
    if tx.get_bind().dialect.name == "sqlite":
        return
    # In order, so that two transactions never wait for each other.
    for number in sorted({_number_of(key) for key in keys}):
        tx.execute(select(func.pg_advisory_xact_lock(number)))


def rows_changed(result: object) -> int:
    """How many rows an UPDATE or DELETE touched: the answer of every guarded move."""
    if not isinstance(result, CursorResult):
        raise TypeError("rows_changed wants the result of an UPDATE or DELETE")
    return result.rowcount


def sqlite_version() -> tuple[int, int, int]:
    """The version of the SQLite library that this Python carries."""
    return sqlite3.sqlite_version_info


def _number_of(key: str) -> int:
    """A signed number of 64 bits, the same in every process."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)


def _sqlite_engine(url: Any, *, pool_size: int, is_writer: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy, not the driver, decides when a transaction begins.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if not is_writer:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")

    return engine
