"""Makes the payments that were set for today. Any number of workers may run it at once."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.billing.locks import lock_account
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.errors import PaymentRefused, ProcessorUnreachable
from assistant.observability import done_one_by_one
from assistant.payments.due_rows import DueRows
from assistant.payments.member_texts import Blank, MemberTexts
from assistant.payments.methods import Methods
from assistant.payments.policy import PaymentPolicy
from assistant.payments.scheduling_models import ScheduledPayment
from assistant.payments.taking import Intent, Order, Taking
from assistant.payments.timetable import Timetable


class ScheduledDrafting:
    """Turns due scheduled payments into payments: each into one, for ever."""

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
        self._due = DueRows(db, clock, ScheduledPayment, ("scheduled",))

    def draft_due(self, limit: int = 100) -> int:
        """Draft or close what is due; returns how many. What must wait stays for the next round."""
        return done_one_by_one("scheduled_payments", lambda row: self.draft(*row), self.due(limit))

    def due(self, limit: int) -> list[tuple[str, int]]:
        """`(id, account_id)` of the next page of what is due, round and round; nothing by night."""
        return self._due.next_page(limit) if self._timetable.is_daytime() else []

    def draft(self, scheduled_id: str, account_id: int) -> bool:
        """Draft one. False when it is not due any more, or must wait."""
        try:
            customer_id = self._methods.customer_of(account_id)
        except (ProcessorUnreachable, PaymentRefused):
            return False
        with self._db.write() as tx:
            lock_account(tx, account_id)
            row = tx.get_one(ScheduledPayment, scheduled_id, with_for_update=True)
            if row.state != "scheduled" or row.draft_at > self._clock.now():
                return False
            decided = self._decide(tx, row, customer_id)
        if isinstance(decided, Intent):
            self._taking.send(decided, is_in_reply=False)
        return decided is not None

    def _decide(self, tx: Session, row: ScheduledPayment, customer_id: str) -> Intent | str | None:
        """The payment to send, or why there is none; None: wait until it is clear what is owed."""
        account = self._billing.summary_in(tx, row.account_id)
        under_way = self._policy.under_way(tx, row.account_id)
        amount_cents = min(row.amount_cents, account.amount_due_cents - under_way.pending_cents)
        is_on_its_way = under_way.pending_cents > 0 and not self._policy.is_worth_charging(amount_cents)
        if self._timetable.is_missed(row.draft_at):
            return self._close(tx, row, "too_late", "scheduled_not_made")
        if is_on_its_way or under_way.is_unresolved:
            return None
        if not self._policy.is_worth_charging(amount_cents):
            return self._close(
                tx, row, "already_paid", "scheduled_already_paid", balance_cents=account.balance_cents
            )
        if account.is_cash_only or not self._policy.fits_limits(amount_cents, row.fee_cents):
            return self._close(tx, row, "not_allowed", "scheduled_not_made")
        method = self._methods.usable(tx, row.account_id, row.method_id, self._clock.today())
        if method is None:
            return self._close(tx, row, "method_not_usable", "scheduled_not_made")
        order = Order(
            account_id=row.account_id,
            method=method,
            customer_id=customer_id,
            amount_cents=amount_cents,
            fee_cents=row.fee_cents,
            origin="scheduled",
            notify_phone=row.phone,
            language=row.language,
            scheduled_id=row.id,
            confirmation_number=row.confirmation_number,
            is_member_present=False,
        )
        decision = self._taking.judge(tx, order)
        if decision.outcome != "allow":
            return self._close(tx, row, "method_not_usable", "scheduled_not_made")
        self._claim(tx, row, amount_cents)
        return self._taking.write_intent(tx, order, decision)

    def _claim(self, tx: Session, row: ScheduledPayment, amount_cents: int) -> None:
        self._move(tx, row, state="drafted", reason="")
        if amount_cents < row.amount_cents:
            self._tell(
                tx,
                row,
                "draft_reduced",
                total_cents=amount_cents + row.fee_cents,
                planned_cents=row.amount_cents + row.fee_cents,
            )

    def _close(self, tx: Session, row: ScheduledPayment, reason: str, text: str, **blanks: Blank) -> str:
        self._move(tx, row, state="canceled", reason=reason)
        self._tell(tx, row, text, total_cents=row.amount_cents + row.fee_cents, **blanks)
        return reason

    def _move(self, tx: Session, row: ScheduledPayment, *, state: str, reason: str) -> None:
        moved = tx.execute(
            update(ScheduledPayment)
            .where(ScheduledPayment.id == row.id, ScheduledPayment.state == "scheduled")
            .values(state=state, reason=reason, closed_at=self._clock.now())
        )
        if rows_changed(moved) != 1:
            raise RuntimeError("a scheduled payment moved under its lock")
        record(
            tx,
            at=self._clock.now(),
            actor="payments",
            action=f"scheduled_payment_{state}",
            account_id=row.account_id,
            scheduled_id=row.id,
            reason=reason,
        )

    def _tell(self, tx: Session, row: ScheduledPayment, text: str, **blanks: Blank) -> None:
        self._texts.tell(
            tx,
            text,
            row.id,
            account_id=row.account_id,
            phone=row.phone,
            language=row.language,
            day=row.pay_on,
            confirmation_number=row.confirmation_number,
            **blanks,
        )
