"""The table of requests for a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base


class HandoffRequest(Base):
    """Somebody wants a person: what for, where to reach them, and by when we promised to call.

    `topic` is an intent name or `scam_report`, `payment_unknown`, …; `summary` is redacted.
    """

    __tablename__ = "handoff_requests"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'transferred', 'done')", name="state_known"),
        Index("ix_handoff_requests_open", "state", "promised_by_at"),
        # One open request per session and topic: asking again keeps the first promise.
        Index(
            "uq_handoff_requests_open_topic",
            "session_id",
            "topic",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    session_id: Mapped[str | None] = mapped_column(String(40))
    account_id: Mapped[int | None]
    phone: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(40))
    summary: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12), default="open")
    asked_at: Mapped[datetime]
    promised_by_at: Mapped[datetime]
