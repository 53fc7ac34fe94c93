"""Keeps a long conversation cheap: what was said before is forgotten, where it stands is kept."""

from typing import List

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker


async def fold(store: TrackerStore, conversation: str) -> None:
    """Begin a session of Rasa's own within the conversation: stores load nothing from before it.

    The slots, the running form and the last reply are told again in the new one, so the member notices
    nothing: the next answer meets the question that was asked.
    """
    tracker = await store.retrieve(conversation)
    if tracker is None:
        return
    for event in standing(tracker):
        tracker.update(event)
    await store.save(tracker)


def standing(tracker: DialogueStateTracker) -> List[Event]:
    """The events that lead from nothing to where the conversation stands."""
    values = {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None}
    loop, said = tracker.active_loop_name, _last_reply(tracker)
    # Made in this order, because stores put events in the order of their times.
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        *[SlotSet(name, value) for name, value in values.items()],
        *([ActiveLoop(loop)] if loop else []),
        *[BotUttered(each.text, each.data, each.metadata) for each in said],
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def _last_reply(tracker: DialogueStateTracker) -> List[BotUttered]:
    """What was said since the member's last words: actions look there for the words of a question."""
    said: List[BotUttered] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            said.insert(0, event)
    return said
