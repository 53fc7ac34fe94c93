"""`porchlight demo`, `serve`, `worker` and `train`: what runs the product."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.adapters.rasa_process import ensure_model
from assistant.cli.common import DataDir, new_group, out, told
from assistant.sandbox.demo import run as run_demo
from assistant.sandbox.starting import DemoOptions
from assistant.serve import serve as run_service
from assistant.settings import Settings
from assistant.worker import run as run_worker

commands = new_group()


@commands.command()
@told
def demo(
    port: Annotated[int, typer.Option(help="Port of the service; 0 means any.", min=0, max=65535)] = 8080,
    data_dir: DataDir = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over with an empty demo.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the simulator.")] = False,
) -> None:
    """Run the whole product with a fictional co-op, on this machine only."""
    folder = (data_dir or Settings().data_dir).absolute()
    raise typer.Exit(run_demo(DemoOptions(port, folder, fresh, not no_browser), out))


@commands.command()
@told
def serve() -> None:
    """Serve the public and the internal listener."""
    run_service(Settings())


@commands.command()
@told
def worker() -> None:
    """Make payments on their day, send what waits, look up unknown payments, and clean up."""
    run_worker(Settings())


@commands.command()
@told
def train(data_dir: DataDir = None) -> None:
    """Train the dialogue model if dialogs or words have changed."""
    folder = data_dir or Settings().data_dir
    with out.status("Training takes up to two minutes …"):
        model = ensure_model(folder)
    out.print(f"The model is {model}", highlight=False, soft_wrap=True)
