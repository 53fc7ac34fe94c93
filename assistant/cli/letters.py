"""`porchlight letters list|print`: what members asked to be mailed, and the pages to put into envelopes."""

from __future__ import annotations

import getpass
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from assistant.adapters.letter_pdf import write_letter
from assistant.billing.letters import Letters, LetterView
from assistant.cli.common import DataDir, new_group, out, settings_of, told
from assistant.cli.database import open_database
from assistant.clock import SystemClock
from assistant.settings import Settings

commands = new_group()


class Deed(StrEnum):
    """What to do with the letters that wait."""

    LIST = "list"
    PRINT = "print"


@commands.command()
@told
def letters(
    deed: Annotated[Deed, typer.Argument(help="`list` what waits, or `print` it.")],
    to: Annotated[Path, typer.Option(help="The folder that the PDF files are written to.")] = Path(),
    data_dir: DataDir = None,
) -> None:
    """List or print the letters that members asked for."""
    settings = settings_of(data_dir)
    db = open_database(settings)
    service = Letters(db, SystemClock(settings.coop_zone))
    waiting = service.queued()
    count = 0
    if deed is Deed.PRINT and waiting:
        to.mkdir(parents=True, exist_ok=True)
        count = sum(_print(letter, service, settings, to) for letter in waiting)
    db.close()
    out.print(_table(waiting) if waiting else "No letter waits.")
    if deed is Deed.PRINT and waiting:
        out.print(f"Written to {to}: {count}", highlight=False, soft_wrap=True)


def _print(letter: LetterView, service: Letters, settings: Settings, to: Path) -> bool:
    """Write one letter's page; False when another clerk printed it meanwhile: it is posted once.

    Marked one by one, and only what is written in full: a crash loses no letter.
    """
    with tempfile.TemporaryDirectory(prefix=".printing-", dir=to) as folder:
        page = Path(folder) / f"{letter.id}.pdf"
        write_letter(letter, settings, page)
        if service.mark_printed([letter.id], by=f"office:{getpass.getuser()}") != 1:
            return False
        page.replace(to / page.name)
    return True


def _table(waiting: list[LetterView]) -> Table:
    table = Table("Asked", "Kind", box=SIMPLE_HEAD)
    for heading in ("To", "Post by"):
        table.add_column(heading, no_wrap=True)
    for letter in waiting:
        table.add_row(
            f"{letter.asked_at:%Y-%m-%d}",
            f"{letter.kind.replace('_', ' ')} ({letter.language})",
            escape(letter.name),
            letter.goes_by.isoformat(),
        )
    return table
