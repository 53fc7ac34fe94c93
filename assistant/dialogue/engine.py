"""The port to the dialogue engine (Rasa): words or a structured meaning in, channel-neutral replies out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.dialogue.turn import Channel


@dataclass(frozen=True)
class EngineMessage:
    """One input for the engine: either `text` for its NLU, or `intent` with `entities`, which skips NLU.

    `metadata` reaches every action of the turn: `session_id`, `turn_id`, `language`, and `facts`
    (what our own grammars read in the words, e.g. `{"amount_cents": 6000}`). It holds no secret.
    `is_long`: a turn costs more with all that was said before; only where the conversation stands is kept.
    """

    conversation: str
    channel: Channel
    text: str = ""
    intent: str = ""
    entities: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    is_long: bool = False


@dataclass(frozen=True)
class EngineButton:
    """A choice offered by the engine; `payload` is `/intent{"entity": value}`."""

    title: str
    payload: str


@dataclass(frozen=True)
class EngineReply:
    """One reply of the engine; `custom` is the response's `custom:` block, filled in."""

    text: str
    buttons: tuple[EngineButton, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What the engine takes words for: an intent (`nlu_fallback` when unsure) and how sure it is, 0..1."""

    intent: str
    confidence: float


class DialogueEngine(Protocol):
    def respond(self, message: EngineMessage) -> list[EngineReply]:
        """Take one turn. Raises EngineUnavailable on an error, no reply, or more than two replies."""
        ...

    def readings(self, texts: list[str]) -> list[Reading]:
        """What each text would be taken for; no conversation hears of it. Raises EngineUnavailable."""
        ...

    def is_ready(self) -> bool:
        """Whether the engine answers with a trained model. Never raises."""
        ...
