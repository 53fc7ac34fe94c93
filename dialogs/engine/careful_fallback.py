"""Rasa component: what is not understood well enough becomes `nlu_fallback`; moving money needs more."""

import re
import unicodedata
from typing import Any, Dict, List, Text, Type

from rasa.core.constants import DEFAULT_NLU_FALLBACK_THRESHOLD
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CarefulFallback(GraphComponent, IntentClassifier):
    """Takes the place of Rasa's FallbackClassifier, whose one threshold must serve all intents.

    Settings: `threshold` for an ordinary intent, `careful_threshold` for those in `careful_intents`
    (what starts, changes or stops a payment), both 0..1. A doubtful wish to pay is asked about, not begun.
    `named_by`: a careful intent whose own word stands in the text needs the ordinary threshold only; each is
    a pattern for lower case without accents.
    There is no threshold on the distance to the second best: our confidences do not share out 1.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "threshold": DEFAULT_NLU_FALLBACK_THRESHOLD,
            "careful_threshold": DEFAULT_NLU_FALLBACK_THRESHOLD,
            "careful_intents": [],
            "named_by": {},
        }

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "CarefulFallback":
        return cls(config)

    @classmethod
    def required_components(cls) -> List[Type]:
        return [IntentClassifier]

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        merged = {**cls.get_default_config(), **config}
        if not 0 <= merged["threshold"] <= merged["careful_threshold"] <= 1:
            raise InvalidConfigException("CarefulFallback: 0 <= threshold <= careful_threshold <= 1")

    def process(self, messages: List[Message]) -> List[Message]:
        """Put `nlu_fallback` first where the best intent is not sure enough; keep the ranking behind."""
        for message in messages:
            best = message.get(INTENT) or {}
            wanted = self._wanted(best.get(INTENT_NAME_KEY), message.get(TEXT) or "")
            if best.get(PREDICTED_CONFIDENCE_KEY, 0.0) < wanted:
                fallback = {
                    INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
                    PREDICTED_CONFIDENCE_KEY: wanted,
                }
                message.set(INTENT, fallback, add_to_output=True)
                ranking = [fallback, *(message.get(INTENT_RANKING_KEY) or [])]
                message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _wanted(self, intent: Any, text: Text) -> float:
        pattern = self._config["named_by"].get(intent)
        is_named = pattern is not None and re.search(pattern, _plain(text)) is not None
        is_careful = intent in self._config["careful_intents"] and not is_named
        return float(self._config["careful_threshold" if is_careful else "threshold"])


def _plain(text: Text) -> Text:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
