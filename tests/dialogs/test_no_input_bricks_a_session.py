"""Every intent, in every state that a conversation can be in: one or two replies, and life goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.intents import ASIDES
from assistant.dialogue.engine import EngineMessage, EngineReply
from assistant.dialogue.expecting import expectation_of
from assistant.dialogue.turn import Channel
from assistant.errors import EngineUnavailable
from assistant.ids import new_id
from tests.dialogs.conftest import World
from tests.exhaustive import is_tried

DOMAIN = Path(__file__).parents[2] / "dialogs" / "domain"
INTENTS: list[str] = [
    intent
    for path in sorted(DOMAIN.glob("*.yml"))
    for intent in yaml.safe_load(path.read_text(encoding="utf-8")).get("intents", [])
]
# The structured inputs that come with parts, each in a few kinds, also stale and senseless ones.
PARTS: dict[str, list[dict[str, Any]]] = {
    "pay_bill": [
        {"option": each}
        for each in ("full", "past_due", "least", "other_amount", "duplicate", "go_on", "nonsense")
    ],
    "inform_amount": [{"amount_cents": 2500}, {"amount_kind": "full"}, {"amount_cents": 90_000_00}],
    "switch_method": [{"method_id": "new_card"}, {"method_id": "method_of_nobody"}],
    "account_access": [
        {"account_id": 999},
        *({"option": each} for each in ("pick", "no_pin", "enrollment_code", "code_text", "code_call")),
    ],
    "inform_digits": [{"digits": each} for each in ("1000000009", "12", "30601", "")],
    "secret_checked": [
        {"secret": secret, "outcome": outcome}
        for secret, outcome in (
            ("pin", "ok"),
            ("pin", "pin_wrong"),
            ("pin", "pin_not_set"),
            ("pin", "not_verified"),
            ("pin", "identity_locked"),
            ("pin", "wrong_length"),
            ("code", "ok"),
            ("code", "code_wrong"),
            ("code", "code_expired"),
            ("enrollment_code", "ok"),
            ("enrollment_code", "identity_not_matched"),
            ("new_pin", "ok"),
            ("new_pin", "pin_weak"),
        )
    ],
    "card_keyed": [{"result": each} for each in ("success", "refused", "validation-error")],
    "update_payment_method": [{"option": "keep"}, {"option": "pick", "method_id": "method_of_nobody"}],
    "helper_access": [{"option": "pick", "helper_id": 99}],
    "notification_settings": [{"option": "nonsense"}],
    "payment_arrangement": [
        {"option": each} for each in ("other_day", "one_week", "two_weeks", "latest", "nonsense")
    ],
    "dispute_charge": [{"option": each} for each in ("amount", "fee", "missing", "other", "nonsense")],
    "get_statement": [{"option": "newest"}],
    "bill_choices": [{"option": each} for each in ("letters", "others", "nonsense")],
    "change_language": [{"language": "es"}, {"language": "en"}],
    "schedule_payment": [
        {"day": "2026-11-27"},
        {"scheduled_id": "sched_of_nobody"},
        *({"option": each} for each in ("see", "change", "other_day", "amount", "day", "method", "nonsense")),
    ],
    "autopay_enroll": [
        {"option": each}
        for each in (
            "what",
            "amount",
            "days",
            "method",
            "backup",
            "full",
            "capped",
            "due_date",
            "days_before",
        )
    ],
    "autopay_manage": [{"option": each} for each in ("change", "pause", "resume")],
}
# The service always says which secret it checked, and how that ended.
NEVER_BARE = {"secret_checked"}
# Parts belong to some questions: all of them are tried there, and one of them, another each time, elsewhere.
AT_HOME = {
    "pay_bill": ("reading_back", "asking_another_amount", "what_to_change", "pin_to_pay", "how_much"),
    "inform_amount": ("amount", "reading_back", "how_much"),
    "account_access": ("account", "way", "zip"),
    "inform_digits": ("account", "zip", "code", "day"),
    "secret_checked": ("pin", "code"),
    "card_keyed": ("card",),
    "payment_arrangement": ("more_time", "the_rest"),
    "dispute_charge": ("charge",),
    "schedule_payment": ("later",),
    "autopay_enroll": ("autopay",),
    "autopay_manage": ("autopay",),
}
# An input that leaves the question standing leaves the conversation for the next one, so many times.
MOST_IN_A_TALK = 12


def inputs_at(arrangement: str) -> list[tuple[str, dict[str, Any]]]:
    """What is tried in a state: the asides first, which leave the state as it is.

    The default run tries a part of it, another in each state, so that every intent is tried in many.
    """
    found = []
    for intent in sorted(INTENTS, key=lambda name: name not in ASIDES):
        parts = PARTS.get(intent, [])
        if parts and not any(place in arrangement for place in AT_HOME.get(intent, ())):
            parts = [parts[len(arrangement) % len(parts)]]
        found += [(intent, each) for each in [*([] if intent in NEVER_BARE else [{}]), *parts]]
    return [one for one in found if is_tried((arrangement, one), 5)]


# What the service tells beside a refusal or a text.
FACTS = {
    "tries_left": 3,
    "until": "2026-11-23T15:30:00+00:00",
    "counted": 3,
    "wanted": 4,
    "code": "method_not_usable",
}


@dataclass
class Talk:
    """A session of the service, and fresh conversations of the engine in it; what it knows is arranged."""

    world: World
    channel: Channel
    phone: str
    account_number: str = ""
    is_verified: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    # What the last reply asked, without its words: the same again means that the question still stands.
    asked: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        conversation, identity = self.world.app.conversation, self.world.app.identity
        view = (
            conversation.open_text_session(self.phone)
            if self.channel == "sms"
            else conversation.open_call(new_id("call"), self.phone)
        )
        self.session_id, self.name = view.id, new_id("talk")
        if self.account_number:
            identity.claim(self.session_id, self.account_number)
            identity.recognize_by_zip(self.session_id, self.phone, "30601")
        if self.is_verified and not self.account_number:
            identity.recognize_by_phone(self.session_id, self.phone)
        if self.is_verified:
            identity.check_pin(self.session_id, self.phone, "4821")

    def send(self, intent: str, **parts: Any) -> list[EngineReply]:
        return self._ask(
            EngineMessage(self.name, self.channel, intent=intent, entities=parts, metadata=self._metadata())
        )

    def say(self, words: str) -> list[EngineReply]:
        return self._ask(EngineMessage(self.name, self.channel, text=words, metadata=self._metadata()))

    def _metadata(self) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "turn_id": new_id("turn"),
            "language": "en",
            "channel": self.channel,
            "phone": self.phone,
            "facts": self.facts,
        }

    def _ask(self, message: EngineMessage) -> list[EngineReply]:
        replies = self.world.app.engine.respond(message)
        expect = expectation_of(replies[-1])
        self.asked = (expect.kind, expect.length, expect.secret, [each.title for each in expect.choices])
        return replies


Arrangement = Callable[[World], Talk]
LANDLINE = "+17065550999"


def unknown_caller(world: World) -> Talk:
    return Talk(world, "voice", LANDLINE)


def verified_caller(world: World) -> Talk:
    return Talk(world, "voice", LANDLINE, "1000000001", is_verified=True)


def by_text_outside_of_any_form(world: World) -> Talk:
    return Talk(world, "sms", "+17065550111")


def by_phone_outside_of_any_form(world: World) -> Talk:
    return after(unknown_caller(world), "call_opened")


def by_phone_asking_whether_it_is_this(world: World) -> Talk:
    talk = by_phone_outside_of_any_form(world)
    # Near to paying, and not near enough to begin it.
    talk.say("need my lights paid b4 friday")
    return talk


def by_phone_asking_the_account(world: World) -> Talk:
    return after(unknown_caller(world), "pay_bill")


def by_phone_asking_the_zip(world: World) -> Talk:
    return after(by_phone_asking_the_account(world), "inform_digits", digits="1000000001")


def by_phone_asking_the_pin(world: World) -> Talk:
    return after(Talk(world, "voice", LANDLINE, "1000000001"), "pay_bill")


def by_phone_reading_back(world: World) -> Talk:
    return after(verified_caller(world), "pay_bill")


def by_phone_keying_a_card(world: World) -> Talk:
    return after(verified_caller(world), "switch_method", method_id="new_card")


def by_phone_asking_to_keep_the_card(world: World) -> Talk:
    talk = by_phone_keying_a_card(world)
    draft = world.app.payments.current_draft(talk.session_id)
    assert draft is not None
    world.app.payments.attach_card(talk.session_id, draft.id, new_id("pm"))
    return after(talk, "card_keyed", result="success")


def by_phone_asking_another_amount(world: World) -> Talk:
    return after(verified_caller(world), "pay_bill", option="other_amount")


def by_phone_asking_the_method(world: World) -> Talk:
    return after(verified_caller(world), "switch_method")


def by_phone_asking_what_to_change(world: World) -> Talk:
    return after(by_phone_reading_back(world), "deny")


def by_phone_taking_a_card_off(world: World) -> Talk:
    return after(verified_caller(world), "update_payment_method", option="remove")


def by_text_naming_a_helper(world: World) -> Talk:
    return after(Talk(world, "sms", "+17065550111", "1000000001", is_verified=True), "helper_access")


def by_text_asking_the_account(world: World) -> Talk:
    return after(Talk(world, "sms", LANDLINE), "check_balance")


def by_text_asking_which_account(world: World) -> Talk:
    return after(Talk(world, "sms", "+17065550122"), "check_balance")


def by_text_picking_a_way(world: World) -> Talk:
    return after(by_text_asking_the_account(world), "inform_digits", digits="1000000001")


def by_text_asking_the_enrollment_code(world: World) -> Talk:
    return after(by_text_picking_a_way(world), "account_access", option="enrollment_code")


def by_text_asking_the_code(world: World) -> Talk:
    return after(by_text_picking_a_way(world), "account_access", option="code_text")


def by_text_asking_a_new_pin(world: World) -> Talk:
    talk = by_text_asking_the_enrollment_code(world)
    return after(talk, "secret_checked", secret="enrollment_code", outcome="ok")


def by_text_asking_the_pin_to_pay(world: World) -> Talk:
    return after(Talk(world, "sms", "+17065550111"), "pay_bill")


def by_text_asking_how_much(world: World) -> Talk:
    return after(Talk(world, "sms", "+17065550133"), "pay_bill")


def by_text_offering_a_call(world: World) -> Talk:
    return after(Talk(world, "sms", "+17065550133"), "inform_amount", amount_cents=2500)


def by_text_choosing_a_later_day(world: World) -> Talk:
    return after(Talk(world, "sms", "+17065550111", is_verified=True), "schedule_payment")


def by_phone_keying_a_later_day(world: World) -> Talk:
    return after(after(verified_caller(world), "schedule_payment"), "schedule_payment", option="other_day")


def by_phone_agreeing_to_a_later_day(world: World) -> Talk:
    talk = after(verified_caller(world), "schedule_payment")
    day = world.clock.today() + timedelta(days=2)
    return after(talk, "schedule_payment", day=day.isoformat())


def by_text_agreeing_to_autopay(world: World) -> Talk:
    return after(Talk(world, "sms", "+17065550111", is_verified=True), "autopay_enroll")


def by_phone_choosing_a_part_of_autopay(world: World) -> Talk:
    return after(after(verified_caller(world), "autopay_enroll"), "deny")


def by_phone_keying_the_days_of_autopay(world: World) -> Talk:
    return after(by_phone_choosing_a_part_of_autopay(world), "autopay_enroll", option="days_before")


def by_phone_reading_back_more_time(world: World) -> Talk:
    return after(verified_caller(world), "payment_arrangement")


def by_phone_asking_the_day_for_the_rest(world: World) -> Talk:
    return after(by_phone_reading_back_more_time(world), "payment_arrangement", option="other_day")


def by_text_asking_which_charge(world: World) -> Talk:
    return after(Talk(world, "sms", "+17065550111"), "dispute_charge")


def after(talk: Talk, intent: str, **parts: Any) -> Talk:
    talk.send(intent, **parts)
    return talk


# Where the conversation is, and what its last question expects there.
STATES: dict[Arrangement, str] = {
    by_text_outside_of_any_form: "",
    by_phone_outside_of_any_form: "choice",
    by_phone_asking_whether_it_is_this: "choice",
    by_phone_asking_the_account: "digits",
    by_phone_asking_the_zip: "digits",
    by_phone_asking_the_pin: "digits",
    by_phone_reading_back: "confirm",
    by_phone_keying_a_card: "new_card",
    by_phone_asking_to_keep_the_card: "yes_no",
    by_phone_asking_another_amount: "amount",
    by_phone_asking_the_method: "choice",
    by_phone_asking_what_to_change: "choice",
    by_phone_taking_a_card_off: "yes_no",
    by_text_naming_a_helper: "digits",
    by_text_asking_the_account: "digits",
    by_text_asking_which_account: "choice",
    by_text_picking_a_way: "choice",
    by_text_asking_the_enrollment_code: "digits",
    by_text_asking_the_code: "digits",
    by_text_asking_a_new_pin: "digits",
    by_text_asking_the_pin_to_pay: "confirm",
    by_text_asking_how_much: "choice",
    by_text_offering_a_call: "choice",
    by_text_choosing_a_later_day: "choice",
    by_phone_keying_a_later_day: "digits",
    by_phone_agreeing_to_a_later_day: "confirm",
    by_text_agreeing_to_autopay: "confirm",
    by_phone_choosing_a_part_of_autopay: "choice",
    by_phone_keying_the_days_of_autopay: "digits",
    by_phone_reading_back_more_time: "confirm",
    by_phone_asking_the_day_for_the_rest: "choice",
    by_text_asking_which_charge: "choice",
}


@pytest.fixture
def town(world: World) -> World:
    """One account with a saved card, two on one phone, and one that is partly past due without a card."""
    world.saved_card(world.factory.account())
    world.factory.account("1000000002", name="Bo", phone="+17065550122", nickname="House")
    world.factory.account("1000000003", name="Bo", phone="+17065550122", nickname="Barn")
    late = world.factory.account(
        "1000000004", name="Cy", phone="+17065550133", due_on=world.clock.today() - timedelta(days=3)
    )
    world.factory.statement(late.id, 4000, due_on=world.clock.today() + timedelta(days=20))
    return world


@pytest.mark.exhaustive
@pytest.mark.parametrize("arrange", STATES, ids=lambda arrange: arrange.__name__)
def test_every_input_gets_one_or_two_replies(town: World, arrange: Arrangement) -> None:
    troubles: list[str] = []
    talk: Talk | None = None
    for intent, parts in inputs_at(arrange.__name__):
        if talk is None:
            # Tries and drafts that this loop uses up are not what is tested.
            town.clock.advance(timedelta(minutes=70))
            talk = arrange(town)
            talk.facts, asked, left = FACTS, talk.asked, MOST_IN_A_TALK
        trouble, left = trouble_with(talk, intent, parts), left - 1
        if trouble or talk.asked != asked or not left:
            trouble = trouble or trouble_with(talk, "menu", {})
            talk = None
        if trouble:
            troubles.append(f"{intent} {parts}: {trouble}")
    assert troubles == []


def trouble_with(talk: Talk, intent: str, parts: dict[str, Any]) -> str:
    """What is wrong with the answer to one input, or nothing."""
    try:
        replies = talk.send(intent, **parts)
    except EngineUnavailable as failure:
        return f"no answer to {intent}: {failure}"
    if any("{" in reply.text or not reply.text for reply in replies):
        return f"a blank in the answer to {intent}"
    return ""


@pytest.mark.parametrize("arrange", STATES, ids=lambda arrange: arrange.__name__)
def test_a_question_in_the_middle_returns_to_what_was_asked(town: World, arrange: Arrangement) -> None:
    kind = STATES[arrange]
    talk = arrange(town)
    for aside in ("greet", "office_info", "fees", "are_you_bot", "outage", "opt_in", "unsure"):
        last = talk.send(aside)[-1]
        if kind:
            assert expectation_of(last).kind == kind, aside
        else:
            assert last.text
