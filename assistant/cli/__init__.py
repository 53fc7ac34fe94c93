"""The `porchlight` command. A subcommand's module is loaded when asked for, so a text starts at once."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# In the order of the help page.
MODULE_OF = {
    "demo": "running",
    "text": "phone",
    "call": "phone",
    "members": "office",
    "account": "office",
    "refund": "money",
    "reviews": "reviews",
    "payments": "payments",
    "serve": "running",
    "worker": "running",
    "jobs": "jobs",
    "check": "office",
    "migrate": "office",
    "import": "office",
    "letters": "letters",
    "train": "running",
}


class LazyGroup(TyperGroup):
    """Finds a subcommand in its module."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(MODULE_OF)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        if cmd_name not in MODULE_OF:
            return None
        module = importlib.import_module(f"{__name__}.{MODULE_OF[cmd_name]}")
        group = typer.main.get_group(module.commands)
        found = group.get_command(ctx, cmd_name)
        return found if isinstance(found, TyperCommand | TyperGroup) else None


app = typer.Typer(
    cls=LazyGroup,
    help="Porchlight: members of a co-op pay the power bill by text or phone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def porchlight() -> None:
    """Porchlight: members of a co-op pay the power bill by text or phone."""
