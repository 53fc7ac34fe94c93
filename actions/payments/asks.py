"""The questions of pay_form: how much, with what, the card itself, keep it, and the reading back."""

from __future__ import annotations

import json

from rasa_sdk.events import SlotSet

from actions.base import PorchlightAction, slots
from actions.payments.amounts import FULL
from actions.payments.guest import as_told
from actions.payments.steps import (
    DUPLICATE,
    OTHER_AMOUNT,
    WHAT_TO_CHANGE,
    draft_now,
    may_keep_card,
    methods_to_choose,
    payer,
    summary_of,
    when_due,
    which_account,
)
from actions.payments.whose import is_guest
from actions.turn import Event, Turn
from assistant.dialogue import phrasing
from assistant.errors import Refusal
from assistant.payments.views import DraftView

# Saved methods offered beside a new card; five choices are the most a caller can remember.
_MOST_METHODS = 4
# After these there is nothing more to ask in the form.
_ENDS_FORM = frozenset(
    {
        "nothing_due",
        "payment_in_progress",
        "payments_unavailable",
        "cards_not_accepted",
        "daily_limit_reached",
        "payment_refused",
        "guest_amount_not_possible",
    }
)
_ASKS_AMOUNT = frozenset({"amount_too_small", "amount_too_large", "amount_over_balance"})


class PayQuestion(PorchlightAction):
    """A question of pay_form. A refusal is told instead of it, with its own way on."""

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        refusal = as_told(turn, refusal)
        turn.refuse(refusal)
        if refusal.code in _ENDS_FORM:
            return end_form("asked")
        if refusal.code == "not_verified":
            return end_form("done")
        if refusal.code in _ASKS_AMOUNT:
            return slots(amount=None, asking=OTHER_AMOUNT)
        if refusal.code in ("duplicate_payment", "duplicate_of_held", "duplicate_of_pending"):
            return slots(asking=DUPLICATE)
        return slots(method=None)


def end_form(then: str) -> list[Event]:
    """Close pay_form from within one of its questions; `then` is `asked` or `done`."""
    return [*slots(then=then, asking=None), SlotSet("requested_slot", None)]


class AskAmount(PayQuestion):
    """Asks what to pay: all, the part past due, or another amount."""

    action_name = "action_ask_amount"

    def act(self, turn: Turn) -> list[Event]:
        if turn.slot("asking") == OTHER_AMOUNT or is_guest(turn):
            turn.say("ask_other_amount")
            return []
        summary = summary_of(turn)
        prepaid = turn.services.billing.standing(summary.account_id).prepaid
        if prepaid is not None:
            turn.say("ask_prepaid_amount", left_cents=prepaid.left_cents)
            return slots(asking=OTHER_AMOUNT)
        if summary.amount_due_cents == 0:
            credit = "_with_credit" if summary.balance_cents < 0 else ""
            turn.say(f"nothing_due{credit}", credit_cents=-summary.balance_cents)
            return end_form("asked")
        is_partly_past_due = 0 < summary.past_due_cents < summary.amount_due_cents
        turn.say(
            "ask_amount_past_due" if is_partly_past_due else "ask_amount",
            due_cents=summary.amount_due_cents,
            when_due=when_due(turn, summary),
            past_due_cents=summary.past_due_cents,
        )
        return []


class AskMethod(PayQuestion):
    """Asks with what to pay. Saved methods are told to a verified member only."""

    action_name = "action_ask_method"

    def act(self, turn: Turn) -> list[Event]:
        if payer(turn).level != "verified":
            turn.say("ask_pin_for_methods" if turn.channel == "sms" else "ask_method")
            return []
        buttons = [
            {
                "title": phrasing.with_method(
                    each.brand, each.last_four, turn.language, turn.channel, kind=each.kind
                ),
                "payload": "/switch_method" + json.dumps({"method_id": each.id}),
            }
            for each in methods_to_choose(turn)[:_MOST_METHODS]
        ]
        turn.say("ask_method", buttons)
        return []


class AskCard(PayQuestion):
    """By phone the card is keyed; by text we offer to ring."""

    action_name = "action_ask_card"

    def act(self, turn: Turn) -> list[Event]:
        draft = draft_now(turn)
        turn.say("ask_card", price=_price(turn, draft), draft_id=draft.id, expired=_what_expired(turn))
        return []


class AskKeepCard(PayQuestion):
    """Asks whether the keyed card may be kept; the words are the mandate."""

    action_name = "action_ask_keep_card"

    def act(self, turn: Turn) -> list[Event]:
        turn.say("ask_keep_card", method=draft_now(turn).method)
        return []


class AskConsent(PayQuestion):
    """Reads amount and method back. Only a recorded yes to this very draft moves money."""

    action_name = "action_ask_consent"

    def act(self, turn: Turn) -> list[Event]:
        if turn.slot("asking") == WHAT_TO_CHANGE:
            turn.say("ask_what_to_change")
            return []
        draft, summary = draft_now(turn), summary_of(turn)
        over_cents = draft.amount_cents - summary.amount_due_cents
        kind = "offer" if turn.slot("amount") == FULL else "read_back"
        if over_cents > 0 and turn.services.billing.standing(summary.account_id).prepaid is None:
            kind = "read_back_over"
        if is_guest(turn):
            kind = "read_back"
        needs_pin = draft.method is not None and draft.method.is_saved and not may_keep_card(turn)
        turn.say(
            f"{kind}_with_pin" if needs_pin else kind,
            price=_price(turn, draft),
            method=draft.method,
            draft_id=draft.id,
            due_cents=summary.amount_due_cents,
            when_due=when_due(turn, summary),
            over_cents=max(over_cents, 0),
        )
        return slots(asking=None)


def _what_expired(turn: Turn) -> str:
    """Why what is on file is not offered, for who may know it: `Your Visa 4242 has expired. `; or nothing."""
    who = payer(turn)
    is_asked_for_pin_later = turn.channel == "sms" and who.role == "member"
    if is_guest(turn) or not (who.level == "verified" or is_asked_for_pin_later):
        return ""
    saved = turn.services.payments.saved_methods.saved(who.account_id)
    if not saved or not all(method.is_expired for method in saved):
        return ""
    return phrasing.has_expired(saved[0].brand, saved[0].last_four, turn.language, turn.channel)


def _price(turn: Turn, draft: DraftView) -> str:
    price = phrasing.price(draft.amount_cents, draft.fee_cents, turn.language, turn.channel)
    return price + which_account(turn, draft.account_id)
