"""Letters that members ask for: a copy of a bill, or a proof that the account is in good standing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from assistant import audit
from assistant.billing.breakdown import break_down
from assistant.billing.letter_models import Letter
from assistant.billing.models import Account, MailingAddress, Member, ServiceLocation, Statement
from assistant.billing.views import AccountSummary, Proof, Span, require_verified
from assistant.clock import Clock
from assistant.db import Database, insert_once, rows_changed
from assistant.errors import LetterRefused
from assistant.handoff.office_hours import next_working_days
from assistant.ids import new_id

LetterKind = Literal["statement_copy", "good_standing"]
# The office posts what it prints within this many working days.
_POSTED_WITHIN = 2


@dataclass(frozen=True)
class LetterView:
    """A letter as the office prints it. `facts` are cents and ISO days; `goes_by` is told to the member."""

    id: str
    kind: str
    state: str
    language: str
    name: str
    street: str
    city: str
    state_code: str
    zip: str
    facts: dict[str, Any]
    as_of: date
    asked_at: datetime
    goes_by: date


class Letters:
    """Takes requests for letters and hands them to the office."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def ask_statement(self, proof: Proof, language: str, span: Span | None = None) -> LetterView:
        """Queue a copy of the newest bill, or of the newest one made in a span.

        Raises NotVerified, LetterRefused (statement_not_found).
        """
        account_id = require_verified(proof)
        with self._db.write() as tx:
            query = select(Statement).where(Statement.account_id == account_id)
            if span is not None:
                query = query.where(Statement.issued_on.between(span.first, span.last))
            bill = tx.scalar(query.order_by(Statement.issued_on.desc(), Statement.id.desc()).limit(1))
            if bill is None:
                raise LetterRefused("statement_not_found")
            return self._queue(tx, proof, "statement_copy", language, _facts_of_bill(tx, bill), bill.id)

    def ask_good_standing(self, proof: Proof, language: str, account: AccountSummary) -> LetterView:
        """Queue a proof of good standing: nothing past due, no notice. Raises NotVerified, LetterRefused."""
        account_id = require_verified(proof)
        if account.past_due_cents or account.disconnect_on is not None:
            raise LetterRefused("not_in_good_standing", past_due_cents=account.past_due_cents)
        with self._db.write() as tx:
            facts = self._facts_of_standing(tx, account_id, account)
            return self._queue(tx, proof, "good_standing", language, facts, None)

    def queued(self, limit: int = 500) -> list[LetterView]:
        """What the office has to print, the oldest first."""
        with self._db.read() as tx:
            rows = tx.scalars(
                select(Letter)
                .where(Letter.state == "queued")
                .order_by(Letter.asked_at, Letter.id)
                .limit(limit)
            )
            return [_view(row) for row in rows]

    def mark_printed(self, letter_ids: Iterable[str], *, by: str) -> int:
        """These were printed; returns how many were not before."""
        done = 0
        with self._db.write() as tx:
            for letter_id in letter_ids:
                changed = tx.execute(
                    update(Letter)
                    .where(Letter.id == letter_id, Letter.state == "queued")
                    .values(state="printed", printed_at=self._clock.now())
                )
                if rows_changed(changed):
                    done += 1
                    self._note(tx, "letter_printed", tx.get_one(Letter, letter_id), actor=by)
        return done

    def _queue(
        self,
        tx: Session,
        proof: Proof,
        kind: LetterKind,
        language: str,
        facts: dict[str, Any],
        statement_id: int | None,
    ) -> LetterView:
        row = {
            "id": new_id("letter"),
            "account_id": proof.account_id,
            "kind": kind,
            "statement_id": statement_id,
            "language": language,
            **_address(tx, proof.account_id),
            "facts": {**facts, **_of_account(tx, proof.account_id)},
            "as_of": self._clock.today(),
            "session_id": proof.session_id,
            "state": "queued",
            "asked_at": self._clock.now(),
        }
        is_new = insert_once(tx, Letter, [row])
        letter = tx.scalars(
            select(Letter).where(
                Letter.account_id == proof.account_id,
                Letter.kind == kind,
                Letter.statement_id == statement_id if statement_id else Letter.statement_id.is_(None),
                Letter.state == "queued",
            )
        ).one()
        if is_new:
            self._note(tx, "letter_asked", letter, actor=f"session:{proof.session_id}")
        return _view(letter)

    def _facts_of_standing(self, tx: Session, account_id: int, account: AccountSummary) -> dict[str, Any]:
        year_ago = self._clock.today() - timedelta(days=365)
        first, count = tx.execute(
            select(func.min(Statement.issued_on), func.count()).where(
                Statement.account_id == account_id, Statement.issued_on >= year_ago
            )
        ).one()
        return {
            "bill_count": int(count),
            "first_bill_on": first.isoformat() if first else "",
            "amount_due_cents": account.amount_due_cents,
        }

    def _note(self, tx: Session, action: str, row: Letter, *, actor: str) -> None:
        audit.record(
            tx,
            at=self._clock.now(),
            actor=actor,
            action=action,
            account_id=row.account_id,
            session_id=row.session_id,
            letter_id=row.id,
            kind=row.kind,
        )


def _facts_of_bill(tx: Session, bill: Statement) -> dict[str, Any]:
    parts = break_down(tx, bill.account_id)
    newest = parts.issued_on == bill.issued_on
    return {
        "statement_number": bill.statement_number,
        "issued_on": bill.issued_on.isoformat(),
        "due_on": bill.due_on.isoformat(),
        "bill_cents": bill.amount_cents,
        # Only the newest bill can tell what is owed now.
        **({"before_cents": parts.before_cents, "paid_cents": parts.paid_cents} if newest else {}),
        "balance_cents": parts.balance_cents,
    }


def _of_account(tx: Session, account_id: int) -> dict[str, Any]:
    row = tx.execute(
        select(Account.account_number, ServiceLocation.street, ServiceLocation.city)
        .outerjoin(ServiceLocation, ServiceLocation.account_id == Account.id)
        .where(Account.id == account_id)
        .order_by(ServiceLocation.id)
        .limit(1)
    ).one()
    return {
        "account_last_four": row.account_number[-4:],
        "service_place": f"{row.street}, {row.city}" if row.street else "",
    }


def _address(tx: Session, account_id: int) -> dict[str, str]:
    """Where the member gets mail: the mailing address on file, or where the power goes."""
    name = tx.scalar(
        select(Member.name).join(Account, Account.member_id == Member.id).where(Account.id == account_id)
    )
    place = tx.get(MailingAddress, account_id) or tx.scalar(
        select(ServiceLocation)
        .where(ServiceLocation.account_id == account_id)
        .order_by(ServiceLocation.id)
        .limit(1)
    )
    if place is None:
        raise LetterRefused("letter_needs_person")
    return {
        "name": str(name),
        "street": place.street,
        "city": place.city,
        "state_code": place.state,
        "zip": place.zip,
    }


def _view(row: Letter) -> LetterView:
    return LetterView(
        row.id,
        row.kind,
        row.state,
        row.language,
        row.name,
        row.street,
        row.city,
        row.state_code,
        row.zip,
        row.facts,
        row.as_of,
        row.asked_at,
        next_working_days(row.as_of, _POSTED_WITHIN),
    )
