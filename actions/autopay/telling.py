"""How autopay stands, in the blanks of a response."""

from __future__ import annotations

from typing import Any

from actions.autopay.steps import status_of
from actions.base import Aside
from actions.turn import Event, Turn
from assistant.dialogue import phrasing
from assistant.payments.autopay_views import AutopayOfferView, AutopayView


class AutopayStatus(Aside):
    """Tells whether autopay is on, and how; the choices lead to what can be done with it."""

    action_name = "action_autopay_status"

    def act(self, turn: Turn) -> list[Event]:
        now = status_of(turn)
        if now is None:
            turn.say("autopay_is_off")
        elif now.state == "paused":
            turn.say("autopay_is_paused", **blanks_of(turn, now))
        else:
            ending, blanks = next_bill_of(now)
            turn.say(f"autopay_is_on{ending}", **blanks_of(turn, now), **blanks)
        return []


def next_bill_of(now: AutopayView) -> tuple[str, dict[str, Any]]:
    """How a response ends, and its blanks: no bill is open, the next is drafted, or it is too large."""
    if now.next is None:
        return "", {}
    if now.next.is_over_limit:
        return "_over_limit", {"next_cents": now.next.amount_cents}
    return "_with_next", {
        "next_cents": now.next.amount_cents + now.fee_cents,
        "draft_on": now.next.draft_on,
    }


def blanks_of(turn: Turn, told: AutopayView | AutopayOfferView) -> dict[str, Any]:
    """`what`, `with_what` and `when`: how much, with which methods, on which day of each bill."""
    language, channel, options = turn.language, turn.channel, told.options
    methods = [told.method, *([told.backup] if told.backup else [])]
    named = [
        phrasing.method(each.brand, each.last_four, language, channel, kind=each.kind) for each in methods
    ]
    return {
        "what": phrasing.autopay_amount(options.amount_kind, options.amount_cents, language, channel),
        "with_what": phrasing.first_or_then(named, language),
        "when": phrasing.days_before(options.days_before, language),
    }
