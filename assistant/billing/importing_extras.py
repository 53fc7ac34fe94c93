"""The columns of accounts.csv that live in tables of their own: prepaid accounts and mailing addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.csv_rows import Row
from assistant.billing.import_report import apply_changes
from assistant.billing.models import MailingAddress, PrepaidAccount
from assistant.db import Base, pages

_STATE_LENGTH = 2
Kept = TypeVar("Kept", PrepaidAccount, MailingAddress)


@dataclass(frozen=True)
class Extras:
    """What a file told of both; a column that is not there leaves what is known (None)."""

    is_prepaid: bool | None
    daily_use_cents: int | None
    mailing: dict[str, Any] | None


def parse_extras(row: Row) -> Extras:
    """Read `is_prepaid, daily_use` and `mailing_street, mailing_city, mailing_state, mailing_zip`."""
    is_prepaid = row.yes_no("is_prepaid") if row.has("is_prepaid") else None
    daily_use = row.cents("daily_use") if row.cells.get("daily_use") else None
    if daily_use == 0:
        row.wrong("daily_use", "is zero: leave it empty where it is not known")
    if daily_use is not None and not is_prepaid:
        row.wrong("daily_use", "is there without is_prepaid")
    return Extras(is_prepaid, daily_use, _mailing(row) if row.has("mailing_street") else None)


class ExtrasKeeper:
    """Brings both tables to what a file says. Reads what is known in a few queries, however long the file."""

    def __init__(self, tx: Session, account_ids: Sequence[int], now: datetime) -> None:
        self._tx = tx
        self._now = now
        self._prepaid = _known(tx, PrepaidAccount, account_ids)
        self._mailing = _known(tx, MailingAddress, account_ids)

    def keep(self, account_id: int, extras: Extras) -> bool:
        """False when both were so already."""
        is_changed = False
        if extras.is_prepaid is not None:
            row = self._prepaid.get(account_id)
            new = PrepaidAccount(account_id=account_id, told_at=self._now)
            wanted = {"daily_use_cents": extras.daily_use_cents} if extras.is_prepaid else None
            is_changed |= self._keep(row, new, wanted)
        if extras.mailing is not None:
            place = self._mailing.get(account_id)
            is_changed |= self._keep(place, MailingAddress(account_id=account_id), extras.mailing or None)
        return is_changed

    def _keep(self, row: Base | None, new: Base, wanted: dict[str, Any] | None) -> bool:
        """One row of this account, as wanted; nothing wanted means no row."""
        if wanted is None:
            if row is not None:
                self._tx.delete(row)
            return row is not None
        if row is None:
            apply_changes(new, wanted)
            self._tx.add(new)
            return True
        return apply_changes(row, wanted)


def _known(tx: Session, table: type[Kept], account_ids: Sequence[int]) -> dict[int, Kept]:
    return {
        row.account_id: row
        for page in pages(account_ids)
        for row in tx.scalars(select(table).where(table.account_id.in_(page)))
    }


def _mailing(row: Row) -> dict[str, Any]:
    """Empty where letters go to the service location."""
    if not row.cells["mailing_street"]:
        return {}
    return {
        "street": row.words("mailing_street", 200),
        "city": row.words("mailing_city", 100),
        "state": row.words("mailing_state", _STATE_LENGTH).upper(),
        "zip": row.zip_code("mailing_zip"),
    }
