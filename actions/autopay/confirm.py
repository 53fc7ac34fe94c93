"""Turns autopay on, or changes it, as it was read back and agreed to."""

from __future__ import annotations

from actions.autopay.telling import blanks_of, next_bill_of
from actions.base import PorchlightAction, slots
from actions.forms import after_refused_yes
from actions.payments.charge import open_choice_of_account
from actions.turn import Event, Turn
from assistant.errors import Refusal


class SetAutopay(PorchlightAction):
    """`step` becomes `settled`, `autopay` (read back again), or after a refusal `asked` or `done`."""

    action_name = "action_set_autopay"

    def act(self, turn: Turn) -> list[Event]:
        now = turn.services.payments.autopay.confirm(
            session_id=turn.session_id,
            turn_id=turn.id,
            language=turn.language,
            channel=turn.channel,
            phone=turn.phone,
            words=str(turn.facts.get("words", "")),
        )
        ending, blanks = next_bill_of(now)
        turn.say(f"autopay_set{ending}", **blanks_of(turn, now), **blanks)
        return [*slots(step="settled", goal=None), *open_choice_of_account(turn)]

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        return after_refused_yes(turn, refusal, "autopay")
