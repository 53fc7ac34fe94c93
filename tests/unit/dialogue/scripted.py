"""A whole application whose engine answers by script: for what the service does around the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select

from assistant.app import Application
from assistant.clock import FixedClock
from assistant.dialogue.engine import EngineMessage, EngineReply, Reading
from assistant.dialogue.models import TurnRecord
from assistant.dialogue.turn import Heard
from tests.factories import MadeAccount

PHONE = "+17065550111"


@dataclass
class ScriptedEngine:
    """Answers with the next of `script`; keeps every message it was sent."""

    script: list[list[EngineReply] | Exception] = field(default_factory=list)
    heard: list[EngineMessage] = field(default_factory=list)
    during: Callable[[], None] = lambda: None
    # What it takes some words for; all others are not understood.
    means: dict[str, str] = field(default_factory=dict)

    def respond(self, message: EngineMessage) -> list[EngineReply]:
        self.heard.append(message)
        self.during()
        answer = self.script.pop(0) if self.script else [EngineReply("Hello.")]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def readings(self, texts: list[str]) -> list[Reading]:
        return [
            Reading(self.means[text], 0.9) if text in self.means else Reading("nlu_fallback", 0.02)
            for text in texts
        ]

    def is_ready(self) -> bool:
        return True


@dataclass
class Line:
    """An application with a scripted engine and one member."""

    app: Application
    engine: ScriptedEngine
    clock: FixedClock
    account: MadeAccount

    def text(self, words: str) -> str:
        session = self.app.conversation.open_text_session(PHONE)
        return "\n".join(r.text for r in self.app.conversation.take(session.id, Heard("text", words)))

    def expect(self, **custom: object) -> None:
        self.engine.script.append([EngineReply("Question?", (), dict(custom))])

    def transcript(self) -> list[TurnRecord]:
        with self.app.db.read() as tx:
            return list(tx.scalars(select(TurnRecord).order_by(TurnRecord.number)))
