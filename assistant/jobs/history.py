"""What jobs did, do and will do, read from the engine's tables; and doing a failed one again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

from dbos import WorkflowStatus
from sqlalchemy import delete, inspect

from assistant.db import Database
from assistant.jobs.engine import client_on, engine_for
from assistant.jobs.models import JobClaim

JobState = Literal["queued", "running", "done", "waits", "failed", "canceled"]

_STATES: dict[str, JobState] = {
    "ENQUEUED": "queued",
    "DELAYED": "queued",
    "PENDING": "running",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "canceled",
}
_STATUSES: dict[JobState, list[str]] = {
    state: [status for status, its in _STATES.items() if its == state]
    for state in ("queued", "running", "failed", "canceled")
}


@dataclass(frozen=True)
class Job:
    """One job. `key` is the id of what it works on; `error` names an error's type and place, no values."""

    id: str
    kind: str
    key: str
    state: JobState
    queued_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    worker: str
    error: str


@dataclass(frozen=True)
class CronView:
    """Work that comes by the clock; `expression` as in cron, local time."""

    kind: str
    expression: str
    last_run_at: datetime | None


class JobHistory:
    """Opens a small pool of its own; use it in a `with` block."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._engine = engine_for(db, pool_size=2)

    def __enter__(self) -> JobHistory:
        schema = None if self._db.is_sqlite else "dbos"
        self.exists = inspect(self._engine).has_table("workflow_status", schema=schema)
        self._client = client_on(self._engine)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.destroy()
        self._engine.dispose()

    def newest(self, limit: int, state: JobState | None = None) -> list[Job]:
        """The jobs queued last, newest first."""
        statuses = None if state is None else _STATUSES.get(state, ["SUCCESS"])
        found = [_job(row) for row in self._list(limit=limit, sort_desc=True, status=statuses)]
        return [job for job in found if state is None or job.state == state]

    def get(self, job_id: str) -> Job | None:
        """One job by its id."""
        return next((_job(row) for row in self._list(workflow_ids=[job_id])), None)

    def about(self, kinds: list[str], key: str, limit: int = 20) -> list[Job]:
        """The jobs that worked on a thing, newest first."""
        prefixes = [f"{kind}:{key}:" for kind in kinds]
        return [_job(row) for row in self._list(workflow_id_prefix=prefixes, limit=limit, sort_desc=True)]

    def crons(self) -> list[CronView]:
        """The work that comes by the clock."""
        return [
            CronView(
                row["schedule_name"],
                row["schedule"],
                datetime.fromisoformat(row["last_fired_at"]) if row["last_fired_at"] else None,
            )
            for row in self._client.list_schedules()
        ]

    def do_again(self, job_id: str) -> str:
        """Queue the same work as a new job, whose id is returned. Its rows still guard themselves."""
        [row] = self._list(workflow_ids=[job_id], load_input=True)
        kind, key = _kind_and_key(row)
        new_id = f"{job_id.rsplit(':', 1)[0]}:{secrets.token_hex(4)}"
        with self._db.write() as tx:
            tx.execute(delete(JobClaim).where(JobClaim.kind == kind, JobClaim.key == key))
            self._client.enqueue_in_transaction(
                tx,
                {"workflow_name": row.name, "queue_name": str(row.queue_name), "workflow_id": new_id},
                *(row.input or {"args": []})["args"],
            )
        return new_id

    def _list(self, **filters: Any) -> list[WorkflowStatus]:
        return self._client.list_workflows(**{"load_input": False, "load_output": True, **filters})


def _job(row: WorkflowStatus) -> Job:
    kind, key = _kind_and_key(row)
    done: JobState = "waits" if row.output == "waits" else "done"
    return Job(
        id=row.workflow_id,
        kind=kind,
        key=key,
        state=_STATES.get(row.status, done),
        queued_at=_instant(row.created_at) or datetime.now(UTC),
        began_at=_instant(row.dequeued_at),
        ended_at=_instant(row.completed_at),
        worker=row.executor_id or "",
        error="" if row.error is None else str(row.error),
    )


def _kind_and_key(row: WorkflowStatus) -> tuple[str, str]:
    """Jobs by the clock are named by the engine (`sched-…`); ours are `kind:key:…`."""
    parts = row.workflow_id.split(":")
    return (row.name, parts[1]) if parts[0] == row.name and len(parts) == 3 else (row.name, "")


def _instant(epoch_ms: int | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)
