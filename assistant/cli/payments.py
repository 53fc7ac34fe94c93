"""`porchlight payments unknown|resolve`: payments of which only a person can find out how they ended."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from assistant.cli.common import AsJson, DataDir, new_group, out, told
from assistant.cli.database import open_application
from assistant.errors import Fault
from assistant.money import written
from assistant.payments.resolving import UnknownView

commands = new_group()
payments = typer.Typer(
    help="List payments that are unknown after a day, and end them by hand.", no_args_is_help=True
)
commands.add_typer(payments, name="payments")

_ENDED = {
    "charged": "It was charged: posted to the account. The member is told.",
    "not_charged": "It was not charged: closed. The member is told and can pay again.",
    "declined": "The processor has a charge that took no money: closed. The member is told.",
    "given_back": "It was closed as not charged meanwhile, so the money goes back to the member.",
    "already": "It was ended so before. Nothing was changed.",
}


@payments.command()
@told
def unknown(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show what lookups could not find out within a day, the oldest first."""
    with open_application(data_dir) as application:
        listed = application.payments.resolving.listed()
    if as_json:
        plain = [{**asdict(each), "submitted_at": each.submitted_at.isoformat()} for each in listed]
        typer.echo(json.dumps(plain, indent=2))
    elif listed:
        out.print(_table(listed, application.clock.zone))
    else:
        out.print("No payment waits for a person to find out.")


@payments.command()
@told
def resolve(
    number: Annotated[str, typer.Argument(help="The payment's confirmation number.")],
    why: Annotated[str, typer.Option("--why", help="What you saw, in a few words; kept for the record.")],
    charged: Annotated[
        str, typer.Option("--charged", metavar="PI", help="The charge that you saw at the processor: pi_…")
    ] = "",
    not_charged: Annotated[
        bool, typer.Option("--not-charged", help="You saw no charge at the processor.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who decides; without it, who is logged in.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Say how an unknown payment ended. It is checked with the processor before it is believed."""
    if bool(charged) == not_charged:
        raise Fault("Say either --charged pi_… or --not-charged.")
    with open_application(data_dir) as application:
        who, resolving = by or getpass.getuser(), application.payments.resolving
        ended = (
            resolving.charged(number, charged, by=who, why=why)
            if charged
            else resolving.not_charged(number, by=who, why=why)
        )
    out.print(f"Payment {number}: {_ENDED[ended]}", highlight=False)


def _table(listed: list[UnknownView], zone: ZoneInfo) -> Table:
    table = Table("Number", "Account", "Amount", "With", "From", "Sent", "At the processor")
    for each in listed:
        table.add_row(
            each.confirmation_number,
            f"{each.account_number} {each.member_name}",
            written(each.amount_cents + each.fee_cents),
            f"{each.brand} {each.last_four}",
            f"{each.origin} {each.phone}",
            each.submitted_at.astimezone(zone).strftime("%b %d %H:%M"),
            each.processor_id or "not found",
        )
    return table
