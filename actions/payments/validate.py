"""What an answer in pay_form changes: amount, method, card, keeping it. Never consent."""

from __future__ import annotations

import re
from collections.abc import Callable

from actions.base import PorchlightAction, slots
from actions.goals import is_left_to_rules
from actions.identity.validate import FINAL_REFUSALS
from actions.intents import PAYING
from actions.later.days import names_later_day
from actions.payments.amounts import FULL, Amount, amount_in
from actions.payments.keeping import take_keep_answer
from actions.payments.next_account import named_accounts
from actions.payments.steps import (
    DUPLICATE,
    NEW_CARD,
    NOT_NEEDED,
    OTHER_AMOUNT,
    WHAT_TO_CHANGE,
    may_keep_card,
    named_method,
    other_method,
    pays_with_usual,
    with_method,
    with_method_of,
)
from actions.payments.whose import is_guest
from actions.turn import Event, Turn
from assistant.errors import PaymentRefused, Refusal

_CARD_WORDS = {
    "too-many-failed-attempts": "card_too_many_attempts",
    "payment-connector-error": "card_not_reached",
    "caller-interrupted-with-star": "card_put_off",
}


class ValidatePay(PorchlightAction):
    """Rasa calls this for every turn inside the form, and when the form begins."""

    action_name = "validate_pay_form"

    def act(self, turn: Turn) -> list[Event]:
        if turn.slot("requested_slot") is None:
            # The form begins; with an event Rasa does not ask a second time.
            return _stay(turn)
        if turn.intent in PAYING and names_later_day(turn):
            # "Make it Friday": another wish, taken up by its rule.
            return []
        if turn.intent in PAYING and named_accounts(turn) is not None:
            # Another account than the one that is offered, or all of them: begun anew by its rule.
            return []
        amount = amount_in(turn)
        if is_guest(turn) and not isinstance(amount, int):
            amount = None
        if amount is not None and turn.intent != "switch_method":
            return [*change_amount(turn, amount), *_change_to_named_method(turn)]
        if turn.intent == "cancel_payment" and not _names_scheduled(turn.words):
            # Said before the yes, it means this one.
            return _not_now(turn)
        if is_left_to_rules(turn.intent, "pay"):
            return []
        answers: dict[str, Callable[[Turn], list[Event]]] = {
            "pay_bill": _take_option,
            "inform_amount": _ask_other_amount,
            "switch_method": _change_method,
            "secret_checked": _take_secret,
            "card_keyed": _take_card,
            "affirm": _take_yes,
            "deny": _take_no,
            "go_back": _go_back,
        }
        return answers.get(turn.intent, _stay)(turn)

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return leave() if refusal.code == "not_verified" else _stay(turn)


def _names_scheduled(words: str) -> bool:
    """`cancel my scheduled payment` is about another payment than the one that is being read back."""
    return re.search(r"\b(?:scheduled|programado)\b", words, re.IGNORECASE) is not None


def change_amount(turn: Turn, amount: Amount) -> list[Event]:
    """Pay another amount with the same method; a card that is to be kept is asked about again."""
    events = slots(amount=amount, asking=None, accepts_duplicate=False)
    if turn.slot("keep_card") in ("yes", "no"):
        events += slots(keep_card=None)
    return events


def leave() -> list[Event]:
    """End the form without a payment; every slot is filled so that nothing more is asked."""
    return slots(
        amount=0, method=NOT_NEEDED, card=NOT_NEEDED, keep_card=NOT_NEEDED, consent=NOT_NEEDED, then="done"
    )


def _stay(turn: Turn) -> list[Event]:
    """Nothing changes and the question is asked again. An event keeps Rasa from leaving the form."""
    return slots(asking=turn.slot("asking"))


def _ask_other_amount(turn: Turn) -> list[Event]:
    return slots(amount=None, asking=OTHER_AMOUNT)


