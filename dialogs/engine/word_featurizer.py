"""Rasa featurizer: which words and which pieces of words a message has, weighed by how telling they are."""

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from dialogs.engine.plain_words import plain_words

_FILE = "vocabulary.json"
_WORD = re.compile(r"\w+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds one sparse row to each message: TF-IDF of its words, then TF-IDF of its pieces of words.

    Each half has length 1, so that neither drowns the other. Rasa's own count vectors would add a row for
    every single word as well, which nothing here reads. Settings: `longest_phrase` (words), `shortest_piece`
    and `longest_piece` (letters), `least_examples` (in how many examples a feature must occur).
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            **SparseFeaturizer.get_default_config(),
            "longest_phrase": 2,
            "shortest_piece": 2,
            "longest_piece": 4,
            "least_examples": 2,
        }

    def __init__(
        self, config: Dict[Text, Any], name: Text, model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        # Accents are dropped: half of our Spanish arrives without them.
        common = {"strip_accents": "unicode", "sublinear_tf": True, "min_df": config["least_examples"]}
        self._parts = {
            "words": TfidfVectorizer(
                ngram_range=(1, config["longest_phrase"]),
                tokenizer=_WORD.findall,
                token_pattern=None,
                **common,
            ),
            "pieces": TfidfVectorizer(
                analyzer="char_wb", ngram_range=(config["shortest_piece"], config["longest_piece"]), **common
            ),
        }

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "WordFeaturizer":
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        merged = {**cls.get_default_config(), **config}
        if not 1 <= merged["shortest_piece"] <= merged["longest_piece"] or merged["longest_phrase"] < 1:
            raise InvalidConfigException(
                "WordFeaturizer: lengths are >= 1 and the shortest is not the longer"
            )

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which words and pieces there are and how common each is."""
        texts = [plain_words(message) for message in training_data.training_examples if message.get(TEXT)]
        for part in self._parts.values():
            part.fit(texts)
        with self._model_storage.write_to(self._resource) as folder:
            self._write(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "WordFeaturizer":
        component = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._read(folder)
        return component

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the row to each message that has text."""
        spoken = [message for message in messages if message.get(TEXT)]
        if spoken:
            rows = self._rows([plain_words(message) for message in spoken])
            for index, message in enumerate(spoken):
                message.add_features(self._features(rows[index]))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the row to all training examples."""
        self.process(training_data.training_examples)
        return training_data

    def _rows(self, texts: List[Text]) -> csr_matrix:
        return hstack([part.transform(texts) for part in self._parts.values()]).tocsr().astype(np.float32)

    def _features(self, row: csr_matrix) -> Features:
        return Features(row.tocoo(), FEATURE_TYPE_SENTENCE, TEXT, self._config[FEATURIZER_CLASS_ALIAS])

    def _write(self, folder: Path) -> None:
        learned = {
            name: {"terms": part.get_feature_names_out().tolist(), "idf": part.idf_.tolist()}
            for name, part in self._parts.items()
        }
        (folder / _FILE).write_text(json.dumps(learned, ensure_ascii=False), encoding="utf-8")

    def _read(self, folder: Path) -> None:
        learned = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        for name, part in self._parts.items():
            part.set_params(vocabulary={term: index for index, term in enumerate(learned[name]["terms"])})
            part.idf_ = np.array(learned[name]["idf"])
