"""Drafts: the amount and method that were read back, the consent to them, and that each is used once."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from assistant.billing.locks import lock_account
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.errors import DraftRefused, PaymentRefused
from assistant.ids import new_id
from assistant.money import require_cents
from assistant.payments.methods import Methods
from assistant.payments.models import Payment, PaymentDraft
from assistant.payments.policy import PaymentPolicy
from assistant.payments.schedule_rules import Later, ScheduleRules
from assistant.payments.views import DraftView, LeftOpen
from assistant.settings import Settings

# How a member may say yes to money. A word is from an exact list; a reading of free words never counts.
ConsentHow = Literal["pin", "key", "word"]


class Drafts:
    """Makes and finds drafts. A session has at most one open draft: a new one replaces the old."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        *,
        billing: Billing,
        methods: Methods,
        policy: PaymentPolicy,
        rules: ScheduleRules,
    ) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._billing = billing
        self._methods = methods
        self._policy = policy
        self._rules = rules

    def make(
        self,
        *,
        session_id: str,
        account_id: int,
        amount_cents: int,
        method_id: str | None,
        accept_duplicate: bool,
        later: Later | None = None,
    ) -> DraftView:
        """Check the amount and keep it for reading back; `later`: for that day. Raises PaymentRefused."""
        require_cents(amount_cents)
        now = self._clock.now()
        with self._db.write() as tx:
            lock_account(tx, account_id)
            account = self._billing.summary_in(tx, account_id)
            if later is None:
                self._policy.check(tx, account, amount_cents, accept_duplicate=accept_duplicate)
                if method_id is not None:
                    self._require_usable(tx, account_id, method_id)
            else:
                self._rules.check(
                    tx, account, amount_cents, method_id, later, accept_duplicate=accept_duplicate
                )
            self._replace_open(tx, session_id)
            row = PaymentDraft(
                id=new_id("draft"),
                session_id=session_id,
                account_id=account_id,
                method_id=method_id,
                amount_cents=amount_cents,
                fee_cents=self._policy.fee_cents,
                made_at=now,
                expires_at=now + timedelta(minutes=self._settings.draft_minutes),
                is_duplicate_accepted=accept_duplicate,
                keeps_method=False,
                pay_on=later.pay_on if later else None,
                scheduled_id=later.changes_id if later else None,
            )
            tx.add(row)
            return self._view(tx, row)

    def current(self, session_id: str) -> DraftView | None:
        """The session's draft that can still be confirmed."""
        with self._db.read() as tx:
            row = tx.scalar(
                self._open(session_id)
                .where(PaymentDraft.expires_at > self._clock.now())
                .order_by(PaymentDraft.made_at.desc())
            )
            return None if row is None else self._view(tx, row)

    def is_for_later(self, draft_id: str) -> bool:
        """Whether the draft names a later day; a draft that does not exist names none."""
        with self._db.read() as tx:
            return tx.scalar(select(PaymentDraft.pay_on).where(PaymentDraft.id == draft_id)) is not None

    def carry(self, from_session: str, to_session: str) -> None:
        """Move the open draft to another session, without its consent and with its time started again."""
        now = self._clock.now()
        with self._db.write() as tx:
            tx.execute(
                update(PaymentDraft)
                .where(
                    PaymentDraft.session_id == from_session,
                    PaymentDraft.confirmed_at.is_(None),
                    PaymentDraft.replaced_at.is_(None),
                    PaymentDraft.expires_at > now,
                )
                .values(
                    session_id=to_session,
                    consent_turn_id=None,
                    consent_how=None,
                    expires_at=now + timedelta(minutes=self._settings.draft_minutes),
                )
            )

    def left_open(self, account_id: int, session_id: str) -> LeftOpen | None:
        """What another session of the account left before its yes, if nothing was paid since."""
        since = self._clock.now() - timedelta(hours=self._settings.resume_hours)
        with self._db.read() as tx:
            row = tx.scalar(
                select(PaymentDraft)
                .where(
                    PaymentDraft.account_id == account_id,
                    PaymentDraft.session_id != session_id,
                    PaymentDraft.confirmed_at.is_(None),
                    PaymentDraft.replaced_at.is_(None),
                    PaymentDraft.pay_on.is_(None),
                    PaymentDraft.made_at > since,
                )
                .order_by(PaymentDraft.made_at.desc(), PaymentDraft.id.desc())
                .limit(1)
            )
            if row is None or self._is_paid_since(tx, row):
                return None
            return LeftOpen(row.session_id, row.amount_cents, self._view(tx, row).method)

    def put_off(self, session_id: str) -> None:
        """The member does not want to pay now: nobody asks about this payment again."""
        with self._db.write() as tx:
            self._replace_open(tx, session_id)

    def set_card(self, session_id: str, draft_id: str, method_id: str) -> DraftView:
        """Put a newly keyed card on the draft; its time starts again, because it is read back again."""
        with self._db.write() as tx:
            row = _locked(tx, self._open(session_id).where(PaymentDraft.id == draft_id))
            if row is None:
                raise DraftRefused("draft_expired")
            row.method_id = method_id
            row.consent_turn_id = row.consent_how = None
            row.expires_at = self._clock.now() + timedelta(minutes=self._settings.draft_minutes)
            tx.flush()
            return self._view(tx, row)

    def set_keeps(self, tx: Session, session_id: str, keeps: bool) -> PaymentDraft:
        """Remember whether the keyed card is to be kept; returns the open draft with its card."""
        row = _locked(tx, self._open(session_id).where(PaymentDraft.method_id.is_not(None)))
        if row is None:
            raise DraftRefused("draft_expired")
        row.keeps_method = keeps
        return row

    def record_consent(self, *, session_id: str, draft_id: str, turn_id: str, how: ConsentHow) -> bool:
        """Bind the member's yes to this draft and turn; False when there is nothing left to say yes to."""
        with self._db.write() as tx:
            changed = tx.execute(
                update(PaymentDraft)
                .where(
                    PaymentDraft.id == draft_id,
                    PaymentDraft.session_id == session_id,
                    PaymentDraft.confirmed_at.is_(None),
                    PaymentDraft.replaced_at.is_(None),
                    PaymentDraft.expires_at > self._clock.now(),
                )
                .values(consent_turn_id=turn_id, consent_how=how)
            )
            return rows_changed(changed) == 1

    def consented(self, tx: Session, *, session_id: str, turn_id: str) -> PaymentDraft:
        """The draft that this very turn said yes to, locked, with its account. Raises DraftRefused."""
        row = tx.scalar(
            select(PaymentDraft).where(
                PaymentDraft.session_id == session_id, PaymentDraft.consent_turn_id == turn_id
            )
        )
        if row is None:
            raise self.nothing_agreed(tx, session_id)
        lock_account(tx, row.account_id)
        tx.refresh(row, with_for_update=True)
        if row.confirmed_at is not None:
            raise DraftRefused("draft_used")
        if row.replaced_at is not None or row.expires_at <= self._clock.now():
            raise DraftRefused("draft_expired")
        return row

    def nothing_agreed(self, tx: Session, session_id: str) -> DraftRefused:
        """Why a turn has said yes to no draft: the one that was read back ran out, or there was none."""
        row = tx.scalar(self._open(session_id).order_by(PaymentDraft.made_at.desc()).limit(1))
        has_run_out = row is not None and row.expires_at <= self._clock.now()
        return DraftRefused("draft_expired" if has_run_out else "draft_not_confirmed")

    def _open(self, session_id: str) -> Select[PaymentDraft]:
        return select(PaymentDraft).where(
            PaymentDraft.session_id == session_id,
            PaymentDraft.confirmed_at.is_(None),
            PaymentDraft.replaced_at.is_(None),
        )

    def _replace_open(self, tx: Session, session_id: str) -> None:
        tx.execute(
            update(PaymentDraft)
            .where(
                PaymentDraft.session_id == session_id,
                PaymentDraft.confirmed_at.is_(None),
                PaymentDraft.replaced_at.is_(None),
            )
            .values(replaced_at=self._clock.now())
        )

    def _require_usable(self, tx: Session, account_id: int, method_id: str) -> None:
        method = self._methods.find(tx, account_id, method_id)
        if method is None or method.is_expired:
            raise PaymentRefused("method_not_usable")

    def _is_paid_since(self, tx: Session, row: PaymentDraft) -> bool:
        newer = select(Payment.id).where(
            Payment.account_id == row.account_id, Payment.created_at >= row.made_at
        )
        return tx.scalar(newer.limit(1)) is not None

    def _view(self, tx: Session, row: PaymentDraft) -> DraftView:
        method = None if row.method_id is None else self._methods.find(tx, row.account_id, row.method_id)
        return DraftView.of(row, method)


def _locked(tx: Session, query: Select[PaymentDraft]) -> PaymentDraft | None:
    """The draft that the query finds, if it still finds it behind the lock of its account."""
    account_id = tx.scalar(query.with_only_columns(PaymentDraft.account_id))
    if account_id is None:
        return None
    lock_account(tx, account_id)
    return tx.scalar(query.with_for_update())
