"""Several accounts on one texting phone: paid one after the other, each with its own yes and receipt."""

from __future__ import annotations

import json
import re

from actions.base import slots
from actions.turn import Event, Turn
from assistant.dialogue import phrasing
from assistant.dialogue.keywords import plain
from assistant.identity.service import AccountChoice

# "All accounts", in the plural: "pay it all on my account" means one of them.
_ALL_ACCOUNTS = re.compile(
    r"\b(all|both)( of)?( my| our| the| these| three| four| five)* accounts\b|\bevery account\b"
    r"|\b(all|both) of (them|these)\b|\b(todas|ambas)( mis| nuestras| las)* cuentas\b"
    r"|\b(mis|las|nuestras) (dos|tres|cuatro|cinco) cuentas\b"
    r"|^(all|both|todas|ambas|las dos|las tres|todas ellas)$"
)


def first_of_all(turn: Turn) -> int | None:
    """ "Pay all my accounts": the one to begin with; the others are offered after each receipt."""
    if turn.channel != "sms" or _ALL_ACCOUNTS.search(plain(turn.words)) is None:
        return None
    first = next_account(turn, paid_account_id=0)
    return None if first is None else first.account_id


def next_account(turn: Turn, paid_account_id: int) -> AccountChoice | None:
    """The first other account of the phone that owes something. By text only: a caller id proves nothing."""
    if turn.channel != "sms":
        return None
    for account in turn.services.identity.accounts_of_phone(turn.phone):
        owes = turn.services.billing.summary(account.account_id).amount_due_cents > 0
        if owes and account.account_id != paid_account_id:
            return account
    return None


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
    """A choice of one of the phone's own accounts picks it, and "all" the first; else nothing changes."""
    account_id = turn.entity("account_id") or first_of_all(turn)
    if not isinstance(account_id, int) or turn.channel != "sms":
        return []
    if account_id not in [each.account_id for each in turn.services.identity.accounts_of_phone(turn.phone)]:
        return []
    turn.services.identity.claim_account(turn.session_id, account_id)
    turn.services.identity.recognize_by_phone(turn.session_id, turn.phone)
    return slots(account="claimed")
