"""Makes autopay drafts on their day, and decides what follows a decline. Any number of workers may run it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.billing.locks import lock_account
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.errors import PaymentRefused, ProcessorUnreachable
from assistant.observability import done_one_by_one
from assistant.payments.declines import group_of
from assistant.payments.due_rows import DueRows
from assistant.payments.dunning import next_step
from assistant.payments.member_texts import Blank, MemberTexts
from assistant.payments.methods import Methods
from assistant.payments.models import Payment, PaymentMethod
from assistant.payments.policy import PaymentPolicy
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment
from assistant.payments.settling import UNSETTLED_STATES
from assistant.payments.taking import Intent, Order, Taking
from assistant.payments.timetable import Timetable

_OPEN = ("planned", "waiting")
_UNDECIDED = ("created", "held", *UNSETTLED_STATES)
_PAID = ("succeeded", "refunded", "partially_refunded")
_IS_ITS_TRY = (Payment.autopay_draft_id == AutopayDraft.id) & (Payment.autopay_try == AutopayDraft.try_count)


class AutopayDrafting:
    """Turns planned drafts into payments: one draft per enrollment and bill, each try at most once."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        billing: Billing,
        methods: Methods,
        policy: PaymentPolicy,
        taking: Taking,
        timetable: Timetable,
        texts: MemberTexts,
    ) -> None:
        self._db = db
        self._clock = clock
        self._billing = billing
        self._methods = methods
        self._policy = policy
        self._taking = taking
        self._timetable = timetable
        self._texts = texts
        self._due = DueRows(db, clock, AutopayDraft, _OPEN)

    def draft_due(self, limit: int = 100) -> int:
        """Conclude what has an outcome, then draft or close what is due; returns how many moved."""
        concluded = self.conclude_due(limit)
        drafted = done_one_by_one("autopay_drafts", lambda row: self.draft(*row), self.due(limit))
        if drafted:
            self.conclude_due(limit)
        return concluded + drafted

    def due(self, limit: int) -> list[tuple[str, int]]:
        """`(id, account_id)` of the next page of what is due, round and round; nothing by night."""
        return self._due.next_page(limit) if self._timetable.is_daytime() else []

    def draft(self, draft_id: str, account_id: int) -> bool:
        """Make one try. False when it is not due any more, or must wait.

        What becomes of it is concluded afterwards, a page at a time.
        """
        try:
            customer_id = self._methods.customer_of(account_id)
        except (ProcessorUnreachable, PaymentRefused):
            return False
        with self._db.write() as tx:
            lock_account(tx, account_id)
            row = tx.get(AutopayDraft, draft_id, with_for_update=True)
            if row is None or row.state not in _OPEN or row.draft_at > self._clock.now():
                return False
            decided = self._decide(tx, row, customer_id)
        if isinstance(decided, Intent):
            self._taking.send(decided, is_in_reply=False)
        return decided is not None

    def conclude(self, draft_id: str, account_id: int) -> bool:
        """Follow up a sent draft whose payment failed. False when that is not known yet, or done."""
        with self._db.write() as tx:
            lock_account(tx, account_id)
            row = tx.get_one(AutopayDraft, draft_id, with_for_update=True)
            if row.state != "sent":
                return False
            payment = tx.scalars(
                select(Payment).where(
                    Payment.autopay_draft_id == row.id, Payment.autopay_try == row.try_count
                )
            ).one()
            if payment.state in (*_UNDECIDED, *_PAID):
                return False  # what is paid is closed with its page
            self._follow_up(tx, row, payment)
            return True

    def conclude_due(self, limit: int = 100) -> int:
        """Bring sent drafts whose payment has ended since to what became of it; returns how many."""
        with self._db.read() as tx:
            failed = tx.execute(
                select(AutopayDraft.id, AutopayDraft.account_id)
                .join(Payment, _IS_ITS_TRY)
                .where(AutopayDraft.state == "sent", Payment.state.not_in((*_UNDECIDED, *_PAID)))
                .limit(limit)
            ).all()
        followed_up = done_one_by_one("autopay_drafts", lambda row: self.conclude(*row), failed)
        return self._close_paid(limit) + followed_up

    def _close_paid(self, limit: int) -> int:
        """A page in one commit: nothing is decided about a draft that is paid, and nothing is told."""
        is_paid = (AutopayDraft.state == "sent") & Payment.state.in_(_PAID)
        page = select(AutopayDraft.id).join(Payment, _IS_ITS_TRY).where(is_paid).limit(limit)
        with self._db.read() as tx:
            if tx.scalar(page.limit(1)) is None:
                return 0
        with self._db.write() as tx:
            rows = tx.scalars(
                select(AutopayDraft)
                .where(AutopayDraft.id.in_(tx.scalars(page).all()), AutopayDraft.state == "sent")
                # Another worker closes those that it holds.
                .with_for_update(skip_locked=True)
            ).all()
            for row in rows:
                self._close(tx, row, "paid", "")
        return len(rows)

    def _decide(self, tx: Session, row: AutopayDraft, customer_id: str) -> Intent | str | None:
        """The payment to send, or why there is none; None: wait until it is clear what is owed."""
        enrollment = tx.get_one(AutopayEnrollment, row.enrollment_id)
        total_cents = row.planned_cents + enrollment.fee_cents
        if enrollment.state != "active":
            return self._close(tx, row, "skipped", enrollment.state)
        owed_cents = self._billing.owed_through(tx, row.account_id, row.statement_id)
        under_way = self._policy.under_way(tx, row.account_id)
        amount_cents = min(row.planned_cents, owed_cents - under_way.pending_cents)
        is_on_its_way = under_way.pending_cents > 0 and not self._policy.is_worth_charging(amount_cents)
        if self._timetable.is_missed(row.draft_at):
            if is_on_its_way:
                # How that one ends is told; "autopay could not pay" would have it paid twice.
                return self._close(tx, row, "skipped", "too_late")
            return self._give_up(tx, row, enrollment, "too_late", total_cents)
        if is_on_its_way or under_way.is_unresolved:
            return None
        if not self._policy.is_worth_charging(amount_cents):
            self._tell(tx, row, enrollment, "autopay_already_paid")
            return self._close(tx, row, "skipped", "already_paid")
        is_cash_only = self._billing.is_cash_only(tx, row.account_id)
        if is_cash_only or not self._policy.fits_limits(amount_cents, enrollment.fee_cents):
            return self._give_up(tx, row, enrollment, "not_allowed", total_cents)
        method = self._method(tx, row, enrollment)
        if method is None:
            return self._give_up(tx, row, enrollment, "method_not_usable", total_cents)
        order = Order(
            account_id=row.account_id,
            method=method,
            customer_id=customer_id,
            amount_cents=amount_cents,
            fee_cents=enrollment.fee_cents,
            origin="autopay",
            notify_phone=enrollment.phone,
            language=enrollment.language,
            autopay_draft_id=row.id,
            autopay_try=row.try_count + 1,
            is_member_present=False,
        )
        decision = self._taking.judge(tx, order)
        backup = self._backup(tx, row, enrollment)
        if decision.outcome != "allow" and backup is not None:
            row.uses_backup, order = True, replace(order, method=backup)
            decision = self._taking.judge(tx, order)
        if decision.outcome != "allow":
            return self._give_up(tx, row, enrollment, "method_not_usable", total_cents)
        self._claim(tx, row, enrollment, amount_cents)
        return self._taking.write_intent(tx, order, decision)

    def _method(self, tx: Session, row: AutopayDraft, enrollment: AutopayEnrollment) -> PaymentMethod | None:
        """The method of this try. The backup steps in for a method that is gone."""
        today = self._clock.today()
        if not row.uses_backup:
            first = self._methods.usable(tx, row.account_id, enrollment.method_id, today)
            if first is not None:
                return first
        if enrollment.backup_method_id is None:
            return None
        row.uses_backup = True
        return self._methods.usable(tx, row.account_id, enrollment.backup_method_id, today)

    def _claim(
        self,
        tx: Session,
        row: AutopayDraft,
        enrollment: AutopayEnrollment,
        amount_cents: int,
    ) -> None:
        this_try = row.try_count + 1
        claimed = tx.execute(
            update(AutopayDraft)
            .where(
                AutopayDraft.id == row.id,
                AutopayDraft.state.in_(_OPEN),
                AutopayDraft.try_count == row.try_count,
            )
            .values(state="sent", try_count=this_try)
        )
        if rows_changed(claimed) != 1:
            raise RuntimeError("an autopay draft moved under its lock")
        if amount_cents < row.planned_cents:
            self._tell(
                tx,
                row,
                enrollment,
                "draft_reduced",
                total_cents=amount_cents + enrollment.fee_cents,
                planned_cents=row.planned_cents + enrollment.fee_cents,
            )
        self._note(tx, row, "autopay_sent", this_try)

    def _follow_up(self, tx: Session, row: AutopayDraft, payment: Payment) -> None:
        """The dunning table says what follows; the member is told in the same commit."""
        enrollment = tx.get_one(AutopayEnrollment, row.enrollment_id)
        reason = group_of(payment.decline_code or "") if payment.state == "declined" else "not_charged"
        backup = self._backup(tx, row, enrollment)
        step = next_step(
            reason,
            try_count=self._tries_like(tx, payment),
            was_backup=row.uses_backup,
            has_backup=backup is not None,
        )
        told: dict[str, Blank] = {
            "total_cents": payment.amount_cents + payment.fee_cents,
            "method": tx.get_one(PaymentMethod, payment.method_id),
        }
        if enrollment.state != "active" or step.kind == "stop":
            self._close(tx, row, "failed", reason)
            self._tell(tx, row, enrollment, "autopay_failed", **told)
        elif step.kind == "backup" and backup is not None:
            row.state, row.reason, row.uses_backup, row.draft_at = "waiting", reason, True, self._clock.now()
            self._tell(tx, row, enrollment, "autopay_backup", **told, backup=backup)
        else:
            day = self._clock.today() + timedelta(days=step.after_days)
            row.state, row.reason, row.draft_at = "waiting", reason, self._timetable.draft_instant(day)
            self._tell(tx, row, enrollment, "autopay_retry", **told, day=day)

    def _tries_like(self, tx: Session, payment: Payment) -> int:
        """How often this draft ended this way: a charge that never arrived uses up no retry of a decline."""
        tries = select(func.count()).where(
            Payment.autopay_draft_id == payment.autopay_draft_id, Payment.state == payment.state
        )
        return int(tx.scalar(tries) or 0)

    def _backup(self, tx: Session, row: AutopayDraft, enrollment: AutopayEnrollment) -> PaymentMethod | None:
        if enrollment.backup_method_id is None or row.uses_backup:
            return None
        return self._methods.usable(tx, row.account_id, enrollment.backup_method_id, self._clock.today())

    def _give_up(
        self, tx: Session, row: AutopayDraft, enrollment: AutopayEnrollment, reason: str, total_cents: int
    ) -> str:
        self._tell(tx, row, enrollment, "autopay_not_made", total_cents=total_cents)
        return self._close(tx, row, "skipped", reason)

    def _close(self, tx: Session, row: AutopayDraft, state: str, reason: str) -> str:
        row.state, row.reason, row.closed_at = state, reason, self._clock.now()
        self._note(tx, row, f"autopay_{state}", row.try_count)
        return state

    def _tell(
        self,
        tx: Session,
        row: AutopayDraft,
        enrollment: AutopayEnrollment,
        name: str,
        **blanks: Blank,
    ) -> None:
        self._texts.tell(
            tx,
            name,
            f"{row.id}:{row.try_count}",
            account_id=row.account_id,
            phone=enrollment.phone,
            language=enrollment.language,
            due=row.due_on,
            **blanks,
        )

    def _note(self, tx: Session, row: AutopayDraft, action: str, try_count: int) -> None:
        record(
            tx,
            at=self._clock.now(),
            actor="payments",
            action=action,
            account_id=row.account_id,
            autopay_draft_id=row.id,
            reason=row.reason,
            try_count=try_count,
        )
