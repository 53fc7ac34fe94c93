"""What a member may want that touches an account: how sure we must be who it is, and how it begins.

A feature adds its intents here, with the step that its rules in dialogs/rules wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from actions.arrangements.steps import begin_arranging, told_of_arrangement
from actions.autopay.steps import begin_autopay
from actions.autopay.wishes import SEE, told_of_autopay
from actions.autopay.wishes import wish_in as wish_about_autopay
from actions.base import Shown, slots
from actions.billing import answer_about_account, names_cutoff, told_of_account
from actions.disputes.steps import begin_disputing, told_of_dispute
from actions.history import show_bill_details, show_history, told_of_period
from actions.intents import ACCOUNT_QUESTIONS, ASIDES, EXITS, PAYING
from actions.later.days import names_later_day
from actions.later.steps import begin_later
from actions.later.wishes import told_of_later
from actions.letters import show_good_standing, show_statement
from actions.payments.guest import begin_guest, told_of_guest
from actions.payments.steps import begin_paying, told_of_payment
from actions.payments.whose import GUEST
from actions.service.topics import STEP, TOPIC_OF, begin_serving, told_of_service
from actions.turn import Event, Turn

# recognized: a phone on file, or account number and ZIP. payment: the same by text, where the PIN comes with
# the yes; on the phone the PIN too, unless the caller keys a card. verified: the PIN first, on both.
# new_pin: a PIN is to be set. guest: account number and ZIP, asked anew, because it is another's account.
Need = Literal["recognized", "payment", "verified", "new_pin", "guest"]
# Slots and what the member's words told for them; kept while we ask who it is.
Told = dict[str, Any]

# The goal that every intent of PAYING serves.
PAY_BILL = "pay_bill"
SCHEDULE = "schedule_payment"
SET_AUTOPAY = "autopay_enroll"
# The steps of goals that are answered in one turn: ANSWER closes with an offer to go on, SHOW with a question
# of the answer's own, such as "more?".
ANSWER, SHOW = "answer", "show"
# A question in the middle of a payment is answered, and the payment goes on.
ANSWER_AND_PAY = "answer_and_pay"


def _told_nothing(_turn: Turn) -> Told:
    return {}


def _begin_nothing(_turn: Turn, _told: Told) -> list[Event]:
    return []


def _answer_nothing(_turn: Turn, _question: str) -> str:
    raise LookupError("this goal is not answered in one turn")


def _show_nothing(_turn: Turn, _question: str) -> Shown:
    raise LookupError("this goal is not shown in one turn")


def _keep(_turn: Turn, told: Told) -> list[Event]:
    return slots(**told)


@dataclass(frozen=True)
class Goal:
    """A wish. With the step ANSWER, `answer(turn, intent)` says one reply and names the one that closes the
    turn; with SHOW, `show(turn, intent)` says one and tells what follows it; another step has its own form.

    `told(turn)` reads the words that brought the wish; once the need is met, `begin(turn, told)` makes the
    slots of the fresh form. `begin` and `answer` may raise a Refusal, which is told and leads on.
    """

    need: Need
    step: str
    begin: Callable[[Turn, Told], list[Event]] = _begin_nothing
    told: Callable[[Turn], Told] = _told_nothing
    answer: Callable[[Turn, str], str] = _answer_nothing
    show: Callable[[Turn, str], Shown] = _show_nothing

    @property
    def is_one_reply(self) -> bool:
        """Whether it needs no form: inside of one it is answered, and the form goes on."""
        return self.begin in (_begin_nothing, _keep)


GOALS: dict[str, Goal] = {
    **dict.fromkeys(PAYING, Goal("payment", "pay", begin_paying, told_of_payment)),
    **dict.fromkeys((SCHEDULE, "cancel_payment"), Goal("verified", "later", begin_later, told_of_later)),
    "autopay_manage": Goal("recognized", "autopay_status"),
    **dict.fromkeys(
        (SET_AUTOPAY, "autopay_cancel"), Goal("verified", "autopay", begin_autopay, told_of_autopay)
    ),
    **dict.fromkeys(TOPIC_OF, Goal("verified", STEP, begin_serving, told_of_service)),
    GUEST: Goal("guest", "pay", begin_guest, told_of_guest),
    **dict.fromkeys(
        ACCOUNT_QUESTIONS, Goal("recognized", ANSWER, _keep, told_of_account, answer=answer_about_account)
    ),
    "payment_history": Goal("verified", SHOW, _keep, told_of_period, show=show_history),
    "bill_details": Goal("verified", SHOW, _keep, told_of_period, show=show_bill_details),
    "get_statement": Goal("verified", SHOW, _keep, told_of_period, show=show_statement),
    "good_standing_letter": Goal("verified", SHOW, show=show_good_standing),
    "payment_arrangement": Goal("verified", "arrange", begin_arranging, told_of_arrangement),
    "dispute_charge": Goal("recognized", "dispute", begin_disputing, told_of_dispute),
    "account_access": Goal("new_pin", "done"),
}


def goal_of(turn: Turn) -> str:
    """The goal that this input serves; its intent is one of GOALS. Paying on a later day is not paying."""
    if turn.intent == "autopay_manage" and wish_about_autopay(turn) != SEE:
        return SET_AUTOPAY
    if turn.intent not in PAYING:
        return question_of(turn)
    return SCHEDULE if names_later_day(turn) else PAY_BILL


def question_of(turn: Turn) -> str:
    """The intent, but whoever asks when the power is cut off asks for that day, not for the bill's."""
    asks_owed = turn.intent in ("check_due_date", "check_balance", "check_amount_due")
    return "min_payment" if asks_owed and names_cutoff(turn.words) else turn.intent


def is_left_to_rules(intent: str, step: str) -> bool:
    """Whether the form of `step` leaves this input to a rule: asides, ways out, and other wishes."""
    if intent in ASIDES | EXITS or intent.startswith("confirm_"):
        return True
    return intent in GOALS and GOALS[intent].step != step
