"""An upgrade of a database that is in use keeps its rows, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError

from assistant import migrations
from assistant.db import Database

# A payment with everything that refers to it, in the tables of the first migration.
ROWS = (
    "INSERT INTO members (id, member_number, name, language) VALUES (1, 'M1', 'Ada Miller', 'en')",
    "INSERT INTO accounts (id, account_number, member_id, billing_zip, nickname, is_closed, is_cash_only)"
    " VALUES (1, '1000000001', 1, '30601', '', :no, :no)",
    "INSERT INTO payment_methods (id, account_id, processor_id, kind, brand, last_four, nickname, is_saved,"
    " is_default, added_at)"
    " VALUES ('m', 1, 'pm_1', 'card', 'visa', '4242', '', :no, :no, '2026-11-23 15:00:00')",
    "INSERT INTO payment_drafts (id, session_id, account_id, method_id, amount_cents, fee_cents, made_at,"
    " expires_at, is_duplicate_accepted, keeps_method)"
    " VALUES ('d', 's', 1, 'm', 8420, 0, '2026-11-23 15:00:00', '2026-11-23 15:10:00', :no, :no)",
    "INSERT INTO payments (id, account_id, method_id, draft_id, confirmation_number, idempotency_key,"
    " amount_cents, fee_cents, refunded_cents, state, origin, language, created_at, processor_id,"
    " lookup_count) VALUES ('p', 1, 'm', 'd', '48217730', 'k', 8420, 0, 0, 'succeeded', 'sms', 'en',"
    " '2026-11-23 15:00:00', 'pi_1', 0)",
    "INSERT INTO payment_attempts (id, payment_id, kind, started_at)"
    " VALUES (1, 'p', 'charge', '2026-11-23 15:00:00')",
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def first(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as the first migration made it."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'first.db'}")
        _upgrade_to_first(database)
        yield database
        database.close()
        return
    url = make_url(request.getfixturevalue("postgres_url"))
    name = f"{url.database}_first"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    database = Database(url.set(database=name).render_as_string(hide_password=False))
    _upgrade_to_first(database)
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


def test_a_payment_and_what_refers_to_it_survive_the_upgrade(first: Database) -> None:
    with first.writer.begin() as connection:
        for row in ROWS:
            connection.execute(text(row), {"no": False} if ":no" in row else {})
    migrations.upgrade(first.writer)
    with first.writer.connect() as connection:
        kept = connection.execute(
            text(
                "SELECT p.confirmation_number, a.kind, d.id FROM payments p"
                " JOIN payment_attempts a ON a.payment_id = p.id JOIN payment_drafts d ON d.id = p.draft_id"
            )
        ).all()
    assert [tuple(row) for row in kept] == [("48217730", "charge", "d")]


def test_the_states_that_a_payment_may_have_follow_the_version(first: Database) -> None:
    with first.writer.begin() as connection:
        for row in ROWS:
            connection.execute(text(row), {"no": False} if ":no" in row else {})
    migrations.upgrade(first.writer)
    pending = text("UPDATE payments SET state = 'pending'")
    with first.writer.begin() as connection:
        connection.execute(pending)
    with first.writer.begin() as connection:
        settings = migrations.config()
        settings.attributes["connection"] = connection
        command.downgrade(settings, "0009")
    with first.writer.begin() as connection:
        assert connection.scalar(text("SELECT state FROM payments")) == "unknown"
    with pytest.raises(IntegrityError), first.writer.begin() as connection:
        connection.execute(pending)


def _upgrade_to_first(database: Database) -> None:
    with database.writer.begin() as connection:
        settings = migrations.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
