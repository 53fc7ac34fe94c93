"""Which intent belongs to which topic of serve_form, and how the form begins."""

from __future__ import annotations

from typing import Any

from actions.base import slots
from actions.service.cards import Cards
from actions.service.helpers import Helpers
from actions.service.paperless import Paperless
from actions.service.topic import Topic, chosen, heard
from actions.service.wishes import Wishes
from actions.turn import Event, Turn

STEP = "serve"
TOPICS: dict[str, Topic] = {
    "cards": Cards(),
    "helpers": Helpers(),
    "paperless": Paperless(),
    "wishes": Wishes(),
}
TOPIC_OF = {
    "update_payment_method": "cards",
    "helper_access": "helpers",
    "paperless": "paperless",
    "notification_settings": "wishes",
}


def told_of_service(turn: Turn) -> dict[str, Any]:
    """What the words or the choice tell, kept while we ask who it is. Nothing is looked up."""
    if turn.intent not in TOPIC_OF:
        return {"served_words": None, "served_option": None}
    return {"served_words": heard(turn) or None, "served_option": chosen(turn) or None}


def begin_serving(turn: Turn, told: dict[str, Any]) -> list[Event]:
    """Slots of a fresh form. What was told is used up."""
    intent = turn.intent if turn.intent in TOPIC_OF else turn.slot("goal")
    topic = TOPICS[TOPIC_OF[intent]]
    state = topic.begin(turn, told.get("served_words") or "", told.get("served_option") or "")
    return slots(serving=state, served=None, served_words=None, served_option=None)
