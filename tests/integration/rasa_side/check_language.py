"""Which words a response gets: language before channel, English when there is nothing else, no open blank."""

import asyncio
import unittest
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from dialogs.engine.member_language import MemberLanguage, UnfilledBlank
from dialogs.engine.outgoing import begin_turn

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
slots:
  language: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  goal: {type: text, influence_conversation: false, mappings: [{type: custom}]}
responses:
  utter_hello:
  - text: "Hello text"
    channel: sms
    condition: [{type: slot, name: language, value: en}]
  - text: "Hello"
    condition: [{type: slot, name: language, value: en}]
  - text: "Hola"
    condition: [{type: slot, name: language, value: es}]
  utter_english_only:
  - text: "English"
    condition: [{type: slot, name: language, value: en}]
  utter_owe:
  - text: "You owe {amount} for {goal}."
    custom: {expect: confirm, draft_id: "{draft_id}", fuller: "Pay {amount}?", length: 4}
    buttons: [{title: "Pay {amount}", payload: '/choose{"draft":"{draft_id}"}'}]
  utter_only_called:
  - text: "Said aloud"
    channel: voice
"""
)


def spoken_with(language: str | None, *later: Any) -> DialogueStateTracker:
    metadata = {"language": language} if language else None
    events = [UserUttered("hi", metadata=metadata), *later]
    return DialogueStateTracker.from_events("c", events, slots=DOMAIN.slots)


def say(name: str, tracker: DialogueStateTracker, channel: str = "voice", **values: Any) -> dict | None:
    return asyncio.run(MemberLanguage(domain=DOMAIN).generate(name, tracker, channel, **values))


def words(name: str, tracker: DialogueStateTracker, channel: str = "voice", **values: Any) -> str:
    response = say(name, tracker, channel, **values)
    assert response is not None
    return response["text"]


class WordsOfAResponse(unittest.TestCase):
    def test_the_language_of_the_message_wins_over_a_variation_for_the_channel(self) -> None:
        self.assertEqual(words("utter_hello", spoken_with("es"), "sms"), "Hola")
        self.assertEqual(words("utter_hello", spoken_with("en"), "sms"), "Hello text")
        self.assertEqual(words("utter_hello", spoken_with("en"), "voice"), "Hello")

    def test_a_message_without_language_is_answered_in_english(self) -> None:
        self.assertEqual(words("utter_hello", spoken_with(None)), "Hello")

    def test_what_has_no_words_in_a_language_is_said_in_english(self) -> None:
        self.assertEqual(words("utter_english_only", spoken_with("es")), "English")

    def test_a_language_set_in_this_turn_counts_and_one_of_an_earlier_turn_does_not(self) -> None:
        self.assertEqual(words("utter_hello", spoken_with("en", SlotSet("language", "es"))), "Hola")
        later = spoken_with("en", SlotSet("language", "es"), UserUttered("x", metadata={"language": "en"}))
        self.assertEqual(words("utter_hello", later), "Hello")

    def test_a_language_given_by_the_action_wins(self) -> None:
        self.assertEqual(words("utter_hello", spoken_with("en"), language="es"), "Hola")

    def test_blanks_are_filled_everywhere_and_numbers_stay_numbers(self) -> None:
        tracker = spoken_with("en", SlotSet("goal", "power"))
        response = say("utter_owe", tracker, amount="$84.20", draft_id="d1")
        assert response is not None
        self.assertEqual(response["text"], "You owe $84.20 for power.")
        self.assertEqual(
            response["custom"],
            {"expect": "confirm", "draft_id": "d1", "fuller": "Pay $84.20?", "length": 4},
        )
        self.assertEqual(response["buttons"], [{"title": "Pay $84.20", "payload": '/choose{"draft":"d1"}'}])

    def test_filling_leaves_the_domain_as_it_was(self) -> None:
        tracker = spoken_with("en", SlotSet("goal", "power"))
        say("utter_owe", tracker, amount="$1.00", draft_id="d1")
        second = say("utter_owe", tracker, amount="$2.00", draft_id="d2")
        assert second is not None
        self.assertIn("$2.00", second["text"])

    def test_braces_in_a_value_are_not_filled_again(self) -> None:
        tracker = spoken_with("en", SlotSet("goal", "{amount}"))
        self.assertEqual(
            words("utter_owe", tracker, amount="$1.00", draft_id="d"), "You owe $1.00 for {amount}."
        )

    def test_an_open_blank_fails_the_turn_instead_of_reaching_a_member(self) -> None:
        faults: list[str] = begin_turn()
        with self.assertRaises(UnfilledBlank):
            say("utter_owe", spoken_with("en"), amount="$1.00", draft_id="d1")  # goal is not set
        self.assertEqual(faults, ["utter_owe:UnfilledBlank"])

    def test_a_response_with_no_words_for_this_channel_fails_the_turn(self) -> None:
        faults = begin_turn()
        self.assertIsNone(say("utter_only_called", spoken_with("en"), "sms"))
        self.assertEqual(faults, ["utter_only_called:no_words"])
