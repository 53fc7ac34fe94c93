"""Billing: what an account owes, its history, and the postings of payments and refunds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from assistant.billing.arrangement_rules import ArrangementPolicy
from assistant.billing.arrangements import Arrangements
from assistant.billing.breakdown import break_down
from assistant.billing.history import History
from assistant.billing.letters import Letters
from assistant.billing.models import Account, LedgerEntry, Member
from assistant.billing.places import Places
from assistant.billing.posting import Cause, post_once
from assistant.billing.queries import (
    balance_of,
    due_from,
    newer_than,
    newest_first,
    newest_kept_payment,
    unpaid_statements,
)
from assistant.billing.standing import Standing, standing_of
from assistant.billing.views import AccountSummary, Bill, Breakdown, LedgerLine, Proof, require_verified
from assistant.clock import Clock
from assistant.db import Database

__all__ = ["AccountSummary", "Bill", "Billing", "LedgerLine"]


class Billing:
    """Reads accounts and writes the two sides of every payment. Amounts are int cents."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        arrangement_policy: ArrangementPolicy = ArrangementPolicy(),  # noqa: B008  frozen
    ) -> None:
        self._db = db
        self._clock = clock
        self.history = History(db)
        self.arrangements = Arrangements(db, clock, arrangement_policy, self)
        self.letters = Letters(db, clock)
        self.places = Places(db)

    def summary(self, account_id: int) -> AccountSummary:
        """Where the account stands now. Raises LookupError for an id that is not an account."""
        with self._db.read() as tx:
            return self.summary_in(tx, account_id)

    def summary_in(self, tx: Session, account_id: int) -> AccountSummary:
        """The same inside the caller's transaction, so that a limit is checked on what it changes."""
        row = tx.execute(
            select(Account, Member.name, Member.language, balance_of(account_id))
            .join(Member, Member.id == Account.member_id)
            .where(Account.id == account_id)
        ).one_or_none()
        if row is None:
            raise LookupError(f"no account has the id {account_id}")
        account, member_name, language, balance = row
        # SUM comes back as Decimal from PostgreSQL.
        balance_cents = int(balance)
        unpaid = tx.execute(unpaid_statements(account_id, balance_cents)).all()
        today = self._clock.today()
        return AccountSummary(
            account_id=account.id,
            account_number=account.account_number,
            last_four=account.account_number[-4:],
            nickname=account.nickname,
            member_name=member_name,
            language="es" if language == "es" else "en",
            balance_cents=balance_cents,
            amount_due_cents=max(balance_cents, 0),
            past_due_cents=sum(
                min(int(amount), balance_cents - int(newer))
                for due_on, amount, newer in unpaid
                if due_on < today
            ),
            due_on=min((due_on for due_on, _, _ in unpaid), default=None),
            disconnect_on=account.disconnect_on,
            disconnect_minimum_cents=account.disconnect_minimum_cents,
            is_cash_only=account.is_cash_only,
        )

    def is_cash_only(self, tx: Session, account_id: int) -> bool:
        """Whether the account pays in cash only, without all else that a summary reads."""
        return tx.get_one(Account, account_id).is_cash_only

    def balance_in(self, tx: Session, account_id: int) -> int:
        """The sum of what the member's book holds, in cents; negative for a credit."""
        return int(tx.scalar(select(balance_of(account_id))) or 0)

    def standing(self, account_id: int) -> Standing:
        """The least to pay and by when, and what decides it. Raises LookupError."""
        with self._db.read() as tx:
            account = self.summary_in(tx, account_id)
            arrangement = self.arrangements.open_in(tx, account_id)
            return standing_of(tx, account, arrangement, self._clock.today())

    def breakdown(self, proof: Proof) -> Breakdown:
        """What the balance is made of, for a verified member. Raises NotVerified."""
        with self._db.read() as tx:
            return break_down(tx, require_verified(proof))

    def breakdown_for_office(self, account_id: int) -> Breakdown:
        """The same for a clerk, beside a request of somebody who may not hear it."""
        with self._db.read() as tx:
            return break_down(tx, account_id)

    def bills_due_from(self, tx: Session, account_id: int, day: date) -> list[Bill]:
        """The account's statements due on `day` or later, the first due first, paid or not."""
        return [
            Bill(row.id, row.amount_cents, row.issued_on, row.due_on)
            for row in tx.scalars(due_from(account_id, day))
        ]

    def owed_through(self, tx: Session, account_id: int, statement_id: int) -> int:
        """What is still owed of this statement and everything before it, never negative.

        Payments pay the oldest first, so this is the balance without the statements that fall due later.
        """
        newer = int(tx.scalar(newer_than(account_id, statement_id)) or 0)
        return max(self.balance_in(tx, account_id) - newer, 0)

    def last_payment(self, account_id: int) -> LedgerLine | None:
        """The newest payment that was posted and not given back in full, or None."""
        lines = self._lines(newest_kept_payment(account_id))
        return lines[0] if lines else None

    def last_refund(self, account_id: int) -> LedgerLine | None:
        """The newest payment, or part of one, that was given back; None when there is none."""
        # What a bank takes back is a reversal too, but nothing that the member waits for.
        query = newest_first(account_id).where(
            LedgerEntry.kind == "reversal",
            LedgerEntry.source.startswith("refund:"),
            LedgerEntry.amount_cents > 0,
        )
        query = query.limit(1)
        lines = self._lines(query)
        return lines[0] if lines else None

    def ledger(self, account_id: int, limit: int = 50) -> list[LedgerLine]:
        """The member's newest ledger lines, newest first, at most `limit`."""
        return self._lines(newest_first(account_id).limit(limit))

    def id_of(self, account_number: str) -> int | None:
        """The id behind an account number. For the office and the command line: a member is never told."""
        with self._db.read() as tx:
            return tx.scalar(select(Account.id).where(Account.account_number == account_number))

    def post_payment(
        self,
        tx: Session,
        *,
        account_id: int,
        payment_id: str,
        amount_cents: int,
        fee_cents: int,
        at: datetime,
    ) -> None:
        """Lower the balance by `amount_cents`, in the caller's transaction; a second call changes nothing.

        The processor then owes us amount and fee (clearing); the fee is the co-op's income and never
        part of what the member owes.
        """
        if amount_cents <= 0 or fee_cents < 0:
            raise ValueError("a payment is positive and its fee is not negative")
        post_once(
            tx,
            self._cause(f"payment:{payment_id}", account_id, payment_id, at, "Payment, thank you"),
            [
                ("member", "payment", -amount_cents),
                ("clearing", "payment", amount_cents),
                ("clearing", "fee", fee_cents),
                ("income", "fee", -fee_cents),
            ],
        )

    def post_return(
        self,
        tx: Session,
        *,
        account_id: int,
        payment_id: str,
        source: str,
        description: str,
        amount_cents: int,
        at: datetime,
        fee_cents: int = 0,
        loss_cents: int = 0,
    ) -> None:
        """Take a payment back: the member owes `amount_cents` again. Idempotent by `source`.

        `fee_cents` is the part of the fee that goes back as well, `loss_cents` what the co-op loses beyond
        the payment. All may be negative: what went back counts as paid again.
        """
        if not (amount_cents or fee_cents or loss_cents):
            raise ValueError("a return moves money")
        post_once(
            tx,
            self._cause(source, account_id, payment_id, at, description),
            [
                ("member", "reversal", amount_cents),
                ("clearing", "reversal", -amount_cents),
                ("clearing", "fee", -fee_cents),
                ("income", "fee", fee_cents),
                ("clearing", "adjustment", -loss_cents),
                ("income", "adjustment", loss_cents),
            ],
        )

    def _cause(self, source: str, account_id: int, payment_id: str, at: datetime, description: str) -> Cause:
        day = at.astimezone(self._clock.zone).date()
        return Cause(source, account_id, at, day, description, payment_id)

    def _lines(self, query: Select[LedgerEntry]) -> list[LedgerLine]:
        with self._db.read() as tx:
            return [
                LedgerLine(
                    kind=entry.kind,
                    amount_cents=entry.amount_cents,
                    posted_at=entry.posted_at,
                    effective_on=entry.effective_on,
                    description=entry.description,
                    source=entry.source,
                    payment_id=entry.payment_id,
                )
                for entry in tx.scalars(query)
            ]
