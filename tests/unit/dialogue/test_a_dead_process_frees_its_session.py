"""A process that died in the middle of a turn holds the session until its lease is over, and no longer."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import update

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.dialogue.models import DialogueSession
from assistant.dialogue.sessions import LEASE, SessionBusy, Sessions
from assistant.settings import Settings


def test_who_writes_again_waits_for_the_dead_process_and_gets_a_turn(
    db: Database, clock: FixedClock, settings: Settings
) -> None:
    sessions = Sessions(db, clock, settings)
    view = sessions.open_text("+17065550111")
    with db.write() as tx:
        tx.execute(update(DialogueSession).values(lease_owner="dead", lease_until=clock.now() + LEASE))
    later = threading.Timer(0.3, clock.advance, [LEASE + timedelta(seconds=1)])
    later.start()
    with sessions.turn(view.id, wait_seconds=0.1) as held:
        assert held.session.id == view.id
    later.join()


def test_a_turn_in_this_process_is_waited_for_only_so_long(
    db: Database, clock: FixedClock, settings: Settings
) -> None:
    sessions = Sessions(db, clock, settings)
    view = sessions.open_text("+17065550111")
    outcomes: list[str] = []

    def take_another() -> None:
        try:
            with sessions.turn(view.id, wait_seconds=0.1):
                outcomes.append("a turn")
        except SessionBusy:
            outcomes.append("busy")

    with sessions.turn(view.id, wait_seconds=1):
        other = threading.Thread(target=take_another)
        other.start()
        other.join()
    assert outcomes == ["busy"]
