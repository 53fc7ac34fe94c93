"""Where arrange_form begins: the day that the first words name, or the latest one that can be agreed to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from actions.base import slots
from actions.payments.steps import payer
from actions.turn import Event, Turn
from assistant.billing.arrangements import ArrangementView
from assistant.dialogue.dates import read_date

STEP = "arrange"
# The slot `rest_on` holds an ISO day, or this: as late as can be agreed to.
LATEST = "latest"
OTHER_DAY = "other_day"
# The keys of "by which day?": days from today.
WEEKS = {"one_week": timedelta(days=7), "two_weeks": timedelta(days=14)}


def day_in(turn: Turn) -> str | None:
    """The day named in the words, as ISO text."""
    account_due = None
    if turn.services.identity.current(turn.session_id) is not None:
        account_due = turn.services.billing.summary(payer(turn).account_id).due_on
    found = read_date(turn.words, turn.language, turn.services.clock.today(), account_due)
    return None if found is None else found.isoformat()


def told_of_arrangement(turn: Turn) -> dict[str, Any]:
    """The day until which more time is asked for."""
    return {"rest_on": day_in(turn)}


def begin_arranging(turn: Turn, told: dict[str, Any]) -> list[Event]:
    """Slots for a fresh arrange_form."""
    asks_day = turn.entity("option") == OTHER_DAY
    return slots(rest_on=None if asks_day else told["rest_on"] or LATEST, agreed=None)


def offer_now(turn: Turn) -> ArrangementView:
    """Terms for the form's day, kept for reading back. Raises ArrangementRefused, NotVerified."""
    wanted = str(turn.slot("rest_on"))
    rest_on = None if wanted == LATEST else date.fromisoformat(wanted)
    return turn.services.billing.arrangements.offer(payer(turn), rest_on)
