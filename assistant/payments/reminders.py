"""Reminders that nobody asked for today: a bill is due, is past due, is there, or a card is about to end.

Each is queued once for ever, by day only, outside the member's quiet hours, to a phone of the member (never a
helper's) that has not opted out. Autopay and scheduled payments that will pay the bill make a reminder
needless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from sqlalchemy import Select, String, and_, func, literal, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from assistant.billing.models import Account, LedgerEntry, Member, Statement
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database
from assistant.identity.access import member_phones
from assistant.identity.preferences import MOST_REMINDER_DAYS
from assistant.money import Language, written
from assistant.notifications.models import OutboxMessage
from assistant.notifications.opt_outs import has_opted_out
from assistant.notifications.outbox import Outbox
from assistant.notifications.phones import language_of_phone
from assistant.notifications.preferences import ContactPreferences, Preferences
from assistant.notifications.words import Words, written_day
from assistant.observability import done_one_by_one
from assistant.payments.autopay_rows import find_enrollment
from assistant.payments.models import PaymentMethod
from assistant.payments.naming import written_method
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment, ScheduledPayment
from assistant.payments.views import EXPIRING_DAYS, last_good_day

# The day after the due date, and a few more should the worker have been away.
_PAST_DUE_DAYS = (1, 4)
_NEW_BILL_DAYS = 5
_DUE, _PAST_DUE, _BILL, _CARD = "reminder_due", "reminder_past_due", "reminder_bill", "reminder_card"


@dataclass(frozen=True)
class _Candidate:
    """A statement or card that something may have to be said about; `cause` names it once for ever.

    `due_on` is the bill's due date, or the card's last good day.
    """

    name: str
    account_id: int
    cause: str
    due_on: date | None = None
    amount_cents: int = 0
    method_id: str = ""
    row_id: int = 0


class Reminders:
    """Looks for what is to be told and queues it."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        billing: Billing,
        contacts: ContactPreferences,
        outbox: Outbox,
        words: Words,
    ) -> None:
        self._db = db
        self._clock = clock
        self._billing = billing
        self._contacts = contacts
        self._outbox = outbox
        self._words = words
        # Behind which candidate the next round goes on. Most of them need no word, for now or for ever, and
        # must not hold up those that do.
        self._after: dict[str, _Candidate] = {}

    def queue_due(self, limit: int = 2000) -> int:
        """Queue what is to be told now; returns how many texts.

        A round looks at `limit` bills or cards of each kind, and the next one goes on behind them.
        """
        looks = ((_DUE, self._due), (_PAST_DUE, self._past_due), (_BILL, self._bills), (_CARD, self._cards))
        candidates = [each for name, look in looks for each in self._next_page(name, look, limit)]
        return done_one_by_one("reminders", self._queue, candidates)

    def _next_page(
        self, name: str, look: Callable[[Session, int], list[_Candidate]], limit: int
    ) -> list[_Candidate]:
        with self._db.read() as tx:
            page = look(tx, limit)
        if len(page) == limit:
            self._after[name] = page[-1]
        else:
            self._after.pop(name, None)
        return page

    def _queue(self, candidate: _Candidate) -> bool:
        """One candidate: a look, which no writer waits for, and a short transaction if it is to be told."""
        with self._db.read() as tx:
            if self._text(tx, candidate) is None:
                return False
        with self._db.write() as tx:
            text = self._text(tx, candidate)
            if text is not None:
                phone, body = text
                self._outbox.queue_text(tx, phone=phone, body=body, dedupe_key=candidate.cause)
            return text is not None

    def _text(self, tx: Session, candidate: _Candidate) -> tuple[str, str] | None:
        """The phone and the words, or None when nothing is to be told, or not now."""
        wishes = self._contacts.of(tx, candidate.account_id)
        if self._contacts.is_quiet_now(wishes) or not self._is_wanted(candidate, wishes):
            return None
        phone = self._phone(tx, candidate.account_id)
        if phone is None:
            return None
        body = self._body(tx, candidate, self._language(tx, candidate.account_id, phone))
        return (phone, body) if body else None

    def _is_wanted(self, what: _Candidate, wishes: Preferences) -> bool:
        """Whether it is time and the member wants it; costs nothing, so it is asked before all else."""
        today = self._clock.today()
        if what.name == _CARD:
            return what.due_on is not None and what.due_on <= today + timedelta(days=EXPIRING_DAYS)
        if what.name == _BILL:
            return wishes.is_paperless
        if what.name == _PAST_DUE:
            return wishes.reminder_days > 0
        return 0 < wishes.reminder_days >= (cast("date", what.due_on) - today).days

    def _body(self, tx: Session, what: _Candidate, language: Language) -> str:
        """The words, or "" when there is nothing to say (any more)."""
        account = self._billing.summary_in(tx, what.account_id)
        blanks = {"last_four": account.last_four}
        if what.name == _CARD:
            row = tx.get_one(PaymentMethod, what.method_id)
            blanks["method"] = written_method(row.kind, row.brand, row.last_four, language)
            return self._words.text(_CARD, language, **blanks)
        due_on = cast("date", what.due_on)
        blanks["due"] = written_day(due_on, language)
        if what.name == _BILL:
            return self._words.text(_BILL, language, total=written(what.amount_cents), **blanks)
        if what.name == _PAST_DUE:
            if account.past_due_cents == 0 or account.due_on != due_on:
                return ""
            has_more_time = self._billing.arrangements.open_in(tx, what.account_id) is not None
            if has_more_time or _autopay_will_try(tx, what.account_id):
                return ""
            return self._words.text(_PAST_DUE, language, total=written(account.past_due_cents), **blanks)
        if account.amount_due_cents == 0 or _pays_by_itself(tx, what.account_id):
            return ""
        return self._words.text(_DUE, language, total=written(account.amount_due_cents), **blanks)

    def _due(self, tx: Session, limit: int) -> list[_Candidate]:
        today = self._clock.today()
        return self._statements(tx, _DUE, today, today + timedelta(days=MOST_REMINDER_DAYS), limit)

    def _past_due(self, tx: Session, limit: int) -> list[_Candidate]:
        first, last = (self._clock.today() - timedelta(days=days) for days in _PAST_DUE_DAYS)
        return self._statements(tx, _PAST_DUE, last, first, limit)

    def _statements(self, tx: Session, name: str, first: date, last: date, limit: int) -> list[_Candidate]:
        """Statements due in these days of accounts that owe something, not told about yet."""
        owing = (
            select(LedgerEntry.account_id)
            .where(LedgerEntry.book == "member")
            .group_by(LedgerEntry.account_id)
            .having(func.sum(LedgerEntry.amount_cents) > 0)
        )
        query = _untold(name).where(
            Statement.due_on.between(first, last), Statement.account_id.in_(owing), Statement.amount_cents > 0
        )
        return self._candidates(tx, name, query.limit(limit))

    def _bills(self, tx: Session, limit: int) -> list[_Candidate]:
        """New bills of members who want no paper."""
        today = self._clock.today()
        query = _untold(_BILL).where(
            Statement.issued_on.between(today - timedelta(days=_NEW_BILL_DAYS), today),
            Statement.account_id.in_(self._contacts.paperless()),
        )
        return self._candidates(tx, _BILL, query.limit(limit))

    def _candidates(self, tx: Session, name: str, query: Select[int, int, date, int]) -> list[_Candidate]:
        last = self._after.get(name)
        if last is not None:
            is_behind = and_(Statement.due_on == last.due_on, Statement.id > last.row_id)
            query = query.where(or_(Statement.due_on > last.due_on, is_behind))
        return [
            _Candidate(name, account_id, f"{name}:{statement_id}", due_on, amount_cents, row_id=statement_id)
            for statement_id, account_id, due_on, amount_cents in tx.execute(query)
        ]

    def _cards(self, tx: Session, limit: int) -> list[_Candidate]:
        """Cards that are offered first, or that autopay uses, in their last month."""
        today = self._clock.today()
        soon = today + timedelta(days=EXPIRING_DAYS)
        months = PaymentMethod.expires_year * 12 + PaymentMethod.expires_month
        used_by_autopay = select(AutopayEnrollment.method_id).where(AutopayEnrollment.state == "active")
        cause = literal(f"{_CARD}:").concat(PaymentMethod.id)
        last = self._after.get(_CARD)
        rows = tx.scalars(
            select(PaymentMethod)
            .where(
                PaymentMethod.id > (last.method_id if last is not None else ""),
                PaymentMethod.is_saved,
                PaymentMethod.removed_at.is_(None),
                PaymentMethod.is_default | PaymentMethod.id.in_(used_by_autopay),
                months.between(today.year * 12 + today.month, soon.year * 12 + soon.month),
                ~select(OutboxMessage.id).where(OutboxMessage.dedupe_key == cause).exists(),
            )
            .order_by(PaymentMethod.id)
            .limit(limit)
        )
        return [
            _Candidate(
                _CARD,
                row.account_id,
                f"{_CARD}:{row.id}",
                due_on=last_good_day(row.expires_month, row.expires_year),
                method_id=row.id,
            )
            for row in rows
        ]

    def _phone(self, tx: Session, account_id: int) -> str | None:
        """The member's first phone on file that wants our texts."""
        phones = reversed(member_phones(tx, account_id))
        return next((phone for phone in phones if not has_opted_out(tx, phone)), None)

    def _language(self, tx: Session, account_id: int, phone: str) -> Language:
        chosen = language_of_phone(tx, phone)
        if chosen is not None:
            return chosen
        on_file = tx.scalar(
            select(Member.language)
            .join(Account, Account.member_id == Member.id)
            .where(Account.id == account_id)
        )
        return "es" if on_file == "es" else "en"


