"""statements.csv: each bill is charged once; what is corrected later becomes a ledger line of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from assistant.billing.csv_rows import Row, read_rows, refuse_bad_rows
from assistant.billing.import_report import FileCount, apply_changes, find_by
from assistant.billing.locks import lock_accounts
from assistant.billing.models import Account, Statement
from assistant.billing.posting import Cause, post_charges
from assistant.clock import Clock
from assistant.db import Database
from assistant.ids import new_id

_COLUMNS = ("statement_number", "account_number", "issued_on", "due_on", "amount")


@dataclass(frozen=True)
class _StatementRow:
    statement_number: str
    account_number: str
    issued_on: date
    due_on: date
    amount_cents: int

    def dates_and_amount(self) -> dict[str, Any]:
        """What may be corrected by a later file."""
        return {"issued_on": self.issued_on, "due_on": self.due_on, "amount_cents": self.amount_cents}


def import_statements(db: Database, clock: Clock, path: Path) -> FileCount:
    """Take the file as a whole. Raises ImportRejected."""
    rows = read_rows(path, _COLUMNS, _parse, key="statement_number")
    with db.write() as tx:
        accounts = find_by(tx, Account, Account.account_number, [one.account_number for _, one in rows])
        known = find_by(tx, Statement, Statement.statement_number, [one.statement_number for _, one in rows])
        for row, one in rows:
            _check_account(row, accounts.get(one.account_number), known.get(one.statement_number))
        refuse_bad_rows(path, rows)
        _lock_corrected(tx, [one for _, one in rows], known)
        return _write(tx, clock, [one for _, one in rows], accounts, known)


def _parse(row: Row) -> _StatementRow:
    issued_on, due_on = row.day("issued_on"), row.day("due_on")
    if date.min < due_on < issued_on:
        row.wrong("due_on", "is before issued_on")
    return _StatementRow(
        statement_number=row.words("statement_number", 32),
        account_number=row.words("account_number", 20),
        issued_on=issued_on,
        due_on=due_on,
        amount_cents=row.cents("amount"),
    )


def _check_account(row: Row, account: Account | None, statement: Statement | None) -> None:
    if account is None:
        row.wrong("account_number", "is not an account: import accounts first")
    elif statement is not None and statement.account_id != account.id:
        row.wrong("account_number", "is another account than before for this statement")


def _lock_corrected(tx: Session, rows: list[_StatementRow], known: dict[str, Statement]) -> None:
    """Another import at the same time must not post the same correction, nor a payment miss it."""
    corrected = [
        statement
        for one in rows
        if (statement := known.get(one.statement_number)) is not None
        and statement.amount_cents != one.amount_cents
    ]
    lock_accounts(tx, (statement.account_id for statement in corrected))
    for statement in corrected:
        tx.refresh(statement)


def _write(
    tx: Session,
    clock: Clock,
    rows: list[_StatementRow],
    accounts: dict[str, Account],
    known: dict[str, Statement],
) -> FileCount:
    count, import_id = FileCount(), new_id("import")
    postings: list[tuple[Cause, str, int]] = []
    for one in rows:
        account_id = accounts[one.account_number].id
        statement = known.get(one.statement_number)
        if statement is None:
            tx.add(_new_statement(account_id, one))
            postings.append((_cause(clock, account_id, one), "charge", one.amount_cents))
            count.new += 1
            continue
        correction = one.amount_cents - statement.amount_cents
        # Every correction has a cause of its own: an amount may change and change back.
        postings.append((_cause(clock, account_id, one, import_id), "adjustment", correction))
        count.note(is_changed=apply_changes(statement, one.dates_and_amount()))
    tx.flush()
    post_charges(tx, postings)
    return count


def _new_statement(account_id: int, one: _StatementRow) -> Statement:
    return Statement(statement_number=one.statement_number, account_id=account_id, **one.dates_and_amount())


def _cause(clock: Clock, account_id: int, one: _StatementRow, import_id: str = "") -> Cause:
    source = f"statement:{one.statement_number}"
    return Cause(
        source=f"{source}:{import_id}" if import_id else source,
        account_id=account_id,
        at=clock.now(),
        effective_on=clock.today() if import_id else one.issued_on,
        description=f"Correction of statement {one.statement_number}"
        if import_id
        else f"Statement {one.statement_number}",
    )
