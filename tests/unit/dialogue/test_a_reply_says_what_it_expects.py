"""From the engine's custom block and buttons to an Expectation, and through JSON unchanged."""

from __future__ import annotations

import pytest

from assistant.dialogue.engine import EngineButton, EngineReply
from assistant.dialogue.expecting import expectation_of, from_json, joined_expectation, replies_of, to_json
from assistant.dialogue.turn import Choice, Expectation

BUTTONS = (
    EngineButton("another amount", '/pay_bill{"option": "other_amount"}'),
    EngineButton("a person", "/human_agent"),
)


def test_buttons_become_numbered_choices_with_their_meaning() -> None:
    expect = expectation_of(EngineReply("Which?", BUTTONS))
    assert expect.kind == "choice"
    assert expect.choices == (
        Choice(1, "another amount", "pay_bill", {"option": "other_amount"}),
        Choice(2, "a person", "human_agent", {}),
    )


def test_where_1_means_yes_the_choices_start_at_2() -> None:
    expect = expectation_of(EngineReply("Pay?", BUTTONS, {"expect": "confirm", "draft_id": "draft_1"}))
    assert [choice.number for choice in expect.choices] == [2, 3]
    with_pin = expectation_of(
        EngineReply("PIN?", BUTTONS, {"expect": "confirm", "secret": "pin", "length": "4", "draft_id": "d"})
    )
    assert [choice.number for choice in with_pin.choices] == [1, 2]
    assert with_pin.length == 4


@pytest.mark.parametrize("custom", [{"expect": "magic"}, {"expect": "digits", "secret": "ssn"}])
def test_an_expectation_that_nobody_can_meet_is_an_error(custom: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no such thing"):
        expectation_of(EngineReply("?", (), custom))


def test_an_expectation_survives_storage() -> None:
    expect = expectation_of(EngineReply("Which?", BUTTONS, {"fuller": "Say it longer", "shortest": "1?"}))
    assert from_json(to_json(expect)) == expect
    assert from_json({}) == Expectation()


def test_the_last_reply_decides_and_repeating_says_all_of_it() -> None:
    replies = replies_of([EngineReply("That was wrong."), EngineReply("Which?", BUTTONS)])
    joined = joined_expectation(replies)
    assert joined.kind == "choice"
    assert joined.words == "That was wrong.\nWhich?"
