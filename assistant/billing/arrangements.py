"""Arrangements: more time for what is owed, offered inside the co-op's band, agreed to, kept or broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from assistant import audit
from assistant.billing.arrangement_models import Arrangement
from assistant.billing.arrangement_rules import ArrangementPolicy, Terms, terms_for
from assistant.billing.locks import lock_account
from assistant.billing.models import LedgerEntry, PrepaidAccount
from assistant.billing.views import AccountSummary, Proof, require_verified
from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.errors import ArrangementRefused, DraftRefused
from assistant.ids import new_id
from assistant.observability import done_one_by_one

# Ids of arrangements begin with this, so that a yes finds what it was said to.
ARRANGEMENT_PREFIX = "arrange"
# Rows per look of the round that closes what has ended.
_PAGE = 200


class SummaryReader(Protocol):
    """The part of Billing that arrangements read."""

    def summary_in(self, tx: Session, account_id: int) -> AccountSummary: ...


@dataclass(frozen=True)
class ArrangementView:
    """An arrangement and how far it is: what is left of the first part, and of all of it."""

    id: str
    state: str
    terms: Terms
    first_left_cents: int
    left_cents: int

    @property
    def next_cents(self) -> int:
        """What has to come in next, by `next_on`."""
        return self.first_left_cents or self.left_cents

    @property
    def next_on(self) -> date:
        return self.terms.first_due_on if self.first_left_cents else self.terms.rest_due_on


class Arrangements:
    """Makes and reads arrangements. `summary_in` tells what is owed inside the caller's transaction."""

    def __init__(self, db: Database, clock: Clock, policy: ArrangementPolicy, billing: SummaryReader) -> None:
        self._db = db
        self._clock = clock
        self._policy = policy
        self._billing = billing

    def offer(self, proof: Proof, rest_due_on: date | None = None) -> ArrangementView:
        """Keep terms for reading back; an older offer of the session is replaced.

        Raises NotVerified and ArrangementRefused.
        """
        account_id = require_verified(proof)
        _require_member(proof)
        now = self._clock.now()
        with self._db.write() as tx:
            terms = self._terms(tx, account_id, rest_due_on)
            tx.execute(
                update(Arrangement)
                .where(Arrangement.session_id == proof.session_id, Arrangement.state == "offered")
                .values(state="replaced")
            )
            row = Arrangement(
                id=new_id(ARRANGEMENT_PREFIX),
                account_id=account_id,
                session_id=proof.session_id,
                phone=proof.phone,
                first_cents=terms.first_cents,
                rest_cents=terms.rest_cents,
                first_due_on=terms.first_due_on,
                rest_due_on=terms.rest_due_on,
                state="offered",
                offered_at=now,
                expires_at=now + timedelta(minutes=self._policy.offer_minutes),
            )
            tx.add(row)
            tx.flush()
            return _view(row, 0, terms.latest_on)

    def record_consent(self, *, session_id: str, arrangement_id: str, turn_id: str, how: str) -> bool:
        """Bind the member's exact yes to this offer and turn; False when nothing is left to say yes to."""
        with self._db.write() as tx:
            changed = tx.execute(
                update(Arrangement)
                .where(
                    Arrangement.id == arrangement_id,
                    Arrangement.session_id == session_id,
                    Arrangement.state == "offered",
                    Arrangement.expires_at > self._clock.now(),
                )
                .values(consent_turn_id=turn_id, consent_how=how)
            )
            return rows_changed(changed) == 1

    def agree(self, proof: Proof, *, turn_id: str, words: str, language: str) -> ArrangementView:
        """Open what this very turn said yes to; `words` is what was read back, as it was said.

        What is owed is looked at again: other terms than those read back are not agreed to.
        Raises NotVerified, DraftRefused, ArrangementRefused.
        """
        account_id = require_verified(proof)
        _require_member(proof)
        with self._db.write() as tx:
            row = self._consented(tx, proof, turn_id)
            if not words:
                raise ValueError("an agreement without the words that were read proves nothing")
            terms = self._terms(tx, account_id, row.rest_due_on)
            if (terms.first_cents, terms.rest_cents) != (row.first_cents, row.rest_cents):
                raise DraftRefused("draft_expired")
            row.state, row.agreed_at = "open", self._clock.now()
            row.words, row.language = words, language
            tx.flush()
            self._note(tx, "arrangement_agreed", row)
            return _view(row, 0, terms.latest_on)

    def open_one(self, account_id: int) -> ArrangementView | None:
        """The open arrangement of an account that is neither kept nor broken by now."""
        with self._db.read() as tx:
            return self.open_in(tx, account_id)

    def open_in(self, tx: Session, account_id: int) -> ArrangementView | None:
        """The same in the caller's transaction."""
        row = tx.scalar(_open(account_id))
        if row is None or self._end_of(tx, row) is not None:
            return None
        return _view(row, self._paid_since(tx, row), row.rest_due_on)

    def close_ended(self) -> int:
        """Write down which arrangements were kept and which broken; returns how many ended."""
        closed, after = 0, ""
        while True:
            with self._db.read() as tx:
                rows = tx.scalars(
                    select(Arrangement)
                    .where(Arrangement.state == "open", Arrangement.id > after)
                    .order_by(Arrangement.id)
                    .limit(_PAGE)
                ).all()
                ended = [(row.id, row.account_id) for row in rows if self._end_of(tx, row) is not None]
            closed += done_one_by_one("arrangements", lambda pair: self._close_if_ended(*pair), ended)
            if len(rows) < _PAGE:
                return closed
            after = rows[-1].id

    def _terms(self, tx: Session, account_id: int, rest_due_on: date | None) -> Terms:
        """Raises ArrangementRefused. The account is locked: two sessions cannot both agree."""
        lock_account(tx, account_id)
        row = tx.scalar(_open(account_id))
        if row is not None and not self._close(tx, row):
            view = _view(row, self._paid_since(tx, row), row.rest_due_on)
            raise ArrangementRefused(
                "arrangement_already_open",
                next_cents=view.next_cents,
                next_on=view.next_on,
                left_cents=view.left_cents,
                rest_due_on=row.rest_due_on,
            )
        if tx.get(PrepaidAccount, account_id) is not None or self._has_broken(tx, account_id):
            raise ArrangementRefused("arrangement_needs_person")
        summary = self._billing.summary_in(tx, account_id)
        return terms_for(summary, self._policy, self._clock.today(), rest_due_on)

    def _consented(self, tx: Session, proof: Proof, turn_id: str) -> Arrangement:
        row = tx.scalar(
            select(Arrangement).where(
                Arrangement.session_id == proof.session_id, Arrangement.consent_turn_id == turn_id
            )
        )
        if row is None:
            raise DraftRefused("draft_not_confirmed")
        lock_account(tx, row.account_id)
        tx.refresh(row, with_for_update=True)
        if row.state == "open":
            raise DraftRefused("draft_used")
        is_live = row.state == "offered" and row.expires_at > self._clock.now()
        if not is_live or row.account_id != proof.account_id:
            raise DraftRefused("draft_expired")
        return row

    def _has_broken(self, tx: Session, account_id: int) -> bool:
        since = self._clock.today() - timedelta(days=self._policy.broken_days)
        broken = select(Arrangement.id).where(
            Arrangement.account_id == account_id,
            Arrangement.state == "broken",
            Arrangement.rest_due_on >= since,
        )
        return tx.scalar(broken.limit(1)) is not None

    def _paid_since(self, tx: Session, row: Arrangement) -> int:
        return paid_since(tx, row.account_id, row.agreed_at or row.offered_at)

    def _end_of(self, tx: Session, row: Arrangement) -> str | None:
        """`kept`, `broken`, or None while it runs."""
        paid, today = self._paid_since(tx, row), self._clock.today()
        if paid >= row.first_cents + row.rest_cents:
            return "kept"
        grace = timedelta(days=self._policy.grace_days)
        is_late = today > row.rest_due_on + grace or (
            today > row.first_due_on + grace and paid < row.first_cents
        )
        return "broken" if is_late else None

    def _close_if_ended(self, arrangement_id: str, account_id: int) -> bool:
        """False when another worker closed it, or a payment came in between."""
        with self._db.write() as tx:
            lock_account(tx, account_id)
            row = tx.get_one(Arrangement, arrangement_id, with_for_update=True)
            return row.state == "open" and self._close(tx, row)

    def _close(self, tx: Session, row: Arrangement) -> bool:
        end = self._end_of(tx, row)
        if end is None:
            return False
        row.state, row.closed_at = end, self._clock.now()
        tx.flush()
        self._note(tx, f"arrangement_{end}", row)
        return True

    def _note(self, tx: Session, action: str, row: Arrangement) -> None:
        audit.record(
            tx,
            at=self._clock.now(),
            actor=f"session:{row.session_id}" if action.endswith("agreed") else "porchlight",
            action=action,
            account_id=row.account_id,
            session_id=row.session_id,
            arrangement_id=row.id,
            first_cents=row.first_cents,
            rest_cents=row.rest_cents,
            rest_due_on=row.rest_due_on.isoformat(),
        )


def paid_since(tx: Session, account_id: int, since: datetime) -> int:
    """What was paid and posted from an instant on, net of what went back since; never negative."""
    cents = tx.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(
            LedgerEntry.account_id == account_id,
            LedgerEntry.book == "member",
            LedgerEntry.kind.in_(("payment", "reversal")),
            LedgerEntry.posted_at >= since,
        )
    )
    return max(-int(cents or 0), 0)


def _open(account_id: int) -> Select[Arrangement]:
    return select(Arrangement).where(Arrangement.account_id == account_id, Arrangement.state == "open")


def _require_member(proof: Proof) -> None:
    if proof.role != "member":
        raise ArrangementRefused("only_member_may_change")


def _view(row: Arrangement, paid_cents: int, latest_on: date) -> ArrangementView:
    terms = Terms(row.first_cents, row.rest_cents, row.first_due_on, row.rest_due_on, latest_on)
    return ArrangementView(
        row.id,
        row.state,
        terms,
        max(terms.first_cents - paid_cents, 0),
        max(terms.total_cents - paid_cents, 0),
    )
