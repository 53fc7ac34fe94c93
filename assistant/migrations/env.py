"""Alembic's entry: runs on the connection that `migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from assistant import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    user_module_prefix="columns.",
    target_metadata=tables.all_tables(),
    # SQLite cannot alter a table in place.
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
