"""What actions may use: the services, and what they may ask of the running conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.dialogue.turn import Language
from assistant.handoff.service import Handoff
from assistant.identity.preferences import MemberPreferences
from assistant.identity.service import Identity
from assistant.payments.service import Payments
from assistant.settings import Settings


class ConversationControl(Protocol):
    """What an action may change about the session itself."""

    def set_language(self, session_id: str, language: Language) -> None:
        """Speak this language from the next turn on."""
        ...

    def request_call(self, session_id: str) -> None:
        """Ring the phone of this text session, to go on by keypad."""
        ...

    def end_after_reply(self, session_id: str) -> None:
        """This turn's reply is the last of the session."""
        ...

    def is_same_phone(self, session_id: str, other_session_id: str) -> bool:
        """Whether two sessions were held on one phone, whose number is known."""
        ...

    def opt_out(self, session_id: str) -> None:
        """The member asked in their own words for no more texts."""
        ...

    def opt_in(self, session_id: str) -> None:
        """The member asked for texts again."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything an action may touch; the composition root fills it."""

    identity: Identity
    billing: Billing
    payments: Payments
    handoff: Handoff
    preferences: MemberPreferences
    conversation_control: ConversationControl
    settings: Settings
    clock: Clock
