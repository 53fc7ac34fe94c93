"""What payments tells others: frozen views, so that nobody outside holds a row."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from assistant.payments.models import Payment, PaymentDraft, PaymentMethod

# A card that ends within this is spoken of: time to get the new one.
EXPIRING_DAYS = 30


@dataclass(frozen=True)
class MethodView:
    """A payment method as it may be told: brand and last four, no token."""

    id: str
    kind: str
    brand: str
    last_four: str
    nickname: str
    is_default: bool
    is_saved: bool
    is_expired: bool
    is_backup: bool = False
    # The last day it is good on; None when it has no end.
    good_until: date | None = None

    @classmethod
    def of(cls, row: PaymentMethod, today: date) -> MethodView:
        return cls(
            row.id,
            row.kind,
            row.brand,
            row.last_four,
            row.nickname,
            row.is_default,
            row.is_saved,
            has_expired(row.expires_month, row.expires_year, today),
            row.is_backup,
            last_good_day(row.expires_month, row.expires_year),
        )

    def is_expiring(self, today: date) -> bool:
        """Whether it is good today but not much longer."""
        return self.good_until is not None and 0 <= (self.good_until - today).days <= EXPIRING_DAYS


@dataclass(frozen=True)
class LeftOpen:
    """What was begun in another session and neither finished nor given up. `method` may be gone."""

    session_id: str
    amount_cents: int
    method: MethodView | None


@dataclass(frozen=True)
class DraftView:
    """An amount to be read back. `total_cents` = amount + fee; `method` is None until a card is keyed.

    With `pay_on` it is for a later day: `Payments.scheduled.confirm` makes or, with `scheduled_id`, changes a
    scheduled payment.
    """

    id: str
    account_id: int
    amount_cents: int
    fee_cents: int
    method: MethodView | None
    keeps_method: bool
    expires_at: datetime
    pay_on: date | None = None
    scheduled_id: str | None = None

    @property
    def total_cents(self) -> int:
        return self.amount_cents + self.fee_cents

    @classmethod
    def of(cls, row: PaymentDraft, method: MethodView | None) -> DraftView:
        return cls(
            row.id,
            row.account_id,
            row.amount_cents,
            row.fee_cents,
            method,
            row.keeps_method,
            row.expires_at,
            row.pay_on,
            row.scheduled_id,
        )


@dataclass(frozen=True)
class Receipt:
    """A payment that succeeded. `balance_cents` is the balance after it, negative for a credit."""

    payment_id: str
    confirmation_number: str
    amount_cents: int
    fee_cents: int
    method: MethodView
    balance_cents: int
    settled_at: datetime

    @property
    def total_cents(self) -> int:
        return self.amount_cents + self.fee_cents


@dataclass(frozen=True)
class PaymentStatus:
    """Where a payment stands. `at` is when it settled, or when it was sent if it has not."""

    payment_id: str
    state: str
    amount_cents: int
    at: datetime
    confirmation_number: str

    @classmethod
    def of(cls, row: Payment) -> PaymentStatus:
        return cls(
            row.id, row.state, row.amount_cents, row.settled_at or row.created_at, row.confirmation_number
        )


@dataclass(frozen=True)
class ConfirmationStatus:
    """What anyone holding a confirmation number may know: posted or not, and the date. Nothing else."""

    is_posted: bool
    posted_on: date | None


def last_good_day(month: int | None, year: int | None) -> date | None:
    """The last day of the month on the card."""
    if month is None or year is None:
        return None
    return date(year, month, monthrange(year, month)[1])


def has_expired(month: int | None, year: int | None, today: date) -> bool:
    """A card is good through the last day of its month; a method without a date never expires."""
    if month is None or year is None:
        return False
    return (year, month) < (today.year, today.month)
