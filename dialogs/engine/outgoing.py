"""Output channels that keep each utterance whole; their names select `channel: sms|voice` responses."""

from contextvars import ContextVar
from typing import Any, Dict, List, Optional, Text, Type

from rasa.core.channels.channel import OutputChannel

# What went wrong in the turn that is being taken. Rasa swallows a failed action and goes on with the
# next step; the turn must not look like a good one then.
_faults: ContextVar[Optional[List[str]]] = ContextVar("faults", default=None)


def begin_turn() -> List[str]:
    """Start collecting the faults of this turn; returns the list that they will be in."""
    faults: List[str] = []
    _faults.set(faults)
    return faults


def report_fault(name: str) -> None:
    """Note that something in this turn failed. `name` says what and holds no words of a member."""
    faults = _faults.get()
    if faults is not None:
        faults.append(name)


class Replies(OutputChannel):
    """Collects what is uttered in a turn, one element per utterance, in `messages`."""

    def __init__(self) -> None:
        self.messages: List[Dict[str, Any]] = []

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        self.messages.append(message)


class SmsReplies(Replies):
    @classmethod
    def name(cls) -> Text:
        return "sms"


class VoiceReplies(Replies):
    @classmethod
    def name(cls) -> Text:
        return "voice"


REPLIES: Dict[str, Type[Replies]] = {kind.name(): kind for kind in (SmsReplies, VoiceReplies)}
