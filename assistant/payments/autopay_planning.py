"""Plans autopay drafts: looks some days ahead, decides what will be drafted, and tells the member."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from assistant.billing.locks import lock_account
from assistant.billing.models import Statement
from assistant.billing.service import Bill, Billing
from assistant.clock import Clock
from assistant.db import Database, insert_once
from assistant.ids import new_id
from assistant.observability import done_one_by_one
from assistant.payments.autopay_views import AutopayOptions, NextDraft
from assistant.payments.member_texts import Blank, MemberTexts
from assistant.payments.methods import Methods
from assistant.payments.models import Payment, PaymentMethod
from assistant.payments.policy import PaymentPolicy
from assistant.payments.returns import CHARGED_STATES
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment
from assistant.payments.timetable import Timetable
from assistant.settings import Settings

# A bill in one of these is being paid, or was, by an enrollment: no other enrollment takes it up.
TAKEN_UP = ("sent", "waiting", "paid")


class AutopayPlanning:
    """Writes the one draft row of each enrollment and bill, with the notice, in one commit."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        *,
        billing: Billing,
        methods: Methods,
        policy: PaymentPolicy,
        timetable: Timetable,
        texts: MemberTexts,
    ) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._billing = billing
        self._methods = methods
        self._policy = policy
        self._timetable = timetable
        self._texts = texts

    def plan_due(self, limit: int = 500) -> int:
        """Plan the bills whose notice is due, by day only; returns how many were decided."""
        if not self._timetable.is_daytime():
            return 0
        with self._db.read() as tx:
            kinds = tx.scalars(
                select(AutopayEnrollment.days_before).where(AutopayEnrollment.state == "active").distinct()
            ).all()
            due = [pair for days_before in kinds for pair in self._unplanned(tx, days_before, limit)]
        return done_one_by_one("autopay_notices", lambda pair: self.plan(*pair), due)

    def plan(self, enrollment_id: str, statement_id: int) -> bool:
        """Decide about one bill, once for ever. False when it was decided before, or autopay is off."""
        with self._db.write() as tx:
            account_id = tx.get_one(AutopayEnrollment, enrollment_id).account_id
            lock_account(tx, account_id)
            enrollment = tx.get_one(
                AutopayEnrollment, enrollment_id, with_for_update=True, populate_existing=True
            )
            statement = tx.get_one(Statement, statement_id)
            if enrollment.state != "active":
                return False
            bill = Bill(statement.id, statement.amount_cents, statement.issued_on, statement.due_on)
            return self._write(tx, enrollment, bill)

    def preview(self, tx: Session, account_id: int, options: AutopayOptions) -> NextDraft | None:
        """The first open bill that autopay with these options would look at; None: there is none yet.

        What a bank is already collecting is not drafted again, so it is not told as the next draft either.
        """
        collected_cents = self._policy.under_way(tx, account_id).pending_cents
        for bill in self._billing.bills_due_from(tx, account_id, self._clock.today()):
            owed_cents = self._billing.owed_through(tx, account_id, bill.statement_id) - collected_cents
            amount_cents = amount_of(options, owed_cents)
            day = self._timetable.autopay_day(bill.due_on, options.days_before)
            if day is None or not self._policy.is_worth_charging(amount_cents):
                continue
            is_over = is_over_cap(options, owed_cents) or not self._policy.fits_limits(
                amount_cents, self._policy.fee_cents
            )
            return NextDraft(day, bill.due_on, amount_cents, is_over)
        return None

    def _unplanned(self, tx: Session, days_before: int, limit: int) -> list[tuple[str, int]]:
        today = self._clock.today()
        last_due_on = today + timedelta(days=days_before + self._settings.autopay_notice_days)
        draft = aliased(AutopayDraft)
        is_taken_up = exists().where(
            draft.statement_id == Statement.id,
            (draft.enrollment_id == AutopayEnrollment.id) | draft.state.in_(TAKEN_UP),
        )
        pairs = tx.execute(
            select(AutopayEnrollment.id, Statement.id)
            .join(Statement, Statement.account_id == AutopayEnrollment.account_id)
            .where(
                AutopayEnrollment.state == "active",
                AutopayEnrollment.days_before == days_before,
                Statement.due_on >= today,
                Statement.due_on <= last_due_on,
                ~is_taken_up,
            )
            .order_by(Statement.due_on, Statement.id)
            .limit(limit)
        )
        return [(enrollment_id, statement_id) for enrollment_id, statement_id in pairs]

    def _write(self, tx: Session, enrollment: AutopayEnrollment, bill: Bill) -> bool:
        options = AutopayOptions.of(enrollment)
        owed_cents = self._owed_beyond_plans(tx, enrollment, bill)
        planned_cents = amount_of(options, owed_cents)
        day = self._timetable.autopay_day(bill.due_on, options.days_before)
        method, is_backup = self._method(tx, enrollment, day or bill.due_on)
        reason = self._reason_not_to(tx, enrollment, options, owed_cents, day)
        if not reason and method is None:
            reason = "method_not_usable"
        row_id = new_id("apd")
        is_new = insert_once(
            tx,
            AutopayDraft,
            [
                {
                    "id": row_id,
                    "enrollment_id": enrollment.id,
                    "account_id": enrollment.account_id,
                    "statement_id": bill.statement_id,
                    "due_on": bill.due_on,
                    "planned_cents": planned_cents,
                    "draft_at": self._timetable.draft_instant(day or bill.due_on),
                    "state": "skipped" if reason else "planned",
                    "reason": reason,
                    "try_count": 0,
                    "uses_backup": is_backup,
                    "made_at": self._clock.now(),
                    "closed_at": self._clock.now() if reason else None,
                }
            ],
        )
        if is_new:
            self._tell(tx, enrollment, row_id, reason, planned_cents, bill.due_on, day, method)
        return is_new == 1

    def _owed_beyond_plans(self, tx: Session, enrollment: AutopayEnrollment, bill: Bill) -> int:
        """What is owed up to this bill, without what autopay is already to draft for earlier ones.

        An earlier draft takes what was planned, or less when less is owed by now; one whose payment is posted
        takes nothing more.
        """
        is_posted = exists().where(
            Payment.autopay_draft_id == AutopayDraft.id, Payment.state.in_(CHARGED_STATES)
        )
        earlier = tx.scalars(
            select(AutopayDraft)
            .where(
                AutopayDraft.enrollment_id == enrollment.id,
                AutopayDraft.state.in_(("planned", "waiting", "sent")),
                AutopayDraft.due_on <= bill.due_on,
                ~is_posted,
            )
            .order_by(AutopayDraft.due_on, AutopayDraft.statement_id)
        )
        taken_cents = 0
        for draft in earlier:
            still_owed = self._billing.owed_through(tx, enrollment.account_id, draft.statement_id)
            taken_cents += min(draft.planned_cents, max(still_owed - taken_cents, 0))
        owed_cents = self._billing.owed_through(tx, enrollment.account_id, bill.statement_id)
        return max(owed_cents - taken_cents, 0)

    def _reason_not_to(
        self,
        tx: Session,
        enrollment: AutopayEnrollment,
        options: AutopayOptions,
        owed_cents: int,
        day: date | None,
    ) -> str:
        amount_cents = amount_of(options, owed_cents)
        if not self._policy.is_worth_charging(amount_cents):
            return "nothing_owed"
        if day is None:
            return "too_late"
        if is_over_cap(options, owed_cents):
            return "over_cap"
        is_cash_only = self._billing.is_cash_only(tx, enrollment.account_id)
        if is_cash_only or not self._policy.fits_limits(amount_cents, enrollment.fee_cents):
            return "not_allowed"
        return ""

    def _method(
        self, tx: Session, enrollment: AutopayEnrollment, on: date
    ) -> tuple[PaymentMethod | None, bool]:
        """The method that is good on that day, and whether it is the backup."""
        first = self._methods.usable(tx, enrollment.account_id, enrollment.method_id, on)
        if first is not None or enrollment.backup_method_id is None:
            return first, False
        backup = self._methods.usable(tx, enrollment.account_id, enrollment.backup_method_id, on)
        return backup, backup is not None

    def _tell(
        self,
        tx: Session,
        enrollment: AutopayEnrollment,
        row_id: str,
        reason: str,
        planned_cents: int,
        due_on: date,
        day: date | None,
        method: PaymentMethod | None,
    ) -> None:
        if reason == "nothing_owed":
            return
        if reason == "too_late" and self._timetable.day_of(enrollment.active_since) == self._clock.today():
            return  # the member heard it when autopay was switched on a moment ago
        blanks: dict[str, Blank] = {"total_cents": planned_cents + enrollment.fee_cents, "due": due_on}
        if not reason and day is not None and method is not None:
            name = "autopay_notice"
            blanks |= {"day": day, "method": method}
        elif reason == "over_cap":
            name = "autopay_over_cap"
            blanks["limit_cents"] = enrollment.amount_cents or 0
        else:
            name = "autopay_not_made"
        self._texts.tell(
            tx,
            name,
            row_id,
            account_id=enrollment.account_id,
            phone=enrollment.phone,
            language=enrollment.language,
            **blanks,
        )


def amount_of(options: AutopayOptions, owed_cents: int) -> int:
    """What a draft of a bill with this much owed would be, before any cap."""
    if options.amount_kind == "fixed" and options.amount_cents is not None:
        return min(options.amount_cents, owed_cents)
    return owed_cents


def is_over_cap(options: AutopayOptions, owed_cents: int) -> bool:
    """Whether the member's own maximum keeps this bill from being drafted."""
    return (
        options.amount_kind == "capped"
        and options.amount_cents is not None
        and owed_cents > options.amount_cents
    )
