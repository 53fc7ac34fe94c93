"""The turn as an action sees it: what was meant, by whom, where; and how to answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.blanks import Blanks
from actions.services import Services
from assistant.dialogue.turn import Channel, Language
from assistant.errors import Refusal

Event = dict[str, Any]
# What the words of a refused secret may tell.
_SECRET_FACTS = ("tries_left", "until", "counted", "wanted")


@dataclass(frozen=True)
class Turn:
    """One action call. Who and where come from the service's own metadata, never from slots."""

    services: Services
    dispatcher: CollectingDispatcher
    tracker: Tracker

    @property
    def metadata(self) -> dict[str, Any]:
        return self.tracker.latest_message.get("metadata") or {}

    @property
    def session_id(self) -> str:
        return str(self.metadata["session_id"])

    @property
    def id(self) -> str:
        return str(self.metadata["turn_id"])

    @property
    def phone(self) -> str:
        return str(self.metadata["phone"])

    @property
    def channel(self) -> Channel:
        return "voice" if self.metadata["channel"] == "voice" else "sms"

    @property
    def language(self) -> Language:
        """The language of this message, or the one that was switched to while answering it."""
        chosen = self.metadata["language"]
        for event in reversed(self.tracker.events):
            if event.get("event") == "user":
                break
            if event.get("event") == "slot" and event.get("name") == "language":
                chosen = event.get("value")
                break
        return "es" if chosen == "es" else "en"

    @property
    def facts(self) -> dict[str, Any]:
        """What our own grammars read in the words, or what a refusal tells."""
        return self.metadata.get("facts") or {}

    @property
    def words(self) -> str:
        """What was written or said; empty for keys, choices and events."""
        text = str(self.tracker.latest_message.get("text") or "")
        return "" if text.startswith("/") else text

    @property
    def intent(self) -> str:
        return str((self.tracker.latest_message.get("intent") or {}).get("name") or "")

    @property
    def confidence(self) -> float:
        """How sure the reading of the words is, 0..1; a key or a choice is sure."""
        return float((self.tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)

    def entity(self, name: str) -> Any:
        """A part of a structured input; NLU has no extractor, so a member's words never fill one."""
        return next(self.tracker.get_latest_entity_values(name), None)

    def slot(self, name: str) -> Any:
        return self.tracker.get_slot(name)

    @property
    def active_form(self) -> str:
        return str((self.tracker.active_loop or {}).get("name") or "")

    def say(
        self,
        response: str,
        buttons: list[dict[str, str]] | None = None,
        *,
        language: Language | None = None,
        **values: Any,
    ) -> None:
        """Utter `utter_<response>` with its blanks phrased for this channel and language."""
        spoken = language or self.language
        blanks = Blanks(self.services.settings, self.services.clock, spoken, self.channel)
        filled: dict[str, Any] = {**blanks.of_coop(), **blanks.fill(values)}
        self.dispatcher.utter_message(
            response=f"utter_{response}", buttons=buttons, language=spoken, **filled
        )

    def refuse(self, refusal: Refusal) -> None:
        """A "no" in words: `utter_<code>`."""
        self.say(refusal.code, **refusal.params)

    def refuse_secret(self, code: str) -> None:
        """The "no" that a secret met before the engine ran; its params came as facts."""
        self.say(code, **{name: self.facts[name] for name in _SECRET_FACTS if name in self.facts})
