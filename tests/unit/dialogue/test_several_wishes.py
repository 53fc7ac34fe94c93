"""Two wishes in one message: one is served, the other is offered when that is done, and none is lost."""

from __future__ import annotations

import pytest

from assistant.dialogue.engine import EngineButton, EngineReply
from assistant.dialogue.turn import Heard
from assistant.errors import EngineUnavailable
from tests.unit.dialogue.scripted import PHONE, Line

BOTH = "pay 10 and change my pin"
CLOSING = EngineReply("Reply MENU for anything else.", (), {"is_closing": True})


@pytest.fixture
def two(line: Line) -> Line:
    """A line whose engine knows two wishes apart, alone and together."""
    line.engine.means = {
        BOTH: "account_access",
        "pay 10": "pay_bill",
        "pay 10, with my visa": "pay_bill",
        "change my pin": "account_access",
        "when is it due": "check_due_date",
        "thank you": "thank",
        "talk to a person": "human_agent",
    }
    return line


def answer(*replies: EngineReply) -> list[EngineReply]:
    return list(replies)


def test_the_wish_that_the_whole_message_is_taken_for_comes_first(two: Line) -> None:
    two.engine.script = [answer(EngineReply("Now your PIN."))]
    said = two.text(BOTH)
    assert two.engine.heard[-1].text == "change my pin"
    assert said == "One thing at a time. After this you can pay your bill.\nNow your PIN."


def test_what_is_not_one_of_them_leaves_the_order_of_the_words(two: Line) -> None:
    two.engine.means[BOTH] = "greet"
    two.text(BOTH)
    assert two.engine.heard[-1].text == "pay 10"
    assert two.engine.heard[-1].metadata["facts"]["amount_cents"] == 1000


def test_once_the_first_is_done_the_second_is_offered_and_a_key_begins_it(two: Line) -> None:
    two.engine.script = [answer(EngineReply("Your PIN?")), answer(EngineReply("It is set."), CLOSING)]
    two.text(BOTH)
    assert two.text("some words") == "It is set.\nYou also wanted to pay your bill."
    two.text("1")
    assert two.engine.heard[-1].text == "pay 10", "the words that it was told with"
    assert two.engine.heard[-1].metadata["facts"]["amount_cents"] == 1000


@pytest.mark.parametrize("yes", ["yes", "Yes please", "do that now"])
def test_the_offer_takes_a_yes(two: Line, yes: str) -> None:
    two.engine.script = [answer(EngineReply("It is set."), CLOSING)]
    assert two.text(BOTH) == "It is set.\nYou also wanted to pay your bill."
    two.text(yes)
    assert two.engine.heard[-1].text == "pay 10"


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
    assert two.engine.heard[-1].text.startswith(words.split("4821")[0])


def test_a_part_that_is_no_wish_stays_with_the_one_before_it(two: Line) -> None:
    two.text("pay 10 and with my visa, then change my pin")
    two.engine.script = [answer(EngineReply("Done."), CLOSING)]
    assert two.engine.heard[-1].text == "pay 10, with my visa"


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
    replies = two.app.conversation.take(call.id, Heard("speech", BOTH, confidence=0.9))
    assert [reply.text for reply in replies] == ["It is set.", "You also wanted to pay your bill."]
    two.app.conversation.take(call.id, Heard("keys", "1"))
    assert two.engine.heard[-1].text == "pay 10"
