"""The migrations and the models say the same, on both databases; an upgrade may be repeated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

from assistant import migrations, tables
from assistant.db import Database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'bare.db'}")
        yield database
        database.close()
        return
    url = make_url(request.getfixturevalue("postgres_url"))
    name = f"{url.database}_bare"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    database = Database(url.set(database=name).render_as_string(hide_password=False))
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


def test_an_upgraded_database_differs_in_nothing_from_the_models(bare: Database) -> None:
    assert not migrations.is_current(bare.writer)
    migrations.upgrade(bare.writer)
    migrations.upgrade(bare.writer)
    assert migrations.is_current(bare.writer)
    # SQLite's strict tables know five type names, so types are compared where they are kept.
    options = {"compare_type": not bare.is_sqlite}
    with bare.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.all_tables()) == []
