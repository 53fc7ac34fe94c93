"""Answers that need no account: words and facts of the co-op, what was not understood, help, language."""

from __future__ import annotations

from actions.base import Aside, PorchlightAction, slots
from actions.payments.status import tell_by_confirmation
from actions.turn import Event, Turn
from actions.wishes import offered_wishes
from assistant.dialogue.keywords import plain
from assistant.dialogue.turn import Language

# A single wish, and the choice of none.
_ONE_AND_NONE = 2
_FURTHER_MENUS = ("letters", "others")
_NAMES_ENGLISH = ("english", "ingles")
_NAMES_SPANISH = ("spanish", "espanol", "castellano")


class Say(Aside):
    """Utters the words that belong to the intent, with the co-op's facts."""

    action_name = "action_say"

    def act(self, turn: Turn) -> list[Event]:
        if turn.intent == "goodbye" and turn.channel == "sms":
            # Who holds the phone next is somebody new.
            turn.services.conversation_control.end_after_reply(turn.session_id)
        has_no_fee = turn.intent == "fees" and turn.services.settings.fee_cents == 0
        turn.say("fees_none" if has_no_fee else turn.intent)
        return []


class NotUnderstood(Aside):
    """Asks which of the nearest wishes it is (`step`: asked), or says that it was not understood (done).

    A confirmation number alone is a question about that payment. Inside a form nothing is offered: its
    question stands, and a key that answers it must not mean something else for one turn.
    """

    action_name = "action_not_understood"

    def act(self, turn: Turn) -> list[Event]:
        number = turn.facts.get("confirmation_number")
        offered = [] if turn.active_form or isinstance(number, str) else offered_wishes(turn)
        if offered:
            turn.say("this_wish" if len(offered) == _ONE_AND_NONE else "which_wish", offered)
            return slots(step="asked")
        if isinstance(number, str):
            tell_by_confirmation(turn, number)
        else:
            turn.say("not_understood")
        return [] if turn.active_form else slots(step="done")


class BillChoices(PorchlightAction):
    """The menu behind the menu."""

    action_name = "action_bill_choices"

    def act(self, turn: Turn) -> list[Event]:
        option = turn.entity("option")
        turn.say(f"choices_{option}" if option in _FURTHER_MENUS else "choices_bill")
        return []


class Help(Aside):
    """Explains the question that a form is asking; outside of forms, what can be done here."""

    action_name = "action_help"

    def act(self, turn: Turn) -> list[Event]:
        asked = turn.slot("requested_slot")
        topic = (turn.slot("way") or "zip") if asked == "proof" else asked
        turn.say(f"help_{topic}" if topic else "capabilities")
        return []


class ChangeLanguage(Aside):
    """Goes on in the other language, or in the one that was named."""

    action_name = "action_change_language"

    def act(self, turn: Turn) -> list[Event]:
        wanted = _wanted_language(turn)
        turn.services.conversation_control.set_language(turn.session_id, wanted)
        return slots(language=wanted)


def _wanted_language(turn: Turn) -> Language:
    chosen = turn.entity("language")
    words = plain(str(turn.tracker.latest_message.get("text") or ""))
    if chosen in ("en", "es"):
        return "es" if chosen == "es" else "en"
    if any(name in words for name in _NAMES_ENGLISH):
        return "en"
    if any(name in words for name in _NAMES_SPANISH):
        return "es"
    return "en" if turn.language == "es" else "es"


class Repeat(PorchlightAction):
    """Says the last answer again, when it was asked for in words that only the NLU reads."""

    action_name = "action_repeat"

    def act(self, turn: Turn) -> list[Event]:
        said = _last_said(turn)
        if not said:
            turn.say("menu")
        for event in said:
            parts = event.get("data") or {}
            turn.dispatcher.utter_message(
                text=event["text"],
                buttons=parts.get("buttons") or None,
                json_message=parts.get("custom") or None,
            )
        return []


def _last_said(turn: Turn) -> list[Event]:
    """The utterances of the turn before this one."""
    users = [place for place, event in enumerate(turn.tracker.events) if event.get("event") == "user"]
    if len(users) < 2:
        return []
    before = turn.tracker.events[users[-2] : users[-1]]
    return [event for event in before if event.get("event") == "bot" and event.get("text")]
