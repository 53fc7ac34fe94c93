"""Tables of sessions, turns and the carrier's inbound messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base


class DialogueSession(Base):
    """One thread of texts or one call. `expectation` is what the last reply asked for (see turn.py)."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("channel IN ('sms', 'voice')", name="channel_known"),
        CheckConstraint("language IN ('en', 'es')", name="language_known"),
        Index("ix_sessions_phone", "phone", "channel", "last_turn_at"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(5))
    phone: Mapped[str] = mapped_column(String(16))
    call_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    language: Mapped[str] = mapped_column(String(2), default="en")
    # Percent of normal speed at which the phone speaks.
    speech_rate: Mapped[int] = mapped_column(default=100)
    # The account picked or identified in this session; says nothing about assurance.
    account_id: Mapped[int | None]
    # The engine's conversation id; a new one after a failure or too many turns.
    engine_conversation: Mapped[str] = mapped_column(String(60))
    turn_count: Mapped[int] = mapped_column(default=0)
    expectation: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime]
    last_turn_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Which process is taking a turn, and until when; keeps turns of a session in order across replicas.
    lease_owner: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]


class TurnRecord(Base):
    """One turn, redacted: what came in, what it was taken for, what we answered."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("session_id", "number"), {"sqlite_strict": True})

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"))
    number: Mapped[int]
    heard_kind: Mapped[str] = mapped_column(String(10))
    heard: Mapped[str] = mapped_column(String(1600))
    replies: Mapped[list[Any]] = mapped_column(JSON, default=list)
    outcome: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    engine_ms: Mapped[int] = mapped_column(default=0)


class InboundMessage(Base):
    """The carrier's deliveries: each is answered once, a repeated one gets the stored answer.

    `provider_id` is the MessageSid, or CallSid and step.
    """

    __tablename__ = "inbound_messages"
    __table_args__ = ({"sqlite_strict": True},)

    provider_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    phone: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String)
