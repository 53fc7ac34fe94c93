"""scheduled payments and autopay

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant import db as columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "autopay_enrollments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("days_before", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_kind", sa.String(length=6), nullable=False),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fee_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method_id", sa.String(length=40), nullable=False),
        sa.Column("backup_method_id", sa.String(length=40), nullable=True),
        sa.Column("mandate_id", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("enrolled_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("active_since", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("left_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(amount_kind = 'full') = (amount_cents IS NULL)",
            name=op.f("ck_autopay_enrollments_amount_fits_kind"),
        ),
        sa.CheckConstraint(
            "amount_kind IN ('full', 'capped', 'fixed')",
            name=op.f("ck_autopay_enrollments_amount_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('active', 'paused', 'left')", name=op.f("ck_autopay_enrollments_state_known")
        ),
        sa.CheckConstraint("days_before >= 0", name=op.f("ck_autopay_enrollments_days_before_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_autopay_enrollments_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["backup_method_id"],
            ["payment_methods.id"],
            name=op.f("fk_autopay_enrollments_backup_method_id_payment_methods"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandates.id"], name=op.f("fk_autopay_enrollments_mandate_id_mandates")
        ),
        sa.ForeignKeyConstraint(
            ["method_id"],
            ["payment_methods.id"],
            name=op.f("fk_autopay_enrollments_method_id_payment_methods"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_autopay_enrollments")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("autopay_enrollments", schema=None) as batch_op:
        batch_op.create_index(
            "uq_autopay_enrollments_account",
            ["account_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'left'"),
            postgresql_where=sa.text("state <> 'left'"),
        )

    op.create_table(
        "scheduled_payments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method_id", sa.String(length=40), nullable=False),
        sa.Column("mandate_id", sa.String(length=40), nullable=False),
        sa.Column("confirmation_number", sa.String(length=8), nullable=False),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fee_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("draft_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("made_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('scheduled', 'drafted', 'canceled')", name=op.f("ck_scheduled_payments_state_known")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_scheduled_payments_amount_positive")),
        sa.CheckConstraint("fee_cents >= 0", name=op.f("ck_scheduled_payments_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_scheduled_payments_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandates.id"], name=op.f("fk_scheduled_payments_mandate_id_mandates")
        ),
        sa.ForeignKeyConstraint(
            ["method_id"],
            ["payment_methods.id"],
            name=op.f("fk_scheduled_payments_method_id_payment_methods"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_payments")),
        sa.UniqueConstraint("confirmation_number", name=op.f("uq_scheduled_payments_confirmation_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("scheduled_payments", schema=None) as batch_op:
        batch_op.create_index("ix_scheduled_payments_account", ["account_id"], unique=False)
        batch_op.create_index("ix_scheduled_payments_due", ["state", "draft_at"], unique=False)

    op.create_table(
        "autopay_drafts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("enrollment_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("planned_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("try_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uses_backup", sa.Boolean(), nullable=False),
        sa.Column("made_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'waiting', 'sent', 'paid', 'failed', 'skipped')",
            name=op.f("ck_autopay_drafts_state_known"),
        ),
        sa.CheckConstraint("planned_cents >= 0", name=op.f("ck_autopay_drafts_planned_not_negative")),
        sa.CheckConstraint("try_count >= 0", name=op.f("ck_autopay_drafts_try_count_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_autopay_drafts_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"],
            ["autopay_enrollments.id"],
            name=op.f("fk_autopay_drafts_enrollment_id_autopay_enrollments"),
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_autopay_drafts_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_autopay_drafts")),
        sa.UniqueConstraint(
            "enrollment_id", "statement_id", name=op.f("uq_autopay_drafts_enrollment_id_statement_id")
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("autopay_drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_autopay_drafts_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_autopay_drafts_due", ["state", "draft_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_autopay_drafts_statement_id"), ["statement_id"], unique=False)

    op.create_table(
        "autopay_offers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrollment_id", sa.String(length=40), nullable=True),
        sa.Column("days_before", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_kind", sa.String(length=6), nullable=False),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fee_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method_id", sa.String(length=40), nullable=False),
        sa.Column("backup_method_id", sa.String(length=40), nullable=True),
        sa.Column("made_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("consent_turn_id", sa.String(length=40), nullable=True),
        sa.Column("consent_how", sa.String(length=20), nullable=True),
        sa.Column("confirmed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(amount_kind = 'full') = (amount_cents IS NULL)", name=op.f("ck_autopay_offers_amount_fits_kind")
        ),
        sa.CheckConstraint(
            "amount_kind IN ('full', 'capped', 'fixed')", name=op.f("ck_autopay_offers_amount_kind_known")
        ),
        sa.CheckConstraint("days_before >= 0", name=op.f("ck_autopay_offers_days_before_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_autopay_offers_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["backup_method_id"],
            ["payment_methods.id"],
            name=op.f("fk_autopay_offers_backup_method_id_payment_methods"),
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"],
            ["autopay_enrollments.id"],
            name=op.f("fk_autopay_offers_enrollment_id_autopay_enrollments"),
        ),
        sa.ForeignKeyConstraint(
            ["method_id"], ["payment_methods.id"], name=op.f("fk_autopay_offers_method_id_payment_methods")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_autopay_offers")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("autopay_offers", schema=None) as batch_op:
        batch_op.create_index("ix_autopay_offers_session", ["session_id"], unique=False)

    # Columns are added in place, not by Alembic's batch: that would make the table anew, and SQLite does not
    # let a table go that others refer to.
    op.add_column("payment_drafts", sa.Column("pay_on", sa.Date(), nullable=True))
    _add_reference("payment_drafts", "scheduled_id", "scheduled_payments")
    _add_reference("payments", "scheduled_id", "scheduled_payments")
    _add_reference("payments", "autopay_draft_id", "autopay_drafts")
    op.add_column(
        "payments",
        sa.Column("autopay_try", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    op.create_index("uq_payments_autopay_try", "payments", ["autopay_draft_id", "autopay_try"], unique=True)
    op.create_index("uq_payments_scheduled_id", "payments", ["scheduled_id"], unique=True)


def _add_reference(table: str, column: str, target: str) -> None:
    key = sa.ForeignKey(f"{target}.id", name=op.f(f"fk_{table}_{column}_{target}"))
    op.add_column(table, sa.Column(column, sa.String(length=40), key, nullable=True), inline_references=True)


def downgrade() -> None:
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_payments_autopay_draft_id_autopay_drafts"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_payments_scheduled_id_scheduled_payments"), type_="foreignkey"
        )
        batch_op.drop_index("uq_payments_scheduled_id")
        batch_op.drop_index("uq_payments_autopay_try")
        batch_op.drop_column("autopay_try")
        batch_op.drop_column("autopay_draft_id")
        batch_op.drop_column("scheduled_id")

    with op.batch_alter_table("payment_drafts", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_payment_drafts_scheduled_id_scheduled_payments"), type_="foreignkey"
        )
        batch_op.drop_column("scheduled_id")
        batch_op.drop_column("pay_on")

    with op.batch_alter_table("autopay_offers", schema=None) as batch_op:
        batch_op.drop_index("ix_autopay_offers_session")

    op.drop_table("autopay_offers")
    with op.batch_alter_table("autopay_drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_autopay_drafts_statement_id"))
        batch_op.drop_index("ix_autopay_drafts_due")
        batch_op.drop_index(batch_op.f("ix_autopay_drafts_account_id"))

    op.drop_table("autopay_drafts")
    with op.batch_alter_table("scheduled_payments", schema=None) as batch_op:
        batch_op.drop_index("ix_scheduled_payments_due")
        batch_op.drop_index("ix_scheduled_payments_account")

    op.drop_table("scheduled_payments")
    with op.batch_alter_table("autopay_enrollments", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_autopay_enrollments_account",
            sqlite_where=sa.text("state <> 'left'"),
            postgresql_where=sa.text("state <> 'left'"),
        )

    op.drop_table("autopay_enrollments")
