"""The database as a command finds it, and the services on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant import migrations
from assistant.app import Application, build
from assistant.cli.common import settings_of
from assistant.db import Database
from assistant.errors import Fault
from assistant.settings import Settings


def open_database(settings: Settings) -> Database:
    """The database that is there and up to date. Raises Fault that says what to do."""
    db = Database(settings.resolved_database_url)
    file = db.url.database
    if db.is_sqlite and file and not Path(file).exists():
        raise Fault(
            f"There is no database at {file}. Start `porchlight demo`, run `porchlight migrate`, "
            "or give the right --data-dir."
        )
    if not migrations.is_current(db.writer):
        raise Fault("The database is of another version. Run `porchlight migrate`, or start the demo again.")
    return db


@contextmanager
def open_application(data_dir: Path | None) -> Iterator[Application]:
    """The services on the database that is there, closed afterwards. Raises Fault."""
    settings = settings_of(data_dir)
    application = build(settings, db=open_database(settings))
    try:
        yield application
    finally:
        application.close()
