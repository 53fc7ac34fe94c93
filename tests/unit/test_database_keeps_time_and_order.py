"""The database layer: instants stay aware, naive ones are refused, a reader cannot write."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, StatementError

from assistant.audit import AuditEvent, record
from assistant.clock import FixedClock
from assistant.db import Database


def test_an_instant_comes_back_aware_and_equal(db: Database, clock: FixedClock) -> None:
    with db.write() as tx:
        record(tx, at=clock.now(), actor="test", action="look", amount_cents=1)
    with db.read() as tx:
        event = tx.scalars(select(AuditEvent)).one()
    assert event.at == clock.now()
    assert event.at.utcoffset() is not None


def test_a_naive_time_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="naive"), db.write() as tx:
        record(tx, at=datetime(2026, 1, 1), actor="test", action="look")  # noqa: DTZ001


def test_a_failed_block_leaves_nothing_behind(db: Database, clock: FixedClock) -> None:
    def look_and_fail() -> None:
        with db.write() as tx:
            record(tx, at=clock.now(), actor="test", action="look")
            tx.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        look_and_fail()
    with db.read() as tx:
        assert tx.scalars(select(AuditEvent)).all() == []


def test_a_reader_cannot_write(db: Database, clock: FixedClock) -> None:
    def write_as_a_reader() -> None:
        with db.read() as tx:
            record(tx, at=clock.now(), actor="test", action="look")
            tx.flush()

    with pytest.raises(DBAPIError):
        write_as_a_reader()
