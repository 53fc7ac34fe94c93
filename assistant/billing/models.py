"""Tables of members, accounts, service locations, statements and the ledger."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base, BigId


class Member(Base):
    """A person or business that owns the co-op. `member_number` is the utility's own key."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("language IN ('en', 'es')", name="language_known"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    member_number: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="en")


class Account(Base):
    """A billed account. `account_number` is what is printed on the bill and keyed on the phone."""

    __tablename__ = "accounts"
    __table_args__ = ({"sqlite_strict": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_number: Mapped[str] = mapped_column(String(20), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    billing_zip: Mapped[str] = mapped_column(String(5))
    nickname: Mapped[str] = mapped_column(String(40), default="")
    is_closed: Mapped[bool] = mapped_column(default=False)
    # Accounts that bounced too many payments may be cash-only; cards are then refused with a clear word.
    is_cash_only: Mapped[bool] = mapped_column(default=False)
    disconnect_on: Mapped[date | None]
    disconnect_minimum_cents: Mapped[int | None]
    # When the utility's file last told the two above: what was paid since then counts against the minimum.
    disconnect_noted_at: Mapped[datetime | None]


class PrepaidAccount(Base):
    """An account whose power is paid before it is used: a credit is what is left to use."""

    __tablename__ = "prepaid_accounts"
    __table_args__ = (
        CheckConstraint("daily_use_cents > 0", name="daily_use_positive"),
        {"sqlite_strict": True},
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    # What a day costs on average, by the utility's meter data; empty where it has not enough of it.
    daily_use_cents: Mapped[int | None]
    told_at: Mapped[datetime]


class MailingAddress(Base):
    """Where letters go when that is not where the power goes."""

    __tablename__ = "mailing_addresses"
    __table_args__ = ({"sqlite_strict": True},)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    street: Mapped[str] = mapped_column(String(200))
    city: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(2))
    zip: Mapped[str] = mapped_column(String(5))


class PayPlace(Base):
    """A place that takes cash for the co-op: a store, a bank, a kiosk. `place_number` is its own key."""

    __tablename__ = "pay_places"
    __table_args__ = (
        CheckConstraint("open_days IN ('every_day', 'weekdays', 'not_sunday')", name="open_days_known"),
        CheckConstraint("fee_cents >= 0", name="fee_not_negative"),
        Index("ix_pay_places_zip", "zip"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    place_number: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    street: Mapped[str] = mapped_column(String(80))
    city: Mapped[str] = mapped_column(String(60))
    zip: Mapped[str] = mapped_column(String(5))
    open_days: Mapped[str] = mapped_column(String(10))
    # Wall-clock times, HH:MM; midnight to midnight is open all day.
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))
    fee_cents: Mapped[int] = mapped_column(default=0)


class ServiceLocation(Base):
    """Where the power goes."""

    __tablename__ = "service_locations"
    __table_args__ = (UniqueConstraint("account_id", "street"), {"sqlite_strict": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    street: Mapped[str] = mapped_column(String(200))
    city: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(2))
    zip: Mapped[str] = mapped_column(String(5))


class Statement(Base):
    """One bill. Its amount is a charge in the ledger, written in the same commit."""

    __tablename__ = "statements"
    __table_args__ = (
        CheckConstraint("due_on >= issued_on", name="due_after_issue"),
        CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
        Index("ix_statements_account_due", "account_id", "due_on"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    statement_number: Mapped[str] = mapped_column(String(32), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    amount_cents: Mapped[int]
    issued_on: Mapped[date]
    due_on: Mapped[date]


class LedgerEntry(Base):
    """One line of the ledger; never changed, never deleted.

    `book` is `member` (what the member owes: charges positive, payments negative), `clearing` (what the
    processor owes us) or `income` (the co-op's fees). The rows of one payment sum to zero over the books;
    the balance of an account is the sum of its `member` rows.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("book IN ('member', 'clearing', 'income')", name="book_known"),
        CheckConstraint("kind IN ('charge', 'payment', 'fee', 'adjustment', 'reversal')", name="kind_known"),
        CheckConstraint("amount_cents <> 0", name="amount_not_zero"),
        UniqueConstraint("source", "book", "kind"),
        Index("ix_ledger_entries_account_book", "account_id", "book", "posted_at"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    book: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(10))
    amount_cents: Mapped[int]
    posted_at: Mapped[datetime]
    effective_on: Mapped[date]
    # What caused the line, e.g. `payment:pay_…` or `statement:2026-11-1001`: the guard against posting twice.
    source: Mapped[str] = mapped_column(String(80))
    # The payment that a payment, fee or reversal line belongs to.
    payment_id: Mapped[str | None] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(String(200))
