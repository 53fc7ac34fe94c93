"""`porchlight members`, `account`, `import`, `migrate` and `check`: what the office and its engineer ask."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from assistant import migrations
from assistant.account_report import report_account
from assistant.billing.importer import ImportRules, import_files
from assistant.billing.importing_places import import_places
from assistant.checks import unsafe_reasons
from assistant.cli.common import AsJson, DataDir, new_group, out, sandbox_settings_of, settings_of, told
from assistant.cli.database import open_database
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.errors import Fault, UnsafeConfiguration
from assistant.identity.enrollment_codes import EnrollmentCodes
from assistant.money import written
from assistant.payments.importing_mandates import import_bank_mandates
from assistant.sandbox.coop_members import list_members, members_table
from assistant.settings import Settings

commands = new_group()


@commands.command()
@told
def check() -> None:
    """Name every reason why these settings must not take real money."""
    reasons = unsafe_reasons(Settings())
    if reasons:
        raise UnsafeConfiguration(reasons)
    out.print("These settings are fit for production.")


@commands.command()
@told
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to the newest version."""
    settings = settings_of(data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings.resolved_database_url)
    migrations.upgrade(db.writer)
    db.close()
    out.print("The database is up to date.")


@commands.command("import")
@told
def import_(
    members: Path,
    accounts: Path,
    statements: Path,
    places: Annotated[Path | None, typer.Option(help="Where cash is taken (CSV): the whole list.")] = None,
    bank_mandates: Annotated[
        Path | None, typer.Option(help="Bank accounts that may be debited (CSV): tokens and evidence.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Take the utility's nightly members, accounts and statements (CSV)."""
    settings = settings_of(data_dir)
    db = open_database(settings)
    rules = ImportRules(settings.account_number_length, settings.enrollment_code_length)
    clock = SystemClock(settings.coop_zone)
    report = import_files(db, clock, members, accounts, statements, codes=EnrollmentCodes(db), rules=rules)
    counts = asdict(report)
    if places is not None:
        counts["places"] = asdict(import_places(db, places))
    if bank_mandates is not None:
        taken = import_bank_mandates(
            db, clock, bank_mandates, account_number_length=settings.account_number_length
        )
        counts["bank mandates"] = asdict(taken)
    db.close()
    for name, count in counts.items():
        out.print(f"{name}: {count['new']} new, {count['changed']} changed, {count['unchanged']} as before")


@commands.command()
@told
def members(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the members of the demo co-op, with all that is needed to be one of them."""
    settings = sandbox_settings_of(data_dir)
    db = open_database(settings)
    listed = list_members(db, settings)
    db.close()
    if not listed:
        raise Fault("There is no demo co-op here. Start `porchlight demo` first, or give its --data-dir.")
    if as_json:
        typer.echo(json.dumps([member.as_json() for member in listed], indent=2))
    else:
        out.print(members_table(listed))


@commands.command()
@told
def account(number: str, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show what an account owes, its ledger and its payments."""
    settings = settings_of(data_dir)
    db = open_database(settings)
    report = report_account(db, SystemClock(settings.coop_zone), number)
    db.close()
    if report is None:
        raise Fault(f"There is no account {number}.")
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        _print_account(report)


def _print_account(report: dict[str, Any]) -> None:
    out.print(
        f"[bold]{report['account_number']}[/] {report['member_name']} {report['nickname']}", highlight=False
    )
    due = f", due {report['due_on']}" if report["due_on"] else ""
    out.print(
        f"Balance {written(report['balance_cents'])}, amount due {written(report['amount_due_cents'])}{due}",
        highlight=False,
    )
    ledger = Table("On", "Kind", "What", title="Ledger", title_justify="left")
    ledger.add_column("Amount", justify="right")
    for line in report["ledger"]:
        ledger.add_row(line["effective_on"], line["kind"], line["description"], written(line["amount_cents"]))
    out.print(ledger)
    payments = Table("At", "Confirmation", "State", title="Payments", title_justify="left")
    payments.add_column("Amount", justify="right")
    for payment in report["payments"]:
        payments.add_row(
            payment["created_at"][:16],
            payment["confirmation_number"],
            payment["state"],
            written(payment["amount_cents"]),
        )
    if report["payments"]:
        out.print(payments)
