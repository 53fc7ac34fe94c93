"""The table of letters that members asked for: statement copies and proofs of good standing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base


class Letter(Base):
    """One letter: to whom, where to, and the facts it tells as they were on the day it was asked for."""

    __tablename__ = "letters"
    __table_args__ = (
        CheckConstraint("kind IN ('statement_copy', 'good_standing')", name="kind_known"),
        CheckConstraint("state IN ('queued', 'printed')", name="state_known"),
        CheckConstraint("(kind = 'statement_copy') = (statement_id IS NOT NULL)", name="copy_has_statement"),
        Index("ix_letters_state", "state", "asked_at"),
        Index("ix_letters_account", "account_id"),
        # Asking twice before it is printed is one letter.
        Index(
            "uq_letters_queued_copy",
            "account_id",
            "statement_id",
            unique=True,
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "uq_letters_queued_standing",
            "account_id",
            unique=True,
            sqlite_where=text("state = 'queued' AND kind = 'good_standing'"),
            postgresql_where=text("state = 'queued' AND kind = 'good_standing'"),
        ),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(16))
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statements.id"))
    language: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(200))
    street: Mapped[str] = mapped_column(String(200))
    city: Mapped[str] = mapped_column(String(100))
    state_code: Mapped[str] = mapped_column(String(2))
    zip: Mapped[str] = mapped_column(String(5))
    # What the letter tells: amounts in cents, days as ISO text.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    as_of: Mapped[date]
    session_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(8), default="queued")
    asked_at: Mapped[datetime]
    printed_at: Mapped[datetime | None]
