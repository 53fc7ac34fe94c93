"""The utility's nightly files: members, accounts and statements, each taken as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from assistant.billing.csv_rows import Row, read_rows
from assistant.billing.import_report import FileCount, ImportReport, apply_changes, find_by
from assistant.billing.importing_accounts import CodeKeeper, ImportRules, import_accounts
from assistant.billing.importing_statements import import_statements
from assistant.billing.models import Member
from assistant.clock import Clock
from assistant.db import Database

__all__ = ["CodeKeeper", "FileCount", "ImportReport", "ImportRules", "import_files"]

_MEMBER_COLUMNS = ("member_number", "name", "language")


def import_files(
    db: Database,
    clock: Clock,
    members: Path,
    accounts: Path,
    statements: Path,
    *,
    codes: CodeKeeper,
    rules: ImportRules = ImportRules(),  # noqa: B008  frozen
) -> ImportReport:
    """Take the three files in this order; importing them again changes nothing.

    Raises ImportRejected for the first file with problems: nothing of it is taken, and the files after it
    are not looked at. `codes` keeps the enrollment codes (identity's EnrollmentCodes).
    """
    return ImportReport(
        members=_import_members(db, members),
        accounts=import_accounts(db, clock, accounts, rules, codes),
        statements=import_statements(db, clock, statements),
    )


def _import_members(db: Database, path: Path) -> FileCount:
    rows = read_rows(path, _MEMBER_COLUMNS, _parse_member, key="member_number")
    count = FileCount()
    with db.write() as tx:
        known = find_by(tx, Member, Member.member_number, [one["member_number"] for _, one in rows])
        for _, one in rows:
            member = known.get(one["member_number"])
            if member is None:
                tx.add(Member(**one))
                count.new += 1
            else:
                count.note(is_changed=apply_changes(member, one))
    return count


def _parse_member(row: Row) -> dict[str, str]:
    return {
        "member_number": row.words("member_number", 32),
        "name": row.words("name", 200),
        "language": row.one_of("language", ("en", "es"), default="en"),
    }