def _untold(name: str) -> Select[int, int, date, int]:
    """Statements that this was not queued for yet."""
    cause = literal(f"{name}:").concat(sql_cast(Statement.id, String))
    return (
        select(Statement.id, Statement.account_id, Statement.due_on, Statement.amount_cents)
        .where(~select(OutboxMessage.id).where(OutboxMessage.dedupe_key == cause).exists())
        .order_by(Statement.due_on, Statement.id)
    )


def _pays_by_itself(tx: Session, account_id: int) -> bool:
    """Whether autopay is on or a payment is set: the member is told of that instead."""
    enrollment = find_enrollment(tx, account_id)
    if enrollment is not None and enrollment.state == "active":
        return True
    is_set = select(ScheduledPayment.id).where(
        ScheduledPayment.account_id == account_id, ScheduledPayment.state == "scheduled"
    )
    return tx.scalar(is_set.limit(1)) is not None


def _autopay_will_try(tx: Session, account_id: int) -> bool:
    """Whether a draft is still on its way or to be tried again; autopay tells how that ends."""
    open_draft = select(AutopayDraft.id).where(
        AutopayDraft.account_id == account_id, AutopayDraft.state.in_(("planned", "waiting", "sent"))
    )
    return tx.scalar(open_draft.limit(1)) is not None
