"""Tables of the outbox, of opt-outs, and of how members and phones want to be spoken to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base


class OutboxMessage(Base):
    """One text or call to be started, or message to be wiped; `dedupe_key` names its cause: one row each."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("kind IN ('text', 'call', 'redact')", name="kind_known"),
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'withdrawn')", name="state_known"
        ),
        Index("ix_outbox_open", "state", "send_after"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(6))
    phone: Mapped[str] = mapped_column(String(16))
    # The words of a text; for a call, the path below the public URL that answers it; for a redaction, the
    # carrier's id of the message to wipe. A one-time code is wiped from here once the carrier has it.
    body: Mapped[str] = mapped_column(String(1600))
    holds_secret: Mapped[bool] = mapped_column(default=False)
    # It answers the member's own text, so an opt-out does not hold it back.
    is_answer: Mapped[bool] = mapped_column(default=False)
    # Whose money it tells about; such a text that fails for good becomes a person's task.
    account_id: Mapped[int | None]
    handed_over_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(9), default="queued")
    created_at: Mapped[datetime]
    send_after: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(40))
    error_code: Mapped[str | None] = mapped_column(String(40))


class OptOut(Base):
    """A phone that said stop: nothing is sent to it but answers to its own texts."""

    __tablename__ = "opt_outs"
    __table_args__ = ({"sqlite_strict": True},)

    phone: Mapped[str] = mapped_column(String(16), primary_key=True)
    how: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class ContactPreference(Base):
    """How an account's member wants to hear from us. No row, or an empty column: as the co-op sets it."""

    __tablename__ = "contact_preferences"
    __table_args__ = (
        CheckConstraint("reminder_days >= 0", name="reminder_days_not_negative"),
        {"sqlite_strict": True},
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    # Days before the due date; 0 means no reminders.
    reminder_days: Mapped[int | None]
    has_receipts: Mapped[bool] = mapped_column(default=True)
    # Local wall-clock times, `20:00`; between them we start no text.
    quiet_from: Mapped[str | None] = mapped_column(String(5))
    quiet_until: Mapped[str | None] = mapped_column(String(5))
    is_paperless: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]


class PhonePreference(Base):
    """The language chosen on a phone: it says nothing about who is there."""

    __tablename__ = "phone_preferences"
    __table_args__ = (
        CheckConstraint("language IN ('en', 'es')", name="language_known"),
        {"sqlite_strict": True},
    )

    phone: Mapped[str] = mapped_column(String(16), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    changed_at: Mapped[datetime]
