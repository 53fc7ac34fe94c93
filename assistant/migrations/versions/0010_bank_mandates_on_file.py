"""bank mandates on file, and payments that wait for the member's bank

Revision 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BEFORE = (
    "created",
    "held",
    "submitted",
    "unknown",
    "succeeded",
    "declined",
    "canceled",
    "not_charged",
    "refused",
    "refunded",
    "partially_refunded",
)
_AFTER = (*_BEFORE[:4], "pending", *_BEFORE[4:])


def upgrade() -> None:
    op.add_column("payment_methods", sa.Column("customer_id", sa.String(length=64), nullable=True))
    _allow(_AFTER)


def downgrade() -> None:
    # A bank debit that is pending is looked up again as one whose outcome is not known.
    op.execute("UPDATE payments SET state = 'unknown' WHERE state = 'pending'")
    _allow(_BEFORE)
    op.drop_column("payment_methods", "customer_id")


def _allow(states: tuple[str, ...]) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_payments_state_known"), "payments", type_="check")
        op.create_check_constraint(op.f("ck_payments_state_known"), "payments", _in(states))
        return
    # SQLite does not let a table be made anew that others refer to. A CHECK changes nothing about how rows are
    # stored, and for it SQLite's own page about ALTER TABLE describes this way.
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.execute(sa.text("PRAGMA writable_schema=ON"))
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = 'payments' AND instr(sql, :before) > 0"
        ),
        {"before": _in(_BEFORE if states is _AFTER else _AFTER), "after": _in(states)},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of payments does not say which states it knows")
    connection.execute(sa.text(f"PRAGMA schema_version={version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema=OFF"))


def _in(states: tuple[str, ...]) -> str:
    return f"state IN ({', '.join(map(repr, states))})"
