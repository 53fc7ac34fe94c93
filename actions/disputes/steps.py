"""Where dispute_form begins, and what is written down for the office."""

from __future__ import annotations

import re
from typing import Any

from actions.base import back_to_form, slots
from actions.payments.steps import payer
from actions.turn import Event, Turn
from assistant.dialogue.keywords import plain
from assistant.dialogue.phrasing import day
from assistant.money import written

STEP = "dispute"
# The choices of the form, as the office reads them.
OPTIONS = {
    "amount": "the amount of the newest bill",
    "fee": "a fee or other charge",
    "missing": "a payment that is missing",
    "other": "something else",
}
_LONGEST = 56
# "There is a wrong charge on my bill" names none. What else is said has to be this many words.
_EMPTY_WORDS = """
    a an and are be bill billing bills can charge charged charges check correct could dispute error for
    has have i in is isnt it its look looks make me mistake my need not of on please problem right something
    statement that the there theres these this to today want was with wrong you your
    algo alguien bien cargo cobraron cobro con cuenta de disputar el en es esta este factura hay la mal mi
    no por que quiero recibo reclamar se un una
"""
_SAYS_NOTHING = frozenset(_EMPTY_WORDS.split())
_TELLING_WORDS = 2
_COMPLAINT = re.compile(
    r"\b(?:wrong|twice|double|error|mistake|overcharg\w+|charged?|charges|too (?:high|much|big)|already|never"
    r"|paid|mal|doble|dos veces|cobr\w+|cargo|cargos|equivoc\w+|demasiado|muy alt[oa]|ya pague|pague|nunca)\b"
)


def told_of_dispute(turn: Turn) -> dict[str, Any]:
    """What looks wrong, when the first words say it already: `you charged me twice for october`."""
    telling = [word for word in plain(turn.words).split() if word not in _SAYS_NOTHING]
    return {"disputed": shortened(turn.words) if len(telling) >= _TELLING_WORDS else None}


def names_complaint(words: str) -> bool:
    """Whether words say that something was done wrong, so that "pay" in them is no wish to pay."""
    return _COMPLAINT.search(plain(words)) is not None


def begin_disputing(turn: Turn, told: dict[str, Any]) -> list[Event]:
    """Slots for a fresh dispute_form; what was told already is written down at once, and nothing is asked."""
    option = turn.entity("option")
    disputed = option if option in OPTIONS else told["disputed"]
    if disputed is None or turn.entity("secret") == "new_pin":
        # Behind "your PIN is set" there is room for one reply: the question.
        return slots(disputed=None)
    note_dispute(turn, str(disputed))
    return [*slots(disputed=disputed, step="done"), *back_to_form(turn)]


def shortened(words: str) -> str:
    """The member's words as one short line that can be read back."""
    line = re.sub(r"\s+", " ", re.sub(r"[{}\"]", "", words)).strip()
    return line if len(line) <= _LONGEST else line[:_LONGEST].rsplit(" ", 1)[0]


def note_dispute(turn: Turn, disputed: str) -> None:
    """Write the request down with what a clerk needs to see, and read back what was written."""
    who = payer(turn)
    parts = turn.services.billing.breakdown_for_office(who.account_id)
    issued = "" if parts.issued_on is None else day(parts.issued_on, parts.issued_on, "en", "sms")
    said = OPTIONS.get(disputed, disputed)
    answer = turn.services.handoff.ask(
        session_id=turn.session_id,
        account_id=who.account_id,
        phone=turn.phone,
        topic="dispute_charge",
        summary=(
            f"{turn.channel}, {turn.language}: {said}. Balance {written(parts.balance_cents)}, "
            f"newest bill {written(parts.bill_cents)} {issued}"
        ),
        channel=turn.channel,
    )
    if disputed in OPTIONS:
        turn.say(f"disputed_{disputed}", promised_by=answer.promised_by_at)
    else:
        turn.say("disputed_words", disputed=disputed, promised_by=answer.promised_by_at)
