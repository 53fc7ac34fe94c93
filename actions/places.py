"""Where to pay cash, with the exact amount to bring for who is known."""

from __future__ import annotations

from typing import Any

from actions.base import Aside, Shown, slots
from actions.identity.knowing import known
from actions.turn import Event, Turn
from assistant.dialogue import account_phrases

# As many as fit into one text; inside a form the form's question needs room as well.
_PAGE, _PAGE_IN_FORM = 2, 1


class SayPlaces(Aside):
    """Tells the nearest places; anyone may ask."""

    action_name = "action_say_places"

    def act(self, turn: Turn) -> list[Event]:
        shown = say_places(turn, 0)
        if not turn.active_form:
            turn.say(shown.closing)
        return shown.events


def say_places(turn: Turn, skip: int) -> Shown:
    """Say one page of places; what is owed is told on the first one only."""
    who, size = known(turn), _PAGE_IN_FORM if turn.active_form else _PAGE
    page = turn.services.billing.places.near(who.account_id if who else None, skip=skip, size=size)
    listed = account_phrases.place_list(page.places, turn.language, turn.channel)
    summary = turn.services.billing.summary(who.account_id) if who else None
    if not page.places:
        turn.say("places_office_only" if not skip else "places_no_more")
    elif summary is not None and summary.amount_due_cents and not skip:
        turn.say("places_with_amount", due_cents=summary.amount_due_cents, places=listed)
    else:
        turn.say("places", places=listed)
    paging: dict[str, Any] = {"what": "places", "skip": skip + size, "first": None, "last": None}
    if page.has_more:
        return Shown("more_or_menu", slots(paging=paging))
    return Shown("what_next", slots(paging=None))