def _take_option(turn: Turn) -> list[Event]:
    option = turn.entity("option")
    if option == OTHER_AMOUNT:
        return _ask_other_amount(turn)
    if option == DUPLICATE:
        return slots(accepts_duplicate=True, asking=None)
    return [*slots(asking=None), *_change_to_named_method(turn)]


def _change_to_named_method(turn: Turn) -> list[Event]:
    """`make it 60 with my visa`; a card that is named already changes nothing."""
    named = named_method(turn)
    return with_method(named.id) if named is not None and named.id != turn.slot("method") else []


def _change_method(turn: Turn) -> list[Event]:
    method = turn.entity("method_id")
    if isinstance(method, str):
        return [*with_method(method), *slots(asking=None)]
    # "The other card" is the only other one; said again, or pressed, it is a choice that has a new card too.
    other = other_method(turn) if turn.words and pays_with_usual(turn) else None
    chosen = named_method(turn) or other
    if chosen is not None and chosen.id != turn.slot("method"):
        return [*with_method(chosen.id), *slots(asking=None)]
    return [*with_method(None), *slots(asking=None)]


def _take_secret(turn: Turn) -> list[Event]:
    outcome = str(turn.entity("outcome") or "")
    if outcome == "ok":
        return _stay(turn)
    turn.refuse_secret(outcome)
    return leave() if outcome in FINAL_REFUSALS | {"not_verified"} else _stay(turn)


def _take_card(turn: Turn) -> list[Event]:
    result = turn.entity("result")
    if result == "success":
        draft = turn.services.payments.current_draft(turn.session_id)
        if draft is None or draft.method is None:
            turn.say("card_not_taken")
            return with_method(None)
        keep = None if may_keep_card(turn) else NOT_NEEDED
        return slots(method=draft.method.id, card="keyed", keep_card=keep)
    if result == "refused":
        turn.refuse(PaymentRefused(str(turn.facts.get("code") or "method_not_usable")))
        return with_method(None)
    turn.say(_CARD_WORDS.get(str(result), "card_not_taken"))
    return with_method(None)


def _take_yes(turn: Turn) -> list[Event]:
    asked, asking = turn.slot("requested_slot"), turn.slot("asking")
    if asking == DUPLICATE:
        return slots(accepts_duplicate=True, asking=None)
    if asked == "amount" and asking is None:
        return change_amount(turn, FULL)
    if asked == "method":
        return with_method(NEW_CARD)
    if asked == "keep_card":
        return take_keep_answer(turn, keeps=True)
    if asked == "consent" and asking is None:
        # Words that only sound like a yes move no money.
        turn.say("draft_not_confirmed")
    return slots(asking=None) if asking == WHAT_TO_CHANGE else _stay(turn)


def _take_no(turn: Turn) -> list[Event]:
    asked, asking = turn.slot("requested_slot"), turn.slot("asking")
    if asked == "keep_card":
        return take_keep_answer(turn, keeps=False)
    if asked == "consent" and asking is None:
        return slots(asking=WHAT_TO_CHANGE)
    if asked == "amount" and asking is None:
        return _ask_other_amount(turn)
    return _not_now(turn)


def _not_now(turn: Turn) -> list[Event]:
    """Nothing is paid, and nobody asks about it again in the next session."""
    turn.services.payments.put_off(turn.session_id)
    turn.say("not_paid")
    return leave()


def _go_back(turn: Turn) -> list[Event]:
    """One question back; before the first one there is only the way out."""
    asked, asking = turn.slot("requested_slot"), turn.slot("asking")
    if asked == "amount" and asking is None:
        return _not_now(turn)
    if asked == "amount":
        return slots(asking=None)
    read_back = turn.services.payments.current_draft(turn.session_id)
    if asked == "method" and read_back is not None and read_back.pay_on is None:
        return [*with_method_of(turn, read_back), *slots(asking=None)]
    if asked == "card":
        return with_method(None)
    if asking == WHAT_TO_CHANGE:
        return slots(asking=None)
    return slots(amount=None, asking=None)
