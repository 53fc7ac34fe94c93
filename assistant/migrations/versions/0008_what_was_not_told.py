"""what was not told

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant import db as columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Table, column, type; all empty for the rows that are there.
_COLUMNS = (
    ("outbox", "account_id", _NUMBER),
    ("outbox", "handed_over_at", columns.UtcDateTime(timezone=True)),
    ("payment_attempts", "tick_source", sa.String(length=40)),
    ("payment_attempts", "tick_ms", _NUMBER),
    ("payments", "still_unknown_at", columns.UtcDateTime(timezone=True)),
)


def upgrade() -> None:
    for table, column, kind in _COLUMNS:
        op.add_column(table, sa.Column(column, kind, nullable=True))


def downgrade() -> None:
    for table, column, _ in reversed(_COLUMNS):
        op.drop_column(table, column)
