"""What the channels ask of the dialogue: `assistant.dialogue.conversation.Conversation` fills this."""

from __future__ import annotations

from typing import Protocol

from assistant.dialogue.turn import Heard, Reply, SessionView


class TakesTurns(Protocol):
    def open_text_session(self, phone: str) -> SessionView:
        """The running session of a texting phone, or a new one."""
        ...

    def open_call(self, call_id: str, phone: str, resume: str = "") -> SessionView:
        """The session of a call; `resume` names the text session that a call of ours continues."""
        ...

    def find_call(self, call_id: str) -> SessionView | None:
        """The session of a call that was opened before."""
        ...

    def take(self, session_id: str, heard: Heard) -> list[Reply]:
        """Take one turn."""
        ...

    def end(self, session_id: str, reason: str) -> None:
        """The line is gone."""
        ...

    def told(self, session_id: str) -> None:
        """The reply of the last turn has left."""
        ...
