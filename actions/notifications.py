"""Wanting texts from us, or not, in the member's own words."""

from __future__ import annotations

from actions.base import Aside
from actions.turn import Event, Turn


class OptOut(Aside):
    """No more texts that we start; answers to the member's own texts still come."""

    action_name = "action_opt_out"

    def act(self, turn: Turn) -> list[Event]:
        turn.services.conversation_control.opt_out(turn.session_id)
        turn.say("opt_out")
        return []


class OptIn(Aside):
    """Texts again."""

    action_name = "action_opt_in"

    def act(self, turn: Turn) -> list[Event]:
        turn.services.conversation_control.opt_in(turn.session_id)
        turn.say("opt_in")
        return []
