"""Which wishes are offered when the words did not tell one surely enough."""

from __future__ import annotations

import json

from actions.intents import NEVER_OFFERED
from actions.turn import Turn
from assistant.dialogue.meaning import NONE_OF_THESE
from assistant.dialogue.talk_words import wish_title

# A reading less sure than this is a guess that helps nobody; more than two choices are a menu.
LEAST_SURE = 0.15
MOST_OFFERED = 2
# What names an amount without a verb is a wish to pay it.
_OFFERED_AS = {"inform_amount": "pay_bill"}


def offered_wishes(turn: Turn) -> list[dict[str, str]]:
    """Choices of the nearest wishes, surest first, and of none of them; empty when no reading is near."""
    choices: dict[str, dict[str, str]] = {}
    for intent in _near(turn):
        title = wish_title(intent, turn.language, turn.channel)
        if title is not None and title not in choices and len(choices) < MOST_OFFERED:
            choices[title] = {"title": title, "payload": f"/{intent}{_parts(turn, intent)}"}
    if not choices:
        return []
    none = wish_title("none", turn.language, turn.channel)
    return [*choices.values(), {"title": str(none), "payload": f"/{NONE_OF_THESE}"}]


def _near(turn: Turn) -> list[str]:
    """The intents that the words may have meant; a key or a choice was meant surely, and has none."""
    ranking = turn.tracker.latest_message.get("intent_ranking") or []
    near = [each["name"] for each in ranking if turn.words and each["confidence"] >= LEAST_SURE]
    return [_OFFERED_AS.get(name, name) for name in near if name in _OFFERED_AS or name not in NEVER_OFFERED]


def _parts(turn: Turn, intent: str) -> str:
    """The amount that the words named, so that it need not be said again; it is read back as always."""
    cents = turn.facts.get("amount_cents")
    return json.dumps({"amount_cents": cents}) if intent == "pay_bill" and type(cents) is int else ""
