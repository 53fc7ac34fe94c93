"""How the demo tells what it is doing: one line a step, with a spinner while it lasts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from assistant.sandbox.coop_members import DemoMember, members_table
from assistant.sandbox.running import Ports
from assistant.settings import Settings

_WORTH_TELLING_SECONDS = 1.0


class Step:
    """A step that runs; `found` may be set to something to add to its line."""

    found = ""


class Progress:
    """Writes the steps to a console."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def step(self, doing: str) -> Iterator[Step]:
        """Show `doing` until the block ends, then a check mark, or a cross when it raises."""
        step, began = Step(), time.monotonic()
        try:
            with self.console.status(f"{doing} …"):
                yield step
        except BaseException:
            self.console.print(f"[red]✗[/] {doing}")
            raise
        seconds = time.monotonic() - began
        took = f" [dim]{seconds:.0f} s[/]" if seconds >= _WORTH_TELLING_SECONDS else ""
        found = f" [dim]{step.found}[/]" if step.found else ""
        self.console.print(f"[green]✓[/] {doing}{found}{took}", highlight=False)


def print_welcome(console: Console, settings: Settings, ports: Ports, members: list[DemoMember]) -> None:
    """Where everything is, whom to be, and how to go on."""
    number = settings.twilio_phone_number
    console.print(members_table(members))
    console.print(
        f"\n[bold]{settings.coop_name}[/] takes texts and calls at [bold]{number}[/].", highlight=False
    )
    for name, words in (
        ("Simulator", f"[link]{ports.simulator_url}[/link]"),
        ("Service", f"{settings.public_url}/health"),
        ("Text", f'porchlight text --from {members[0].phone} "pay my bill"'),
        ("Call", f"porchlight call --from {members[0].phone}"),
        ("Account", f"porchlight account {members[0].account_number}"),
    ):
        console.print(f"  [dim]{name:<10}[/] {words}", highlight=False, soft_wrap=True)
    console.print("\nStop it with Ctrl-C.")
