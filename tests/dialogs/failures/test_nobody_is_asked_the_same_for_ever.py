"""What is not understood is asked another way, then a person is offered, on both channels."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.dialogue.turn import Heard
from tests.dialogs.callers import Town
from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER

SATURDAY_NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
NONSENSE = ("purple monkey dishwasher", "the quick brown fox", "lorem ipsum dolor")


def test_by_text_the_second_time_in_other_words_the_third_a_promised_call(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("pay my bill")
    assert "did not understand" in line.text(NONSENSE[0])
    assert line.text(NONSENSE[1]).startswith("I will charge your card only if you say yes.")
    assert "A person will call you at this number by" in line.text(NONSENSE[2])
    assert [request.topic for request in world.requests()] == ["human_agent"]
    assert "A person will call you" in line.text("asdf qwer zxcv"), "the ladder does not begin again"
    assert len(world.requests()) == 1


def test_by_phone_in_spanish_out_of_hours_a_call_is_promised_and_a_silent_line_ends_politely(
    world: World,
) -> None:
    world.factory.account()
    world.clock.advance(SATURDAY_NIGHT - world.clock.now())
    line = world.call(CALLER)
    line.press("5")
    line.press("1")
    for _ in range(2):
        line.hear(Heard("silence"))
    assert line.hear(Heard("silence")) == "¿Necesita más tiempo? Oprima la tecla numeral y le espero."
    assert "Una persona le llamará" in line.hear(Heard("silence"))
    assert "más tiempo" in line.hear(Heard("silence"))
    assert "voy a colgar" in line.hear(Heard("silence"))
    assert line.expect.kind == "hang_up"


def test_too_few_digits_of_a_pin_three_times_lead_to_a_person(world: World) -> None:
    account = world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    line.press(account.account_number)
    line.press(account.zip_code)
    assert "I counted 2; I need 4 digits" in line.press("77")
    assert line.expect.secret == "pin"
    line.press("77")
    line.press("77")
    assert line.expect.kind == "transfer"


def test_a_wrong_length_three_times_leads_to_a_person(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    assert "I counted 9; I need 10 digits" in line.press("100000000")
    line.press("100000000")
    line.press("100000000")
    assert line.expect.kind == "transfer"


@pytest.mark.parametrize(
    ("way", "digits", "refused"),
    [
        (("4", "3"), "1111", "That PIN is too easy to guess."),
        (("4", "5", "2"), "1234567890", "That phone number cannot be a helper."),
        (("4", "1", "3"), "0231", "That is not a day I know."),
        (("4", "2", "1", "2", "2", "2"), "40", "Autopay can pay up to 15 days before the bill is due."),
    ],
)
def test_digits_that_cannot_be_taken_three_times_lead_to_a_person(
    world: World, way: tuple[str, ...], digits: str, refused: str
) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = Town(world, "en").call(account, account.phone, is_verified=True).line
    for keys in way:
        line.press(keys)
    question = line.said
    assert line.press(digits).startswith(refused)
    assert line.expect.kind == "digits"
    assert refused not in line.press(digits), f"what is wanted is explained the second time: {question}"
    line.press(digits)
    assert line.expect.kind == "transfer"
