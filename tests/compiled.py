"""SQL that was compiled for one test's database serves the next one's."""

from __future__ import annotations

from sqlalchemy import Dialect
from sqlalchemy.util import LRUCache

from assistant.db import Database

_KEPT: dict[str, tuple[Dialect, LRUCache]] = {}


def share_compiled(database: Database) -> None:
    """Let the engines of `database` use what engines for the same server compiled before.

    SQLAlchemy keeps compiled statements by engine and dialect. Tests have an engine each, so that nothing
    they listen to outlives them, and compiling the same statements was a third of their time.
    """
    for engine in (database.writer, database.reader):
        kept = _KEPT.setdefault(engine.name, (engine.dialect, LRUCache(5000)))
        engine.dialect, engine._compiled_cache = kept
