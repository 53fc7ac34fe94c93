"""Opens a world on a database of its own: SQLite in memory, or a new database of a PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from assistant import tables
from assistant.db import Database
from tests.simulation.world import World

POSTGRES_URL = "PORCHLIGHT_TEST_POSTGRES_URL"


@contextmanager
def sqlite_world() -> Iterator[World]:
    """A world on a SQLite file, kept in memory where the machine has a folder for that."""
    memory = Path("/dev/shm")  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=memory if memory.is_dir() else None))
    try:
        with _world_on(f"sqlite:///{folder}/simulation.db") as world:
            yield world
    finally:
        shutil.rmtree(folder)


@contextmanager
def postgres_world() -> Iterator[World]:
    """A world on a new database, which is dropped afterwards."""
    url = make_url(os.environ[POSTGRES_URL])
    name = f"porchlight_simulation_{os.getpid()}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        try:
            own = url.set(database=name).render_as_string(hide_password=False)
            with _world_on(own) as world:
                # Deaths are played, so no commit need wait for the disk.
                world.rows.run(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
                yield world
        finally:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@contextmanager
def _world_on(url: str) -> Iterator[World]:
    engine = create_engine(url)
    tables.all_tables().create_all(engine)
    engine.dispose()
    world = World(Database(url))
    try:
        yield world
    finally:
        world.close()
