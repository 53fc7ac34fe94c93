"""Tables of account access by phone, PINs, limits, claims, verifications, one-time codes and tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base, BigId


class AccountAccess(Base):
    """A phone that may act for an account. `helper` may hear the balance and pay, not change anything."""

    __tablename__ = "account_access"
    __table_args__ = (
        UniqueConstraint("account_id", "phone"),
        CheckConstraint("role IN ('member', 'helper')", name="role_known"),
        Index("ix_account_access_phone", "phone"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    phone: Mapped[str] = mapped_column(String(16))
    role: Mapped[str] = mapped_column(String(8), default="member")
    enrolled_at: Mapped[datetime]
    enrolled_how: Mapped[str] = mapped_column(String(20))
    revoked_at: Mapped[datetime | None]


class AccountSecret(Base):
    """The argon2 hashes of an account's PIN and of the enrollment code on its paper bill."""

    __tablename__ = "account_secrets"
    __table_args__ = ({"sqlite_strict": True},)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    pin_set_at: Mapped[datetime | None]
    enrollment_code_hash: Mapped[str | None] = mapped_column(String(200))
    enrollment_code_used_at: Mapped[datetime | None]


class IdentityLimit(Base):
    """Tries counted against one key (`pin:account:1000000001`, `code:phone:+1…`), before each try."""

    __tablename__ = "identity_limits"
    __table_args__ = (CheckConstraint("failed_count >= 0", name="count_ok"), {"sqlite_strict": True})

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failed_count: Mapped[int] = mapped_column(default=0)
    window_started_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
    needs_agent: Mapped[bool] = mapped_column(default=False)


class VerificationRecord(Base):
    """That a session reached an assurance level for an account, how, and until when."""

    __tablename__ = "verifications"
    __table_args__ = (
        CheckConstraint("level IN ('recognized', 'verified')", name="level_known"),
        Index("ix_verifications_session", "session_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    level: Mapped[str] = mapped_column(String(10))
    how: Mapped[str] = mapped_column(String(30))
    phone: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class IdentityClaim(Base):
    """The account that a session says it is about. Not evidence; `account_id` is empty when there is none."""

    __tablename__ = "identity_claims"
    __table_args__ = ({"sqlite_strict": True},)

    session_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_number: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class OneTimeCode(Base):
    """A code sent to the phone on file: single use, few tries, short life.

    The digits are nowhere in the database: they are derived from `id` with the service's own secret. A
    code asked for an account that does not exist has a row too, so that the answers look the same.
    """

    __tablename__ = "one_time_codes"
    __table_args__ = (
        CheckConstraint("tries_left >= 0", name="tries_not_negative"),
        Index("ix_one_time_codes_session", "session_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(40))
    account_number: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    phone: Mapped[str] = mapped_column(String(16))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries_left: Mapped[int]
    used_at: Mapped[datetime | None]
    # When a call read it out; that is done once.
    spoken_at: Mapped[datetime | None]


class EnrollmentTicket(Base):
    """That a session proved enough to choose a PIN and enroll its phone: once, and for a short time."""

    __tablename__ = "enrollment_tickets"
    __table_args__ = ({"sqlite_strict": True},)

    session_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    how: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[datetime]
