"""Tables of money that went back: refunds, and disputes of the payer's bank, beside their payment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base

# What the ids begin with.
REFUND_PREFIX, DISPUTE_PREFIX = "ref", "dsp"


class Refund(Base):
    """Money given back, asked for by the office or found at the processor.

    `submitted -> pending | succeeded | unknown | refused`, `unknown -> pending | succeeded | refused |
    not_made`, `pending -> succeeded`, and `pending | succeeded -> failed`, which puts the money back. Only
    `pending` and `succeeded` ones are in the ledger.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint(
            "state IN ('submitted', 'unknown', 'pending', 'succeeded', 'failed', 'refused', 'not_made')",
            name="state_known",
        ),
        CheckConstraint("origin IN ('office', 'processor')", name="origin_known"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        Index("ix_refunds_payment", "payment_id"),
        Index("ix_refunds_open", "next_lookup_at"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    processor_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    amount_cents: Mapped[int]
    state: Mapped[str] = mapped_column(String(9))
    origin: Mapped[str] = mapped_column(String(9))
    # Why and by whom, as the clerk gave it; empty for one made at the processor.
    reason: Mapped[str] = mapped_column(String(200), default="")
    asked_by: Mapped[str] = mapped_column(String(80), default="")
    failure_code: Mapped[str] = mapped_column(String(60), default="")
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    next_lookup_at: Mapped[datetime | None]
    lookup_count: Mapped[int] = mapped_column(default=0)


class Dispute(Base):
    """The payer's bank asks a payment back, or returns it because it could not collect it.

    `withdrawn_cents` is what is away now, and in the ledger; `move_count` only grows, so that late news of an
    earlier day changes nothing.
    """

    __tablename__ = "payment_disputes"
    __table_args__ = (
        CheckConstraint("state IN ('inquiry', 'open', 'won', 'lost', 'closed')", name="state_known"),
        CheckConstraint("withdrawn_cents >= 0", name="withdrawn_not_negative"),
        Index("ix_payment_disputes_payment", "payment_id"),
        Index("ix_payment_disputes_open", "next_lookup_at"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    processor_id: Mapped[str] = mapped_column(String(64), unique=True)
    is_bank_return: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(60))
    amount_cents: Mapped[int]
    withdrawn_cents: Mapped[int] = mapped_column(default=0)
    move_count: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(7))
    opened_at: Mapped[datetime]
    respond_by_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    next_lookup_at: Mapped[datetime | None]
    lookup_count: Mapped[int] = mapped_column(default=0)
