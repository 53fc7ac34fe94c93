"""The nightly files are taken as a whole or not at all, once; what is wrong is named by row and column."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant.billing.importer import FileCount, ImportReport, import_files
from assistant.billing.importing_statements import import_statements
from assistant.billing.models import (
    Account,
    LedgerEntry,
    MailingAddress,
    Member,
    PrepaidAccount,
    ServiceLocation,
    Statement,
)
from assistant.billing.service import Billing
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import ImportRejected
from assistant.identity.enrollment_codes import EnrollmentCodes
from assistant.identity.models import AccountSecret
from assistant.identity.service import Identity
from assistant.settings import Settings
from tests.unit.identity.conftest import Sent

MEMBERS = "member_number,name,language\nM-1,Ada Miller,en\nM-2,Rosa Delgado,es\n"
ACCOUNTS = (
    "account_number,member_number,nickname,billing_zip,street,city,state,zip,enrollment_code,"
    "disconnect_on,disconnect_minimum,is_cash_only\n"
    "1000000001,M-1,Farm,30601,4 Mill Road,Athens,GA,30601,73920164,,,\n"
    "1000000002,M-2,,30605,9 Lake Road,Athens,GA,30605-1234,58217430,2026-12-09,42.00,yes\n"
)
STATEMENTS = (
    "statement_number,account_number,issued_on,due_on,amount\n"
    "S-1,1000000001,2026-11-03,2026-12-03,84.20\n"
    "S-2,1000000002,2026-10-03,2026-11-03,120.00\n"
)

Importing = Callable[..., ImportReport]


@pytest.fixture
def take(db: Database, clock: FixedClock, tmp_path: Path) -> Importing:
    """Imports three files with these words; what is not given is the ordinary file."""

    def take_files(
        members: str | bytes = MEMBERS, accounts: str | bytes = ACCOUNTS, statements: str | bytes = STATEMENTS
    ) -> ImportReport:
        paths = []
        for name, words in [("members", members), ("accounts", accounts), ("statements", statements)]:
            path = tmp_path / f"{name}.csv"
            path.write_bytes(words if isinstance(words, bytes) else words.encode())
            paths.append(path)
        return import_files(db, clock, *paths, codes=EnrollmentCodes(db))

    return take_files


def rejected(take: Importing, **files: str | bytes) -> tuple[str, list[tuple[int, str, str]]]:
    with pytest.raises(ImportRejected) as refused:
        take(**files)
    return refused.value.file_name, refused.value.problems


def count_of(db: Database, model: type) -> int:
    with db.read() as tx:
        return tx.scalar(select(func.count()).select_from(model)) or 0


def ledger(db: Database) -> list[tuple[str, int]]:
    with db.read() as tx:
        rows = tx.execute(select(LedgerEntry.kind, LedgerEntry.amount_cents).order_by(LedgerEntry.id))
        return [(kind, cents) for kind, cents in rows]


def test_three_files_make_members_accounts_statements_and_charges(
    db: Database, clock: FixedClock, take: Importing
) -> None:
    assert take() == ImportReport(FileCount(new=2), FileCount(new=2), FileCount(new=2))
    billing = Billing(db, clock)
    farm = billing.summary(billing.id_of("1000000001") or 0)
    assert (farm.member_name, farm.nickname, farm.balance_cents, farm.due_on) == (
        "Ada Miller",
        "Farm",
        8420,
        date(2026, 12, 3),
    )
    rosa = billing.summary(billing.id_of("1000000002") or 0)
    assert (rosa.language, rosa.past_due_cents, rosa.is_cash_only) == ("es", 12_000, True)
    assert (rosa.disconnect_on, rosa.disconnect_minimum_cents) == (date(2026, 12, 9), 4200)
    with db.read() as tx:
        zips = list(tx.scalars(select(ServiceLocation.zip).order_by(ServiceLocation.id)))
    assert zips == ["30601", "30605"]


def test_the_same_files_again_change_nothing(db: Database, take: Importing) -> None:
    take()
    before = ledger(db)
    unchanged = FileCount(unchanged=2)
    assert take() == ImportReport(unchanged, unchanged, unchanged)
    assert ledger(db) == before == [("charge", 8420), ("charge", 12_000)]


def test_changed_facts_are_taken_over(db: Database, clock: FixedClock, take: Importing) -> None:
    take()
    report = take(
        members=MEMBERS.replace("Rosa Delgado", "Rosa Delgado Ruiz"),
        accounts=ACCOUNTS.replace("9 Lake Road", "12 Hill Road").replace("2026-12-09,42.00,yes", ",,"),
    )
    assert report == ImportReport(
        FileCount(changed=1, unchanged=1), FileCount(changed=1, unchanged=1), FileCount(unchanged=2)
    )
    billing = Billing(db, clock)
    rosa = billing.summary(billing.id_of("1000000002") or 0)
    assert (rosa.member_name, rosa.disconnect_on, rosa.is_cash_only) == ("Rosa Delgado Ruiz", None, False)
    assert count_of(db, ServiceLocation) == 2


def test_columns_that_are_left_out_leave_things_as_they_are(
    db: Database, clock: FixedClock, take: Importing
) -> None:
    take()
    short = "\n".join(",".join(line.split(",")[:8]) for line in ACCOUNTS.splitlines())
    assert take(accounts=short).accounts == FileCount(unchanged=2)
    billing = Billing(db, clock)
    assert billing.summary(billing.id_of("1000000002") or 0).disconnect_on == date(2026, 12, 9)


def test_a_corrected_amount_becomes_an_adjustment_each_time(
    db: Database, clock: FixedClock, take: Importing
) -> None:
    take()
    for amount in ("80.00", "84.20", "80.00", "80.00"):
        take(statements=STATEMENTS.replace("84.20", amount))
    assert ledger(db) == [
        ("charge", 8420),
        ("charge", 12_000),
        ("adjustment", -420),
        ("adjustment", 420),
        ("adjustment", -420),
    ]
    billing = Billing(db, clock)
    assert billing.summary(billing.id_of("1000000001") or 0).balance_cents == 8000
    lines = billing.ledger(billing.id_of("1000000001") or 0)
    assert lines[0].description == "Correction of statement S-1"


def test_two_imports_at_once_correct_an_amount_once(
    db: Database, clock: FixedClock, take: Importing, tmp_path: Path
) -> None:
    take()
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(STATEMENTS.replace("84.20", "80.00"))
    both_begin = threading.Barrier(2)

    def correct() -> None:
        both_begin.wait()
        import_statements(db, clock, corrected)

    threads = [threading.Thread(target=correct) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ledger(db) == [("charge", 8420), ("charge", 12_000), ("adjustment", -420)]


def test_a_later_due_date_moves_what_is_past_due(db: Database, clock: FixedClock, take: Importing) -> None:
    take()
    report = take(statements=STATEMENTS.replace("2026-10-03,2026-11-03", "2026-10-03,2026-11-24"))
    assert report.statements == FileCount(changed=1, unchanged=1)
    billing = Billing(db, clock)
    rosa = billing.id_of("1000000002") or 0
    assert billing.summary(rosa).past_due_cents == 0
    clock.advance(timedelta(days=2))
    assert billing.summary(rosa).past_due_cents == 12_000


def test_a_bill_of_nothing_has_no_ledger_line_until_it_is_corrected(db: Database, take: Importing) -> None:
    take(statements=STATEMENTS.replace("84.20", "0.00"))
    assert ledger(db) == [("charge", 12_000)]
    take(statements=STATEMENTS)
    assert ledger(db) == [("charge", 12_000), ("adjustment", 8420)]


def test_a_bad_row_keeps_its_whole_file_out_but_not_the_files_before(db: Database, take: Importing) -> None:
    file_name, problems = rejected(take, statements=STATEMENTS.replace("120.00", "-120.00"))
    assert (file_name, [problem[:2] for problem in problems]) == ("statements.csv", [(3, "amount")])
    assert (count_of(db, Statement), count_of(db, LedgerEntry)) == (0, 0)
    assert (count_of(db, Member), count_of(db, Account)) == (2, 2)


def test_every_problem_of_a_file_is_told_at_once_in_order(take: Importing) -> None:
    _, problems = rejected(
        take,
        accounts=ACCOUNTS.replace("M-1,Farm,30601", "M-1,Farm,3060").replace(
            "58217430,2026-12-09,42.00,yes", "5821743,2026-12-32,4.2,maybe"
        ),
    )
    assert [(row, column) for row, column, _ in problems] == [
        (2, "billing_zip"),
        (3, "enrollment_code"),
        (3, "is_cash_only"),
        (3, "disconnect_on"),
        (3, "disconnect_minimum"),
    ]


@pytest.mark.parametrize(
    "amount",
    ["84.2", "1,234.50", "$84.20", "-84.20", "84", "", "84.205", "1e3", "NaN", "٨٤.٢٠", "99999999.00"],
)
def test_an_amount_that_is_not_plain_is_refused(take: Importing, amount: str) -> None:
    _, problems = rejected(take, statements=STATEMENTS.replace("84.20", f'"{amount}"'))
    assert [(row, column) for row, column, _ in problems] == [(2, "amount")]


@pytest.mark.parametrize("day", ["12/03/2026", "2026-02-30", "2026-12-3", "20261203", "", "2026-W49-4"])
def test_a_date_that_is_not_a_plain_day_is_refused(take: Importing, day: str) -> None:
    _, problems = rejected(take, statements=STATEMENTS.replace("2026-12-03", day))
    assert [(row, column) for row, column, _ in problems] == [(2, "due_on")]


def test_a_bill_due_before_it_was_issued_is_refused(take: Importing) -> None:
    _, problems = rejected(take, statements=STATEMENTS.replace("2026-12-03", "2026-11-02"))
    assert problems == [(2, "due_on", "is before issued_on")]


def test_unknown_members_and_accounts_are_named(take: Importing) -> None:
    file_name, problems = rejected(take, accounts=ACCOUNTS.replace("M-2", "M-9"))
    assert (file_name, problems) == (
        "accounts.csv",
        [(3, "member_number", "is not a member: import members first")],
    )
    file_name, problems = rejected(take, statements=STATEMENTS.replace("1000000002", "1000000009"))
    assert (file_name, problems) == (
        "statements.csv",
        [(3, "account_number", "is not an account: import accounts first")],
    )


def test_an_account_does_not_pass_to_another_member_with_its_phones_and_cards(take: Importing) -> None:
    take()
    _, problems = rejected(take, accounts=ACCOUNTS.replace("1000000001,M-1", "1000000001,M-2"))
    assert [(row, column) for row, column, _ in problems] == [(2, "member_number")]


def test_a_statement_does_not_pass_to_another_account(db: Database, take: Importing) -> None:
    take()
    before = ledger(db)
    _, problems = rejected(take, statements=STATEMENTS.replace("S-1,1000000001", "S-1,1000000002"))
    assert [(row, column) for row, column, _ in problems] == [(2, "account_number")]
    assert ledger(db) == before


def test_two_rows_with_the_same_key_are_refused(take: Importing) -> None:
    _, problems = rejected(take, members=MEMBERS + "M-1,Somebody Else,en\n")
    assert problems == [(4, "member_number", "is also in row 2")]


def test_missing_and_repeated_columns_are_named(take: Importing) -> None:
    _, problems = rejected(take, members="member_number,language,language\nM-1,en,en\n")
    assert problems == [(1, "name", "this column is missing"), (1, "language", "this column is there twice")]


@pytest.mark.parametrize(
    ("words", "row", "wrong"),
    [
        (b"", 1, "is empty"),
        ("member_number,name,language\nM-1,José,es\n".encode("cp1252"), 2, "is not UTF-8"),
        (MEMBERS.encode("utf-16"), 1, "is not UTF-8"),
        (b"member_number,name,language\nM-1,Ada\n", 2, "has 2 cells"),
        (b"member_number,name,language\nM-1,Miller, Ada,en\n", 2, "has 4 cells"),
        (b'member_number,name,language\nM-1,"Ada,en\n', 2, "is not CSV"),
        (b'member_number,name,language\nM-1,"Ada"x,en\n', 2, "is not CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(take: Importing, words: bytes, row: int, wrong: str) -> None:
    file_name, problems = rejected(take, members=words)
    assert file_name == "members.csv"
    assert problems[0][0] == row
    assert problems[0][2].startswith(wrong)


def test_a_file_that_is_not_there_is_a_refusal_too(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    missing = tmp_path / "members.csv"
    with pytest.raises(ImportRejected) as refused:
        import_files(db, clock, missing, missing, missing, codes=EnrollmentCodes(db))
    assert refused.value.problems == [(0, "file", "cannot be read")]


@pytest.mark.parametrize(
    "words",
    [
        "\ufeff" + MEMBERS,
        MEMBERS.replace("\n", "\r\n"),
        MEMBERS.replace("\n", "\r"),
        MEMBERS.replace("Ada Miller", '"Ada Miller"').rstrip("\n"),
        MEMBERS + "\n,,\n\n",
        " Member_Number , NAME ,language\nM-1, Ada Miller ,EN\nM-2,Rosa Delgado,es\n",
        "note,language,name,member_number\nx,en,Ada Miller,M-1\n,es,Rosa Delgado,M-2\n",
    ],
)
def test_what_spreadsheets_and_utilities_write_is_read(db: Database, take: Importing, words: str) -> None:
    assert take(members=words).members == FileCount(new=2)
    with db.read() as tx:
        found = tx.execute(select(Member.name, Member.language).order_by(Member.member_number)).all()
    assert [tuple(row) for row in found] == [("Ada Miller", "en"), ("Rosa Delgado", "es")]


def test_commas_quotes_and_accents_inside_quotes_are_kept(db: Database, take: Importing) -> None:
    take(members=MEMBERS.replace("Ada Miller", '"Miller, Ada ""Addie"" Muñoz"'))
    with db.read() as tx:
        assert (
            tx.scalar(select(Member.name).where(Member.member_number == "M-1")) == 'Miller, Ada "Addie" Muñoz'
        )


def test_words_that_do_not_fit_or_cannot_be_printed_are_refused(take: Importing) -> None:
    _, problems = rejected(take, members=MEMBERS.replace("Ada Miller", "A" * 201))
    assert problems == [(2, "name", "is longer than 200 characters")]
    _, problems = rejected(take, members=MEMBERS.replace("Ada Miller", '"Ada\nMiller"'))
    assert [(row, column) for row, column, _ in problems] == [(2, "name")]
    _, problems = rejected(take, members=MEMBERS.replace("Ada Miller", "Ada\x00Miller"))
    assert problems


def test_a_header_without_rows_takes_nothing_away(db: Database, take: Importing) -> None:
    take()
    empty = FileCount()
    report = take(
        members=MEMBERS.splitlines()[0],
        accounts=ACCOUNTS.splitlines()[0],
        statements=STATEMENTS.splitlines()[0],
    )
    assert report == ImportReport(empty, empty, empty)
    assert count_of(db, Statement) == 2


def test_the_code_on_the_bill_is_kept_as_a_hash_and_enrolls(
    db: Database, clock: FixedClock, settings: Settings, take: Importing
) -> None:
    take()
    with db.read() as tx:
        hashes = list(tx.scalars(select(AccountSecret.enrollment_code_hash)))
    assert len(hashes) == 2
    assert all(kept is not None and kept.startswith("$argon2id$") for kept in hashes)
    identity = Identity(db, clock, settings, Sent())
    identity.claim("s1", "1000000001")
    identity.check_enrollment_code("s1", "+17065550111", "73920164")
    assert identity.choose_pin("s1", "+17065550111", "7306").level == "verified"


def test_a_used_code_stays_used_until_the_bill_has_a_new_one(
    db: Database, clock: FixedClock, settings: Settings, take: Importing
) -> None:
    take()
    identity = Identity(db, clock, settings, Sent())
    identity.claim("s1", "1000000001")
    identity.check_enrollment_code("s1", "+17065550111", "73920164")
    identity.choose_pin("s1", "+17065550111", "7306")
    take()
    with db.read() as tx:
        used = tx.scalars(select(AccountSecret).where(AccountSecret.pin_hash.is_not(None))).one()
    assert used.enrollment_code_used_at == clock.now()
    assert take(accounts=ACCOUNTS.replace("73920164", "64820197")).accounts.changed == 1
    with db.read() as tx:
        renewed = tx.scalars(select(AccountSecret).where(AccountSecret.pin_hash.is_not(None))).one()
    assert renewed.enrollment_code_used_at is None
    assert renewed.pin_hash == used.pin_hash


def test_of_a_thousand_rows_none_is_lost(db: Database, clock: FixedClock, take: Importing) -> None:
    numbers = range(1_000_000_000, 1_000_001_100)
    report = take(
        accounts=ACCOUNTS.splitlines()[0]
        + "\n"
        + "".join(f"{n},M-1,,30601,{n} Mill Road,Athens,GA,30601,,,,\n" for n in numbers),
        statements=STATEMENTS.splitlines()[0]
        + "\n"
        + "".join(f"S{n},{n},2026-11-03,2026-12-03,84.20\n" for n in numbers),
    )
    assert (report.accounts.new, report.statements.new) == (1100, 1100)
    assert count_of(db, LedgerEntry) == 1100


def test_prepaid_use_and_mailing_addresses_are_taken_and_given_up(
    db: Database, clock: FixedClock, take: Importing
) -> None:
    header, first, second = ACCOUNTS.splitlines()
    columns = "is_prepaid,daily_use,mailing_street,mailing_city,mailing_state,mailing_zip"
    with_extras = f"{header},{columns}\n{first},yes,4.20,PO Box 12,Comer,ga,30629\n{second},no,,,,,\n"
    take(accounts=with_extras)
    billing = Billing(db, clock)
    farm = billing.standing(billing.id_of("1000000001") or 0)
    assert farm.reason == "prepaid"
    with db.read() as tx:
        assert [(row.street, row.state) for row in tx.scalars(select(MailingAddress))] == [
            ("PO Box 12", "GA")
        ]
    assert take(accounts=with_extras).accounts == FileCount(unchanged=2)
    # A file without the columns says nothing of them; empty cells take both away.
    assert take().accounts == FileCount(unchanged=2)
    assert count_of(db, PrepaidAccount) == 1
    assert take(accounts=f"{header},{columns}\n{first},no,,,,,\n{second},,,,,,\n").accounts.changed == 1
    assert (count_of(db, PrepaidAccount), count_of(db, MailingAddress)) == (0, 0)
    file, problems = rejected(take, accounts=f"{header},is_prepaid,daily_use\n{first},no,4.20\n")
    assert (file, problems) == ("accounts.csv", [(2, "daily_use", "is there without is_prepaid")])


def test_what_came_in_after_the_notice_was_told_counts_against_it(
    db: Database, clock: FixedClock, take: Importing
) -> None:
    take()
    billing = Billing(db, clock)
    account_id = billing.id_of("1000000002") or 0
    clock.advance(timedelta(hours=1))
    with db.write() as tx:
        billing.post_payment(
            tx, account_id=account_id, payment_id="pay_1", amount_cents=1200, fee_cents=0, at=clock.now()
        )
    assert billing.standing(account_id).least_cents == 3000
    clock.advance(timedelta(hours=1))
    # The same file again tells nothing new; a lower minimum has counted the payment.
    take()
    assert billing.standing(account_id).least_cents == 3000
    take(accounts=ACCOUNTS.replace("42.00", "31.00"))
    assert billing.standing(account_id).least_cents == 3100
