"""Tables of payment methods, mandates, drafts, payments, attempts and processor events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base, BigId

STATES = (
    "created",
    "held",
    "submitted",
    "unknown",
    "pending",
    "succeeded",
    "declined",
    "canceled",
    "not_charged",
    "refused",
    "refunded",
    "partially_refunded",
)
_STATE_LIST = ", ".join(f"'{state}'" for state in STATES)


class ProcessorCustomer(Base):
    """The processor's customer that an account's payments hang on; made once per account."""

    __tablename__ = "processor_customers"
    __table_args__ = ({"sqlite_strict": True},)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    processor_id: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class PaymentMethod(Base):
    """A tokenized card or bank account: brand, last four, expiry and the processor's token; no number.

    `is_saved` is false for a card keyed for one payment that the member did not ask us to keep.
    """

    __tablename__ = "payment_methods"
    __table_args__ = (
        CheckConstraint("kind IN ('card', 'bank_account')", name="kind_known"),
        CheckConstraint("length(last_four) = 4", name="last_four_only"),
        Index("ix_payment_methods_account", "account_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    processor_id: Mapped[str] = mapped_column(String(64), unique=True)
    # The processor's customer that it hangs on, where that is not the account's own: it was imported.
    customer_id: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(12))
    brand: Mapped[str] = mapped_column(String(20))
    last_four: Mapped[str] = mapped_column(String(4))
    # The processor's name for the card itself: one card on two accounts has the same.
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    expires_month: Mapped[int | None]
    expires_year: Mapped[int | None]
    nickname: Mapped[str] = mapped_column(String(40), default="")
    is_saved: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)
    # Used when the first one fails.
    is_backup: Mapped[bool] = mapped_column(default=False, server_default=false())
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Mandate(Base):
    """Evidence of a permission: who gave it, when, the words read, and how consent was given."""

    __tablename__ = "mandates"
    __table_args__ = (Index("ix_mandates_account", "account_id"), {"sqlite_strict": True})

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    method_id: Mapped[str] = mapped_column(ForeignKey("payment_methods.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(2000))
    language: Mapped[str] = mapped_column(String(2))
    consent_how: Mapped[str] = mapped_column(String(20))
    session_id: Mapped[str] = mapped_column(String(40))
    turn_id: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PaymentDraft(Base):
    """An amount and method read back to the member; can be confirmed once, until it expires.

    Consent is written by the turn that carried it (`consent_turn_id`), before the dialogue engine runs,
    so that an engine mistake cannot confirm money.
    """

    __tablename__ = "payment_drafts"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("fee_cents >= 0", name="fee_not_negative"),
        Index("ix_payment_drafts_session", "session_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    # Empty until the method is known: a new card is keyed after the amount was agreed.
    method_id: Mapped[str | None] = mapped_column(ForeignKey("payment_methods.id"))
    amount_cents: Mapped[int]
    fee_cents: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    is_duplicate_accepted: Mapped[bool] = mapped_column(default=False)
    # The member wants the newly keyed card kept; decided before the charge, because Stripe cannot later.
    keeps_method: Mapped[bool] = mapped_column(default=False)
    # Set when it is to be paid on a later day: confirming it makes a scheduled payment.
    pay_on: Mapped[date | None]
    # The scheduled payment that this draft changes.
    scheduled_id: Mapped[str | None] = mapped_column(ForeignKey("scheduled_payments.id"))
    consent_turn_id: Mapped[str | None] = mapped_column(String(40))
    consent_how: Mapped[str | None] = mapped_column(String(20))
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class Payment(Base):
    """One payment: the truth about the member's money. Every move between states is a guarded UPDATE."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATE_LIST})", name="state_known"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("fee_cents >= 0", name="fee_not_negative"),
        CheckConstraint(
            "refunded_cents >= 0 AND refunded_cents <= amount_cents + fee_cents", name="refund_within"
        ),
        CheckConstraint("state <> 'succeeded' OR processor_id IS NOT NULL", name="success_has_processor_id"),
        Index("ix_payments_account", "account_id", "created_at"),
        Index("ix_payments_open", "state", "next_lookup_at"),
        # One payment per scheduled payment, and one per try of an autopay draft, for ever.
        Index("uq_payments_scheduled_id", "scheduled_id", unique=True),
        Index("uq_payments_autopay_try", "autopay_draft_id", "autopay_try", unique=True),
        {"sqlite_strict": True},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    method_id: Mapped[str] = mapped_column(ForeignKey("payment_methods.id"))
    draft_id: Mapped[str | None] = mapped_column(ForeignKey("payment_drafts.id"), unique=True)
    scheduled_id: Mapped[str | None] = mapped_column(ForeignKey("scheduled_payments.id"))
    autopay_draft_id: Mapped[str | None] = mapped_column(ForeignKey("autopay_drafts.id"))
    autopay_try: Mapped[int | None]
    confirmation_number: Mapped[str] = mapped_column(String(8), unique=True)
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    amount_cents: Mapped[int]
    fee_cents: Mapped[int] = mapped_column(default=0)
    refunded_cents: Mapped[int] = mapped_column(default=0)
    # What the payer's bank took back and has not given again; the state does not tell it.
    disputed_cents: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(20))
    session_id: Mapped[str | None] = mapped_column(String(40))
    # Who is told about the outcome: the phone of the session that paid.
    notify_phone: Mapped[str | None] = mapped_column(String(16))
    # Paid with the account's number and ZIP alone from a phone that is not on file: need not be the member.
    is_guest: Mapped[bool] = mapped_column(default=False, server_default=false())
    language: Mapped[str] = mapped_column(String(2), default="en")
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    processor_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    decline_code: Mapped[str | None] = mapped_column(String(60))
    next_lookup_at: Mapped[datetime | None]
    lookup_count: Mapped[int] = mapped_column(default=0)
    # When we told the member, at the time we had promised, that it is still not known.
    still_unknown_at: Mapped[datetime | None]
    # Set when the member heard the outcome in the session itself; else the outbox tells it.
    told_at: Mapped[datetime | None]


class PaymentAttempt(Base):
    """One exchange with the processor about a payment: the charge, or a lookup of an unknown one."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        CheckConstraint("kind IN ('charge', 'lookup', 'cancel', 'refund')", name="kind_known"),
        Index("ix_payment_attempts_payment", "payment_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    kind: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    processor_id: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str | None] = mapped_column(String(60))
    # When it started by a count that no clock step touches: see `clock.Ticks`.
    tick_source: Mapped[str | None] = mapped_column(String(40))
    tick_ms: Mapped[int | None]


class ProcessorEvent(Base):
    """The inbox of the processor's webhooks: each event is taken once, whatever order it comes in."""

    __tablename__ = "processor_events"
    __table_args__ = (Index("ix_processor_events_open", "handled_at"), {"sqlite_strict": True})

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str] = mapped_column(String(64))
    payment_id: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
