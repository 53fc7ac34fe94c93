"""arrange_form: the day for the rest, the reading back, and the agreement of the turn that said yes."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.arrangements.steps import LATEST, OTHER_DAY, STEP, WEEKS, day_in, offer_now
from actions.base import PorchlightAction, leave_form, slots
from actions.goals import is_left_to_rules
from actions.handoff import ask_person
from actions.payments.steps import payer
from actions.turn import Event, Turn
from assistant.errors import ArrangementRefused, DraftRefused, Refusal

_ASKS_DAY = frozenset({"arrangement_day_too_late", "arrangement_day_too_soon"})


class AskRestOn(PorchlightAction):
    """Asks by which day the rest can be paid."""

    action_name = "action_ask_arrange_form_rest_on"

    def act(self, turn: Turn) -> list[Event]:
        turn.say("ask_rest_on")
        return []


class AskAgreed(PorchlightAction):
    """Reads the terms back. Only a recorded yes to these very terms agrees to them."""

    action_name = "action_ask_arrange_form_agreed"

    def act(self, turn: Turn) -> list[Event]:
        offer = offer_now(turn)
        terms = offer.terms
        turn.say(
            "arrangement_offer",
            first_cents=terms.first_cents,
            first_due_on=terms.first_due_on,
            rest_cents=terms.rest_cents,
            rest_due_on=terms.rest_due_on,
            draft_id=offer.id,
        )
        return []

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        if refusal.code in _ASKS_DAY:
            turn.refuse(refusal)
            return slots(rest_on=None)
        if refusal.code == "arrangement_needs_person":
            # Outside the band: written down at once, with a time that the office can keep.
            answer = ask_person(turn, "payment_arrangement")
            turn.say("arrangement_asked", promised_by=answer.promised_by_at)
        else:
            turn.refuse(refusal)
        is_asking = isinstance(refusal, ArrangementRefused) and refusal.code != "arrangement_needs_person"
        # Behind "your PIN is set", leading on would be one reply too many.
        ends = is_asking or turn.entity("secret") == "new_pin"
        return [*slots(then="asked" if ends else "done"), SlotSet("requested_slot", None)]


class ValidateArrange(PorchlightAction):
    """What an answer changes: the day, or leaving it. Never the agreement itself."""

    action_name = "validate_arrange_form"

    def act(self, turn: Turn) -> list[Event]:
        if turn.slot("requested_slot") is None:
            return slots(then=None)
        if turn.intent == "payment_arrangement":
            return _take_wish(turn)
        found = day_in(turn)
        if found is not None and turn.intent not in ("hardship", "human_agent"):
            return slots(rest_on=found, agreed=None)
        if is_left_to_rules(turn.intent, STEP):
            return []
        if turn.intent in ("deny", "go_back"):
            turn.say("arrangement_left")
            return slots(rest_on=LATEST, agreed="no", then="done")
        if turn.intent == "affirm" and turn.slot("requested_slot") == "agreed":
            turn.say("arrangement_not_agreed")
        return slots(agreed=None)

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return slots(rest_on=LATEST, agreed="no", then="done")


class Agree(PorchlightAction):
    """Opens what this turn said yes to; `step` is `asked`, because the words ask what is next."""

    action_name = "action_agree"

    def act(self, turn: Turn) -> list[Event]:
        made = turn.services.billing.arrangements.agree(
            payer(turn),
            turn_id=turn.id,
            words=str(turn.facts.get("words") or ""),
            language=turn.language,
        )
        terms = made.terms
        turn.say(
            "arrangement_agreed",
            first_cents=terms.first_cents,
            first_due_on=terms.first_due_on,
            rest_cents=terms.rest_cents,
            rest_due_on=terms.rest_due_on,
        )
        return leave_form()

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        if isinstance(refusal, DraftRefused):
            # Run out, or something was paid in between: other terms are read back first.
            turn.say("arrangement_offer_gone")
            return leave_form()
        turn.refuse(refusal)
        if not isinstance(refusal, ArrangementRefused):
            turn.say("what_next")
        return leave_form()


def _take_wish(turn: Turn) -> list[Event]:
    """A choice of the form, or the wish again with another day."""
    option = turn.entity("option")
    if option == OTHER_DAY:
        return slots(rest_on=None, agreed=None)
    if option in WEEKS:
        return slots(rest_on=(turn.services.clock.today() + WEEKS[option]).isoformat(), agreed=None)
    if option == LATEST:
        return slots(rest_on=LATEST, agreed=None)
    return slots(rest_on=day_in(turn) or turn.slot("rest_on"), agreed=None)
