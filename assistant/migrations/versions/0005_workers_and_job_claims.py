"""workers and job claims

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant import db as columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_claims",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("until", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.String(length=160), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_job_claims")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("job_claims", schema=None) as batch_op:
        batch_op.create_index("ix_job_claims_until", ["until"], unique=False)

    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("boot_id", sa.String(length=40), nullable=False),
        sa.Column("started_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("beat_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("workers")
    with op.batch_alter_table("job_claims", schema=None) as batch_op:
        batch_op.drop_index("ix_job_claims_until")

    op.drop_table("job_claims")
