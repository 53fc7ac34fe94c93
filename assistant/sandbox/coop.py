"""The demo co-op: imports its CSV files with dates moved to today, then enrolls phones and saves cards."""

from __future__ import annotations

import csv
from datetime import date, time, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.billing.importer import import_files
from assistant.billing.importing_places import import_places
from assistant.billing.models import Account, Statement
from assistant.billing.posting import Cause, post_once
from assistant.clock import Clock, local_instant
from assistant.db import Database, insert_once
from assistant.identity.enrollment_codes import EnrollmentCodes
from assistant.identity.hashing import PIN_HASHER
from assistant.identity.models import AccountAccess, AccountSecret
from assistant.money import CENTS_PER_DOLLAR
from assistant.payments.gateway import PaymentGateway
from assistant.payments.importing_mandates import import_bank_mandates
from assistant.payments.methods import Methods
from assistant.payments.models import PaymentMethod
from assistant.sandbox.coop_members import DATA_DIR, cards_of, ids_in, ids_of, rows
from assistant.sandbox.preflight import DemoFailed

# The day on which the shipped files are true; every date in them is moved by the days since.
WRITTEN_ON = date(2026, 6, 15)
_DATE_COLUMNS = frozenset({"issued_on", "due_on", "disconnect_on", "received_on", "signed_on"})
_OFFICE_HOUR = time(11, 0)


def create_coop(db: Database, clock: Clock, gateway: PaymentGateway, work_dir: Path) -> None:
    """Make what is missing of the demo co-op; a second call changes nothing.

    DemoFailed when the database holds accounts that are not the demo's.
    """
    _require_demo_database(db)
    moved_by = (_day_one(db) or clock.today()) - WRITTEN_ON
    folder = work_dir / "coop"
    folder.mkdir(parents=True, exist_ok=True)
    names = ("members.csv", "accounts.csv", "statements.csv")
    for name in names:
        _write_moved(DATA_DIR / name, folder / name, moved_by)
    import_files(db, clock, *(folder / name for name in names), codes=EnrollmentCodes(db))
    import_places(db, DATA_DIR / "places.csv")
    with db.write() as tx:
        _post_office_payments(tx, clock, moved_by)
        _enroll_phones(tx, clock)
    _save_cards(db, clock, gateway, moved_by)
    _take_bank_mandates(db, clock, gateway, folder / "bank_mandates.csv", moved_by)


def _require_demo_database(db: Database) -> None:
    ours = {row["account_number"] for row in rows("accounts.csv")}
    with db.read() as tx:
        stranger = tx.scalar(select(Account.id).where(Account.account_number.not_in(ours)).limit(1))
    if stranger is not None:
        raise DemoFailed(
            "The database has accounts that are not the demo's. Give the demo a database of its own: "
            "unset PORCHLIGHT_DATABASE_URL, or use --data-dir."
        )


def _day_one(db: Database) -> date | None:
    """The day the demo co-op was made, read off a statement, so that a later start moves nothing."""
    first = rows("statements.csv")[0]
    with db.read() as tx:
        issued_on = tx.scalar(
            select(Statement.issued_on).where(Statement.statement_number == first["statement_number"])
        )
    if issued_on is None:
        return None
    return WRITTEN_ON + (issued_on - date.fromisoformat(first["issued_on"]))


def _write_moved(shipped: Path, target: Path, moved_by: timedelta) -> None:
    _write_rows(
        target,
        [{name: _moved(name, value, moved_by) for name, value in row.items()} for row in rows(shipped.name)],
    )


def _write_rows(target: Path, written: list[dict[str, str]]) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(written[0]))
        writer.writeheader()
        writer.writerows(written)


def _moved(column: str, value: str, moved_by: timedelta) -> str:
    if column not in _DATE_COLUMNS or not value:
        return value
    return (date.fromisoformat(value) + moved_by).isoformat()


def _post_office_payments(tx: Session, clock: Clock, moved_by: timedelta) -> None:
    """What members paid over the counter before the demo began: no processor, so no clearing row."""
    ids = ids_in(tx)
    for row in rows("office_payments.csv"):
        day = date.fromisoformat(row["received_on"]) + moved_by
        cause = Cause(
            source=f"office:{row['receipt_number']}",
            account_id=ids[row["account_number"]],
            at=local_instant(day, _OFFICE_HOUR, clock.zone),
            effective_on=day,
            description="Payment at the office",
        )
        post_once(tx, cause, [("member", "payment", -_cents(row["amount"]))])


def _enroll_phones(tx: Session, clock: Clock) -> None:
    ids = ids_in(tx)
    for row in rows("phones.csv"):
        account_id = ids[row["account_number"]]
        if row["is_enrolled"] == "yes":
            access = {
                "account_id": account_id,
                "phone": row["phone"],
                "role": row["role"],
                "enrolled_at": clock.now(),
                "enrolled_how": "demo",
            }
            insert_once(tx, AccountAccess, [access])
        secret = tx.get(AccountSecret, account_id)
        if row["pin"] and secret is not None and secret.pin_hash is None:
            secret.pin_hash = PIN_HASHER.hash(row["pin"])
            secret.pin_set_at = clock.now()


def _save_cards(db: Database, clock: Clock, gateway: PaymentGateway, moved_by: timedelta) -> None:
    """Keep each member's card at the processor as the product itself does. HTTP: no transaction is open."""
    methods = Methods(db, clock, gateway)
    ids, cards = ids_of(db), cards_of(db)
    for row in rows("phones.csv"):
        account_id = ids[row["account_number"]]
        if not row["saved_method"] or account_id in cards or row["role"] == "helper":
            continue
        saved = methods.save(account_id, row["saved_method"], is_default=True)
        if row["card_expires"]:
            _let_expire(db, saved.id, date.fromisoformat(f"{row['card_expires']}-15") + moved_by)


def _take_bank_mandates(
    db: Database, clock: Clock, gateway: PaymentGateway, file: Path, moved_by: timedelta
) -> None:
    """Set the test accounts up at the processor, as the co-op's bank form did, and import what came of it."""
    methods = Methods(db, clock, gateway)
    ids, has_method = ids_of(db), cards_of(db)
    written = rows(file.name)
    new = [row for row in written if ids[row["account_number"]] not in has_method]
    if not new:
        return
    for row in new:
        customer = methods.customer_of(ids[row["account_number"]])
        row["customer_id"] = customer
        row["method_id"] = gateway.attach_method(row["method_id"], customer_id=customer)
        row["signed_on"] = _moved("signed_on", row["signed_on"], moved_by)
    _write_rows(file, new)
    import_bank_mandates(db, clock, file, account_number_length=len(new[0]["account_number"]))


def _let_expire(db: Database, method_id: str, month: date) -> None:
    """Time cannot pass at the stand-in, so the card's date is moved on our side."""
    with db.write() as tx:
        tx.execute(
            update(PaymentMethod)
            .where(PaymentMethod.id == method_id)
            .values(expires_month=month.month, expires_year=month.year)
        )


def _cents(amount: str) -> int:
    dollars, _, cents = amount.partition(".")
    return int(dollars) * CENTS_PER_DOLLAR + int(cents)
