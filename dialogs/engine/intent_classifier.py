"""Rasa component: the intent of a message, each intent judged on its own (yes_or_no_each)."""

import json
from typing import Any, Dict, List, Text, Tuple, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as AnyIntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack
from scipy.special import expit

from dialogs.engine import yes_or_no_each

_WEIGHTS = "weights.npy"
_NAMES = "intents.json"
_RANKING_LENGTH = 10


class UntrainedClassifier(Exception):
    """The model holds no trained intent classifier, so nothing a member says would be understood."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent, AnyIntentClassifier):
    """Reads the one sparse and the one dense row of each message; confidences are 0..1 for each intent.

    Settings: `C` (inverse regularisation, > 0), `rounds` (the most rounds of fitting, >= 1).
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"C": 3.0, "rounds": 70}

    def __init__(
        self, config: Dict[Text, Any], name: Text, model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._names: List[Text] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IntentClassifier":
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Featurizer]

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        if float(config.get("C", 1)) <= 0 or int(config.get("rounds", 1)) < 1:
            raise InvalidConfigException("IntentClassifier: C must be above 0 and rounds at least 1")

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the examples; no examples is an error (UntrainedClassifier), not a quiet model."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        if not examples:
            raise UntrainedClassifier("there is no intent example in nlu_data")
        words, sentences = _rows(examples)
        intents = [example.get(INTENT) for example in examples]
        self._names, self._weights = yes_or_no_each.fit(
            words, sentences, intents, C=float(self._config["C"]), rounds=int(self._config["rounds"])
        )
        with self._model_storage.write_to(self._resource) as folder:
            np.save(folder / _WEIGHTS, self._weights)
            (folder / _NAMES).write_text(json.dumps(self._names))
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "IntentClassifier":
        """The trained classifier; UntrainedClassifier when the model does not hold one."""
        component = cls(config, execution_context.node_name, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                component._weights = np.load(folder / _WEIGHTS, allow_pickle=False)
                component._names = json.loads((folder / _NAMES).read_text())
        except (ValueError, OSError) as missing:
            raise UntrainedClassifier(f"no trained classifier in the model ({resource.name})") from missing
        return component

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and ranking, best first. Words without any feature are ranked too, all low."""
        spoken = [message for message in messages if message.get(TEXT)]
        if spoken:
            confidences = expit(yes_or_no_each.score(*_rows(spoken), self._weights))
            for message, row in zip(spoken, confidences, strict=True):
                ranking = [
                    {"name": self._names[index], "confidence": float(row[index])}
                    for index in np.argsort(-row)[:_RANKING_LENGTH]
                ]
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _rows(messages: List[Message]) -> Tuple[csr_matrix, np.ndarray]:
    """The sparse and the dense sentence features of messages, one row each."""
    words = [message.get_sparse_features(TEXT)[1].features for message in messages]
    sentences = [message.get_dense_features(TEXT)[1].features for message in messages]
    return vstack(words).tocsr(), np.vstack(sentences)
