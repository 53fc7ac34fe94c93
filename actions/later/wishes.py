"""What a member wants with payments on a later day: set one, see, change or take back what is set."""

from __future__ import annotations

import re
from typing import Any

from actions.later.days import names_later_day
from actions.turn import Turn
from assistant.dialogue.keywords import plain

SET, SEE, CHANGE, TAKE_BACK = "set", "see", "change", "take_back"
AMOUNT, DAY, METHOD = "amount", "day", "method"
OTHER_DAY = "other_day"
# The choice of a call that we made: go on with what the text began.
GO_ON = "go_on"
_CHANGES = re.compile(
    r"\b(?:change|move|reschedul\w+|push|edit|update|modify|switch|different (?:day|date)|postpone"
    r"|cambi\w+|muev\w+|mover|reprogram\w+|modific\w+|posponer)\b"
)
_SET_ALREADY = r"(?:scheduled|pending|coming up|set up|upcoming|programad\w+|pendientes?|puestos?|agendad\w+)"
_SEES = re.compile(
    r"\b(?:what|which|show|list|see|any|do i have|have i|is there|when is|when are"
    rf"|que|cuales|cuando|tengo|ver|hay)\b.*\b{_SET_ALREADY}\b"
)


def wish_in(turn: Turn) -> str | None:
    """The wish of this input, None when it is about something else."""
    if turn.intent == "cancel_payment":
        return TAKE_BACK
    if turn.intent != "schedule_payment":
        return SET if names_later_day(turn) else None
    option = turn.entity("option")
    if option in (SEE, CHANGE, TAKE_BACK, GO_ON):
        return str(option)
    words = plain(turn.words)
    if _SEES.search(words):
        return SEE
    return CHANGE if _CHANGES.search(words) else SET


def told_of_later(turn: Turn) -> dict[str, Any]:
    """The wish, the amount, and the words that may name a day; it may count from a due date not known yet."""
    aim = wish_in(turn)
    if aim is None:
        return {"later_aim": None, "later_amount": None, "later_said": None}
    amount = turn.facts.get("amount_cents") or turn.facts.get("amount_kind")
    if amount is None and turn.active_form == "pay_form":
        amount = turn.slot("amount")
    return {"later_aim": aim, "later_amount": amount, "later_said": turn.words or None}
