"""Retention: transcripts, deliveries and proofs go when their time is over; what protects accounts stays."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.dialogue.models import DialogueSession, InboundMessage, TurnRecord
from assistant.identity.models import IdentityClaim, IdentityLimit
from assistant.retention import forget_old
from assistant.settings import Settings


def test_what_is_past_its_time_goes_and_locks_stay(
    db: Database, clock: FixedClock, settings: Settings
) -> None:
    now = clock.now()
    with db.write() as tx:
        tx.add(
            DialogueSession(
                id="session_1",
                channel="sms",
                phone="+17065550111",
                engine_conversation="talk_1",
                started_at=now,
                last_turn_at=now,
            )
        )
        tx.flush()
        tx.add(
            TurnRecord(
                id="turn_1",
                session_id="session_1",
                number=1,
                heard_kind="text",
                heard="hello",
                outcome="answered",
                started_at=now,
                finished_at=now,
            )
        )
        tx.add(InboundMessage(provider_id="SM1", phone="+17065550111", received_at=now))
        tx.add(IdentityClaim(session_id="session_1", account_number="1000000001", at=now))
        tx.add(IdentityLimit(key="code:phone:+17065550111", failed_count=2, window_started_at=now))
        tx.add(IdentityLimit(key="pin:account:1000000001", failed_count=4, window_started_at=now))
    assert forget_old(db, clock, settings) == 0
    clock.advance(timedelta(days=2))
    assert forget_old(db, clock, settings) == 2
    clock.advance(timedelta(days=settings.transcript_days))
    assert forget_old(db, clock, settings) == 2
    with db.read() as tx:
        assert tx.scalars(select(IdentityLimit.key)).all() == ["pin:account:1000000001"]
        assert tx.scalar(select(func.count()).select_from(TurnRecord)) == 0
        assert tx.scalar(select(func.count()).select_from(InboundMessage)) == 0
