"""Letters: a copy of a bill, or a proof of good standing, queued for the office to mail."""

from __future__ import annotations

from actions.base import Shown
from actions.history import period_of
from actions.payments.steps import payer
from actions.turn import Turn

_NEWEST = "newest"


def show_statement(turn: Turn, question: str) -> Shown:
    """Queue a copy of the newest bill, or of the one that the words name; may raise LetterRefused."""
    period = None if turn.entity("option") == _NEWEST else period_of(turn, question)
    letter = turn.services.billing.letters.ask_statement(
        payer(turn), turn.language, None if period is None else period.span
    )
    turn.say(
        "statement_queued",
        bill_cents=letter.facts["bill_cents"],
        street=letter.street,
        goes_by=letter.goes_by,
    )
    return Shown()


def show_good_standing(turn: Turn, _question: str) -> Shown:
    """Queue the proof when it is true; may raise LetterRefused."""
    who = payer(turn)
    letter = turn.services.billing.letters.ask_good_standing(
        who, turn.language, turn.services.billing.summary(who.account_id)
    )
    turn.say("good_standing_queued", street=letter.street, goes_by=letter.goes_by)
    return Shown()
