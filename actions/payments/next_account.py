"""Several accounts on one texting phone: paid one after the other, each with its own yes and receipt."""

from __future__ import annotations

import json

from actions.base import slots
from actions.turn import Event, Turn
from assistant.dialogue import phrasing
from assistant.identity.service import AccountChoice


def named_accounts(turn: Turn) -> list[int] | None:
    """The accounts of this phone that the words name; empty: unclear which; None: they name none."""
    named = turn.facts.get("account_ids")
    if turn.channel != "sms" or not isinstance(named, list):
        return None
    own = [each.account_id for each in turn.services.identity.accounts_of_phone(turn.phone)]
    return [each for each in named if each in own]


def next_account(turn: Turn, paid_account_id: int) -> AccountChoice | None:
    """The next account that was named to be paid, or the first other of the phone, that owes something.

    By text only: a caller id proves nothing.
    """
    if turn.channel != "sms":
        return None
    named = turn.slot("to_pay") or []
    accounts = turn.services.identity.accounts_of_phone(turn.phone)
    accounts.sort(key=lambda each: named.index(each.account_id) if each.account_id in named else len(named))
    for account in accounts:
        if account.account_id != paid_account_id and _owes(turn, account.account_id):
            return account
    return None


def _owes(turn: Turn, account_id: int) -> int:
    return turn.services.billing.summary(account_id).amount_due_cents


def buttons_for(turn: Turn, account: AccountChoice) -> list[dict[str, str]]:
    """Pay that one too, or leave it."""
    name = phrasing.account_name(account.nickname, account.last_four, turn.language, turn.channel)
    pay, leave = {
        "en": (f"pay {name} next", "not now"),
        "es": (f"pagar {name}", "ahora no"),
    }[turn.language]
    return [
        {"title": pay, "payload": "/pay_bill" + json.dumps({"account_id": account.account_id})},
        {"title": leave, "payload": "/deny"},
    ]


def take_account(turn: Turn) -> list[Event]:
    """A choice of one of the phone's own accounts picks it; of several named, the first that owes."""
    chosen = turn.entity("account_id")
    named = named_accounts(turn) or []
    if isinstance(chosen, int):
        own = [each.account_id for each in turn.services.identity.accounts_of_phone(turn.phone)]
        return _claim(turn, chosen) if turn.channel == "sms" and chosen in own else []
    if not named:
        return []
    owing = [account_id for account_id in named if _owes(turn, account_id)]
    events = _claim(turn, (owing or named)[0])
    if len(named) > 1:
        _tell_order(turn, named, owing)
    return [*events, *slots(to_pay=owing[1:])]


def claim_named(turn: Turn) -> list[Event]:
    """The one account that a wish other than paying names."""
    named = named_accounts(turn) or []
    return _claim(turn, named[0]) if len(named) == 1 else []


def _claim(turn: Turn, account_id: int) -> list[Event]:
    turn.services.identity.claim_account(turn.session_id, account_id)
    turn.services.identity.recognize_by_phone(turn.session_id, turn.phone)
    return slots(account="claimed")


def _tell_order(turn: Turn, named: list[int], owing: list[int]) -> None:
    """One of several is begun with: how many there are, and what they owe together."""
    accounts = turn.services.identity.accounts_of_phone(turn.phone)
    names = {each.account_id: _short_name(turn, each) for each in accounts}
    first = names[(owing or named)[0]]
    if len(owing) < 2:
        turn.say("only_one_owes" if owing else "none_owes", first=first)
        return
    turn.say(
        "pay_in_turn",
        accounts=len(owing),
        total_cents=sum(_owes(turn, account_id) for account_id in owing),
        first=first,
    )


def total_owed(turn: Turn, account_ids: list[int]) -> tuple[int, str]:
    """What these accounts owe together, and each one's part: `store $320.10, feed barn $84.20`."""
    accounts = turn.services.identity.accounts_of_phone(turn.phone)
    owed = {account_id: _owes(turn, account_id) for account_id in account_ids}
    parts = [
        f"{_short_name(turn, each)} {phrasing.amount(owed[each.account_id], turn.language, turn.channel)}"
        for each in accounts
        if each.account_id in owed
    ]
    return sum(owed.values()), ", ".join(parts)


def _short_name(turn: Turn, account: AccountChoice) -> str:
    return account.nickname or phrasing.account_name("", account.last_four, turn.language, turn.channel)
