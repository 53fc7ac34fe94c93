"""`porchlight reviews list|approve|refuse`: payments that wait for a person."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from assistant.cli.common import AsJson, DataDir, new_group, out, told
from assistant.cli.database import open_application
from assistant.money import written
from assistant.payments.reviews import ReviewView

commands = new_group()
reviews = typer.Typer(
    help="List, approve and refuse payments that are held for a person.", no_args_is_help=True
)
commands.add_typer(reviews, name="reviews")

Number = Annotated[str, typer.Argument(help="The payment's confirmation number.")]
By = Annotated[str, typer.Option("--by", help="Who decides; without it, who is logged in.")]
Why = Annotated[str, typer.Option("--why", help="Why, in a few words; kept with the payment.")]
_ENDED = {
    "settled": "Approved. The payment has ended: see `porchlight account`. The member is told.",
    "already": "Approved. The payment has ended: see `porchlight account`. The member is told.",
    "pending": "Approved. The member's bank takes some days; the member is told.",
    "stray": "Approved too late: it was closed meanwhile, and what was charged goes back.",
    "mismatch": "Approved, but the processor's amount differs. The office has a task for it.",
}
_NOT_KNOWN_YET = (
    "Approved. It is not known yet whether it was charged. Do not charge it again; the worker finds out."
)


@reviews.command("list")
@told
def list_(
    data_dir: DataDir = None,
    as_json: AsJson = False,
    show_all: Annotated[bool, typer.Option("--all", help="Also those that are decided.")] = False,
) -> None:
    """Show what waits, what ends first at the top, and why it is held."""
    with open_application(data_dir) as application:
        listed = application.payments.reviews.listed(only_waiting=not show_all)
    if as_json:
        typer.echo(json.dumps([_plain(each) for each in listed], indent=2))
    elif listed:
        out.print(_table(listed, application.clock.zone))
    else:
        out.print("No payment waits for a decision.")


@reviews.command()
@told
def approve(number: Number, why: Why, by: By = "", data_dir: DataDir = None) -> None:
    """Charge a held payment now, once."""
    with open_application(data_dir) as application:
        ending = application.payments.reviews.approve(number, by=by or getpass.getuser(), why=why)
    out.print(_ENDED.get(ending, _NOT_KNOWN_YET))


@reviews.command()
@told
def refuse(number: Number, why: Why, by: By = "", data_dir: DataDir = None) -> None:
    """Close a held payment; nothing is charged, and the member is told."""
    with open_application(data_dir) as application:
        application.payments.reviews.refuse(number, by=by or getpass.getuser(), why=why)
    out.print("Refused. Nothing was charged. The member is told.")


def _table(listed: list[ReviewView], zone: ZoneInfo) -> Table:
    table = Table("Number", "Account", "Amount", "With", "From", "Held until", "Why it is held")
    for each in listed:
        until = each.expires_at.astimezone(zone).strftime("%b %d %H:%M")
        state = until if each.state == "waiting" else f"{each.state} by {each.decided_by}"
        table.add_row(
            each.confirmation_number,
            f"{each.account_number} {each.member_name}",
            written(each.amount_cents + each.fee_cents),
            f"{each.brand} {each.last_four}",
            f"{each.origin} {each.phone}",
            state,
            "\n".join(each.reasons),
        )
    return table


def _plain(view: ReviewView) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(view).items()
    }
