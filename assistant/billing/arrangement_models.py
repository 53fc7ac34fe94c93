"""The table of payment arrangements: more time for what is owed, offered, agreed to, kept or broken."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base


class Arrangement(Base):
    """A part now, the rest on a later day. `offered -> open | replaced`, `open -> kept | broken`.

    It is offered by being read back. Consent is bound to it by the turn that carried it, as to a
    payment draft, and the words that were read stay as evidence.
    """

    __tablename__ = "arrangements"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'replaced', 'open', 'kept', 'broken')", name="state_known"),
        CheckConstraint("first_cents > 0 AND rest_cents > 0", name="parts_positive"),
        CheckConstraint("rest_due_on > first_due_on", name="rest_is_later"),
        CheckConstraint("(state IN ('offered', 'replaced')) = (agreed_at IS NULL)", name="agreed_if_made"),
        Index("ix_arrangements_account", "account_id", "state"),
        Index("ix_arrangements_session", "session_id"),
        Index("ix_arrangements_due", "state", "rest_due_on"),
        # At most one open arrangement per account, whoever asks at the same time.
        Index(
            "uq_arrangements_open",
            "account_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    session_id: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(16), default="")
    first_cents: Mapped[int]
    rest_cents: Mapped[int]
    first_due_on: Mapped[date]
    rest_due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(8), default="offered")
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    consent_turn_id: Mapped[str | None] = mapped_column(String(40))
    consent_how: Mapped[str | None] = mapped_column(String(20))
    # What was read back, as it was said, and in which language.
    words: Mapped[str] = mapped_column(String(2000), default="")
    language: Mapped[str] = mapped_column(String(2), default="en")
    agreed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
