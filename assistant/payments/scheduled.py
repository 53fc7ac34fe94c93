"""Scheduled payments: agreed to today, paid on a later day; changed and canceled until a day before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.billing.locks import lock_account
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import DraftRefused, NotVerified, PaymentRefused
from assistant.identity.service import Identity
from assistant.identity.verification import Verification
from assistant.ids import new_id
from assistant.payments.drafts import Drafts
from assistant.payments.member_texts import MemberTexts
from assistant.payments.methods import Evidence, Methods
from assistant.payments.models import PaymentDraft, PaymentMethod
from assistant.payments.schedule_rules import Later, ScheduleRules
from assistant.payments.scheduling_models import ScheduledPayment
from assistant.payments.taking import new_confirmation_number
from assistant.payments.timetable import Timetable
from assistant.payments.views import DraftView, MethodView


@dataclass(frozen=True)
class ScheduledView:
    """A payment set for a later day. `changes_until` is the last instant at which it may be changed."""

    id: str
    confirmation_number: str
    amount_cents: int
    fee_cents: int
    method: MethodView
    pay_on: date
    changes_until: datetime
    is_changeable: bool

    @property
    def total_cents(self) -> int:
        return self.amount_cents + self.fee_cents


class Scheduled:
    """Makes and changes scheduled payments for members. `ScheduledDrafting` carries them out."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        identity: Identity,
        billing: Billing,
        drafts: Drafts,
        methods: Methods,
        rules: ScheduleRules,
        timetable: Timetable,
        texts: MemberTexts,
    ) -> None:
        self._db = db
        self._clock = clock
        self._identity = identity
        self._billing = billing
        self._drafts = drafts
        self._methods = methods
        self._rules = rules
        self._timetable = timetable
        self._texts = texts

    def upcoming(self, verification: Verification) -> list[ScheduledView]:
        """The payments that are set and not made yet, the earliest first. Wants a verified member."""
        if verification.level != "verified":
            raise NotVerified(needed="verified")
        with self._db.read() as tx:
            rows = tx.scalars(
                select(ScheduledPayment)
                .where(
                    ScheduledPayment.account_id == verification.account_id,
                    ScheduledPayment.state == "scheduled",
                )
                .order_by(ScheduledPayment.draft_at, ScheduledPayment.id)
            )
            return [self._view(tx, row) for row in rows]

    def redraft(
        self,
        *,
        session_id: str,
        scheduled_id: str,
        amount_cents: int | None = None,
        pay_on: date | None = None,
        method_id: str | None = None,
        accept_duplicate: bool = False,
    ) -> DraftView:
        """Keep a change for reading back; what is not given stays. `confirm` makes it so.

        Raises what `Payments.draft` raises for a day, and schedule_not_found, schedule_too_late,
        only_member_may_change.
        """
        verification = self._identity.require(session_id, "verified")
        with self._db.write() as tx:
            lock_account(tx, verification.account_id)
            row = self._rules.changeable(tx, verification.account_id, scheduled_id)
            _require_right(verification, row)
            wanted = (amount_cents or row.amount_cents, method_id or row.method_id, pay_on or row.pay_on)
        return self._drafts.make(
            session_id=session_id,
            account_id=verification.account_id,
            amount_cents=wanted[0],
            method_id=wanted[1],
            accept_duplicate=accept_duplicate,
            later=Later(wanted[2], scheduled_id),
        )

    def confirm(
        self, *, session_id: str, turn_id: str, language: str, channel: str, phone: str, words: str
    ) -> ScheduledView:
        """Set, or change, what this turn said yes to. `words`: what was read back, as it was said.

        Everything is checked again. Raises DraftRefused, NotVerified, PaymentRefused.
        """
        with self._db.write() as tx:
            draft = self._drafts.consented(tx, session_id=session_id, turn_id=turn_id)
            if draft.pay_on is None or draft.method_id is None:
                raise ValueError("a draft without a day is confirmed by `Payments.confirm`")
            verification = self._identity.require_in(tx, session_id, "verified")
            if verification.account_id != draft.account_id:
                raise DraftRefused("draft_expired")
            later = Later(draft.pay_on, draft.scheduled_id)
            account = self._billing.summary_in(tx, draft.account_id)
            self._rules.check(
                tx,
                account,
                draft.amount_cents,
                draft.method_id,
                later,
                accept_duplicate=draft.is_duplicate_accepted,
            )
            evidence = Evidence(words, language, str(draft.consent_how), session_id, turn_id)
            row = self._write(tx, draft, evidence, phone)
            if channel == "voice":
                self._send_copy(tx, row)
            return self._view(tx, row)

    def cancel(self, *, session_id: str, scheduled_id: str) -> ScheduledView:
        """Cancel it; returns what was canceled. The member said so twice; that is asked by the dialogue.

        Raises NotVerified, schedule_not_found, schedule_too_late, only_member_may_change.
        """
        verification = self._identity.require(session_id, "verified")
        with self._db.write() as tx:
            lock_account(tx, verification.account_id)
            row = self._rules.changeable(tx, verification.account_id, scheduled_id)
            _require_right(verification, row)
            row.state, row.reason, row.closed_at = "canceled", "member", self._clock.now()
            self._methods.revoke_mandate(tx, row.mandate_id)
            self._note(tx, "scheduled_payment_canceled", row, session_id)
            return self._view(tx, row)

    def _write(self, tx: Session, draft: PaymentDraft, evidence: Evidence, phone: str) -> ScheduledPayment:
        if draft.pay_on is None or draft.method_id is None:
            raise ValueError("a scheduled payment has a day and a method")
        now = draft.confirmed_at = self._clock.now()
        mandate_id = self._methods.write_mandate(
            tx,
            account_id=draft.account_id,
            method_id=draft.method_id,
            purpose="scheduled",
            evidence=evidence,
        )
        agreed = {
            "amount_cents": draft.amount_cents,
            "fee_cents": draft.fee_cents,
            "method_id": draft.method_id,
            "mandate_id": mandate_id,
            "pay_on": draft.pay_on,
            "draft_at": self._timetable.draft_instant(draft.pay_on),
            "language": evidence.language,
        }
        if draft.scheduled_id is not None:
            row = tx.get_one(ScheduledPayment, draft.scheduled_id)
            self._methods.revoke_mandate(tx, row.mandate_id)
            for name, value in agreed.items():
                setattr(row, name, value)
            row.changed_at = now
        else:
            row = ScheduledPayment(
                id=new_id("sched"),
                account_id=draft.account_id,
                confirmation_number=new_confirmation_number(tx),
                state="scheduled",
                reason="",
                session_id=draft.session_id,
                phone=phone,
                made_at=now,
                **agreed,
            )
            tx.add(row)
        action = "scheduled_payment_changed" if row.changed_at else "scheduled_payment_made"
        self._note(tx, action, row, evidence.session_id)
        tx.flush()
        return row

    def _send_copy(self, tx: Session, row: ScheduledPayment) -> None:
        """What was only heard is sent in writing: to the member, not only to the phone that called."""
        self._texts.tell(
            tx,
            "scheduled",
            row.mandate_id,
            account_id=row.account_id,
            phone=row.phone,
            language=row.language,
            total_cents=row.amount_cents + row.fee_cents,
            day=row.pay_on,
            method=tx.get_one(PaymentMethod, row.method_id),
            confirmation_number=row.confirmation_number,
        )

    def _view(self, tx: Session, row: ScheduledPayment) -> ScheduledView:
        return ScheduledView(
            id=row.id,
            confirmation_number=row.confirmation_number,
            amount_cents=row.amount_cents,
            fee_cents=row.fee_cents,
            method=MethodView.of(tx.get_one(PaymentMethod, row.method_id), self._clock.today()),
            pay_on=row.pay_on,
            changes_until=self._timetable.changes_until(row.draft_at),
            is_changeable=row.state == "scheduled" and self._timetable.is_changeable(row.draft_at),
        )

    def _note(self, tx: Session, action: str, row: ScheduledPayment, session_id: str) -> None:
        record(
            tx,
            at=self._clock.now(),
            actor=f"session:{session_id}",
            action=action,
            account_id=row.account_id,
            session_id=session_id,
            scheduled_id=row.id,
            amount_cents=row.amount_cents,
            pay_on=row.pay_on.isoformat(),
        )


def _require_right(verification: Verification, row: ScheduledPayment) -> None:
    """A helper may take back what she set herself, and nothing else."""
    if verification.role == "helper" and verification.phone != row.phone:
        raise PaymentRefused("only_member_may_change")
