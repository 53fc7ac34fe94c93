"""A person, opting out, scams, who is this, office facts: answered honestly in one turn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.notifications.opt_outs import has_opted_out
from tests.dialogs.conftest import PHONE, World

SATURDAY_NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("I can't pay my bill, I lost my job", "hardship"),
        ("I want my money back", "refund"),
    ],
)
def test_what_the_office_does_is_promised_with_a_time_and_written_down(world: World, words, topic) -> None:
    world.factory.account()
    said = world.thread().text(words)
    assert "call you" in said
    assert "today" in said
    assert [request.topic for request in world.requests()] == [topic]
    assert world.requests()[0].phone == PHONE


def test_hardship_promises_no_power_and_sells_nothing(world: World) -> None:
    world.factory.account()
    said = world.thread().text("I can't pay, my husband is on oxygen")
    assert "A person can talk with you" in said
    assert "stay on" not in said


def test_a_caller_is_put_through_in_office_hours(world: World) -> None:
    line = world.call()
    line.press("0")
    assert line.expect.kind == "transfer"


def test_at_night_a_call_back_is_promised_and_the_menu_stays(world: World) -> None:
    world.clock.advance(SATURDAY_NIGHT - world.clock.now())
    line = world.call()
    said = line.press("0")
    assert "Our office is closed now." in said
    assert "AM on Monday" in said
    assert line.choices == ["1 go to the main menu", "2 end this call"]


def test_opting_out_in_words_counts_at_once(world: World) -> None:
    world.factory.account()
    line = world.thread()
    assert "we will not text you first any more" in line.text("quit texting me")
    with world.app.db.read() as tx:
        assert has_opted_out(tx, PHONE)
    assert "You owe $84.20" in line.text("what is my balance"), "their own questions are still answered"


def test_is_this_really_you_has_an_answer(world: World) -> None:
    said = world.thread().text("is this really the electric company")
    assert "assistant of Lantern Valley Electric" in said
    assert "706-555-0101" in said


def test_a_scam_is_filed(world: World) -> None:
    said = world.thread().text("someone called me and said they would cut my power unless I buy gift cards")
    assert "Do not pay them" in said
    assert [request.topic for request in world.requests()] == ["scam_report"]


def test_what_was_not_understood_shows_what_can_be_done(world: World) -> None:
    line = world.thread()
    said = line.text("purple monkeys eat the moon")
    assert said == "I am sorry, I did not understand that. Here is what I can do."
    assert line.choices[0] == "1 pay your bill"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("are you a robot", "a computer, not a person"),
        ("what are your office hours", "Monday to Friday, 8 AM to 5 PM"),
        ("my power is out", "706-555-0102"),
        ("do you charge a fee to pay", "has no fee"),
        ("hello", "automated assistant of Lantern Valley Electric"),
        ("thank you so much", "You are welcome."),
        ("what can you do", "I take payments now or later"),
        ("MENU", "Here is what I can do."),
    ],
)
def test_plain_questions_have_plain_answers(world: World, words: str, answer: str) -> None:
    assert answer in world.thread().text(words)


def test_the_last_answer_is_said_again(world: World) -> None:
    line = world.thread()
    line.text("what are your office hours")
    assert "8 AM to 5 PM" in line.text("REPEAT")
    assert "8 AM to 5 PM" in line.text("sorry can you repeat what you just said")
