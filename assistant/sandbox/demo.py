"""The demo: checks the machine, starts every process on loopback, and stops them all, saying why."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from assistant.adapters.rasa_model import DIALOGS
from assistant.db import sqlite_version
from assistant.errors import Fault
from assistant.sandbox import preflight
from assistant.sandbox.children import ChildDied, Children
from assistant.sandbox.preflight import DemoFailed
from assistant.sandbox.running import AlreadyRunning, demo_settings, holding
from assistant.sandbox.starting import DemoOptions, Starting
from assistant.sandbox.steps import Progress
from assistant.settings import Settings


def run(options: DemoOptions, console: Console) -> int:
    """Run the demo until it is stopped; returns the exit code. Says why it ended, never with a traceback."""
    try:
        with _stopped_by_signals():
            _run(options, Progress(console))
    except KeyboardInterrupt:
        console.print("\nThe demo has stopped; nothing of it runs any more.")
        return 0
    except ChildDied as death:
        console.print(f"\n[red]{escape(death.reason)}[/] Everything else was stopped.")
        if death.tail:
            console.print(
                f"[dim]The end of {escape(str(death.log_path))}:[/]\n{escape(death.tail)}", highlight=False
            )
    except AlreadyRunning:
        console.print(
            f"[red]A demo already runs from {escape(str(options.data_dir))}.[/] "
            "Stop it, or give this one another folder and port: --data-dir other --port 8090"
        )
    except (DemoFailed, Fault) as failure:
        console.print(f"[red]{escape(str(failure))}[/]", highlight=False)
    return 1


def _run(options: DemoOptions, progress: Progress) -> None:
    with progress.step("Checking this machine") as step:
        _require_demo(options)
        preflight.require_sqlite()
        preflight.claim_folder(options.data_dir)
        preflight.require_disk(options.data_dir, DIALOGS / ".venv")
        step.found = f"Python {sys.version.split()[0]}, SQLite {'.'.join(map(str, sqlite_version()))}"
    with holding(options.data_dir), Children(options.data_dir / "logs") as children:
        if options.is_fresh:
            with progress.step("Starting over with an empty data folder"):
                preflight.empty_folder(options.data_dir)
        ports = preflight.choose_ports(options.port)
        settings = demo_settings(options.data_dir, ports)
        Starting(options, ports, settings, children, progress).run()


def _require_demo(options: DemoOptions) -> None:
    settings = Settings(data_dir=options.data_dir)
    if settings.is_production:
        raise DemoFailed("PORCHLIGHT_ENVIRONMENT is `production`: the demo and its sandbox never run there.")
    if options.is_fresh and settings.database_url:
        raise DemoFailed(
            "--fresh empties the demo's data folder only, and PORCHLIGHT_DATABASE_URL points elsewhere. "
            "Unset it, or empty that database yourself."
        )


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal stop the demo just as Ctrl-C does."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    # SIGINT too: a shell that starts us in the background has it ignored.
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
