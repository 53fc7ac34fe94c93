"""What may be set for a later day: the day, the amount, the method; read in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.service import AccountSummary
from assistant.clock import Clock
from assistant.errors import PaymentRefused
from assistant.payments.methods import Methods
from assistant.payments.models import PaymentMethod
from assistant.payments.policy import PaymentPolicy
from assistant.payments.scheduling_models import ScheduledPayment
from assistant.payments.timetable import Timetable
from assistant.payments.views import MethodView


@dataclass(frozen=True)
class Later:
    """The day to pay on, and the scheduled payment that this would change, if any."""

    pay_on: date
    changes_id: str | None = None


class ScheduleRules:
    """The co-op's rules for a payment on a later day. `check` raises PaymentRefused and changes nothing."""

    def __init__(
        self, clock: Clock, *, methods: Methods, policy: PaymentPolicy, timetable: Timetable
    ) -> None:
        self._clock = clock
        self._methods = methods
        self._policy = policy
        self._timetable = timetable

    def check(
        self,
        tx: Session,
        account: AccountSummary,
        amount_cents: int,
        method_id: str | None,
        later: Later,
        *,
        accept_duplicate: bool,
    ) -> None:
        """Raise the first reason why this cannot be paid on that day."""
        if later.changes_id is not None:
            self.changeable(tx, account.account_id, later.changes_id)
        self._policy.check_later(tx, account, amount_cents)
        self._check_day(account, later.pay_on)
        self._check_method(tx, account.account_id, method_id, later.pay_on)
        if not accept_duplicate:
            self._check_covered(tx, account, amount_cents, later.changes_id)

    def changeable(self, tx: Session, account_id: int, scheduled_id: str) -> ScheduledPayment:
        """The scheduled payment, locked, if it can still be changed. Its account is locked before.

        Raises schedule_not_found, or schedule_too_late(pay_on, until) when less than a day is left.
        """
        row = tx.get(ScheduledPayment, scheduled_id, with_for_update=True, populate_existing=True)
        if row is None or row.account_id != account_id or row.state == "canceled":
            raise PaymentRefused("schedule_not_found")
        if row.state == "drafted" or not self._timetable.is_changeable(row.draft_at):
            raise PaymentRefused(
                "schedule_too_late", pay_on=row.pay_on, until=self._timetable.changes_until(row.draft_at)
            )
        return row

    def _check_day(self, account: AccountSummary, pay_on: date) -> None:
        today = self._clock.today()
        if pay_on <= today:
            raise PaymentRefused("schedule_in_past", first_on=today + timedelta(days=1))
        if account.past_due_cents > 0:
            raise PaymentRefused("schedule_past_due", past_due_cents=account.past_due_cents)
        # What is owed without a bill has no due date that would leave time.
        due_on = account.due_on or today
        if pay_on > due_on:
            raise PaymentRefused("schedule_after_due", due_on=due_on)

    def _check_method(self, tx: Session, account_id: int, method_id: str | None, pay_on: date) -> None:
        if method_id is None:
            raise PaymentRefused("no_saved_method")
        if self._methods.usable(tx, account_id, method_id, pay_on) is not None:
            return
        today = self._clock.today()
        if self._methods.usable(tx, account_id, method_id, today) is not None:
            method = MethodView.of(tx.get_one(PaymentMethod, method_id), today)
            raise PaymentRefused("method_expires_first", method=method, pay_on=pay_on)
        raise PaymentRefused("method_not_usable")

    def _check_covered(
        self, tx: Session, account: AccountSummary, amount_cents: int, changes_id: str | None
    ) -> None:
        """Ask first when payments set before already cover what is owed: the member may have forgotten."""
        others = tx.scalars(
            select(ScheduledPayment)
            .where(
                ScheduledPayment.account_id == account.account_id,
                ScheduledPayment.state == "scheduled",
                ScheduledPayment.id != (changes_id or ""),
            )
            .order_by(ScheduledPayment.draft_at)
        ).all()
        if others and sum(one.amount_cents for one in others) + amount_cents > account.balance_cents:
            raise PaymentRefused(
                "already_scheduled",
                amount_cents=others[0].amount_cents,
                pay_on=others[0].pay_on,
                confirmation_number=others[0].confirmation_number,
            )
