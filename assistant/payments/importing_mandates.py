"""bank_mandates.csv: bank accounts that the co-op may debit, with the evidence. Tokens, no numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.billing.csv_rows import Row, read_rows, refuse_bad_rows
from assistant.billing.import_report import FileCount, apply_changes, find_by
from assistant.billing.locks import lock_accounts
from assistant.billing.models import Account
from assistant.clock import Clock, local_instant
from assistant.db import Database, pages
from assistant.ids import new_id
from assistant.payments.models import Mandate, PaymentMethod

_COLUMNS = (
    "account_number",
    "customer_id",
    "method_id",
    "bank_name",
    "last_four",
    "signed_on",
    "signed_how",
    "mandate_reference",
    "mandate_words",
)
_SIGNED_HOW = ("paper", "web", "phone")
_TOKEN = {prefix: re.compile(rf"{prefix}_[A-Za-z0-9_]{{1,59}}", re.ASCII) for prefix in ("pm", "cus")}
# The most that a method keeps of a bank's name.
_BANK_NAME_LENGTH = 20
_OFFICE_HOUR = time(12, 0)
# Stands where a mandate given to the assistant has its session.
IMPORTED = "import"


@dataclass(frozen=True)
class _MandateRow:
    account_number: str
    method_id: str
    method: dict[str, Any]
    evidence: dict[str, Any]
    signed_on: date
    is_revoked: bool


def import_bank_mandates(db: Database, clock: Clock, path: Path, *, account_number_length: int) -> FileCount:
    """Take the file as a whole; taking it again changes nothing. Raises ImportRejected.

    A member can pay with such an account from then on, once and by autopay. One that the member took off
    here stays off. `revoked` takes it off: what would be drafted from it uses the backup, or is told as not
    made.
    """
    rows = read_rows(path, _COLUMNS, lambda row: _parse(row, clock, account_number_length), key="method_id")
    count = FileCount()
    with db.write() as tx:
        accounts = find_by(tx, Account, Account.account_number, [one.account_number for _, one in rows])
        lock_accounts(tx, (account.id for account in accounts.values()))
        known = find_by(tx, PaymentMethod, PaymentMethod.processor_id, [one.method_id for _, one in rows])
        mandates = _mandates(tx, [method.id for method in known.values()])
        for row, one in rows:
            _check(row, one, accounts, known, mandates)
        refuse_bad_rows(path, rows)
        for _, one in rows:
            method = known.get(one.method_id)
            if method is not None:
                count.note(is_changed=_bring_along(tx, clock, method, mandates[method.id], one))
            elif one.is_revoked:
                count.note(is_changed=False)
            else:
                _add(tx, clock, accounts[one.account_number].id, one)
                count.new += 1
    return count


def _parse(row: Row, clock: Clock, account_number_length: int) -> _MandateRow:
    signed_on = row.day("signed_on")
    if signed_on > clock.today():
        row.wrong("signed_on", "is a day to come")
    return _MandateRow(
        account_number=row.digits("account_number", account_number_length),
        method_id=_token(row, "method_id", "pm"),
        method={
            "customer_id": _token(row, "customer_id", "cus"),
            "brand": row.words("bank_name", 100)[:_BANK_NAME_LENGTH].strip(),
            "last_four": row.digits("last_four", 4),
        },
        evidence={
            "words": row.words("mandate_words", 2000),
            "language": row.one_of("mandate_language", ("en", "es"), default="en"),
            "consent_how": row.one_of("signed_how", _SIGNED_HOW, default=""),
            "turn_id": row.words("mandate_reference", 40),
        },
        signed_on=signed_on,
        is_revoked=row.yes_no("revoked"),
    )


def _token(row: Row, column: str, prefix: str) -> str:
    """The processor's token; never a bank account number, which must not be in such a file."""
    value = row.cells.get(column, "")
    if _TOKEN[prefix].fullmatch(value) is None:
        row.wrong(column, f"is not a token as {prefix}_…")
    return value


def _check(
    row: Row,
    one: _MandateRow,
    accounts: dict[str, Account],
    known: dict[str, PaymentMethod],
    mandates: dict[str, Mandate],
) -> None:
    account, method = accounts.get(one.account_number), known.get(one.method_id)
    if account is None:
        row.wrong("account_number", "is not an account: import accounts first")
    if method is None:
        return
    mandate = mandates.get(method.id)
    if mandate is None:
        row.wrong("method_id", "is a method that did not come from such a file")
        return
    if account is not None and method.account_id != account.id:
        row.wrong("method_id", "is on another account")
    for column, field in (("customer_id", "customer_id"), ("last_four", "last_four")):
        if getattr(method, field) != one.method[field]:
            row.wrong(column, "is another than before: another bank account has another token")
    for column, field in (("mandate_words", "words"), ("mandate_reference", "turn_id")):
        if getattr(mandate, field) != one.evidence[field]:
            row.wrong(column, "is another than before: evidence does not change")


def _mandates(tx: Session, method_ids: Sequence[str]) -> dict[str, Mandate]:
    """The imported permission of each method."""
    return {
        mandate.method_id: mandate
        for page in pages(method_ids)
        for mandate in tx.scalars(
            select(Mandate).where(Mandate.method_id.in_(page), Mandate.purpose == "bank_debit")
        )
    }


def _add(tx: Session, clock: Clock, account_id: int, one: _MandateRow) -> None:
    method = PaymentMethod(
        id=new_id("method"),
        account_id=account_id,
        processor_id=one.method_id,
        kind="bank_account",
        is_saved=True,
        is_default=not _has_default(tx, account_id),
        added_at=clock.now(),
        **one.method,
    )
    tx.add(method)
    tx.flush()
    tx.add(
        Mandate(
            id=new_id("mandate"),
            account_id=account_id,
            method_id=method.id,
            purpose="bank_debit",
            session_id=IMPORTED,
            given_at=local_instant(one.signed_on, _OFFICE_HOUR, clock.zone),
            **one.evidence,
        )
    )
    _note(tx, clock, "mandate_given", method)


def _bring_along(
    tx: Session, clock: Clock, method: PaymentMethod, mandate: Mandate, one: _MandateRow
) -> bool:
    """False when it was so already, or the member took it off here."""
    if method.removed_at is not None:
        return False
    if not one.is_revoked:
        return apply_changes(method, {"brand": one.method["brand"]})
    method.removed_at = clock.now()
    mandate.revoked_at = mandate.revoked_at or clock.now()
    method.is_default = method.is_backup = False
    _note(tx, clock, "mandate_revoked", method)
    return True


def _has_default(tx: Session, account_id: int) -> bool:
    has_one = select(PaymentMethod.id).where(
        PaymentMethod.account_id == account_id, PaymentMethod.is_default, PaymentMethod.removed_at.is_(None)
    )
    return tx.scalar(has_one.limit(1)) is not None


def _note(tx: Session, clock: Clock, action: str, method: PaymentMethod) -> None:
    record(
        tx,
        at=clock.now(),
        actor=IMPORTED,
        action=action,
        account_id=method.account_id,
        method_id=method.id,
        purpose="bank_debit",
    )
