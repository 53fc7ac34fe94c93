"""Fixtures that every test may use: settings, a clock that stands still, and a fresh database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, delete, make_url, text

from assistant import tables
from assistant.clock import FixedClock
from assistant.db import Base, Database
from assistant.settings import Settings
from tests.compiled import share_compiled
from tests.factories import Factory
from tests.judges.lock_order import watch_locks
from tests.postgres import require_postgres
from tests.spared import spare_certificates, spare_compilers, spare_disks

spare_disks()
spare_compilers()
spare_certificates()

pytest_plugins = [
    "tests.browser_fixtures",
    "tests.conftest_rasa",
    "tests.phone_fixtures",
    "tests.stripe_fixtures",
    "tests.thorough",
    # Made of the others.
    "tests.dialogs.one_coop",
]

# How long an example takes says more about the machine than about the code. CI judges the change by the same
# examples each time (Hypothesis' own profile for it); every run elsewhere explores new ones.
_PARENT = hypothesis.settings.get_profile("ci" if os.environ.get("CI") else "default")
hypothesis.settings.register_profile("porchlight", _PARENT, deadline=None)
hypothesis.settings.load_profile("porchlight")

# A Monday, 10:00 in New York.
MONDAY_MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
def _defaults() -> Settings:
    """Made once: looking for each of its hundred settings took as long as a short test."""
    return Settings(_env_file=None)


@pytest.fixture
def settings(_defaults: Settings, tmp_path: Path) -> Settings:
    return _defaults.model_copy(update={"data_dir": tmp_path})


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    tables.all_tables().create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Iterator[str]:
    """A database of this test worker's own, with all tables, dropped at the end."""
    url = make_url(require_postgres())
    name = f"porchlight_test_{worker_id}_{os.getpid()}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    own_url = url.set(database=name)
    engine = create_engine(own_url)
    tables.all_tables().create_all(engine)
    engine.dispose()
    yield own_url.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with every table; the test runs once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "porchlight.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        database = Database(f"sqlite:///{path}")
    else:
        database = Database(request.getfixturevalue("postgres_url"))
        # Deleting a few rows is much cheaper than TRUNCATE, which makes new files for every table; and going
        # to the server and back once per table took longer than the test.
        emptied = "; ".join(str(delete(table)) for table in reversed(Base.metadata.sorted_tables))
        with database.write() as tx:
            tx.connection().exec_driver_sql(emptied)
    share_compiled(database)
    out_of_order = [] if database.is_sqlite else watch_locks(database.writer)
    yield database
    database.close()
    assert not out_of_order


@pytest.fixture
def factory(db: Database, clock: FixedClock) -> Factory:
    return Factory(db, clock)
