"""Will I be cut off? The least to pay and by when, from notice, arrangement, bills and what came in since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from assistant.billing.arrangements import ArrangementView, paid_since
from assistant.billing.models import Account, PrepaidAccount
from assistant.billing.views import AccountSummary

# What decides the least to pay, the strongest first.
Reason = Literal[
    "prepaid", "notice_passed", "notice", "notice_met", "arrangement", "past_due", "due", "nothing"
]


@dataclass(frozen=True)
class Prepaid:
    """A prepaid account: what is left, and for about how many days, None where use is not known."""

    left_cents: int
    days_left: int | None


@dataclass(frozen=True)
class Standing:
    """The least to pay and the last day for it. 0 with no day when nothing asks for money now.

    `notice`: the power may be turned off on `disconnect_on`. `notice_met`: as much as the notice asked for
    has come in since, and only the office can say that it is settled. Nothing here promises service.
    """

    reason: Reason
    least_cents: int
    by: date | None
    disconnect_on: date | None
    arrangement: ArrangementView | None
    prepaid: Prepaid | None
    account: AccountSummary


def standing_of(
    tx: Session, account: AccountSummary, arrangement: ArrangementView | None, today: date
) -> Standing:
    """Where the account stands, in the caller's transaction."""
    prepaid = _prepaid(tx, account)
    reason, least, by = _decide(tx, account, arrangement, prepaid, today)
    return Standing(reason, least, by, account.disconnect_on, arrangement, prepaid, account)


def _decide(
    tx: Session,
    account: AccountSummary,
    arrangement: ArrangementView | None,
    prepaid: Prepaid | None,
    today: date,
) -> tuple[Reason, int, date | None]:
    if prepaid is not None:
        return "prepaid", max(account.balance_cents, 0), None
    # An arrangement that we agreed to knew of the notice, and wants its first part before the notice's day.
    if account.disconnect_on is not None and account.amount_due_cents and arrangement is None:
        return _of_notice(tx, account, today)
    if arrangement is not None:
        return "arrangement", arrangement.next_cents, arrangement.next_on
    if account.past_due_cents:
        return "past_due", account.past_due_cents, today
    if account.amount_due_cents:
        return "due", account.amount_due_cents, account.due_on
    return "nothing", 0, None


def _of_notice(tx: Session, account: AccountSummary, today: date) -> tuple[Reason, int, date | None]:
    row = tx.get_one(Account, account.account_id)
    asked = account.disconnect_minimum_cents or account.past_due_cents or account.amount_due_cents
    if account.disconnect_minimum_cents is not None and row.disconnect_noted_at is not None:
        asked -= paid_since(tx, account.account_id, row.disconnect_noted_at)
    least = max(min(asked, account.amount_due_cents), 0)
    if least == 0:
        return "notice_met", 0, None
    if account.disconnect_on is not None and account.disconnect_on < today:
        return "notice_passed", least, today
    return "notice", least, account.disconnect_on


def _prepaid(tx: Session, account: AccountSummary) -> Prepaid | None:
    row = tx.get(PrepaidAccount, account.account_id)
    if row is None:
        return None
    left = max(-account.balance_cents, 0)
    days = None if row.daily_use_cents is None else left // row.daily_use_cents
    return Prepaid(left, days)
