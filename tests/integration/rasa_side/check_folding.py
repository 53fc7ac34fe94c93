"""A long conversation is folded: where it stands is kept, what was said before is loaded no more."""

import asyncio
import tempfile
import unittest
from typing import List

from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from dialogs.engine.folding import fold

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
slots:
  amount: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  goal: {type: text, influence_conversation: false, mappings: [{type: custom}]}
forms:
  pay_form: {required_slots: [amount]}
"""
)
QUESTION = {"utter_action": "utter_ask_keep_card"}


def told(store: TrackerStore, turns: int) -> None:
    """A conversation of so many turns in the middle of a form."""
    events = [ActionExecuted("action_session_start"), ActionExecuted("action_listen")]
    for number in range(turns):
        events += [UserUttered(f"words {number}"), SlotSet("amount", 6000), ActiveLoop("pay_form")]
        events += [BotUttered(f"answer {number}", {"buttons": []}, QUESTION), ActionExecuted("action_listen")]
    tracker = DialogueStateTracker.from_events("c1", events, slots=DOMAIN.slots)
    asyncio.run(store.save(tracker))


def kept(store: TrackerStore) -> DialogueStateTracker:
    tracker = asyncio.run(store.retrieve("c1"))
    assert tracker is not None
    return tracker


class AFoldedConversation(unittest.TestCase):
    def stores(self) -> List[TrackerStore]:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        in_file = SQLTrackerStore(DOMAIN, dialect="sqlite", db=f"{folder.name}/trackers.db")
        self.addCleanup(in_file.engine.dispose)
        return [InMemoryTrackerStore(DOMAIN), in_file]

    def test_it_stands_where_it_stood(self) -> None:
        for store in self.stores():
            told(store, 3)
            asyncio.run(fold(store, "c1"))
            tracker = kept(store)
            self.assertEqual(tracker.get_slot("amount"), 6000)
            self.assertIsNone(tracker.get_slot("goal"))
            self.assertEqual(tracker.active_loop_name, "pay_form")
            self.assertEqual(tracker.latest_action_name, "action_listen")

    def test_the_last_reply_is_still_there_with_its_name_and_no_older_one(self) -> None:
        for store in self.stores():
            told(store, 3)
            asyncio.run(fold(store, "c1"))
            said = [event for event in kept(store).events if isinstance(event, BotUttered)]
            self.assertEqual([event.text for event in said], ["answer 2"])
            self.assertEqual(said[0].metadata["utter_action"], "utter_ask_keep_card")

    def test_it_does_not_grow_however_often_it_is_folded(self) -> None:
        for store in self.stores():
            told(store, 40)
            lengths = set()
            for _ in range(3):
                asyncio.run(fold(store, "c1"))
                lengths.add(len(kept(store).events))
            self.assertEqual(len(lengths), 1)
            self.assertLess(lengths.pop(), 10)

    def test_a_conversation_that_nobody_knows_stays_unknown(self) -> None:
        for store in self.stores():
            asyncio.run(fold(store, "c1"))
            self.assertIsNone(asyncio.run(store.retrieve("c1")))


if __name__ == "__main__":
    unittest.main()
