"""The demo co-op's members: what is shipped about them, and what they owe now."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.models import Account
from assistant.billing.service import Billing
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.money import written
from assistant.payments.models import PaymentMethod
from assistant.settings import Settings

DATA_DIR = Path(__file__).parent / "coop_data"


@dataclass(frozen=True)
class DemoMember:
    """One account as one phone of the demo holds it. `pin` is the one that the demo began with."""

    name: str
    phone: str
    account_number: str
    nickname: str
    language: str
    pin: str
    zip: str
    enrollment_code: str
    amount_due_cents: int
    due_on: date | None
    saved_card: str
    note: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"due_on": self.due_on.isoformat() if self.due_on else None}


def list_members(db: Database, settings: Settings) -> list[DemoMember]:
    """Every phone and account of the demo with what it owes now; empty when there is no demo co-op."""
    billing = Billing(db, SystemClock(settings.coop_zone))
    members = {row["member_number"]: row for row in rows("members.csv")}
    accounts = {row["account_number"]: row for row in rows("accounts.csv")}
    ids, cards = ids_of(db), cards_of(db)
    listed = []
    for row in rows("phones.csv"):
        number = row["account_number"]
        if number not in ids:
            continue
        account = accounts[number]
        summary = billing.summary(ids[number])
        listed.append(
            DemoMember(
                name=row["holder"],
                phone=row["phone"],
                account_number=number,
                nickname=account["nickname"],
                language=members[account["member_number"]]["language"],
                pin=row["pin"],
                zip=account["billing_zip"],
                enrollment_code=account["enrollment_code"],
                amount_due_cents=summary.amount_due_cents,
                due_on=summary.due_on,
                saved_card=cards.get(ids[number], ""),
                note=row["note"],
            )
        )
    return listed


def members_table(members: list[DemoMember]) -> Group:
    """The members for a terminal of 80 columns: what to key, then what is special about each phone."""
    table = Table(title="Members of the demo co-op", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Name", "Phone", "Account", "PIN", "ZIP", "Bill code"):
        table.add_column(heading, no_wrap=heading != "Name")
    table.add_column("Due", justify="right", no_wrap=True)
    notes, told = Table.grid(padding=(0, 2)), set[str]()
    for member in members:
        table.add_row(
            escape(member.name),
            member.phone,
            member.account_number,
            member.pin or "none",
            member.zip,
            member.enrollment_code,
            written(member.amount_due_cents),
        )
        if member.note not in told:
            label = f"{member.name}, {member.nickname}" if member.nickname else member.name
            notes.add_row(escape(label), f"[dim]{escape(member.note)}[/]")
            told.add(member.note)
    return Group(table, notes)


def cards_of(db: Database) -> dict[int, str]:
    """`Visa 4242` by account id, for the default method on file."""
    with db.read() as tx:
        rows = tx.scalars(
            select(PaymentMethod).where(
                PaymentMethod.is_saved, PaymentMethod.is_default, PaymentMethod.removed_at.is_(None)
            )
        )
        return {row.account_id: _told(row) for row in rows}


def _told(row: PaymentMethod) -> str:
    name = row.brand.title() if row.kind == "card" else "Bank account"
    return f"{name} {row.last_four}"


def ids_of(db: Database) -> dict[str, int]:
    """Account ids by account number."""
    with db.read() as tx:
        return ids_in(tx)


def ids_in(tx: Session) -> dict[str, int]:
    """The same in the caller's transaction."""
    return {row.account_number: row.id for row in tx.execute(select(Account.account_number, Account.id))}


def rows(name: str) -> list[dict[str, str]]:
    """The lines of a shipped file, by column name."""
    with (DATA_DIR / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
