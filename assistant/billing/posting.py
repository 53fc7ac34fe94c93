"""Writes ledger rows: each cause is posted once, and the rows of a payment sum to zero over the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.models import LedgerEntry
from assistant.db import insert_once
from assistant.money import require_cents

# Rows per INSERT: well below the count of parameters that a database takes.
_PAGE = 500


@dataclass(frozen=True)
class Cause:
    """Why rows are posted. `source` names the cause for ever, e.g. `payment:pay_…`."""

    source: str
    account_id: int
    at: datetime
    effective_on: date
    description: str
    payment_id: str | None = None


def post_once(tx: Session, cause: Cause, rows: list[tuple[str, str, int]]) -> bool:
    """Post `(book, kind, amount_cents)` rows of one cause; False when they were posted before.

    Posting the same cause with other amounts is a programming error (ValueError): the ledger would lie.
    """
    wanted = {(book, kind): require_cents(amount) for book, kind, amount in rows if amount != 0}
    values = [_values(cause, book, kind, amount) for (book, kind), amount in wanted.items()]
    is_new = insert_once(tx, LedgerEntry, values) == len(wanted)
    if not is_new:
        _require_same(tx, cause, wanted)
    return is_new


def post_charges(tx: Session, charges: list[tuple[Cause, str, int]]) -> None:
    """Post many `(cause, kind, amount_cents)` rows of what members owe; what was posted before stays."""
    values = [
        _values(cause, "member", kind, require_cents(amount))
        for cause, kind, amount in charges
        if amount != 0
    ]
    for start in range(0, len(values), _PAGE):
        insert_once(tx, LedgerEntry, values[start : start + _PAGE])


def _values(cause: Cause, book: str, kind: str, amount_cents: int) -> dict[str, object]:
    return {
        "account_id": cause.account_id,
        "book": book,
        "kind": kind,
        "amount_cents": amount_cents,
        "posted_at": cause.at,
        "effective_on": cause.effective_on,
        "source": cause.source,
        "payment_id": cause.payment_id,
        "description": cause.description,
    }


def _require_same(tx: Session, cause: Cause, wanted: dict[tuple[str, str], int]) -> None:
    stored = {
        (book, kind): (account_id, amount)
        for book, kind, account_id, amount in tx.execute(
            select(
                LedgerEntry.book, LedgerEntry.kind, LedgerEntry.account_id, LedgerEntry.amount_cents
            ).where(LedgerEntry.source == cause.source)
        )
    }
    if stored != {key: (cause.account_id, amount) for key, amount in wanted.items()}:
        raise ValueError(f"{cause.source} was posted before with other rows")
