"""A call that we made: says who calls and what was being paid, and offers to go on."""

from __future__ import annotations

from actions.base import PorchlightAction, slots
from actions.identity.steps import NO_PIN
from actions.turn import Event, Turn
from assistant.dialogue import phrasing


class Resume(PorchlightAction):
    """The caller is at the phone on file, which is enough to key a card; a saved one still wants the PIN."""

    action_name = "action_resume"

    def act(self, turn: Turn) -> list[Event]:
        draft = turn.services.payments.current_draft(turn.session_id)
        if draft is None:
            turn.say("resume_with_nothing_begun")
        else:
            price = phrasing.price(draft.amount_cents, draft.fee_cents, turn.language, turn.channel)
            if draft.pay_on is None:
                turn.say("resume", price=price)
            else:
                turn.say("resume_later", price=price, pay_on=draft.pay_on)
        return slots(way=NO_PIN)
