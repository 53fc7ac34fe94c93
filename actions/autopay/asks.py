"""The questions of autopay_form: how much, which day, with what, which backup, and the yes."""

from __future__ import annotations

import json

from actions.autopay.steps import NONE, WHAT_TO_CHANGE, offer_now, status_of
from actions.autopay.telling import blanks_of
from actions.autopay.wishes import CAPPED, CHANGE, DAYS, ENROLL, FIXED
from actions.base import PorchlightAction, slots
from actions.forms import ask_next, end_form
from actions.payments.steps import payer
from actions.turn import Event, Turn
from assistant.dialogue import phrasing
from assistant.errors import PaymentRefused, Refusal

_MOST_CHOICES = 4
_ASKS_AMOUNT = frozenset({"amount_too_small", "amount_too_large"})


class AutopayQuestion(PorchlightAction):
    """A question of autopay_form. A refusal is told instead of it, with its own way on."""

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        if refusal.code in _ASKS_AMOUNT:
            kind = str(turn.slot("autopay_amount")).partition(":")[0]
            return [*ask_next("autopay_amount"), *slots(asking=kind)]
        if refusal.code == "autopay_days_too_many":
            turn.say("ask_autopay_day_count")
            return [*ask_next("autopay_days"), *slots(asking=DAYS)]
        if refusal.code == "autopay_same_backup":
            _ask_method(turn, "ask_autopay_backup", leaves_out=str(turn.slot("autopay_method")))
            return ask_next("autopay_backup")
        return end_form("done" if refusal.code == "not_verified" else "asked")


class AskAutopayAmount(AutopayQuestion):
    """Asks how much of each bill: all, all up to a limit, or the same amount each time."""

    action_name = "action_ask_autopay_amount"

    def act(self, turn: Turn) -> list[Event]:
        asking = turn.slot("asking")
        turn.say(f"ask_autopay_{asking}" if asking in (CAPPED, FIXED) else "ask_autopay_amount")
        return []


class AskAutopayDays(AutopayQuestion):
    """Asks the day of each bill: the due date, or some days before."""

    action_name = "action_ask_autopay_days"

    def act(self, turn: Turn) -> list[Event]:
        turn.say("ask_autopay_day_count" if turn.slot("asking") == DAYS else "ask_autopay_days")
        return []


class AskAutopayMethod(AutopayQuestion):
    """Asks with which saved card or account."""

    action_name = "action_ask_autopay_method"

    def act(self, turn: Turn) -> list[Event]:
        _ask_method(turn, "ask_autopay_method")
        return []


class AskAutopayBackup(AutopayQuestion):
    """Asks what to use when the first one is declined."""

    action_name = "action_ask_autopay_backup"

    def act(self, turn: Turn) -> list[Event]:
        _ask_method(turn, "ask_autopay_backup", leaves_out=str(turn.slot("autopay_method")))
        return []


class AskAutopayConsent(AutopayQuestion):
    """Reads back what is agreed to. Only a recorded yes to this very offer turns it on or changes it."""

    action_name = "action_ask_autopay_consent"

    def act(self, turn: Turn) -> list[Event]:
        wish, now = turn.slot("autopay_wish"), status_of(turn)
        if wish != ENROLL and now is None:
            raise PaymentRefused("autopay_not_on")
        if wish not in (ENROLL, CHANGE):
            # pause, resume, leave: no money moves by the answer.
            turn.say(f"ask_autopay_{wish}")
            return []
        if turn.slot("asking") == WHAT_TO_CHANGE:
            is_on = wish == CHANGE and now is not None
            turn.say(
                "ask_autopay_what_to_change_of" if is_on else "ask_autopay_what_to_change",
                **(blanks_of(turn, now) if now else {}),
            )
            return []
        offer = offer_now(turn)
        turn.say("ask_autopay_consent", **blanks_of(turn, offer), draft_id=offer.id)
        return slots(asking=None)


def _ask_method(turn: Turn, response: str, *, leaves_out: str = NONE) -> None:
    saved = turn.services.payments.methods(payer(turn))
    buttons = [
        {
            "title": phrasing.use_method(
                each.brand, each.last_four, turn.language, turn.channel, kind=each.kind
            ),
            "payload": "/switch_method" + json.dumps({"method_id": each.id}),
        }
        for each in saved
        if not each.is_expired and each.id != leaves_out
    ]
    turn.say(response, buttons[:_MOST_CHOICES])
