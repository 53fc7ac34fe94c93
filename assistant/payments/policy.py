"""What may be paid: limits, duplicates and payments still in progress, read in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.billing.service import AccountSummary
from assistant.clock import Clock, local_instant
from assistant.errors import PaymentRefused
from assistant.payments.lookup_times import LOOKUP_AFTER
from assistant.payments.models import Payment
from assistant.settings import Settings

# States in which the member's money has moved or may have.
_MONEY_MAY_HAVE_MOVED = ("submitted", "unknown", "pending", "succeeded", "partially_refunded")
_UNRESOLVED = ("submitted", "unknown")
_PENDING = "pending"


@dataclass(frozen=True)
class UnderWay:
    """Payments of an account without an end: `is_unresolved`, one may have been charged or not; and what is
    on its way from a bank account to the bill, not paid and not to be taken twice."""

    is_unresolved: bool
    pending_cents: int


class PaymentPolicy:
    """The co-op's rules for one payment. `check` raises PaymentRefused and changes nothing."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def fee_cents(self) -> int:
        return self._settings.fee_cents

    def check(
        self, tx: Session, account: AccountSummary, amount_cents: int, *, accept_duplicate: bool
    ) -> None:
        """Raise the first reason why this amount cannot be paid on this account now."""
        if account.is_cash_only:
            raise PaymentRefused("cards_not_accepted")
        self._check_nothing_unresolved(tx, account.account_id)
        self._check_amount(account, amount_cents)
        self._check_day(tx, account.account_id, amount_cents)
        if not accept_duplicate:
            self._check_duplicate(tx, account.account_id, amount_cents)

    def check_later(self, tx: Session, account: AccountSummary, amount_cents: int) -> None:
        """Raise the first reason why this amount cannot be set for a later day: never more than is owed."""
        if account.is_cash_only:
            raise PaymentRefused("cards_not_accepted")
        if account.balance_cents <= 0:
            raise PaymentRefused("nothing_due")
        self._check_nothing_unresolved(tx, account.account_id)
        self._check_amount(account, amount_cents)
        if amount_cents > account.balance_cents:
            raise PaymentRefused("amount_over_balance", maximum_cents=account.balance_cents)

    def fits_limits(self, amount_cents: int, fee_cents: int) -> bool:
        """Whether one payment may be this large. For drafts that nobody is there to be asked about."""
        return amount_cents + fee_cents <= self._settings.payment_max_cents

    def is_worth_charging(self, amount_cents: int) -> bool:
        """Whether an amount reaches the smallest payment."""
        return amount_cents >= self._settings.payment_min_cents

    def under_way(self, tx: Session, account_id: int) -> UnderWay:
        """What may be on its way, so that what is owed is not known for sure.

        A payment held for review is not on its way: it is looked at again before it is charged.
        """
        sums = tx.execute(
            select(Payment.state, func.sum(Payment.amount_cents))
            .where(Payment.account_id == account_id, Payment.state.in_((*_UNRESOLVED, _PENDING)))
            .group_by(Payment.state)
        )
        cents = {state: int(summed) for state, summed in sums}
        return UnderWay(cents.keys() - {_PENDING} != set(), cents.get(_PENDING, 0))

    def _check_nothing_unresolved(self, tx: Session, account_id: int) -> None:
        """One that a person has taken over blocks no longer; the same amount is then asked about for ever."""
        unresolved = tx.scalar(
            select(Payment)
            .where(
                Payment.account_id == account_id,
                Payment.state.in_(_UNRESOLVED),
                Payment.lookup_count < len(LOOKUP_AFTER),
            )
            .limit(1)
        )
        if unresolved is not None:
            raise PaymentRefused(
                "payment_in_progress",
                amount_cents=unresolved.amount_cents,
                told_by=self.told_by(unresolved.submitted_at or unresolved.created_at),
            )

    def _check_amount(self, account: AccountSummary, amount_cents: int) -> None:
        rules = self._settings
        if amount_cents < rules.payment_min_cents:
            raise PaymentRefused("amount_too_small", minimum_cents=rules.payment_min_cents)
        if amount_cents + rules.fee_cents > rules.payment_max_cents:
            raise PaymentRefused("amount_too_large", maximum_cents=rules.payment_max_cents - rules.fee_cents)
        most = max(account.balance_cents, 0) + rules.overpayment_max_cents
        if amount_cents > most:
            raise PaymentRefused("amount_over_balance", maximum_cents=most)

    def _check_day(self, tx: Session, account_id: int, amount_cents: int) -> None:
        midnight = local_instant(self._clock.today(), time(), self._clock.zone)
        spent = tx.scalar(
            select(
                func.coalesce(func.sum(Payment.amount_cents + Payment.fee_cents - Payment.refunded_cents), 0)
            ).where(
                Payment.account_id == account_id,
                Payment.state.in_(_MONEY_MAY_HAVE_MOVED),
                # A payment that was held counts on the day it is charged.
                func.coalesce(Payment.submitted_at, Payment.created_at) >= midnight,
            )
        )
        left_cents = self._settings.payment_day_max_cents - int(spent or 0) - self.fee_cents
        if amount_cents > left_cents:
            raise PaymentRefused("daily_limit_reached", left_cents=max(left_cents, 0))

    def _check_duplicate(self, tx: Session, account_id: int, amount_cents: int) -> None:
        pending_cents = self.under_way(tx, account_id).pending_cents
        if pending_cents:
            # Of any amount: what is owed is told without it.
            raise PaymentRefused("duplicate_of_pending", pending_cents=pending_cents)
        twin = tx.scalar(
            select(Payment)
            .where(
                Payment.account_id == account_id,
                Payment.amount_cents == amount_cents,
                Payment.state.in_(("held", *_MONEY_MAY_HAVE_MOVED)),
                Payment.disputed_cents == 0,
                Payment.state.in_(_UNRESOLVED)
                | (Payment.created_at > self._clock.now() - timedelta(hours=self._settings.duplicate_hours)),
            )
            .order_by(Payment.state == "held", Payment.created_at.desc())
            .limit(1)
        )
        if twin is not None and twin.state == "held":
            raise PaymentRefused("duplicate_of_held", amount_cents=amount_cents)
        if twin is not None:
            raise PaymentRefused("duplicate_payment", amount_cents=amount_cents, at=twin.created_at)

    def told_by(self, submitted_at: datetime) -> datetime:
        """By when the member was promised to hear how an unknown payment ended."""
        return submitted_at + self.unknown_told_after

    @property
    def unknown_told_after(self) -> timedelta:
        """How long after its submission the member of an unknown payment was promised word."""
        return timedelta(minutes=self._settings.unknown_told_minutes)
