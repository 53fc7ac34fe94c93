"""Every input at every question of the forms for later days and autopay: an answer, never a crash."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import create_autospec

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.goals import is_left_to_rules
from actions.later.steps import NEW
from assistant.app import actions_of, build
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.dialogue.engine import DialogueEngine
from assistant.settings import Settings
from tests.dialogs.test_no_input_bricks_a_session import INTENTS, NEVER_BARE, PARTS
from tests.factories import Factory
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender

PHONE = "+17065550111"
INPUTS: list[tuple[str, dict[str, Any]]] = [
    (intent, parts)
    for intent in INTENTS
    for parts in [*([] if intent in NEVER_BARE else [{}]), *PARTS.get(intent, [])]
]
LATER = {
    "later_which": NEW,
    "later_wish": "set",
    "later_amount": "full",
    "later_on": "2026-11-27",
    "later_method": "method",
    "later_consent": None,
}
AUTOPAY = {
    "autopay_wish": "enroll",
    "autopay_amount": "full",
    "autopay_days": 0,
    "autopay_method": "method",
    "autopay_backup": "none",
    "autopay_consent": None,
}
# The form, the slot it asks for, what the question is about, and slots that differ.
QUESTIONS: list[tuple[str, str, str | None, dict[str, Any]]] = [
    ("later", "later_which", None, {"later_which": None, "later_wish": None}),
    ("later", "later_wish", None, {"later_which": "sched_of_nobody", "later_wish": None}),
    ("later", "later_wish", "taking_back", {"later_which": "sched_of_nobody", "later_wish": None}),
    ("later", "later_amount", "other_amount", {"later_amount": None}),
    ("later", "later_on", None, {"later_on": None}),
    ("later", "later_on", "other_day", {"later_on": None}),
    ("later", "later_method", None, {"later_method": None}),
    ("later", "later_consent", None, {}),
    ("later", "later_consent", "what_to_change", {}),
    ("later", "later_consent", "one_more", {}),
    ("autopay", "autopay_amount", None, {"autopay_amount": None}),
    ("autopay", "autopay_amount", "capped", {"autopay_amount": None}),
    ("autopay", "autopay_days", "days", {"autopay_days": None}),
    ("autopay", "autopay_method", None, {"autopay_method": None}),
    ("autopay", "autopay_backup", None, {"autopay_backup": None}),
    ("autopay", "autopay_consent", None, {}),
    ("autopay", "autopay_consent", "what_to_change", {}),
    ("autopay", "autopay_consent", None, {"autopay_wish": "leave"}),
]


class Desk:
    """The real actions over real services, and a verified session; no engine."""

    def __init__(self, db: Database, clock: FixedClock, settings: Settings, factory: Factory) -> None:
        engine = create_autospec(DialogueEngine, instance=True)
        gateway, sender = FakeGateway(clock), FakeSender(clock)
        app = build(settings, clock=clock, db=db, engine=engine, gateway=gateway, sender=sender)
        account = factory.account()
        self.method_id = app.payments.saved_methods.save(account.id, "pm_saved", is_default=True).id
        self.session_id = app.conversation.open_text_session(PHONE).id
        app.identity.recognize_by_phone(self.session_id, PHONE)
        app.identity.check_pin(self.session_id, PHONE, "4821")
        self.actions: dict[str, Action] = {action.name(): action for action in actions_of(app)}

    def run(self, action: str, form: str, slots: dict[str, Any], intent: str, parts: dict[str, Any]) -> Any:
        """The slots as the action leaves them, and how many replies it uttered; and its events."""
        metadata = {
            "session_id": self.session_id,
            "turn_id": "turn",
            "language": "en",
            "channel": "voice",
            "phone": PHONE,
            "facts": {},
        }
        heard = {
            "intent": {"name": intent},
            "text": f"/{intent}",
            "entities": [{"entity": name, "value": value} for name, value in parts.items()],
            "metadata": metadata,
        }
        tracker = Tracker("talk", slots, heard, [], False, None, {"name": f"{form}_form"}, None)
        dispatcher = CollectingDispatcher()
        events = asyncio.run(self.actions[action].run(dispatcher, tracker, {}))  # type: ignore[typeddict-item]
        changed = {each["name"]: each["value"] for each in events if each["event"] == "slot"}
        return slots | changed, len(dispatcher.messages), events


@pytest.fixture
def desk(db: Database, clock: FixedClock, settings: Settings, factory: Factory) -> Desk:
    return Desk(db, clock, settings, factory)


# What a form makes of an input does not depend on the database.
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("form", "asked", "asking", "differs"), QUESTIONS, ids=[f"{each[1]}-{each[2]}" for each in QUESTIONS]
)
def test_every_input_is_taken_and_the_next_question_can_be_put(
    desk: Desk, form: str, asked: str, asking: str | None, differs: dict[str, Any]
) -> None:
    at_rest = (LATER if form == "later" else AUTOPAY) | {f"{form}_method": desk.method_id} | differs
    at_rest |= {"requested_slot": asked, "asking": asking, "later_aim": "set", "then": None}
    for intent, parts in INPUTS:
        slots, said, events = desk.run(f"validate_{form}_form", form, dict(at_rest), intent, parts)
        if not events:
            assert is_left_to_rules(intent, form), intent
            continue
        order = list(LATER if form == "later" else AUTOPAY)
        missing = next((name for name in order if slots.get(name) is None), None)
        if missing is None:
            assert slots["then"] in ("asked", "done", "pay"), (intent, parts)
            continue
        if missing == "autopay_wish":
            pytest.fail(f"{intent} {parts} lost the wish")
        _, more, _ = desk.run(f"action_ask_{missing}", form, slots, intent, parts)
        assert 1 <= said + more <= 2, (intent, parts)
