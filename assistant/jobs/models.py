"""Tables of the workers: who is alive, and which piece of work is in a job's hands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base


class Worker(Base):
    """A worker process by its stable name. One that has not beaten for long is taken for dead."""

    __tablename__ = "workers"
    __table_args__ = ({"sqlite_strict": True},)

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    # Tells this process from an earlier one of the same name.
    boot_id: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class JobClaim(Base):
    """A piece of work that a job has in hand, or that must rest, until a time.

    Claims only keep two jobs from the same work at the same time; whether the work may be done is decided
    by the guards of the rows themselves.
    """

    __tablename__ = "job_claims"
    __table_args__ = (Index("ix_job_claims_until", "until"), {"sqlite_strict": True})

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    until: Mapped[datetime]
    # Empty while the work rests: it was tried and has to wait.
    job_id: Mapped[str | None] = mapped_column(String(160))
