"""Answers questions about an account: what is owed, by when, the least to pay, what came in or went back."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from actions.handoff import ask_person
from actions.payments.next_account import named_accounts, total_owed
from actions.payments.status import tell_by_confirmation, tell_last
from actions.payments.steps import payer, when_due, which_account
from actions.turn import Turn
from assistant.billing.standing import Standing
from assistant.billing.views import AccountSummary
from assistant.dialogue.periods import read_past_amount, read_past_day

# "When will I be cut off" sounds like "when is it due" to a recogniser of intents.
_CUTOFF = re.compile(
    r"\b(?:cut|shut|turn)(?:ting|ned|s)?\b.{0,20}\boff\b|\b(?:cut|shut)-?off|\bdisconnect"
    r"|\b(?:cort(?:e|an?|ar|en|ado)|desconect\w+|suspend\w+|suspensi[oó]n)\b",
    re.IGNORECASE,
)
_ABOUT_PAYMENTS = frozenset({"payment_status", "payment_failed", "last_payment"})
_ABOUT_OWED = frozenset({"check_balance", "check_amount_due"})
# What each account owes, in one text with what the conversation asks behind it.
_LONGEST_PARTS, _LONGEST_PARTS_IN_FORM = 160, 40
# A refund that is older is no longer what is asked about.
_REFUND_DAYS = 60


def names_cutoff(words: str) -> bool:
    """Whether words name the end of service: cut off, disconnected, `corte`."""
    return _CUTOFF.search(words) is not None


def told_of_account(turn: Turn) -> dict[str, Any]:
    """The amount and day of the payment that is asked about, as a slot's value."""
    on = read_past_day(turn.words, turn.services.clock.today())
    cents = read_past_amount(turn.words, turn.language)
    sought = {"amount_cents": cents, "on": None if on is None else on.isoformat()}
    return {"sought": sought if turn.intent == "payment_status" and any(sought.values()) else None}


def tells_named(turn: Turn, question: str) -> bool:
    """Whether accounts that are named are told of without picking one: all of these are this phone's.

    One account alone is picked, but not in the middle of what is being done for another.
    """
    named = named_accounts(turn) or []
    return question in _ABOUT_OWED and (len(named) > 1 or (bool(named) and bool(turn.active_form)))


def answer_about_account(turn: Turn, question: str) -> str:
    """Tell what was asked, and which response closes the turn: paying is offered to who can owe something.

    A payment's state by its confirmation number needs no account.
    """
    number = turn.facts.get("confirmation_number")
    if question == "payment_status" and isinstance(number, str):
        tell_by_confirmation(turn, number)
        return "what_next"
    named = named_accounts(turn) or []
    if len(named) > 1 and question in _ABOUT_OWED:
        return _tell_total(turn, named)
    account_id = named[0] if tells_named(turn, question) else payer(turn).account_id
    standing = turn.services.billing.standing(account_id)
    _tell(turn, question, standing)
    owes = standing.account.amount_due_cents > 0 or standing.prepaid is not None
    return "what_next" if owes else "anything_else"


def _tell_total(turn: Turn, account_ids: list[int]) -> str:
    total_cents, parts = total_owed(turn, account_ids)
    longest = _LONGEST_PARTS_IN_FORM if turn.active_form else _LONGEST_PARTS
    kind = "owes_in_all" if len(parts) <= longest else "owes_in_all_short"
    turn.say(kind, accounts=len(account_ids), total_cents=total_cents, parts=parts)
    return "what_next" if total_cents else "anything_else"


def _tell(turn: Turn, question: str, standing: Standing) -> None:
    account_id = standing.account.account_id
    if question == "payment_status" and _tell_sought(turn):
        return
    if question in _ABOUT_PAYMENTS:
        tell_last(turn, account_id)
    elif question == "refund":
        _tell_refund(turn, account_id)
    else:
        _tell_standing(turn, question, standing)


def _tell_sought(turn: Turn) -> bool:
    """Whether the payment of this amount or day came in; False when none was named."""
    sought = told_of_account(turn)["sought"] if turn.intent == "payment_status" else turn.slot("sought")
    if not isinstance(sought, dict):
        return False
    on = date.fromisoformat(sought["on"]) if sought["on"] else None
    cents = sought["amount_cents"]
    found = turn.services.billing.history.find(payer(turn), amount_cents=cents, on=on)
    if found is None:
        turn.say("payment_not_found_amount" if on is None else "payment_not_found", sought_cents=cents or 0)
    else:
        turn.say("payment_found", found_cents=found.amount_cents, found_on=found.received_on)
    return True


def _tell_refund(turn: Turn, account_id: int) -> None:
    refund = turn.services.billing.last_refund(account_id)
    newest = turn.services.clock.today() - timedelta(days=_REFUND_DAYS)
    if refund is not None and refund.effective_on >= newest:
        turn.say("refund_made", refund_cents=refund.amount_cents, refunded_on=refund.effective_on)
        return
    answer = ask_person(turn, "refund")
    turn.say("refund", promised_by=answer.promised_by_at)


def _tell_standing(turn: Turn, question: str, standing: Standing) -> None:
    if standing.prepaid is not None:
        kind = "prepaid_left" if standing.prepaid.days_left is None else "prepaid_left_days"
        kind = kind if standing.prepaid.left_cents else "prepaid_empty"
        turn.say(
            kind,
            left_cents=standing.prepaid.left_cents,
            days_left=str(standing.prepaid.days_left),
            due_cents=standing.account.amount_due_cents,
        )
    elif question == "prepaid_balance":
        turn.say("not_prepaid", due_cents=standing.account.amount_due_cents)
    elif question == "min_payment":
        _tell_least(turn, standing)
    else:
        _tell_owed(turn, standing)


def _tell_least(turn: Turn, standing: Standing) -> None:
    account = standing.account
    words = {
        "notice": "disconnect",
        "notice_passed": "disconnect_passed",
        "notice_met": "disconnect_met",
        "arrangement": "least_arranged",
        "past_due": "least_past_due",
        "due": "least_due",
        "nothing": "least_nothing",
    }
    turn.say(
        words[standing.reason],
        disconnect_on=standing.disconnect_on,
        least_cents=standing.least_cents,
        least_by=standing.by,
        past_due_cents=account.past_due_cents,
        due_cents=account.amount_due_cents,
        when_due=_due_of_which(turn, account),
    )


def _tell_owed(turn: Turn, standing: Standing) -> None:
    summary = standing.account
    if summary.amount_due_cents == 0:
        credit = "_with_credit" if summary.balance_cents < 0 else ""
        turn.say(f"owes_nothing{credit}", credit_cents=-summary.balance_cents)
        return
    may_be_cut_off = standing.reason == "notice" and summary.past_due_cents > 0
    past_due = "owes_with_notice" if may_be_cut_off else "owes_past_due"
    turn.say(
        past_due if summary.past_due_cents else "owes",
        due_cents=summary.amount_due_cents,
        past_due_cents=summary.past_due_cents,
        disconnect_on=standing.disconnect_on,
        least_cents=standing.least_cents,
        when_due=_due_of_which(turn, summary),
    )


def _due_of_which(turn: Turn, summary: AccountSummary) -> str:
    """`, due Dec 3 for the account ending 0012`: which one it is, where a phone has several."""
    return when_due(turn, summary) + which_account(turn, summary.account_id)
