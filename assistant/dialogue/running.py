"""The running turn: what came in, and what is known of it so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assistant.dialogue.sessions import OpenSession
from assistant.dialogue.turn import Expectation, Heard, Wish


@dataclass
class RunningTurn:
    """One turn between hearing and answering. `session` changes with it, e.g. its language."""

    id: str
    session: OpenSession
    heard: Heard
    came_at: datetime
    outcome: str = "answered"
    engine_ms: int = 0
    # Turns in a row that led nowhere, this one included.
    misses: int = 0
    is_missed: bool = False
    is_patient: bool = False
    is_person_offered: bool = False
    # What was asked for beside what is being done.
    also_wanted: tuple[Wish, ...] = ()

    @property
    def expect(self) -> Expectation:
        """What the last reply asked for."""
        return self.session.expectation
