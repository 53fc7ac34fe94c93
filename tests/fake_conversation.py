"""A conversation in memory for tests of the channels: real sessions, scripted replies."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select, update

from assistant.clock import Clock
from assistant.db import Database
from assistant.dialogue.expecting import joined_expectation, to_json
from assistant.dialogue.models import DialogueSession, TurnRecord
from assistant.dialogue.sessions import Sessions
from assistant.dialogue.turn import Expectation, Heard, Reply, SessionView
from assistant.ids import new_id
from assistant.settings import Settings

Answering = Callable[[Heard], list[Reply]]


class FakeConversation:
    """Has the methods of Conversation that channels call. `answers` are used one a turn, then echoes."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self.sessions = Sessions(db, clock, settings)
        self.heard: list[Heard] = []
        self.answers: list[Answering | list[Reply]] = []
        self.told_sessions: list[str] = []
        self.ended: list[tuple[str, str]] = []
        self.resumes: list[str] = []
        self._db = db
        self._clock = clock

    def open_text_session(self, phone: str) -> SessionView:
        return self.sessions.open_text(phone)

    def open_call(self, call_id: str, phone: str, resume: str = "") -> SessionView:
        self.resumes.append(resume)
        return self.sessions.open_call(call_id, phone)

    def find_call(self, call_id: str) -> SessionView | None:
        return self.sessions.find_call(call_id)

    def take(self, session_id: str, heard: Heard) -> list[Reply]:
        with self.sessions.turn(session_id, 5):
            self.heard.append(heard)
            answer = self.answers.pop(0) if self.answers else echo
            replies = answer(heard) if callable(answer) else answer
            self._keep(session_id, heard, replies)
        return replies

    def end(self, session_id: str, reason: str) -> None:
        self.ended.append((session_id, reason))

    def told(self, session_id: str) -> None:
        self.told_sessions.append(session_id)

    def expect(self, session_id: str, expect: Expectation) -> None:
        """Put a question to a session, as if it had been asked."""
        with self._db.write() as tx:
            tx.execute(
                update(DialogueSession)
                .where(DialogueSession.id == session_id)
                .values(expectation=to_json(expect))
            )

    def _keep(self, session_id: str, heard: Heard, replies: list[Reply]) -> None:
        now = self._clock.now()
        with self._db.write() as tx:
            count = tx.scalar(select(func.count()).where(TurnRecord.session_id == session_id)) or 0
            tx.add(
                TurnRecord(
                    id=new_id("turn"),
                    session_id=session_id,
                    number=count + 1,
                    heard_kind=heard.kind,
                    heard=heard.text,
                    replies=[reply.text for reply in replies],
                    outcome="answered",
                    started_at=now,
                    finished_at=now,
                )
            )
            if replies:
                tx.execute(
                    update(DialogueSession)
                    .where(DialogueSession.id == session_id)
                    .values(expectation=to_json(joined_expectation(replies)))
                )


def echo(heard: Heard) -> list[Reply]:
    """Say what was heard."""
    return [Reply(f"You said {heard.kind}: {heard.text}" if heard.text else f"That was {heard.kind}")]
