"""What a topic of serve_form is: it asks the question of its state, and takes the answer."""

from __future__ import annotations

import re
from typing import Any, Protocol

from actions.turn import Turn
from assistant.dialogue.keywords import plain

# Plain values only, because Rasa keeps it in a slot: `topic`, `step`, and what was chosen so far.
State = dict[str, Any]
# What was asked for is done, and told.
DONE = None
# The same, and what was said asks what is next.
ASKED: State = {"topic": "", "step": "asked"}


class Topic(Protocol):
    """One thing to settle. Refusals of the services are told by the form."""

    def begin(self, turn: Turn, words: str, option: str) -> State:
        """The first state, from the words or the choice that brought the wish."""
        ...

    def ask(self, turn: Turn, state: State) -> State:
        """Say the question of this state; returns the state it asked (a step may be passed over)."""
        ...

    def take(self, turn: Turn, state: State) -> State | None:
        """The next state, or DONE after the result was said."""
        ...


def chosen(turn: Turn) -> str:
    """The choice that was picked, or ""."""
    return str(turn.entity("option") or "")


def heard(turn: Turn) -> str:
    """The member's words; "" for a key, a choice or a check, which the engine writes as `/intent`."""
    text = str(turn.tracker.latest_message.get("text") or "")
    return "" if text.startswith("/") else text


def says(words: str, stems: str) -> bool:
    """Whether the words hold one of these stems (a pattern), as the beginning of a word."""
    return re.search(rf"\b(?:{stems})", plain(words)) is not None


def answer_of(turn: Turn) -> bool | None:
    """Yes, no, or neither. A yes counts by key or by an exact word; one that was only read out of a sentence
    gives no permission, takes no card off and lets nobody in: the question comes again."""
    if turn.intent == "affirm":
        return None if heard(turn) else True
    return False if turn.intent == "deny" else None


def words_of_question(turn: Turn, response: str) -> str:
    """What we asked, as it was said: the newest utterance of this response. LookupError without one."""
    for event in reversed(turn.tracker.events):
        metadata = event.get("metadata") or {}
        if event.get("event") == "bot" and metadata.get("utter_action") == f"utter_{response}":
            return str(event.get("text") or "")
    raise LookupError(f"{response} is not in this conversation")
