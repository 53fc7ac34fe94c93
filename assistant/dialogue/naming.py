"""Reads which of its accounts a texting phone names, before the engine reads the words."""

from __future__ import annotations

from assistant.dialogue.account_names import named_in, without_names
from assistant.dialogue.keywords import plain
from assistant.dialogue.meaning import Meaning, Means, Says, facts_of
from assistant.dialogue.sessions import OpenSession
from assistant.dialogue.turn import Expectation, Heard
from assistant.identity.service import AccountChoice, Identity

_MINE = {"en": "my account", "es": "mi cuenta"}
_INTENTS = {"pay": "pay_bill", "owe": "check_balance"}
_AMOUNTS = ("amount_cents", "amount_kind")


class Naming:
    """Adds the fact `account_ids` to what was meant: the accounts that are named, none when it is unclear."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def read(self, session: OpenSession, heard: Heard, meaning: Meaning) -> Meaning:
        """The same meaning, or what naming accounts makes of it. By text only: a caller id proves nothing."""
        if session.channel != "sms" or heard.kind != "text" or not isinstance(meaning, Says | Means):
            return meaning
        accounts = self._identity.accounts_of_phone(session.phone)
        if len(accounts) < 2:
            return meaning
        expect = session.expectation
        named = named_in(heard.text, accounts, were_listed=_were_listed(expect, accounts))
        if named is None:
            return meaning
        ids = {"account_ids": list(named.account_ids)}
        words = without_names(heard.text, accounts, _MINE[session.language])
        found = facts_of(words, session.language)
        amount = {name: found[name] for name in _AMOUNTS if name in found}
        if not named.is_whole or (named.has_amount and not amount):
            return Says(words if ids["account_ids"] else heard.text, {**found, **ids})
        is_kept = named.has_amount or amount.get("amount_kind") == "full"
        intent = _INTENTS.get(named.wish) or _intent_of_choice(expect)
        return Means(intent, amount if is_kept and named.wish == "pay" else {}, ids)


def _were_listed(expect: Expectation, accounts: list[AccountChoice]) -> bool:
    """Whether the last reply listed accounts: then "all of them" means these."""
    if any("account_id" in choice.entities for choice in expect.choices):
        return True
    said = f" {plain(expect.words)} "
    return sum(f" {plain(each.nickname)} " in said for each in accounts if each.nickname) > 1


def _intent_of_choice(expect: Expectation) -> str:
    """Names alone answer the question that listed the accounts; else they are to be paid."""
    return next((each.intent for each in expect.choices if "account_id" in each.entities), "pay_bill")
