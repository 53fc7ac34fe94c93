"""arrangements letters places and prepaid

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant import db as columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pay_places",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("street", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=60), nullable=False),
        sa.Column("zip", sa.String(length=5), nullable=False),
        sa.Column("open_days", sa.String(length=10), nullable=False),
        sa.Column("opens", sa.String(length=5), nullable=False),
        sa.Column("closes", sa.String(length=5), nullable=False),
        sa.Column("fee_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "open_days IN ('every_day', 'weekdays', 'not_sunday')", name=op.f("ck_pay_places_open_days_known")
        ),
        sa.CheckConstraint("fee_cents >= 0", name=op.f("ck_pay_places_fee_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_places")),
        sa.UniqueConstraint("place_number", name=op.f("uq_pay_places_place_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("pay_places", schema=None) as batch_op:
        batch_op.create_index("ix_pay_places_zip", ["zip"], unique=False)

    op.create_table(
        "arrangements",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("first_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rest_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("rest_due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("offered_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("consent_turn_id", sa.String(length=40), nullable=True),
        sa.Column("consent_how", sa.String(length=20), nullable=True),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("agreed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('offered', 'replaced')) = (agreed_at IS NULL)",
            name=op.f("ck_arrangements_agreed_if_made"),
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'replaced', 'open', 'kept', 'broken')",
            name=op.f("ck_arrangements_state_known"),
        ),
        sa.CheckConstraint("first_cents > 0 AND rest_cents > 0", name=op.f("ck_arrangements_parts_positive")),
        sa.CheckConstraint("rest_due_on > first_due_on", name=op.f("ck_arrangements_rest_is_later")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_arrangements_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrangements")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("arrangements", schema=None) as batch_op:
        batch_op.create_index("ix_arrangements_account", ["account_id", "state"], unique=False)
        batch_op.create_index("ix_arrangements_due", ["state", "rest_due_on"], unique=False)
        batch_op.create_index("ix_arrangements_session", ["session_id"], unique=False)
        batch_op.create_index(
            "uq_arrangements_open",
            ["account_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "mailing_addresses",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("zip", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_mailing_addresses_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mailing_addresses")),
        sqlite_strict=True,
    )
    op.create_table(
        "prepaid_accounts",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("daily_use_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("told_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("daily_use_cents > 0", name=op.f("ck_prepaid_accounts_daily_use_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_prepaid_accounts_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_prepaid_accounts")),
        sqlite_strict=True,
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("state_code", sa.String(length=2), nullable=False),
        sa.Column("zip", sa.String(length=5), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("printed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'statement_copy') = (statement_id IS NOT NULL)",
            name=op.f("ck_letters_copy_has_statement"),
        ),
        sa.CheckConstraint("kind IN ('statement_copy', 'good_standing')", name=op.f("ck_letters_kind_known")),
        sa.CheckConstraint("state IN ('queued', 'printed')", name=op.f("ck_letters_state_known")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_letters_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_letters_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index("ix_letters_account", ["account_id"], unique=False)
        batch_op.create_index("ix_letters_state", ["state", "asked_at"], unique=False)
        batch_op.create_index(
            "uq_letters_queued_copy",
            ["account_id", "statement_id"],
            unique=True,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(
            "uq_letters_queued_standing",
            ["account_id"],
            unique=True,
            sqlite_where=sa.text("state = 'queued' AND kind = 'good_standing'"),
            postgresql_where=sa.text("state = 'queued' AND kind = 'good_standing'"),
        )

    # In place, not by Alembic's batch: SQLite does not let a table go that others refer to.
    op.add_column(
        "accounts", sa.Column("disconnect_noted_at", columns.UtcDateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("accounts", "disconnect_noted_at")

    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_letters_queued_standing",
            sqlite_where=sa.text("state = 'queued' AND kind = 'good_standing'"),
            postgresql_where=sa.text("state = 'queued' AND kind = 'good_standing'"),
        )
        batch_op.drop_index(
            "uq_letters_queued_copy",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.drop_index("ix_letters_state")
        batch_op.drop_index("ix_letters_account")

    op.drop_table("letters")
    op.drop_table("prepaid_accounts")
    op.drop_table("mailing_addresses")
    with op.batch_alter_table("arrangements", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_arrangements_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index("ix_arrangements_session")
        batch_op.drop_index("ix_arrangements_due")
        batch_op.drop_index("ix_arrangements_account")

    op.drop_table("arrangements")
    with op.batch_alter_table("pay_places", schema=None) as batch_op:
        batch_op.drop_index("ix_pay_places_zip")

    op.drop_table("pay_places")
