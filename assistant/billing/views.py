"""What the rest of the product reads of an account: frozen views, money in cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from assistant.errors import NotVerified
from assistant.money import Language


class Proof(Protocol):
    """What identity's Verification shows of itself: services here lie below identity and still demand one."""

    @property
    def session_id(self) -> str: ...

    @property
    def account_id(self) -> int: ...

    @property
    def level(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def phone(self) -> str: ...


def require_verified(proof: Proof) -> int:
    """The account of a verified member or helper. Raises NotVerified."""
    if proof.level != "verified":
        raise NotVerified(needed="verified")
    return proof.account_id


@dataclass(frozen=True)
class AccountSummary:
    """Where an account stands now.

    `balance_cents` is the sum of the member's ledger rows and negative when the member has a credit;
    `amount_due_cents` is the balance or 0, never negative; `past_due_cents` is the part of it from
    statements due before today, payments taken as paying the oldest statement first. `due_on` is the
    due date of the oldest statement not fully paid, None when nothing is owed.
    """

    account_id: int
    account_number: str
    last_four: str
    nickname: str
    member_name: str
    language: Language
    balance_cents: int
    amount_due_cents: int
    past_due_cents: int
    due_on: date | None
    disconnect_on: date | None
    disconnect_minimum_cents: int | None
    is_cash_only: bool


@dataclass(frozen=True)
class LedgerLine:
    """One line of what the member owes: charges positive, payments negative."""

    kind: str
    amount_cents: int
    posted_at: datetime
    effective_on: date
    description: str
    source: str
    payment_id: str | None


@dataclass(frozen=True)
class Bill:
    """One statement as others see it."""

    statement_id: int
    amount_cents: int
    issued_on: date
    due_on: date


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class PastPayment:
    """One payment that was kept: what is left of it after anything given back, positive."""

    amount_cents: int
    received_on: date
    payment_id: str | None


@dataclass(frozen=True)
class PaymentPage:
    """A few payments, newest first, and whether older ones follow."""

    payments: tuple[PastPayment, ...]
    has_more: bool


@dataclass(frozen=True)
class Total:
    """What a span adds up to, and of how many."""

    amount_cents: int
    count: int


@dataclass(frozen=True)
class Breakdown:
    """What a balance is made of; the parts add up to it.

    `before_cents` was owed when the bill was made (negative for a credit), `bill_cents` is the newest bill,
    `paid_cents` (positive) came in since, net of what went back; `fee_cents` and `adjusted_cents` were added
    (or, negative, taken off) since.
    """

    balance_cents: int
    before_cents: int
    bill_cents: int
    issued_on: date | None
    due_on: date | None
    paid_cents: int
    fee_cents: int
    adjusted_cents: int
