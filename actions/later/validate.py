"""What an answer in later_form changes: which payment, the wish, amount, day, method. Never consent."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from actions.base import slots
from actions.forms import Answers, ValidateForm, stay
from actions.later.days import chosen_day, day_in, keyed_day
from actions.later.steps import (
    NEW,
    NOT_NEEDED,
    ONE_MORE,
    OTHER_AMOUNT,
    TAKING_BACK,
    WHAT_TO_CHANGE,
    begin_change,
    chosen,
    look_at_what_is_set,
    upcoming,
)
from actions.later.wishes import AMOUNT, DAY, METHOD, OTHER_DAY, SEE, TAKE_BACK
from actions.payments.amounts import FULL
from actions.payments.steps import summary_of
from actions.turn import Event, Turn
from assistant.dialogue.keywords import is_yes
from assistant.errors import Refusal

# Words with these readings may correct an amount or a day; a question that only mentions one does not.
_MAY_CORRECT = frozenset(
    {
        "schedule_payment",
        "pay_bill",
        "inform_amount",
        "deny",
        "affirm",
        "nlu_fallback",
        "out_of_scope",
        "switch_method",
        # "No, the first of December" sounds like it.
        "check_due_date",
    }
)
_DRAWN_UP = ("later_amount", "later_on", "later_method", "later_consent")


def leave(then: str = "done") -> list[Event]:
    """End the form; every slot is filled so that nothing more is asked."""
    filled = dict.fromkeys(("later_which", "later_wish", *_DRAWN_UP), NOT_NEEDED)
    return slots(**filled, asking=None, then=then)


def take_day(turn: Turn, day: date) -> list[Event]:
    """A day was named. Today is paid today; a day after the due date is refused with the one that works."""
    if day <= turn.services.clock.today():
        return [*leave("pay"), *slots(goal="pay_bill", amount=turn.slot("later_amount"))]
    due_on = summary_of(turn).due_on
    if due_on is not None and day > due_on:
        turn.say("schedule_after_due", due_on=due_on)
        return slots(later_on=None, asking=None)
    return slots(later_on=day.isoformat(), asking=None)


def _take_wish(turn: Turn) -> list[Event]:
    option, scheduled_id = turn.entity("option"), turn.entity("scheduled_id")
    if isinstance(scheduled_id, str):
        is_ours = scheduled_id in [each.id for each in upcoming(turn)]
        return slots(later_which=scheduled_id) if is_ours else stay(turn)
    if option == SEE:
        return [*look_at_what_is_set(turn), *slots(later_aim=SEE, asking=None)]
    if option == OTHER_DAY:
        return slots(later_on=None, asking=OTHER_DAY)
    if option in (AMOUNT, DAY, METHOD):
        return _change(turn, str(option))
    return stay(turn)


def _change(turn: Turn, what: str) -> list[Event]:
    if turn.slot("requested_slot") == "later_wish":
        return begin_change(turn, what)
    if what == AMOUNT:
        return slots(later_amount=None, asking=OTHER_AMOUNT)
    return slots(**{"later_on" if what == DAY else "later_method": None}, asking=None)


def _take_back(turn: Turn) -> list[Event]:
    """Asked of a payment that is set: a yes is wanted. While setting one: nothing is set."""
    if turn.slot("later_which") == NEW:
        return _not_set(turn)
    if turn.slot("requested_slot") in ("later_which", "later_wish"):
        return slots(later_aim=TAKE_BACK, asking=None)
    return slots(later_aim=TAKE_BACK, later_wish=None, asking=None)


def _not_set(turn: Turn) -> list[Event]:
    turn.say("later_not_set" if turn.slot("later_which") == NEW else "later_kept")
    return leave()


def _take_method(turn: Turn) -> list[Event]:
    method = turn.entity("method_id")
    if turn.slot("requested_slot") == "later_wish":
        return begin_change(turn, METHOD)
    saved = [each.id for each in turn.services.payments.saved_methods.saved(summary_of(turn).account_id)]
    return slots(later_method=method if method in saved else None, asking=None)


def _take_digits(turn: Turn) -> list[Event]:
    if turn.slot("requested_slot") != "later_on":
        return stay(turn)
    day = keyed_day(turn, str(turn.entity("digits") or ""))
    if day is None:
        turn.say("later_no_such_day")
        return slots(asking=OTHER_DAY)
    return take_day(turn, day)


def _take_yes(turn: Turn) -> list[Event]:
    asked, asking = turn.slot("requested_slot"), turn.slot("asking")
    if asking == TAKING_BACK and (not turn.words or is_yes(turn.words)):
        gone = turn.services.payments.scheduled.cancel(
            session_id=turn.session_id, scheduled_id=chosen(turn).id
        )
        turn.say("later_taken_back", total_cents=gone.total_cents, pay_on=gone.pay_on)
        return leave()
    if asking == ONE_MORE:
        return slots(accepts_duplicate=True, asking=None)
    if asked == "later_amount":
        return slots(later_amount=FULL, asking=None)
    if asked == "later_consent" and asking is None:
        # Words that only sound like a yes set nothing.
        turn.say("draft_not_confirmed")
    return slots(asking=None) if asking == WHAT_TO_CHANGE else stay(turn)


def _take_no(turn: Turn) -> list[Event]:
    if turn.slot("requested_slot") == "later_consent" and turn.slot("asking") is None:
        return slots(asking=WHAT_TO_CHANGE)
    return _not_set(turn)


def _go_back(turn: Turn) -> list[Event]:
    """One question back; before the first one there is only the way out."""
    asked, asking = turn.slot("requested_slot"), turn.slot("asking")
    if asking in (WHAT_TO_CHANGE, OTHER_DAY):
        return slots(asking=None)
    if asked in ("later_consent", "later_amount", "later_method"):
        return slots(later_amount=turn.slot("later_amount") or FULL, later_on=None, asking=None)
    return _not_set(turn)


def _take_secret(turn: Turn) -> list[Event]:
    outcome = str(turn.entity("outcome") or "")
    if outcome != "ok":
        turn.refuse_secret(outcome)
    return stay(turn)


class ValidateLater(ValidateForm):
    """A day or an amount in the words is taken whatever was asked: "no, make it 60", "Friday instead"."""

    action_name = "validate_later_form"
    step = "later"
    answers: ClassVar[Answers] = {
        "schedule_payment": _take_wish,
        "cancel_payment": _take_back,
        "inform_amount": lambda turn: _change(turn, AMOUNT),
        "switch_method": _take_method,
        "inform_digits": _take_digits,
        "secret_checked": _take_secret,
        "affirm": _take_yes,
        "deny": _take_no,
        "go_back": _go_back,
    }

    def correct(self, turn: Turn) -> list[Event]:
        asked = str(turn.slot("requested_slot"))
        may_correct = turn.intent in _MAY_CORRECT and "?" not in turn.words
        if asked == "later_which" or (asked != "later_on" and not may_correct):
            return []
        day = chosen_day(turn) or day_in(turn, turn.words, summary_of(turn).due_on)
        cents = turn.entity("amount_cents") or turn.facts.get("amount_cents")
        if day is None and type(cents) is not int:
            return []
        events = begin_change(turn, DAY) if asked == "later_wish" else []
        if asked == "later_wish" and day is None:
            events = begin_change(turn, AMOUNT)
        if type(cents) is int:
            events += slots(later_amount=cents, asking=None)
        return events + (take_day(turn, day) if day is not None else [])

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return leave("done" if refusal.code == "not_verified" else "asked")
