"""Chooses and fills the words of a response: this message's language first, then its channel."""

import copy
import logging
import re
from typing import Any, Dict, List, Optional, Text

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from dialogs.engine.outgoing import report_fault

logger = logging.getLogger(__name__)

LANGUAGE = "language"
OTHERWISE = "en"
_BLANK = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FILLED = ("text", "custom", "buttons")


class UnfilledBlank(Exception):
    """A response has a blank that nobody gave a value for: a member must never hear `{amount}`."""


class MemberLanguage(TemplatedNaturalLanguageGenerator):
    """Response variations by the `language` of the message that is being answered.

    The language is, in this order: the `language` given with the response by an action; the slot
    `language` if it was set after the message came; the message's metadata; English. A variation
    for that language and channel wins over one for the language alone; what has no words in that
    language is said in English. Of equals the first is taken: the same question sounds the same.
    """

    def __init__(
        self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None
    ) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        """The filled response, or None for an unknown name. Raises UnfilledBlank."""
        language = kwargs.pop(LANGUAGE, None) or language_of_turn(tracker)
        slots = tracker.current_slot_values()
        variations = self.responses.get(utter_action, [])
        chosen = best_variation(variations, output_channel, {**slots, LANGUAGE: language})
        chosen = chosen or best_variation(variations, output_channel, {**slots, LANGUAGE: OTHERWISE})
        if chosen is None:
            report_fault(f"{utter_action}:no_words")
            return None
        response = copy.deepcopy(chosen)
        values = {**slots, LANGUAGE: language, **kwargs}
        try:
            response.update({key: fill(response[key], values) for key in _FILLED if key in response})
        except UnfilledBlank as blank:
            logger.error("%s in %s: the blank %s has no value", utter_action, language, blank)
            report_fault(f"{utter_action}:UnfilledBlank")
            raise
        return response


def language_of_turn(tracker: DialogueStateTracker) -> str:
    """The language to answer in, from the newest of: slot set in this turn, message metadata."""
    for event in reversed(tracker.events):
        if isinstance(event, SlotSet) and event.key == LANGUAGE and event.value:
            return str(event.value)
        if isinstance(event, UserUttered):
            return str((event.metadata or {}).get(LANGUAGE) or OTHERWISE)
    return OTHERWISE


def best_variation(
    variations: List[Dict[Text, Any]], channel: Text, slots: Dict[Text, Any]
) -> Optional[Dict[Text, Any]]:
    """The first of the most specific variations that fit; conditions weigh more than the channel."""
    fitting = [each for each in variations if _fits(each, channel, slots)]
    return max(fitting, key=_specificity, default=None)


def _fits(variation: Dict[Text, Any], channel: Text, slots: Dict[Text, Any]) -> bool:
    if variation.get("channel") not in (None, channel):
        return False
    return all(slots.get(each["name"]) == each["value"] for each in variation.get("condition") or [])


def _specificity(variation: Dict[Text, Any]) -> Any:
    conditions = variation.get("condition") or []
    return len(conditions), variation.get("channel") is not None


def fill(part: Any, values: Dict[Text, Any]) -> Any:
    """Fill the `{blanks}` in a text, list or mapping; a missing or empty (None) value is UnfilledBlank."""
    if isinstance(part, str):
        return _BLANK.sub(lambda blank: _value(blank.group(1), values), part)
    if isinstance(part, list):
        return [fill(each, values) for each in part]
    if isinstance(part, dict):
        return {key: fill(value, values) for key, value in part.items()}
    return part


def _value(name: str, values: Dict[Text, Any]) -> str:
    if values.get(name) is None:
        raise UnfilledBlank(name)
    return str(values[name])
