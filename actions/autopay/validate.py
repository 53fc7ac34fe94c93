"""What an answer in autopay_form changes: amount, day, methods, pausing, leaving. Never consent."""

from __future__ import annotations

from typing import ClassVar

from actions.autopay.steps import NONE, NOT_NEEDED, SLOT_OF_PART, WHAT_TO_CHANGE, values_before
from actions.autopay.wishes import (
    CAPPED,
    CHANGE,
    DAYS,
    ENROLL,
    FIXED,
    FULL,
    LEAVE,
    PAUSE,
    RESUME,
    amount_in,
    amount_slot,
    days_in,
    wish_in,
)
from actions.base import slots
from actions.forms import Answers, ValidateForm, stay
from actions.payments.steps import payer
from actions.turn import Event, Turn
from assistant.dialogue.keywords import is_yes
from assistant.errors import Refusal

# Words with these readings may correct an amount or a day; a question that only mentions one does not.
_MAY_CORRECT = frozenset(
    {
        "autopay_enroll",
        "autopay_manage",
        "inform_amount",
        "pay_bill",
        "schedule_payment",
        "deny",
        "affirm",
        "nlu_fallback",
        "out_of_scope",
    }
)


def leave(then: str = "done") -> list[Event]:
    """End the form; every slot is filled so that nothing more is asked."""
    filled = dict.fromkeys((*SLOT_OF_PART.values(), "autopay_wish", "autopay_consent"), NOT_NEEDED)
    return slots(**filled, asking=None, then=then)


def _take_wish(turn: Turn) -> list[Event]:
    """A choice of the form, or another wish about autopay in the middle of it."""
    option = turn.entity("option")
    if option in SLOT_OF_PART:
        return slots(**{SLOT_OF_PART[str(option)]: None}, asking=None)
    match option:
        case "full":
            return slots(autopay_amount=FULL, asking=None)
        case "capped" | "fixed":
            return slots(autopay_amount=None, asking=option)
        case "due_date":
            return slots(autopay_days=0, asking=None)
        case "days_before":
            return slots(autopay_days=None, asking=DAYS)
        case "no_backup":
            return slots(autopay_backup=NONE, asking=None)
        case "what":
            return slots(asking=WHAT_TO_CHANGE)
    return _change_wish(turn)


def _change_wish(turn: Turn) -> list[Event]:
    wish = wish_in(turn)
    if wish in (PAUSE, RESUME, LEAVE):
        return slots(autopay_wish=wish, asking=None)
    if wish == CHANGE and turn.slot("autopay_wish") in (ENROLL, CHANGE):
        return slots(asking=WHAT_TO_CHANGE)
    return stay(turn)


def _take_method(turn: Turn) -> list[Event]:
    method, asked = turn.entity("method_id"), turn.slot("requested_slot")
    slot = "autopay_backup" if asked == "autopay_backup" else "autopay_method"
    saved = [each.id for each in turn.services.payments.saved_methods.saved(payer(turn).account_id)]
    if method not in saved:
        return slots(**{slot: None}, asking=None)
    events = slots(**{slot: method}, asking=None)
    if slot == "autopay_method" and turn.slot("autopay_backup") == method:
        events += slots(autopay_backup=NONE)
    return events


def _take_digits(turn: Turn) -> list[Event]:
    digits, most = str(turn.entity("digits") or ""), turn.services.settings.autopay_days_before_max
    if turn.slot("requested_slot") != "autopay_days" or not digits.isdigit():
        return stay(turn)
    return _take_days(turn, int(digits), most)


def _take_days(turn: Turn, days: int, most: int) -> list[Event]:
    if days > most:
        turn.say("autopay_days_too_many", days_max=most)
        return slots(autopay_days=None, asking=DAYS)
    return slots(autopay_days=days, asking=None)


def _take_yes(turn: Turn) -> list[Event]:
    asked, wish = turn.slot("requested_slot"), turn.slot("autopay_wish")
    if asked == "autopay_consent" and wish in (PAUSE, RESUME, LEAVE):
        is_clear = not turn.words or is_yes(turn.words)
        return _do(turn, wish) if is_clear else stay(turn)
    if asked == "autopay_consent" and turn.slot("asking") is None:
        # Words that only sound like a yes agree to nothing.
        turn.say("draft_not_confirmed")
    return slots(asking=None) if turn.slot("asking") == WHAT_TO_CHANGE else stay(turn)


def _do(turn: Turn, wish: str) -> list[Event]:
    autopay = turn.services.payments.autopay
    if wish == LEAVE:
        autopay.leave(session_id=turn.session_id, channel=turn.channel)
    elif wish == PAUSE:
        autopay.pause(session_id=turn.session_id)
    else:
        autopay.resume(session_id=turn.session_id)
    turn.say(f"autopay_done_{wish}")
    return leave()


def _take_no(turn: Turn) -> list[Event]:
    asked, wish = turn.slot("requested_slot"), turn.slot("autopay_wish")
    if asked == "autopay_backup":
        return slots(autopay_backup=NONE, asking=None)
    if asked == "autopay_consent" and wish in (ENROLL, CHANGE) and turn.slot("asking") is None:
        return slots(asking=WHAT_TO_CHANGE)
    turn.say("autopay_not_turned_on" if wish == ENROLL else "autopay_unchanged")
    return leave()


def _go_back(turn: Turn) -> list[Event]:
    """From a part back to what can be changed; from there, and from a yes or no, only the way out."""
    asking, wish = turn.slot("asking"), turn.slot("autopay_wish")
    asked = str(turn.slot("requested_slot"))
    if asked == "autopay_consent" and (asking == WHAT_TO_CHANGE or wish not in (ENROLL, CHANGE)):
        turn.say("autopay_not_turned_on" if wish == ENROLL else "autopay_unchanged")
        return leave()
    before = values_before(turn)
    return slots(**({asked: before[asked]} if asked in before else {}), asking=WHAT_TO_CHANGE)


def _take_secret(turn: Turn) -> list[Event]:
    outcome = str(turn.entity("outcome") or "")
    if outcome != "ok":
        turn.refuse_secret(outcome)
    return stay(turn)


class ValidateAutopay(ValidateForm):
    """An amount or a number of days in the words is taken whatever was asked."""

    action_name = "validate_autopay_form"
    step = "autopay"
    answers: ClassVar[Answers] = {
        "autopay_enroll": _take_wish,
        "autopay_manage": _change_wish,
        "autopay_cancel": _change_wish,
        "switch_method": _take_method,
        "update_payment_method": lambda turn: slots(autopay_method=None, asking=None),
        "inform_amount": lambda turn: slots(autopay_amount=None, asking=None),
        "inform_digits": _take_digits,
        "secret_checked": _take_secret,
        "affirm": _take_yes,
        "deny": _take_no,
        "go_back": _go_back,
    }

    def correct(self, turn: Turn) -> list[Event]:
        is_setting = turn.slot("autopay_wish") in (ENROLL, CHANGE)
        if not is_setting or turn.intent not in _MAY_CORRECT or turn.entity("option"):
            return []
        days, amount, asking = days_in(turn.words), amount_in(turn), turn.slot("asking")
        events: list[Event] = []
        if amount is not None:
            cents = amount.partition(":")[2]
            if asking in (CAPPED, FIXED) and cents:
                amount = amount_slot(asking, int(cents))
            events += slots(autopay_amount=amount, asking=None)
        if days is not None:
            events += _take_days(turn, days, turn.services.settings.autopay_days_before_max)
        return events

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return leave("done" if refusal.code == "not_verified" else "asked")
