"""`porchlight text` and `porchlight call`: be a member of the running demo from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import phonenumbers
import typer

from assistant.cli.common import DataDir, new_group, out, sandbox_settings_of, told
from assistant.errors import Fault
from assistant.sandbox import terminal
from assistant.sandbox.handset import Handset
from assistant.sandbox.running import find_running

commands = new_group()
FromPhone = Annotated[str, typer.Option("--from", help="The member's phone, e.g. +17065550111.")]


@commands.command()
@told
def text(
    from_phone: FromPhone,
    words: Annotated[list[str] | None, typer.Argument(help="The text; none means back and forth.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Text the demo's co-op and print the reply."""
    with _handset(from_phone, data_dir) as handset:
        if not words:
            terminal.text_on(handset, out)
        elif not terminal.text_once(handset, " ".join(words), out):
            raise Fault("No answer came.")


@commands.command()
@told
def call(
    from_phone: FromPhone,
    keys: Annotated[
        str, typer.Option(help='Entries with commas between, e.g. "1,1000000001#,say yes,silence".')
    ] = "",
    data_dir: DataDir = None,
) -> None:
    """Call the demo's co-op: see what is said, answer with keys, `say words`, `silence` or `hangup`."""
    with _handset(from_phone, data_dir) as handset:
        if not keys:
            terminal.call_on(handset, out)
            return
        try:
            terminal.call_scripted(handset, keys, out)
        except ValueError as wrong:
            raise Fault(f"“{wrong}” is not an entry. {terminal.HELP}") from wrong


def _handset(phone: str, data_dir: Path | None) -> Handset:
    settings = sandbox_settings_of(data_dir)
    running = find_running(settings.data_dir)
    if running is None:
        raise Fault(
            f"No demo runs from {settings.data_dir}. Start it with `porchlight demo`, "
            "or give the --data-dir of one that runs."
        )
    return Handset(running.phone_network_url, _e164(phone))


def _e164(phone: str) -> str:
    try:
        number = phonenumbers.parse(phone, "US")
    except phonenumbers.NumberParseException:
        raise Fault(f"{phone} is not a phone number such as +17065550111.") from None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
