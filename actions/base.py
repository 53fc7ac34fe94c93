"""The one wrapper of all actions: reads the turn, leaves the event loop, and puts refusals into words."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.services import Services
from actions.turn import Event, Turn
from assistant.errors import Refusal


class PorchlightAction(Action, ABC):
    """An action with its services. Subclasses give `action_name` and `act`."""

    action_name: ClassVar[str]

    def __init__(self, services: Services) -> None:
        self.services = services

    def name(self) -> str:
        return self.action_name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Event]:
        turn = Turn(self.services, dispatcher, tracker)
        # Services block on the database and the processor; other turns go on meanwhile.
        return await asyncio.to_thread(self._take, turn)

    def _take(self, turn: Turn) -> list[Event]:
        try:
            return self.act(turn)
        except Refusal as refusal:
            return self.after_refusal(turn, refusal)

    @abstractmethod
    def act(self, turn: Turn) -> list[Event]:
        """Do one thing with one service, utter at most one response, and return slot changes."""

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        """Tell the refusal; a subclass adds where the conversation goes then."""
        turn.refuse(refusal)
        return []


class Aside(PorchlightAction):
    """Answers in the middle: a running form then asks its question again; without one the rule leads on."""

    def _take(self, turn: Turn) -> list[Event]:
        return [*super()._take(turn), *back_to_form(turn)]


@dataclass(frozen=True)
class Shown:
    """What follows an answer: the response that asks what is next, and slot changes."""

    closing: str = "what_next"
    events: list[Event] = field(default_factory=list)


def back_to_form(turn: Turn) -> list[Event]:
    """The running form, if any, asks its question again instead of what the rule says next."""
    return [FollowupAction(turn.active_form)] if turn.active_form else []


def leave_form() -> list[Event]:
    """No form runs any more."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)]


def slots(**values: Any) -> list[Event]:
    """`slots(goal="pay_bill", way=None)` as events."""
    return [SlotSet(name, value) for name, value in values.items()]
