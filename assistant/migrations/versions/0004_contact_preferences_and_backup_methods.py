"""contact preferences and backup methods

Revision 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant import db as columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_preferences",
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_phone_preferences_language_known")),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_phone_preferences")),
        sqlite_strict=True,
    )
    op.create_table(
        "contact_preferences",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reminder_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("has_receipts", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("is_paperless", sa.Boolean(), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reminder_days >= 0", name=op.f("ck_contact_preferences_reminder_days_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_contact_preferences_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_contact_preferences")),
        sqlite_strict=True,
    )
    # Not in a batch: SQLite would make the table anew, and other tables refer to it.
    op.add_column(
        "payment_methods", sa.Column("is_backup", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("payment_methods", "is_backup")

    op.drop_table("contact_preferences")
    op.drop_table("phone_preferences")
