"""Sets, or changes, the payment that was read back and agreed to."""

from __future__ import annotations

from actions.base import PorchlightAction, slots
from actions.forms import after_refused_yes
from actions.payments.charge import open_choice_of_account
from actions.turn import Event, Turn
from assistant.errors import Refusal


class SetLater(PorchlightAction):
    """`step` becomes `settled`, `later` (read back again), or after a refusal `asked` or `done`."""

    action_name = "action_set_later"

    def act(self, turn: Turn) -> list[Event]:
        made = turn.services.payments.scheduled.confirm(
            session_id=turn.session_id,
            turn_id=turn.id,
            language=turn.language,
            channel=turn.channel,
            phone=turn.phone,
            words=str(turn.facts.get("words", "")),
        )
        turn.say(
            "later_set" if made.is_changeable else "later_set_for_good",
            total_cents=made.total_cents,
            method=made.method,
            pay_on=made.pay_on,
            confirmation_number=made.confirmation_number,
            until=made.changes_until,
        )
        return [*slots(step="settled", goal=None), *open_choice_of_account(turn)]

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        return after_refused_yes(turn, refusal, "later")
