"""`porchlight jobs`: what the workers did, do and will do, and doing a failed job again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.table import Table

from assistant.cli.common import AsJson, DataDir, new_group, out, settings_of, told
from assistant.cli.database import open_database
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.errors import Fault
from assistant.job_report import explain as report
from assistant.jobs.history import Job, JobHistory

commands = new_group()
jobs = new_group()
commands.add_typer(jobs, name="jobs", help="What the workers did, do and will do; do a failed job again.")

State = Annotated[
    Literal["queued", "running", "done", "waits", "failed", "canceled"] | None,
    typer.Option("--state", help="Only jobs in this state."),
]


@jobs.command("list")
@told
def list_(
    state: State = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    with _history(data_dir) as (_, clock, history):
        _require_worker_once(history)
        found = history.newest(limit, state)
    if as_json:
        typer.echo(json.dumps([asdict(job) for job in found], indent=2, default=str))
    elif not found:
        out.print("There are no such jobs.")
    else:
        out.print(_table(found, clock))


@jobs.command()
@told
def explain(name: str, data_dir: DataDir = None) -> None:
    """Say in plain words what became of a job, a payment (confirmation number), or a kind of work."""
    with _history(data_dir) as (db, clock, history):
        lines = report(db, clock, history, name)
    if not lines:
        raise Fault(f"There is no job, payment or kind of work called {name}.")
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


@jobs.command()
@told
def retry(job_id: str, data_dir: DataDir = None) -> None:
    """Do a failed or canceled job again now. The work's own rows still decide whether it may be done."""
    with _history(data_dir) as (_, _clock, history):
        _require_worker_once(history)
        job = history.get(job_id)
        if job is None:
            raise Fault(f"There is no job {job_id}. See `porchlight jobs list --state failed`.")
        if job.state not in ("failed", "canceled", "waits"):
            raise Fault(f"Job {job_id} is {job.state}: there is nothing to do again.")
        new_id = history.do_again(job_id)
    out.print(f"Queued as {new_id}", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _history(data_dir: DataDir) -> Iterator[tuple[Database, SystemClock, JobHistory]]:
    settings = settings_of(data_dir)
    db = open_database(settings)
    try:
        with JobHistory(db) as history:
            yield db, SystemClock(settings.coop_zone), history
    finally:
        db.close()


def _require_worker_once(history: JobHistory) -> None:
    if not history.exists:
        raise Fault("No worker has run on this database yet. Start one with `porchlight worker`.")


def _table(found: list[Job], clock: SystemClock) -> Table:
    table = Table("Queued", "State", "Job", "Worker", "Why it failed")
    for job in found:
        queued = job.queued_at.astimezone(clock.zone).strftime("%m-%d %H:%M:%S")
        table.add_row(queued, job.state, job.id, job.worker, job.error)
    return table
