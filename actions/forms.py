"""What the forms of features share: staying, ending, leaving other wishes to rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rasa_sdk.events import SlotSet

from actions.base import PorchlightAction, slots
from actions.goals import GOALS, is_left_to_rules
from actions.payments.next_account import named_accounts
from actions.turn import Event, Turn
from assistant.errors import DraftRefused, NotVerified, Refusal

# Read back again: nothing was done, and the yes was for something that is no longer there.
READ_BACK_AGAIN = frozenset({"draft_not_confirmed", "draft_expired"})
Answers = Mapping[str, Callable[[Turn], list[Event]]]


def stay(turn: Turn) -> list[Event]:
    """Nothing changes and the question is asked again. An event keeps Rasa from leaving the form."""
    return slots(asking=turn.slot("asking"))


def end_form(then: str) -> list[Event]:
    """Close the form from within one of its questions; `then` is `asked` or `done`."""
    return [*slots(then=then, asking=None), SlotSet("requested_slot", None)]


def ask_next(slot: str) -> list[Event]:
    """The question of this slot was put instead of the one that Rasa meant."""
    return [SlotSet(slot, None), SlotSet("requested_slot", slot)]


def after_refused_yes(turn: Turn, refusal: Refusal, step: str) -> list[Event]:
    """Tell why the yes to what was read back did nothing. The form of `step`, if it runs, reads back again;
    else `step` becomes `asked`, where the words of the refusal ask what is next, or `done`."""
    turn.refuse(refusal)
    if not isinstance(refusal, DraftRefused | NotVerified):
        return slots(step="asked")
    can_ask_again = refusal.code in READ_BACK_AGAIN and turn.active_form == f"{step}_form"
    return slots(step=step if can_ask_again else "done", asking=None)


class ValidateForm(PorchlightAction):
    """Rasa calls this for every turn inside the form, and when the form begins.

    `correct` sees every input first, then `answers` by intent. What neither takes is left to the rules if
    it is an aside, a way out or another wish; else the question is asked again.
    """

    step: ClassVar[str]
    answers: ClassVar[Answers]

    def act(self, turn: Turn) -> list[Event]:
        if turn.slot("requested_slot") is None:
            # The form begins; with an event Rasa does not ask a second time.
            return stay(turn)
        is_wish = turn.intent in GOALS and not GOALS[turn.intent].is_one_reply
        if is_wish and named_accounts(turn) is not None:
            # Another account than the one that this form is about: begun anew by its rule.
            return []
        corrected = self.correct(turn)
        if corrected:
            return corrected
        if turn.intent in self.answers:
            return self.answers[turn.intent](turn)
        return [] if is_left_to_rules(turn.intent, self.step) else stay(turn)

    def correct(self, turn: Turn) -> list[Event]:
        """Facts in the words that change a slot whatever was asked; empty when there are none."""
        return []
