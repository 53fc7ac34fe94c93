"""Retention: transcripts, deliveries and one-time codes are kept as long as they are of use, then deleted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_

from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.dialogue.models import InboundMessage, TurnRecord
from assistant.identity.models import EnrollmentTicket, IdentityClaim, IdentityLimit, OneTimeCode
from assistant.settings import Settings

# The carrier repeats a delivery within hours, not days.
_DELIVERIES_KEPT = timedelta(days=7)
_PROOFS_KEPT = timedelta(days=1)


def forget_old(db: Database, clock: Clock, settings: Settings) -> int:
    """Delete what is past its time; returns how many rows went."""
    now = clock.now()
    with db.write() as tx:
        return sum(
            rows_changed(tx.execute(statement))
            for statement in (
                delete(TurnRecord).where(
                    TurnRecord.finished_at < now - timedelta(days=settings.transcript_days)
                ),
                delete(InboundMessage).where(InboundMessage.received_at < now - _DELIVERIES_KEPT),
                delete(OneTimeCode).where(OneTimeCode.expires_at < now - _PROOFS_KEPT),
                delete(EnrollmentTicket).where(EnrollmentTicket.expires_at < now - _PROOFS_KEPT),
                delete(IdentityClaim).where(IdentityClaim.at < now - _PROOFS_KEPT),
                # A lock that only a person lifts stays; a count whose window is long over means nothing.
                delete(IdentityLimit).where(
                    IdentityLimit.window_started_at < now - _PROOFS_KEPT,
                    ~IdentityLimit.needs_agent,
                    or_(IdentityLimit.locked_until.is_(None), IdentityLimit.locked_until < now),
                    IdentityLimit.key.not_like("pin:account:%"),
                ),
            )
        )
