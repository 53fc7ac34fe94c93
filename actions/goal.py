"""What the member wants: the next step to it, going on once a form has ended, and answers of one reply.

The slot `waiting` names the payment that goes on once a question in its middle is answered.
"""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.base import Aside, PorchlightAction, back_to_form, slots
from actions.billing import tells_named
from actions.goals import ANSWER, ANSWER_AND_PAY, GOALS, PAY_BILL, SHOW, Told, goal_of, question_of
from actions.identity.steps import BACK_TO_PAYING, OTHER_ACCOUNT, begin_identifying, is_known_enough
from actions.payments.guest import has_helpers_phone
from actions.payments.next_account import claim_named, named_accounts, take_account
from actions.payments.whose import GUEST
from actions.turn import Event, Turn
from assistant.errors import ArrangementRefused, LetterRefused, Refusal


class SetGoal(PorchlightAction):
    """`step` becomes `identify`, the goal's step or, when nothing can be done, `done`.

    Inside a form a question is answered and the form goes on; any other wish takes the form's place.
    """

    action_name = "action_set_goal"

    def act(self, turn: Turn) -> list[Event]:
        if turn.entity("option") == OTHER_ACCOUNT:
            return _other_account(turn)
        name = goal_of(turn)
        if name == GUEST and turn.channel == "sms" and has_helpers_phone(turn):
            # To the helper of an account "somebody else's bill" is the bill of that account.
            name = PAY_BILL
        goal = GOALS[name]
        if name == "payment_status" and "confirmation_number" in turn.facts:
            return slots(step=ANSWER) if turn.active_form else slots(goal=name, step=ANSWER)
        if _must_ask_which_is_named(turn, name):
            return _ask_account_anew(turn, name, goal.told(turn))
        if tells_named(turn, name):
            return slots(step=ANSWER) if turn.active_form else slots(goal=name, step=ANSWER)
        told = goal.told(turn)
        picked = take_account(turn) if name == PAY_BILL else claim_named(turn)
        if is_known_enough(turn, name, is_chosen=bool(picked)):
            if goal.is_one_reply and turn.active_form:
                return slots(step=goal.step)
            return [*_fresh(turn), *picked, *slots(goal=name, step=goal.step), *goal.begin(turn, told)]
        if goal.need == "new_pin" and turn.active_form == "pay_form":
            # Asked for in the middle of paying: paying goes on once the PIN is set.
            name, told = PAY_BILL, GOALS[PAY_BILL].told(turn)
        return [
            *_fresh(turn),
            *slots(goal=name, step="identify", waiting=_payment_that_waits(turn, name), **told),
            *begin_identifying(turn, name, wants_new_pin=goal.need == "new_pin", is_chosen=bool(picked)),
        ]

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return [*slots(step="done"), *back_to_form(turn)]


class GoOn(PorchlightAction):
    """A form has ended: its `then` becomes the step, and a goal that was waiting begins."""

    action_name = "action_go_on"

    def act(self, turn: Turn) -> list[Event]:
        step = turn.slot("then") or "done"
        waiting = turn.slot("waiting")
        if waiting and step == BACK_TO_PAYING:
            return slots(step=GOALS[waiting].step, goal=waiting, waiting=None)
        if waiting and step in (ANSWER, SHOW):
            return [*slots(step=ANSWER_AND_PAY), *_begun(turn)]
        return [*slots(step=step, waiting=None), *(_begun(turn) if _is_goals_own(turn, step) else [])]

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return slots(step="done", waiting=None)


class Answer(Aside):
    """Answers the running goal, or inside a form the question that was just asked; then offers what is next.

    Inside of a form, or before one that goes on, the form asks instead; behind "your PIN is set" it would be
    a third reply.
    """

    action_name = "action_answer"

    def act(self, turn: Turn) -> list[Event]:
        question = _question(turn)
        goal = GOALS[question]
        if goal.step == SHOW:
            return [*goal.show(turn, question).events, *_payment_goes_on(turn)]
        self._close(turn, goal.answer(turn, question))
        return _payment_goes_on(turn)

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        self._close(turn, "what_next")
        return [*slots(goal=None), *_payment_goes_on(turn)]

    @staticmethod
    def _close(turn: Turn, closing: str) -> None:
        if not turn.active_form and turn.slot("step") == ANSWER:
            turn.say(closing)


class Show(Aside):
    """The same for an answer that brings its own closing question; inside a form the form asks instead."""

    action_name = "action_show"

    def act(self, turn: Turn) -> list[Event]:
        question = _question(turn)
        shown = GOALS[question].show(turn, question)
        if not turn.active_form and shown.closing:
            turn.say(shown.closing)
        return shown.events

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        if not turn.active_form and not isinstance(refusal, ArrangementRefused | LetterRefused):
            # The words of those two ask what is next by themselves.
            turn.say("what_next")
        return []


def _payment_that_waits(turn: Turn, name: str) -> str | None:
    """The payment in whose middle this question was asked; any other wish takes its place."""
    is_in_the_middle = turn.active_form == "pay_form" and GOALS[name].is_one_reply
    return (turn.slot("goal") or PAY_BILL) if is_in_the_middle else None


def _payment_goes_on(turn: Turn) -> list[Event]:
    """The question was answered: the slots of the payment are as they were, and its form asks again."""
    waiting = turn.slot("waiting")
    return slots(goal=waiting, waiting=None) if waiting and not turn.active_form else []


def _is_goals_own(turn: Turn, step: str) -> bool:
    goal = GOALS.get(turn.slot("goal"))
    return goal is not None and goal.step == step


def _begun(turn: Turn) -> list[Event]:
    """The goal that waited begins, with what was told when it was named and what was told since."""
    goal = GOALS[turn.slot("goal")]
    told = {name: value if value is not None else turn.slot(name) for name, value in goal.told(turn).items()}
    return goal.begin(turn, told)


def _question(turn: Turn) -> str:
    """The question of this turn, or the goal that was waiting for who asks."""
    is_asked_now = turn.intent in GOALS and GOALS[turn.intent].step in (ANSWER, SHOW)
    return question_of(turn) if is_asked_now else str(turn.slot("goal"))


def _must_ask_which_is_named(turn: Turn, name: str) -> bool:
    """Whether accounts are named from which the wish cannot begin; several are paid one after the other."""
    named = named_accounts(turn)
    if named is None or GOALS[name].is_one_reply:
        return False
    return not named if name == PAY_BILL else len(named) != 1


def _other_account(turn: Turn) -> list[Event]:
    """ "Wait, not that account": what was wanted is wanted still, for an account that is asked for again."""
    wanted = turn.slot("goal")
    told = GOALS[PAY_BILL].told(turn) if wanted in (None, PAY_BILL, "account_access") else {}
    return _ask_account_anew(turn, PAY_BILL if wanted in (None, "account_access") else wanted, told)


def _ask_account_anew(turn: Turn, goal: str, told: Told) -> list[Event]:
    turn.services.payments.put_off(turn.session_id)
    turn.services.identity.forget(turn.session_id)
    return [
        *_fresh(turn),
        *slots(goal=goal, step="identify", account=None, proof=None, way=None, **told),
    ]


def _fresh(turn: Turn) -> list[Event]:
    """A form that takes the place of another begins with its own first question."""
    return [SlotSet("requested_slot", None)] if turn.active_form else []
