"""risk decisions, reviews and card fingerprints

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant import db as columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_reviews",
        sa.Column("payment_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("held_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("owed_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'refused', 'expired')",
            name=op.f("ck_payment_reviews_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_payment_reviews_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payment_reviews")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("payment_reviews", schema=None) as batch_op:
        batch_op.create_index("ix_payment_reviews_waiting", ["state", "expires_at"], unique=False)

    op.create_table(
        "risk_decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("card", sa.String(length=64), nullable=False),
        sa.Column("is_card_saved", sa.Boolean(), nullable=False),
        sa.Column("is_member_present", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("session_id", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=6), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('allow', 'hold', 'refuse')", name=op.f("ck_risk_decisions_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_risk_decisions_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_risk_decisions_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_decisions")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("risk_decisions", schema=None) as batch_op:
        batch_op.create_index("ix_risk_decisions_account", ["account_id", "at"], unique=False)
        batch_op.create_index("ix_risk_decisions_card", ["card", "at"], unique=False)
        batch_op.create_index("ix_risk_decisions_payment", ["payment_id"], unique=False)
        batch_op.create_index("ix_risk_decisions_phone", ["phone", "at"], unique=False)
        batch_op.create_index("ix_risk_decisions_session", ["session_id", "at"], unique=False)

    with op.batch_alter_table("payment_methods", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fingerprint", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("payment_methods", schema=None) as batch_op:
        batch_op.drop_column("fingerprint")

    with op.batch_alter_table("risk_decisions", schema=None) as batch_op:
        batch_op.drop_index("ix_risk_decisions_session")
        batch_op.drop_index("ix_risk_decisions_phone")
        batch_op.drop_index("ix_risk_decisions_payment")
        batch_op.drop_index("ix_risk_decisions_card")
        batch_op.drop_index("ix_risk_decisions_account")

    op.drop_table("risk_decisions")
    with op.batch_alter_table("payment_reviews", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_reviews_waiting")

    op.drop_table("payment_reviews")
