"""The questions of identify_form: which account, and the proof that fits."""

from __future__ import annotations

import json

from actions.base import PorchlightAction
from actions.goals import GOALS
from actions.identity.steps import PICK, PIN, ZIP, must_choose_account
from actions.turn import Event, Turn
from assistant.dialogue import phrasing

# More accounts than this are told apart by their last four digits instead of by choices.
_MOST_CHOICES = 5


class AskAccount(PorchlightAction):
    """Asks for the account number, or which of a texting phone's accounts."""

    action_name = "action_ask_account"

    def act(self, turn: Turn) -> list[Event]:
        if not must_choose_account(turn):
            turn.say("ask_account_number")
            return []
        accounts = turn.services.identity.accounts_of_phone(turn.phone)
        if len(accounts) > _MOST_CHOICES:
            turn.say("ask_account_last_four", accounts=len(accounts))
            return []
        buttons = [
            {
                "title": phrasing.account_name(
                    account.nickname, account.last_four, turn.language, turn.channel
                ),
                "payload": "/account_access" + json.dumps({"account_id": account.account_id}),
            }
            for account in accounts
        ]
        turn.say("ask_which_account", buttons)
        return []


class AskProof(PorchlightAction):
    """Asks for the ZIP, the PIN, a code, a new PIN, or which way to set one."""

    action_name = "action_ask_proof"

    def act(self, turn: Turn) -> list[Event]:
        way = turn.slot("way") or (PICK if turn.channel == "sms" else ZIP)
        may_key_card = way == PIN and GOALS[turn.slot("goal")].need == "payment"
        turn.say("ask_pin_or_card" if may_key_card else f"ask_{'way' if way == PICK else way}")
        return []
