"""Claims: which piece of work is in a job's hands. One guarded statement per page decides."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database, insert_once, pages, rows_changed
from assistant.jobs.models import JobClaim

# A job that has not reported in this time is not trusted with the work a second time. Far above what a full
# queue takes, because the sweeper that steps in keeps to no rate.
LEASE = timedelta(minutes=15)
# After a job the work rests this long, whether it is done or had to wait for another payment.
REST = timedelta(minutes=1)


@dataclass(frozen=True)
class Taken:
    """What became of a page: `fresh` goes to a job, `lapsed` was a job's and never came back."""

    fresh: list[str]
    lapsed: list[str]


class Claims:
    """Takes work into hand and gives it free again."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._reported: deque[tuple[str, str]] = deque()
        self._writing = threading.Lock()

    def take(self, tx: Session, kind: str, job_ids: Mapping[str, str]) -> Taken:
        """Claim work for jobs (`key` -> new job id) in the caller's transaction; others hold the rest."""
        now = self._clock.now()
        keys = list(job_ids)
        mine = (JobClaim.kind == kind) & JobClaim.key.in_(keys)
        tx.execute(delete(JobClaim).where(mine, JobClaim.until <= now, JobClaim.job_id.is_(None)))
        lapsed = tx.scalars(
            update(JobClaim)
            .where(mine, JobClaim.until <= now)
            .values(until=now + LEASE)
            .returning(JobClaim.key)
            .execution_options(synchronize_session=False)
        ).all()
        rows = [{"kind": kind, "key": key, "until": now + LEASE, "job_id": job_ids[key]} for key in keys]
        insert_once(tx, JobClaim, rows)
        ours = tx.scalars(select(JobClaim.key).where(mine, JobClaim.job_id.in_(list(job_ids.values()))))
        return Taken(list(ours), list(lapsed))

    def count_in_hand(self, kind: str) -> int:
        """How many pieces of work jobs have in hand now."""
        is_held = JobClaim.job_id.is_not(None) & (JobClaim.until > self._clock.now())
        with self._db.read() as tx:
            return int(tx.scalar(select(func.count()).where(JobClaim.kind == kind, is_held)) or 0)

    def held_by_jobs(self) -> list[str]:
        """The ids of the jobs that have work in hand now."""
        is_held = JobClaim.job_id.is_not(None) & (JobClaim.until > self._clock.now())
        with self._db.read() as tx:
            return [str(job_id) for job_id in tx.scalars(select(JobClaim.job_id).where(is_held))]

    def let_lapse(self, job_ids: list[str]) -> int:
        """Trust these jobs no longer: their work lapses at once. Returns how many pieces."""
        now, count = self._clock.now(), 0
        for page in pages(job_ids):
            lost = JobClaim.job_id.in_(page) & (JobClaim.until > now)
            with self._db.write() as tx:
                count += rows_changed(tx.execute(update(JobClaim).where(lost).values(until=now)))
        return count

    def finish(self, kind: str, key: str) -> None:
        """The job has reported: the work rests, so that who listed it as due before does not repeat it.

        Reports that come while another is being written go out together, in one commit. It is written when
        this returns.
        """
        self._reported.append((kind, key))
        with self._writing:
            together = []
            while self._reported:
                together.append(self._reported.popleft())
            try:
                if together:
                    self._rest(together)
            except Exception:
                # The others of this commit wait for the lock: the next of them writes it.
                self._reported.extend(one for one in together if one != (kind, key))
                raise

    def _rest(self, done: list[tuple[str, str]]) -> None:
        rest = {"until": self._clock.now() + REST, "job_id": None}
        with self._db.write() as tx:
            for kind in {kind for kind, _ in done}:
                keys = [key for its_kind, key in done if its_kind == kind]
                tx.execute(update(JobClaim).where(JobClaim.kind == kind, JobClaim.key.in_(keys)).values(rest))

    def forget_lapsed(self) -> int:
        """Delete claims that nobody came back for in a day; returns how many."""
        with self._db.write() as tx:
            gone = tx.execute(delete(JobClaim).where(JobClaim.until < self._clock.now() - timedelta(days=1)))
            return rows_changed(gone)
