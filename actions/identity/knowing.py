"""Who a session was found to be, without asking anything."""

from __future__ import annotations

from actions.turn import Turn
from assistant.errors import AccountNotChosen, IdentityRefused
from assistant.identity.verification import Verification


def known(turn: Turn, *, is_chosen: bool = False) -> Verification | None:
    """Who this session was found to be; a text from a phone on file needs no question."""
    if not is_chosen and must_choose_account(turn):
        return None
    current = turn.services.identity.current(turn.session_id)
    if current is not None or turn.channel == "voice":
        return current
    try:
        return turn.services.identity.recognize_by_phone(turn.session_id, turn.phone)
    except (IdentityRefused, AccountNotChosen):
        return None


def must_choose_account(turn: Turn) -> bool:
    """Whether this texting phone has several accounts and none was picked for the running goal."""
    if turn.channel == "voice" or turn.slot("account"):
        return False
    return len(turn.services.identity.accounts_of_phone(turn.phone)) > 1
