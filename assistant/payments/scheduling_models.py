"""Tables of scheduled payments and of autopay: offers, enrollments and drafts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base

_AMOUNT_KINDS = "amount_kind IN ('full', 'capped', 'fixed')"
_AMOUNT_FITS = "(amount_kind = 'full') = (amount_cents IS NULL)"


class ScheduledPayment(Base):
    """A payment the member agreed to for a later day. Drafted once: `payments.scheduled_id` is unique.

    `scheduled -> drafted | canceled`; after `drafted` the payment row is the truth. The payment carries the
    same confirmation number.
    """

    __tablename__ = "scheduled_payments"
    __table_args__ = (
        CheckConstraint("state IN ('scheduled', 'drafted', 'canceled')", name="state_known"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("fee_cents >= 0", name="fee_not_negative"),
        Index("ix_scheduled_payments_due", "state", "draft_at"),
        Index("ix_scheduled_payments_account", "account_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    method_id: Mapped[str] = mapped_column(ForeignKey("payment_methods.id"))
    mandate_id: Mapped[str] = mapped_column(ForeignKey("mandates.id"))
    confirmation_number: Mapped[str] = mapped_column(String(8), unique=True)
    amount_cents: Mapped[int]
    fee_cents: Mapped[int]
    pay_on: Mapped[date]
    draft_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="scheduled")
    # Why it was canceled: `member`, `already_paid`, `method_not_usable`, `too_late`, …
    reason: Mapped[str] = mapped_column(String(20), default="")
    session_id: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class AutopayOffer(Base):
    """Autopay as it was read back to the member; can be confirmed once, until it expires.

    Consent is bound to it as to a payment draft: by the turn that carried it, before the engine runs.
    """

    __tablename__ = "autopay_offers"
    __table_args__ = (
        CheckConstraint(_AMOUNT_KINDS, name="amount_kind_known"),
        CheckConstraint(_AMOUNT_FITS, name="amount_fits_kind"),
        CheckConstraint("days_before >= 0", name="days_before_not_negative"),
        Index("ix_autopay_offers_session", "session_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    # Empty when the member enrolls; else the enrollment that is changed.
    enrollment_id: Mapped[str | None] = mapped_column(ForeignKey("autopay_enrollments.id"))
    days_before: Mapped[int]
    amount_kind: Mapped[str] = mapped_column(String(6))
    # The cap or the fixed amount.
    amount_cents: Mapped[int | None]
    fee_cents: Mapped[int]
    method_id: Mapped[str] = mapped_column(ForeignKey("payment_methods.id"))
    backup_method_id: Mapped[str | None] = mapped_column(ForeignKey("payment_methods.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    consent_turn_id: Mapped[str | None] = mapped_column(String(40))
    consent_how: Mapped[str | None] = mapped_column(String(20))
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class AutopayEnrollment(Base):
    """A standing permission to pay an account's bills. One that was not left per account."""

    __tablename__ = "autopay_enrollments"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'paused', 'left')", name="state_known"),
        CheckConstraint(_AMOUNT_KINDS, name="amount_kind_known"),
        CheckConstraint(_AMOUNT_FITS, name="amount_fits_kind"),
        CheckConstraint("days_before >= 0", name="days_before_not_negative"),
        Index(
            "uq_autopay_enrollments_account",
            "account_id",
            unique=True,
            sqlite_where=text("state <> 'left'"),
            postgresql_where=text("state <> 'left'"),
        ),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[str] = mapped_column(String(6), default="active")
    days_before: Mapped[int]
    amount_kind: Mapped[str] = mapped_column(String(6))
    amount_cents: Mapped[int | None]
    fee_cents: Mapped[int]
    method_id: Mapped[str] = mapped_column(ForeignKey("payment_methods.id"))
    backup_method_id: Mapped[str | None] = mapped_column(ForeignKey("payment_methods.id"))
    mandate_id: Mapped[str] = mapped_column(ForeignKey("mandates.id"))
    phone: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    enrolled_at: Mapped[datetime]
    # When it was last switched on, by enrolling or resuming: bills that were too late then stay the member's.
    active_since: Mapped[datetime]
    left_at: Mapped[datetime | None]


class AutopayDraft(Base):
    """One bill's draft under one enrollment: at most one row for ever, whatever becomes of it.

    `planned` (told to the member) `-> sent` (a payment is on its way) `-> paid | waiting | failed`;
    `waiting -> sent` is the next try of the dunning table; `planned | waiting -> skipped`.
    Each try is a payment of its own, numbered: `payments(autopay_draft_id, autopay_try)` is unique.
    """

    __tablename__ = "autopay_drafts"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "statement_id"),
        CheckConstraint(
            "state IN ('planned', 'waiting', 'sent', 'paid', 'failed', 'skipped')", name="state_known"
        ),
        CheckConstraint("planned_cents >= 0", name="planned_not_negative"),
        CheckConstraint("try_count >= 0", name="try_count_not_negative"),
        Index("ix_autopay_drafts_due", "state", "draft_at"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    enrollment_id: Mapped[str] = mapped_column(ForeignKey("autopay_enrollments.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"), index=True)
    due_on: Mapped[date]
    # What the member was told beforehand; a draft is never more.
    planned_cents: Mapped[int]
    draft_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(20), default="")
    try_count: Mapped[int] = mapped_column(default=0)
    # The next try, and every one after it, goes to the backup method.
    uses_backup: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
