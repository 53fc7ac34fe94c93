"""What became of a piece of work, in plain words: for `porchlight jobs`. Ids and amounts, no secret."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database
from assistant.jobs.crons import next_run
from assistant.jobs.history import CronView, Job, JobHistory
from assistant.jobs.models import JobClaim
from assistant.money import written
from assistant.payments.models import Payment, ProcessorEvent
from assistant.payments.scheduling_models import AutopayDraft, ScheduledPayment

# What a job of each kind is there for.
PURPOSES = {
    "scheduled_payment": "makes a scheduled payment on its day",
    "autopay_draft": "makes an autopay payment on its day",
    "payment_lookup": "asks the processor how a payment ended that we did not hear of",
    "processor_event": "acts on news from the processor",
    "refund_or_dispute": "finishes a refund, or reads again where a refund or dispute stands",
    "autopay_notices": "tells members of autopay payments that are coming, and plans them",
    "retention": "forgets old transcripts, codes and job history",
}
_OUTCOMES = {
    "queued": "It waits in the queue and begins within seconds while a worker runs.",
    "running": "It is being done now. If its worker dies, another one takes it up.",
    "done": "It did its work.",
    "waits": "It found that it had to wait, or that there was nothing left to do. If the work is still due, "
    "a new job follows within minutes.",
    "canceled": "It was canceled and did nothing.",
}
_FAILED = (
    "It failed ({error}). Nothing is lost: the work is still due by its own row, a worker tries it again "
    "within minutes, and `porchlight jobs retry {id}` tries it now."
)


def explain(db: Database, clock: Clock, history: JobHistory, name: str) -> list[str]:
    """Sentences about a job id, a confirmation number, an id of ours, or a kind of work; empty: unknown."""
    job = history.get(name) if history.exists else None
    if job is not None:
        return [*_about_job(job, clock.zone), *(_about_key(db, clock, job.key) if job.key else [])]
    if name in PURPOSES:
        return _about_kind(name, history.crons() if history.exists else [], clock)
    with db.read() as tx:
        keys = _keys_of(tx, name)
    lines = [line for key in keys for line in _about_key(db, clock, key)]
    jobs = [job for key in keys for job in history.about(list(PURPOSES), key)] if history.exists else []
    return lines + [line for job in jobs for line in _about_job(job, clock.zone)]


def _about_job(job: Job, zone: ZoneInfo) -> list[str]:
    purpose = PURPOSES.get(job.kind, "is of a kind that this version does not know")
    times = [f"queued {_local(job.queued_at, zone)}"]
    times += [f"begun {_local(job.began_at, zone)} by {job.worker}"] if job.began_at else []
    times += [f"ended {_local(job.ended_at, zone)}"] if job.ended_at else []
    outcome = _OUTCOMES.get(job.state) or _FAILED.format(error=job.error, id=job.id)
    return [f"Job {job.id} {purpose}: {', '.join(times)}.", outcome]


def _about_kind(kind: str, crons: list[CronView], clock: Clock) -> list[str]:
    lines = [f"A job of the kind {kind} {PURPOSES[kind]}."]
    for cron in (cron for cron in crons if cron.kind == kind):
        upcoming = next_run(cron.expression, clock.now(), clock.zone)
        lines.append(f"It runs next {_local(upcoming, clock.zone)}; a time that is missed is made up for.")
        if cron.last_run_at:
            lines.append(f"It ran last {_local(cron.last_run_at, clock.zone)}.")
    if len(lines) == 1:
        lines.append("It is queued when a row says that it is due; there is one job for each piece of work.")
    return lines


def _keys_of(tx: Session, name: str) -> list[str]:
    """The ids that jobs about a payment work on: the payment's own, and those of what it was set for."""
    payment = tx.scalar(select(Payment).where((Payment.confirmation_number == name) | (Payment.id == name)))
    if payment is not None:
        keys = (payment.id, payment.scheduled_id, payment.autopay_draft_id)
        return [key for key in keys if key is not None]
    scheduled = tx.scalar(select(ScheduledPayment.id).where(ScheduledPayment.confirmation_number == name))
    if scheduled is not None:
        return [scheduled]
    tables = (ScheduledPayment, AutopayDraft, ProcessorEvent)
    return [name] if any(tx.get(table, name) is not None for table in tables) else []


def _about_key(db: Database, clock: Clock, key: str) -> list[str]:
    with db.read() as tx:
        lines = [
            line for about in (_payment, _scheduled, _draft, _event) for line in about(tx, key, clock.zone)
        ]
        claims = tx.scalars(select(JobClaim).where(JobClaim.key == key, JobClaim.until > clock.now())).all()
    for claim in claims:
        until = _local(claim.until, clock.zone)
        lines.append(
            f"It is in the hands of job {claim.job_id}, or of the sweeper from {until} on."
            if claim.job_id
            else f"It was tried and has to wait; it is tried again from {until} on."
        )
    return lines


def _payment(tx: Session, key: str, zone: ZoneInfo) -> list[str]:
    row = tx.get(Payment, key)
    if row is None:
        return []
    amount = written(row.amount_cents + row.fee_cents)
    lines = [f"Payment {row.confirmation_number} of {amount} is {row.state}."]
    if row.decline_code:
        lines.append(f"The bank's reason: {row.decline_code}.")
    if row.next_lookup_at is not None:
        due = _local(row.next_lookup_at, zone)
        lines.append(f"It was looked up {row.lookup_count} times; the next lookup is due {due}.")
    return lines


def _scheduled(tx: Session, key: str, zone: ZoneInfo) -> list[str]:
    row = tx.get(ScheduledPayment, key)
    if row is None:
        return []
    why = f" ({row.reason})" if row.reason else ""
    amount = written(row.amount_cents + row.fee_cents)
    return [
        f"Scheduled payment {row.confirmation_number} of {amount} is {row.state}{why}; "
        f"it is due {_local(row.draft_at, zone)}."
    ]


def _draft(tx: Session, key: str, zone: ZoneInfo) -> list[str]:
    row = tx.get(AutopayDraft, key)
    if row is None:
        return []
    why = f" ({row.reason})" if row.reason else ""
    amount = written(row.planned_cents)
    return [
        f"Autopay draft {row.id} of {amount} is {row.state}{why} after {row.try_count} tries; "
        f"it is due {_local(row.draft_at, zone)}."
    ]


def _event(tx: Session, key: str, zone: ZoneInfo) -> list[str]:
    row = tx.get(ProcessorEvent, key)
    if row is None:
        return []
    handled = f"was handled {_local(row.handled_at, zone)}" if row.handled_at else "is not handled yet"
    return [f"Event {row.id} ({row.kind}) came {_local(row.received_at, zone)} and {handled}."]


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
