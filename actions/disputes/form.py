"""dispute_form: one question, one answer in the member's own words or by a key."""

from __future__ import annotations

from actions.base import PorchlightAction, slots
from actions.disputes.steps import OPTIONS, names_complaint, note_dispute, shortened
from actions.intents import EXITS
from actions.turn import Event, Turn
from assistant.errors import Refusal

# Said in answer to "which charge?", these still mean themselves.
_NOT_ANSWERS = EXITS | {"change_language", "opt_out", "opt_in", "unsure", "show_more", "capabilities"}
# So do wishes that no complaint sounds like, when they are surely meant. All other words are the answer, also
# when they sound like another question: "the late fee".
_OTHER_WISHES = frozenset(
    {"pay_bill", "schedule_payment", "check_balance", "check_amount_due", "check_due_date", "helper_access"}
    | {"autopay_enroll", "account_access", "update_payment_method", "get_statement", "office_info", "outage"}
)
_SURE = 0.8
_SHORTEST = 3


class AskDisputed(PorchlightAction):
    """Asks which charge looks wrong."""

    action_name = "action_ask_dispute_form_disputed"

    def act(self, turn: Turn) -> list[Event]:
        turn.say("ask_disputed")
        return []


class ValidateDispute(PorchlightAction):
    """Takes the answer, writes it down and says what was written."""

    action_name = "validate_dispute_form"

    def act(self, turn: Turn) -> list[Event]:
        if turn.slot("requested_slot") is None:
            return slots(then=None)
        if turn.intent in _NOT_ANSWERS or turn.intent.startswith("confirm_") or _is_other_wish(turn):
            return []
        option = turn.entity("option")
        if option in OPTIONS:
            return _note(turn, str(option))
        if turn.intent in ("go_back", "deny"):
            turn.say("dispute_left")
            return slots(disputed="left", then="done")
        words = shortened(turn.words)
        if len(words) >= _SHORTEST:
            return _note(turn, words)
        # A structured wish, such as a key of another menu, is no answer.
        return slots(disputed=None)

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return slots(disputed="left", then="done")


def _is_other_wish(turn: Turn) -> bool:
    """Whether words surely ask for something else; a complaint names what was done: charged, paid, twice."""
    return (
        turn.intent in _OTHER_WISHES
        and turn.confidence >= _SURE
        and bool(turn.words)
        and not names_complaint(turn.words)
    )


def _note(turn: Turn, disputed: str) -> list[Event]:
    note_dispute(turn, disputed)
    return slots(disputed=disputed, then="done")
