"""The questions of later_form: which payment, what about it, how much, which day, with what, the yes."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from actions.base import PorchlightAction, slots
from actions.forms import ask_next, end_form
from actions.handoff import ask_person
from actions.later.steps import (
    NEW,
    ONE_MORE,
    OTHER_AMOUNT,
    TAKING_BACK,
    WHAT_TO_CHANGE,
    chosen,
    has_time,
    later_draft,
    require_possible,
    upcoming,
)
from actions.later.wishes import OTHER_DAY, SEE, TAKE_BACK
from actions.payments.steps import payer, summary_of, when_due, which_account
from actions.turn import Event, Turn
from assistant.billing.views import AccountSummary
from assistant.dialogue import phrasing
from assistant.errors import PaymentRefused, Refusal

_MOST_CHOICES = 4
_FRIDAY = 4
# These words are told instead of the question, and the question that they lead back to comes behind them.
_ASKS_DAY = frozenset({"schedule_in_past", "schedule_after_due"})
_ASKS_METHOD = frozenset({"method_expires_first"})
# These words ask for the amount themselves.
_ASKS_AMOUNT = frozenset({"amount_too_small", "amount_too_large", "amount_over_balance"})


class LaterQuestion(PorchlightAction):
    """A question of later_form. A refusal is told instead of it, with its own way on."""

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        if refusal.code in _ASKS_AMOUNT:
            return [*ask_next("later_amount"), *slots(asking=OTHER_AMOUNT)]
        if refusal.code in _ASKS_DAY:
            ask_day(turn, summary_of(turn))
            return [*ask_next("later_on"), *slots(asking=None)]
        if refusal.code in _ASKS_METHOD:
            ask_method(turn)
            return [*ask_next("later_method"), *slots(asking=None)]
        if refusal.code == "already_scheduled":
            return slots(asking=ONE_MORE)
        return end_form("done" if refusal.code == "not_verified" else "asked")


class AskLaterWhich(LaterQuestion):
    """Asks which of several payments is meant; a "take it back" without any is a matter for the office."""

    action_name = "action_ask_later_which"

    def act(self, turn: Turn) -> list[Event]:
        coming = upcoming(turn)
        if not coming and turn.slot("later_aim") == TAKE_BACK:
            answer = ask_person(turn, "cancel_payment")
            turn.say("cancel_payment", promised_by=answer.promised_by_at)
            return end_form("done")
        if not coming:
            raise PaymentRefused("schedule_not_found")
        buttons = []
        for each in coming[:_MOST_CHOICES]:
            amount = phrasing.amount(each.total_cents, turn.language, turn.channel)
            title = phrasing.amount_on_day(amount, each.pay_on, _today(turn), turn.language, turn.channel)
            payload = "/schedule_payment" + json.dumps({"scheduled_id": each.id})
            buttons.append({"title": title, "payload": payload})
        turn.say("ask_later_which", buttons, later_count=len(coming))
        return []


class AskLaterWish(LaterQuestion):
    """Tells what is set, and asks what to do with it."""

    action_name = "action_ask_later_wish"

    def act(self, turn: Turn) -> list[Event]:
        found = chosen(turn)
        told: dict[str, Any] = {
            "total_cents": found.total_cents,
            "pay_on": found.pay_on,
            "method": found.method,
            "confirmation_number": found.confirmation_number,
        }
        if not found.is_changeable:
            raise PaymentRefused("schedule_too_late", pay_on=found.pay_on, until=found.changes_until)
        if TAKE_BACK in (turn.slot("later_aim"), turn.slot("asking")) or turn.slot("asking") == TAKING_BACK:
            turn.say("ask_later_take_back", **told)
            return slots(asking=TAKING_BACK)
        turn.say("ask_later_wish", **told)
        return []


class AskLaterAmount(LaterQuestion):
    """Asks another amount; the first one is what is owed."""

    action_name = "action_ask_later_amount"

    def act(self, turn: Turn) -> list[Event]:
        summary = summary_of(turn)
        require_possible(turn, summary)
        turn.say("ask_later_amount", due_cents=summary.amount_due_cents, when_due=when_due(turn, summary))
        return slots(asking=OTHER_AMOUNT)


class AskLaterOn(LaterQuestion):
    """Asks the day: the due date, the Friday before it, or another one."""

    action_name = "action_ask_later_on"

    def act(self, turn: Turn) -> list[Event]:
        summary = summary_of(turn)
        require_possible(turn, summary)
        if not has_time(summary, _today(turn)):
            turn.say("later_due_now", due_cents=summary.amount_due_cents)
            return end_form("asked")
        if turn.slot("asking") == OTHER_DAY:
            turn.say("ask_later_other_day")
            return []
        ask_day(turn, summary)
        return []


class AskLaterMethod(LaterQuestion):
    """Asks with which saved card or account."""

    action_name = "action_ask_later_method"

    def act(self, turn: Turn) -> list[Event]:
        require_possible(turn, summary_of(turn))
        ask_method(turn)
        return []


class AskLaterConsent(LaterQuestion):
    """Reads amount, method and the full day back. Only a recorded yes to this very draft sets it."""

    action_name = "action_ask_later_consent"

    def act(self, turn: Turn) -> list[Event]:
        if turn.slot("asking") == WHAT_TO_CHANGE:
            turn.say("ask_later_what_to_change")
            return []
        summary = summary_of(turn)
        if turn.slot("later_which") == NEW:
            require_possible(turn, summary)
            if not has_time(summary, _today(turn)):
                turn.say("later_due_now", due_cents=summary.amount_due_cents)
                return end_form("asked")
        draft = later_draft(turn, summary)
        turn.say(
            "ask_later_consent",
            price=phrasing.price(draft.amount_cents, draft.fee_cents, turn.language, turn.channel)
            + which_account(turn, draft.account_id),
            method=draft.method,
            pay_on=draft.pay_on,
            draft_id=draft.id,
        )
        return slots(asking=None)


def ask_day(turn: Turn, summary: AccountSummary) -> None:
    """The question with the days that work, as choices."""
    days = _days_offered(summary.due_on or _today(turn), _today(turn))
    language, channel = turn.language, turn.channel
    buttons = [
        {
            "title": phrasing.pay_on(day, _today(turn), language, channel),
            "payload": "/schedule_payment" + json.dumps({"day": day.isoformat()}),
        }
        for day in days
    ]
    others = {OTHER_DAY: phrasing.another_day(language)}
    if turn.slot("later_which") == NEW and upcoming(turn):
        # The one way to it by keypad.
        others[SEE] = phrasing.what_is_set(language)
    buttons += [
        {"title": title, "payload": "/schedule_payment" + json.dumps({"option": option})}
        for option, title in others.items()
    ]
    turn.say("ask_later_on", buttons, due_on=summary.due_on)


def ask_method(turn: Turn) -> None:
    """The question with what is on file, as choices."""
    saved = [each for each in turn.services.payments.methods(payer(turn)) if not each.is_expired]
    buttons = [
        {
            "title": phrasing.with_method(
                each.brand, each.last_four, turn.language, turn.channel, kind=each.kind
            ),
            "payload": "/switch_method" + json.dumps({"method_id": each.id}),
        }
        for each in saved[:_MOST_CHOICES]
    ]
    turn.say("ask_later_method", buttons)


def _days_offered(due_on: date, today: date) -> list[date]:
    """The due date, and the last Friday before it that is still to come."""
    friday = due_on - timedelta(days=(due_on.weekday() - _FRIDAY - 1) % 7 + 1)
    return [due_on, friday] if friday > today else [due_on]


def _today(turn: Turn) -> date:
    return turn.services.clock.today()
