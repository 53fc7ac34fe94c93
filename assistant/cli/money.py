"""`porchlight refund`: money that the office gives back."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Annotated

import typer

from assistant.cli.common import AsJson, DataDir, new_group, out, told
from assistant.cli.database import open_application
from assistant.errors import Fault
from assistant.money import written
from assistant.payments.refunding import RefundView

commands = new_group()

_DOLLARS = re.compile(r"\$?(\d{1,6})(?:\.(\d{2}))?")
_SENTENCES = {
    "submitted": "{amount} is already on its way back. Ask again in a minute to see what became of it.",
    "unknown": "The processor did not answer. The worker finds out and finishes it: do not do it by hand.",
    "pending": "{amount} is on its way to the member's bank.",
    "succeeded": "{amount} was given back.",
    "failed": "The member's bank did not take the {amount}. It counts as paid again.",
    "refused": "The processor refused to give {amount} back. No money has moved.",
    "not_made": "{amount} was not given back: the processor never had the request.",
}


@commands.command()
@told
def refund(
    confirmation_number: Annotated[str, typer.Argument(help="The payment's 8 digits.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    by: Annotated[str, typer.Option(help="Who gives it back.")],
    amount: Annotated[str, typer.Option(help="Dollars and cents, 20.00; without it, all that is left.")] = "",
    again: Annotated[bool, typer.Option("--again", help="The same amount once more within a day.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Give a payment back, whole or in part. Asked twice, it happens once."""
    cents = _cents_of(amount) if amount else None
    with open_application(data_dir) as application:
        view = application.payments.refunding.give_back(
            confirmation_number, amount_cents=cents, reason=reason, by=by, is_again=again
        )
    if as_json:
        typer.echo(json.dumps({**asdict(view), "asked_at": view.asked_at.isoformat()}, indent=2))
    else:
        out.print(_sentence(view), highlight=False)
    if view.state not in ("pending", "succeeded"):
        raise typer.Exit(2)


def _cents_of(amount: str) -> int:
    match = _DOLLARS.fullmatch(amount.strip())
    if match is None:
        raise Fault(f"{amount!r} is no amount. Write dollars and cents, like 20.00.")
    return int(match[1]) * 100 + int(match[2] or 0)


def _sentence(view: RefundView) -> str:
    told_so = _SENTENCES[view.state].format(amount=written(view.amount_cents))
    return f"Payment {view.confirmation_number}: {told_so} {written(view.left_cents)} of it is left."
