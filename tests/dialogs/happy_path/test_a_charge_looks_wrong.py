"""A charge that looks wrong is written down in the member's words, read back, and promised to a person."""

from __future__ import annotations

from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER


def test_which_charge_is_asked_and_any_words_are_the_answer(world: World) -> None:
    world.factory.account()
    line = world.thread()
    assert line.text("there is a wrong charge on my bill").startswith("Which charge looks wrong?")
    # On its own this is a question about fees.
    said = line.text("the late fee of ten dollars")
    assert said.startswith('I wrote down: "the late fee of ten dollars". A person will look into it')
    assert "by 11 AM today" in said
    (request,) = world.requests()
    assert request.topic == "dispute_charge"
    assert "the late fee of ten dollars. Balance $84.20, newest bill $84.20" in request.summary


def test_what_the_first_words_tell_is_not_asked_again(world: World) -> None:
    world.factory.account()
    said = world.thread().text("I was charged twice for october")
    assert said.startswith('I wrote down: "I was charged twice for october".')
    assert [request.topic for request in world.requests()] == ["dispute_charge"]


def test_a_caller_disputes_with_the_keypad_alone(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    for key in ("4", "4", "4", "1000000001"):
        line.press(key)
    assert "Which charge looks wrong?" in line.press("30601")
    assert line.choices[2] == "3 say that a payment is missing"
    assert "I wrote down that a payment is missing." in line.press("3")
    assert "a payment that is missing" in world.requests()[0].summary


def test_a_caller_says_it_in_spanish(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("5")
    line.speak("quiero reclamar un cobro")
    line.press("1000000001")
    assert "¿Qué cobro no está bien?" in line.press("30601")
    assert 'Anoté: "me cobraron dos veces la luz de octubre".' in line.speak(
        "me cobraron dos veces la luz de octubre"
    )


def test_a_way_out_of_the_question_is_a_way_out(world: World) -> None:
    world.factory.account()
    line = world.thread()
    line.text("I want to dispute a charge")
    assert "I wrote nothing down." in line.text("no")
    line.text("I want to dispute a charge")
    assert "A person will call you" in line.text("AGENT")
    assert "dispute_charge" not in [request.topic for request in world.requests()]


def test_a_card_number_among_the_words_is_not_written_down(world: World) -> None:
    world.factory.account()
    line = world.thread()
    line.text("I want to dispute a charge")
    line.text("the one on 4242 4242 4242 4242 from may")
    assert all("4242 4242" not in request.summary for request in world.requests())
