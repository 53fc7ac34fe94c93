"""serve_form: one question at a time about cards, helpers, paper or how we write; asides return to it."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.base import PorchlightAction, slots
from actions.goals import is_left_to_rules
from actions.service.topic import ASKED
from actions.service.topics import STEP, TOPIC_OF, TOPICS, begin_serving, told_of_service
from actions.turn import Event, Turn
from assistant.errors import Refusal

_OVER = "over"
# After these the same question makes sense again.
_ASKS_AGAIN = frozenset({"nickname_not_possible", "helper_phone_not_usable"})
# Answers that a topic reads itself.
_ANSWERS = frozenset({"affirm", "deny", "inform_digits", "card_keyed"})


class AskServe(PorchlightAction):
    """Asks the question of the running topic."""

    action_name = "action_ask_served"

    def act(self, turn: Turn) -> list[Event]:
        state = turn.slot("serving")
        return slots(serving=TOPICS[state["topic"]].ask(turn, state))

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return [*slots(then="done"), SlotSet("requested_slot", None)]


class ValidateServe(PorchlightAction):
    """Rasa calls this for every turn inside the form, and when the form begins."""

    action_name = "validate_serve_form"

    def act(self, turn: Turn) -> list[Event]:
        state = turn.slot("serving")
        if turn.slot("requested_slot") is None:
            # The form begins; with an event Rasa does not ask a second time.
            return slots(serving=state)
        topic = TOPIC_OF.get(turn.intent, state["topic"])
        if topic != state["topic"]:
            return begin_serving(turn, told_of_service(turn))
        if turn.intent == "go_back":
            turn.say("nothing_changed")
            return _end()
        takes_words = state["step"] == "name" and state.get("method_id") and _is_free(turn)
        if turn.intent not in _ANSWERS | set(TOPIC_OF) and not takes_words:
            return [] if is_left_to_rules(turn.intent, STEP) else slots(serving=state)
        following = TOPICS[topic].take(turn, state)
        if following is None or following == ASKED:
            return _end("done" if following is None else "asked")
        return slots(serving=following)

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        return slots(serving=turn.slot("serving")) if refusal.code in _ASKS_AGAIN else _end()


def _is_free(turn: Turn) -> bool:
    """Words that ask for nothing else, so that they can be a name."""
    return turn.intent in ("out_of_scope", "nlu_fallback") or not is_left_to_rules(turn.intent, STEP)


def _end(then: str = "done") -> list[Event]:
    return slots(served=_OVER, then=then)
