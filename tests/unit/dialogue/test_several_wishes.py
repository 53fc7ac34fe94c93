"""Two wishes in one message: one is served, the other is offered when that is done, and none is lost."""

from __future__ import annotations

import pytest

from assistant.dialogue.engine import EngineButton, EngineReply
from assistant.dialogue.turn import Heard
from assistant.errors import EngineUnavailable
from tests.unit.dialogue.scripted import PHONE, Line

BOTH = "pay 10 and change my pin"
REVERSED = "change my pin and pay 10"
CLOSING = EngineReply("Reply MENU for anything else.", (), {"is_closing": True})


@pytest.fixture
def two(line: Line) -> Line:
    """A line whose engine knows two wishes apart, alone and together."""
    line.engine.means = {
        "pay 10": "pay_bill",
        "pay 10, with my visa": "pay_bill",
        "change my pin": "account_access",
        "when is it due": "check_due_date",
        "thank you": "thank",
        "talk to a person": "human_agent",
    }
    return line


def pays_10(line: Line) -> bool:
    """Whether the engine was asked to pay what those words name."""
    last = line.engine.heard[-1]
    return (last.intent, last.entities) == ("pay_bill", {"amount_cents": 1000})


def answer(*replies: EngineReply) -> list[EngineReply]:
    return list(replies)


def test_the_first_is_served_and_the_second_promised(two: Line) -> None:
    two.engine.script = [answer(EngineReply("Your PIN to pay $10.00?"))]
    said = two.text(BOTH)
    assert pays_10(two)
    assert said == (
        "One thing at a time. After this you can set up or change your PIN.\nYour PIN to pay $10.00?"
    )


def test_an_amount_to_be_paid_needs_no_sure_reading(two: Line) -> None:
    del two.engine.means["pay 10"]
    two.text(BOTH)
    assert pays_10(two)


def test_once_the_first_is_done_the_second_is_offered_and_a_key_begins_it(two: Line) -> None:
    two.engine.script = [answer(EngineReply("Your PIN?")), answer(EngineReply("It is set."), CLOSING)]
    two.text(REVERSED)
    assert two.text("some words") == "It is set.\nYou also wanted to pay your bill."
    two.text("1")
    assert pays_10(two), "with what was told"


@pytest.mark.parametrize("yes", ["yes", "Yes please", "do that now"])
def test_the_offer_takes_a_yes(two: Line, yes: str) -> None:
    two.engine.script = [answer(EngineReply("It is set."), CLOSING)]
    assert two.text(REVERSED) == "It is set.\nYou also wanted to pay your bill."
    two.text(yes)
    assert pays_10(two)


def test_a_no_leaves_it_and_it_is_not_offered_again(two: Line) -> None:
    two.engine.script = [
        answer(EngineReply("It is set."), CLOSING),
        answer(EngineReply("All right."), CLOSING),
    ]
    two.text(BOTH)
    assert two.text("no") == "All right.\nReply MENU for anything else."
    assert two.engine.heard[-1].intent == "deny"


def test_three_wishes_come_one_after_the_other(two: Line) -> None:
    two.engine.means["did my payment come in"] = "payment_status"
    two.engine.script = [answer(EngineReply("Done."), CLOSING)] * 3
    assert "set up or change your PIN" in two.text(BOTH + " and did my payment come in")
    assert "ask if your payment came in" in two.text("1")
    assert two.text("1") == "Done.\nReply MENU for anything else."


@pytest.mark.parametrize(
    "words",
    [
        "pay 10 and when is it due",
        "pay 10, thank you",
        "pay 10 and talk to a person",
        "pay 10 and the other thing",
        "pay 10",
        "change my pin 4821 and pay 10",
    ],
    ids=["a payment tells it", "a courtesy", "a person", "not understood", "one", "a secret"],
)
def test_one_wish_goes_to_the_engine_whole(two: Line, words: str) -> None:
    two.engine.script = [answer(EngineReply("Well."), CLOSING)]
    assert "also wanted" not in two.text(words)
    assert pays_10(two) or two.engine.heard[-1].text.startswith(words.split("4821")[0])


def test_a_part_that_is_no_wish_stays_with_the_one_before_it(two: Line) -> None:
    two.text("pay 10 and with my visa, then change my pin")
    two.engine.script = [answer(EngineReply("Done."), CLOSING)]
    assert two.engine.heard[-1].text == "pay 10, with my visa"


def test_what_limits_a_wish_is_no_wish_of_its_own(two: Line) -> None:
    two.engine.means |= {"put me on autopay": "autopay_enroll", "but pay no more than 30": "pay_bill"}
    two.text("put me on autopay, but pay no more than 30")
    assert two.engine.heard[-1].text == "put me on autopay, but pay no more than 30"


def test_where_an_answer_in_sentences_is_asked_for_nothing_is_told_apart(two: Line) -> None:
    button = EngineButton("a fee", '/dispute_charge{"option": "fee"}')
    two.engine.script = [answer(EngineReply("Which charge?", (button,)))]
    two.text("something is wrong here")
    two.text(BOTH)
    assert two.engine.heard[-1].text == BOTH


def test_an_engine_that_cannot_read_parts_gets_the_whole(two: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_texts: list[str]) -> None:
        raise EngineUnavailable("down")

    monkeypatch.setattr(two.engine, "readings", down)
    assert two.text(BOTH) == "Hello."
    assert two.engine.heard[-1].text == BOTH


def test_a_reply_without_room_says_only_itself(two: Line) -> None:
    long = "x" * 300
    two.engine.script = [answer(EngineReply(long))]
    assert two.text(BOTH) == long


def test_a_caller_hears_the_offer_and_presses_for_it(two: Line) -> None:
    call = two.app.conversation.open_call("CA1", PHONE)
    two.engine.script = [answer(EngineReply("It is set."), CLOSING)]
    replies = two.app.conversation.take(call.id, Heard("speech", REVERSED, confidence=0.9))
    assert [reply.text for reply in replies] == ["It is set.", "You also wanted to pay your bill."]
    two.app.conversation.take(call.id, Heard("keys", "1"))
    assert pays_10(two)


def test_starting_over_forgets_what_was_also_wanted(two: Line) -> None:
    two.engine.script = [
        answer(EngineReply("Your PIN?")),
        answer(EngineReply("Hello.", (), {"is_closing": True})),
    ]
    two.text(BOTH)
    assert two.text("reset") == "Hello."
