"""accounts.csv: whose account it is, where the power goes, and the code on the paper bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.csv_rows import Row, read_rows, refuse_bad_rows
from assistant.billing.import_report import FileCount, apply_changes, find_by
from assistant.billing.importing_extras import Extras, ExtrasKeeper, parse_extras
from assistant.billing.models import Account, Member, ServiceLocation
from assistant.clock import Clock
from assistant.db import Database, pages

_COLUMNS = (
    "account_number",
    "member_number",
    "nickname",
    "billing_zip",
    "street",
    "city",
    "state",
    "zip",
)
_STATE_LENGTH = 2


class CodeKeeper(Protocol):
    """Keeps enrollment codes as hashes; identity fills it."""

    def changed(self, codes: dict[str, str]) -> dict[str, str]:
        """The hash for each account number whose code is new. Slow: no transaction may be open."""
        ...

    def keep(self, tx: Session, hashes: dict[int, str]) -> None:
        """Keep the hashes by account id; a new code can be used once."""
        ...


@dataclass(frozen=True)
class ImportRules:
    """Lengths of what members key."""

    account_number_length: int = 10
    enrollment_code_length: int = 8


@dataclass(frozen=True)
class _AccountRow:
    account_number: str
    member_number: str
    enrollment_code: str
    account: dict[str, Any]
    location: dict[str, Any]
    extras: Extras


def import_accounts(
    db: Database, clock: Clock, path: Path, rules: ImportRules, codes: CodeKeeper
) -> FileCount:
    """Take the file as a whole. Raises ImportRejected."""
    rows = read_rows(path, _COLUMNS, lambda row: _parse(row, rules), key="account_number")
    hashes = codes.changed(
        {one.account_number: one.enrollment_code for _, one in rows if one.enrollment_code}
    )
    with db.write() as tx:
        members = find_by(tx, Member, Member.member_number, [one.member_number for _, one in rows])
        known = find_by(tx, Account, Account.account_number, [one.account_number for _, one in rows])
        for row, one in rows:
            _check_member(row, one, members.get(one.member_number), known.get(one.account_number))
        refuse_bad_rows(path, rows)
        accounts = known | _add_missing(tx, [one for _, one in rows], members, known)
        account_ids = [accounts[one.account_number].id for _, one in rows]
        locations = _locations(tx, account_ids)
        extras = ExtrasKeeper(tx, account_ids, clock.now())
        count = FileCount(new=len(accounts) - len(known))
        for _, one in rows:
            account = accounts[one.account_number]
            is_changed = _update(tx, account, locations.get(account.id), one, clock.now())
            is_changed |= extras.keep(account.id, one.extras)
            if one.account_number in known:
                count.note(is_changed=is_changed or one.account_number in hashes)
        codes.keep(tx, {accounts[number].id: code_hash for number, code_hash in hashes.items()})
    return count


def _parse(row: Row, rules: ImportRules) -> _AccountRow:
    return _AccountRow(
        account_number=row.digits("account_number", rules.account_number_length),
        member_number=row.words("member_number", 32),
        enrollment_code=row.digits("enrollment_code", rules.enrollment_code_length, is_optional=True),
        account={
            "nickname": row.words("nickname", 40, is_optional=True),
            "billing_zip": row.zip_code("billing_zip"),
            **_parse_optional(row),
        },
        location={
            "street": row.words("street", 200),
            "city": row.words("city", 100),
            "state": row.words("state", _STATE_LENGTH).upper(),
            "zip": row.zip_code("zip"),
        },
        extras=parse_extras(row),
    )


def _parse_optional(row: Row) -> dict[str, Any]:
    """The columns that a file may leave out: what is not there stays as it is."""
    found: dict[str, Any] = {}
    if row.has("is_cash_only"):
        found["is_cash_only"] = row.yes_no("is_cash_only")
    if row.has("disconnect_on"):
        found["disconnect_on"] = row.day("disconnect_on") if row.cells["disconnect_on"] else None
    if row.has("disconnect_minimum"):
        has_minimum = bool(row.cells["disconnect_minimum"])
        found["disconnect_minimum_cents"] = row.cents("disconnect_minimum") if has_minimum else None
        if has_minimum and not isinstance(found.get("disconnect_on"), date):
            row.wrong("disconnect_minimum", "is there without a disconnect_on")
    return found


def _check_member(row: Row, one: _AccountRow, member: Member | None, account: Account | None) -> None:
    if member is None:
        row.wrong("member_number", "is not a member: import members first")
    elif account is not None and account.member_id != member.id:
        # The old member's phones, PIN and cards hang on this account.
        row.wrong("member_number", "is another member than before: a new member needs a new account number")


def _add_missing(
    tx: Session, rows: list[_AccountRow], members: dict[str, Member], known: dict[str, Account]
) -> dict[str, Account]:
    added = {
        one.account_number: Account(
            account_number=one.account_number, member_id=members[one.member_number].id, **one.account
        )
        for one in rows
        if one.account_number not in known
    }
    tx.add_all(added.values())
    tx.flush()
    return added


def _locations(tx: Session, account_ids: list[int]) -> dict[int, ServiceLocation]:
    found: dict[int, ServiceLocation] = {}
    for page in pages(account_ids):
        for location in tx.scalars(select(ServiceLocation).where(ServiceLocation.account_id.in_(page))):
            found[location.account_id] = location
    return found


def _update(
    tx: Session, account: Account, location: ServiceLocation | None, one: _AccountRow, now: datetime
) -> bool:
    """Bring account and service location to what the file says; False when they were so already."""
    notice = account.disconnect_on, account.disconnect_minimum_cents
    is_changed = apply_changes(account, one.account)
    is_told_first = account.disconnect_on is not None and account.disconnect_noted_at is None
    if is_told_first or notice != (account.disconnect_on, account.disconnect_minimum_cents):
        # The utility has counted every payment that it knows of; later ones are counted here.
        account.disconnect_noted_at = now
    if location is None:
        tx.add(ServiceLocation(account_id=account.id, **one.location))
        return True
    return apply_changes(location, one.location) or is_changed
