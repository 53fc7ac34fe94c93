"""What every subcommand shares: options, the settings of a running demo, and errors told as sentences."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from assistant.errors import Fault, ImportRejected, UnsafeConfiguration
from assistant.sandbox.handset import NetworkGone
from assistant.sandbox.running import demo_settings, find_running
from assistant.settings import Settings

out = Console()
err = Console(stderr=True)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="The data folder (default: PORCHLIGHT_DATA_DIR).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def new_group() -> typer.Typer:
    """A group of subcommands; a module of this package has one, called `commands`."""
    return typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what can go wrong into a sentence on stderr and exit code 1."""

    @functools.wraps(command)
    def careful(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except ValidationError as error:
            for problem in error.errors():
                # Never the value: it may be a secret.
                _say(f"{'PORCHLIGHT_' + '_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}")
        except UnsafeConfiguration as unsafe:
            _say("These settings must not run in production:")
            for reason in unsafe.reasons:
                _say(f"- {reason}")
        except ImportRejected as rejected:
            _say(f"{rejected.file_name} was not imported; nothing of it was changed:")
            for row, column, wrong in rejected.problems:
                _say(f"- row {row}, {column}: {wrong}")
        except (Fault, NetworkGone) as fault:
            _say(str(fault))
        else:
            return
        raise typer.Exit(1)

    return careful


def settings_of(data_dir: Path | None) -> Settings:
    """The settings, or those of the demo that runs from the data folder."""
    settings = Settings() if data_dir is None else Settings(data_dir=data_dir)
    running = None if settings.is_production else find_running(settings.data_dir)
    return settings if running is None else demo_settings(settings.data_dir, running)


def sandbox_settings_of(data_dir: Path | None) -> Settings:
    """The same for commands of the sandbox. Raises Fault in production."""
    settings = settings_of(data_dir)
    if settings.is_production:
        raise Fault("This command belongs to the sandbox, which never runs in production.")
    return settings


def _say(words: str) -> None:
    err.print(words, style="red", markup=False, highlight=False, soft_wrap=True)
