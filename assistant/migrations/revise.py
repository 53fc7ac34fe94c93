"""For developers: `python -m assistant.migrations.revise "what changed"` writes the next migration.

Compares the tables in the code with a scratch SQLite database brought up to the newest version.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from assistant.db import Database
from assistant.migrations import config, upgrade

VERSIONS = Path(__file__).parent / "versions"


def revise(message: str) -> None:
    """Write a migration into `versions/`; read it before it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'scratch.db'}")
        upgrade(db.writer)
        with db.writer.begin() as connection:
            settings = config()
            settings.attributes["connection"] = connection
            number = len(list(VERSIONS.glob("[0-9]*.py"))) + 1
            command.revision(settings, message=message, autogenerate=True, rev_id=f"{number:04d}")
        db.close()


if __name__ == "__main__":
    revise(" ".join(sys.argv[1:]))
