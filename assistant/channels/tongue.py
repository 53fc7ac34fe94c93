"""The language and speed in which a session is answered, read after its turn, which may have changed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

from assistant.db import Database
from assistant.dialogue.models import DialogueSession
from assistant.dialogue.turn import Language


@dataclass(frozen=True)
class Tongue:
    """How a session is answered: language, and percent of normal speed on the phone."""

    language: Language
    rate: int = 100


def tongue_of(db: Database, session_id: str) -> Tongue:
    """The session's tongue now; English at normal speed for one that is gone."""
    with db.read() as tx:
        row = tx.execute(
            select(DialogueSession.language, DialogueSession.speech_rate).where(
                DialogueSession.id == session_id
            )
        ).one_or_none()
    return Tongue("en") if row is None else Tongue(cast("Language", row.language), row.speech_rate)
