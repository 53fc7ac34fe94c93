"""Asks the engine: words without what must not be kept, or a structured meaning; says so when it fails."""

from __future__ import annotations

import time
from dataclasses import replace

from assistant.dialogue.engine import DialogueEngine, EngineMessage
from assistant.dialogue.expecting import replies_of
from assistant.dialogue.keeping import words_for_engine
from assistant.dialogue.meaning import Means, Says
from assistant.dialogue.phrasing import phone_number
from assistant.dialogue.running import RunningTurn
from assistant.dialogue.sessions import Sessions
from assistant.dialogue.turn import Expectation, Reply
from assistant.notifications.words import Words
from assistant.settings import Settings

# What the engine's language understanding gets to read of a very long text.
_WORDS_READ = 500


class Asking:
    """Talks to the engine for one turn at a time."""

    def __init__(self, engine: DialogueEngine, sessions: Sessions, words: Words, settings: Settings) -> None:
        self._engine = engine
        self._sessions = sessions
        self._words = words
        self._settings = settings

    def ask(self, turn: RunningTurn, meaning: Says | Means) -> list[Reply]:
        """The engine's replies. Raises EngineUnavailable, ValueError for a reply that makes no sense."""
        session = turn.session
        metadata = {
            "session_id": session.id,
            "turn_id": turn.id,
            "language": session.language,
            "channel": session.channel,
            "phone": session.phone,
            "facts": meaning.facts,
        }
        message = EngineMessage(
            session.engine_conversation, session.channel, metadata=metadata, is_long=session.is_long
        )
        if isinstance(meaning, Says):
            words = words_for_engine(meaning.text, turn.expect, session.language, self._settings.pin_length)
            message = replace(message, text=words[:_WORDS_READ])
        else:
            message = replace(message, intent=meaning.intent, entities=meaning.entities)
        if isinstance(meaning, Means) and meaning.intent == "human_agent":
            turn.is_person_offered = True
        started = time.monotonic()
        try:
            answers = self._engine.respond(message)
            turn.is_missed = any(answer.custom.get("missed") for answer in answers)
            return replies_of(answers)
        finally:
            turn.engine_ms += round((time.monotonic() - started) * 1000)

    def apologise(self, turn: RunningTurn) -> list[Reply]:
        """The engine failed: say so, forget its conversation, and keep a way to a person open."""
        turn.outcome = "failed"
        self._sessions.start_engine_afresh(turn.session.id)
        office = phone_number(self._settings.office_phone, turn.session.channel)
        text = self._words.text("trouble", turn.session.language, office_phone=office)
        return [Reply(text, Expectation("transfer" if turn.session.channel == "voice" else "open"))]
