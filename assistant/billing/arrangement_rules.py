"""The co-op's band for arrangements, and the parts that fit into it. Pure: it reads and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from assistant.billing.views import AccountSummary
from assistant.errors import ArrangementRefused

_PERCENT = 100


@dataclass(frozen=True)
class ArrangementPolicy:
    """What the assistant may agree to by itself; anything else is a person's to decide."""

    # Part of what is owed that is to be paid first, in percent, rounded up to whole cents.
    first_percent: int = 25
    # Days after today by which the first part must be in.
    first_days: int = 1
    # Days after today by which the rest must be in.
    days_max: int = 21
    # Days that a payment at a store may take to show before an arrangement counts as broken.
    grace_days: int = 2
    max_cents: int = 60_000
    # An arrangement that was broken within this many days needs a person.
    broken_days: int = 365
    # How long what was read back can be agreed to.
    offer_minutes: int = 10
    min_cents: int = 100


@dataclass(frozen=True)
class Terms:
    """`first_cents` by `first_due_on`, `rest_cents` by `rest_due_on`; `latest_on` is the end of the band."""

    first_cents: int
    rest_cents: int
    first_due_on: date
    rest_due_on: date
    latest_on: date

    @property
    def total_cents(self) -> int:
        return self.first_cents + self.rest_cents


def terms_for(
    account: AccountSummary, policy: ArrangementPolicy, today: date, rest_due_on: date | None = None
) -> Terms:
    """The terms for what is owed; without a day the latest one. Raises ArrangementRefused.

    What is past due is arranged, or, while nothing is, the whole of what is owed.
    """
    owed = account.past_due_cents or account.amount_due_cents
    latest = today + timedelta(days=policy.days_max)
    first_due = _first_day(account, policy, today)
    if owed == 0:
        raise ArrangementRefused("arrangement_nothing_owed")
    if account.is_cash_only or not 2 * policy.min_cents <= owed <= policy.max_cents:
        raise ArrangementRefused("arrangement_needs_person")
    wanted = latest if rest_due_on is None else rest_due_on
    if wanted > latest:
        raise ArrangementRefused("arrangement_day_too_late", latest_on=latest)
    if wanted <= first_due:
        raise ArrangementRefused("arrangement_day_too_soon", latest_on=latest)
    first = max(-(-owed * policy.first_percent // _PERCENT), policy.min_cents)
    first = min(first, owed - policy.min_cents)
    return Terms(first, owed - first, first_due, wanted, latest)


def _first_day(account: AccountSummary, policy: ArrangementPolicy, today: date) -> date:
    """The day for the first part: before the power may go off, whatever the policy says."""
    first_due = today + timedelta(days=policy.first_days)
    if account.disconnect_on is None:
        return first_due
    if account.disconnect_on <= today:
        # Too late for words: somebody has to stop the truck.
        raise ArrangementRefused("arrangement_needs_person")
    return min(first_due, account.disconnect_on - timedelta(days=1))
