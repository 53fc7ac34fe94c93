"""Setting a payment for a later day on a call: by keypad alone, by voice, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.dialogue.turn import Heard
from assistant.ids import new_id
from tests.dialogs.conftest import Line, World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who
from tests.dialogs.happy_path.test_paying_later_by_text import first_draft, scheduled
from tests.factories import MadeAccount

# Today is Monday, Nov 23; the bill is due on Thursday, Dec 3.


@pytest.fixture
def account(world: World) -> MadeAccount:
    made = world.factory.account()
    world.saved_card(made)
    return made


def to_the_day(world: World, words: str = "") -> Line:
    """A verified caller at the question of the day, by the menu's keys or by words."""
    line = world.call(CALLER, new_id("call"))
    if words:
        line.speak(words)
    else:
        line.press("4")
        assert line.choices[0] == "1 pay on another day"
        line.press("1")
    say_who(line)
    return line


def test_a_caller_sets_the_due_date_by_one_key_and_hears_the_number_twice(
    world: World, account: MadeAccount
) -> None:
    line = to_the_day(world)
    assert line.said == "Your bill is due December third. Which day do you want to pay?"
    assert line.choices == [
        "1 pay on Thursday, December third",
        "2 pay on Friday, November twenty-seventh",
        "3 pick another day",
    ]
    said = line.press("1")
    assert said == (
        "To pay 84 dollars and 20 cents with your Visa ending in 4 2 4 2 "
        "on Thursday, December third, press 1."
    )
    said = line.press("1")
    row = first_draft(world, account)
    spaced = f"{' '.join(row.confirmation_number[:4])}, {' '.join(row.confirmation_number[4:])}"
    assert said.count(spaced) == 2
    assert "You can change it until 9 AM on Wednesday" in said
    assert (row.pay_on, row.amount_cents, world.gateway.taken_cents) == (date(2026, 12, 3), 8420, 0)
    assert any("$84.20" in each.body for each in world.queued()), "a copy in writing"


def test_another_day_and_another_amount_are_keyed(world: World, account: MadeAccount) -> None:
    line = to_the_day(world)
    assert "two digits for each" in line.press("3")
    assert (line.expect.kind, line.expect.length) == ("digits", 4)
    assert "That is not a day I know." in line.press("1340")
    assert "on Tuesday, December first, press 1." in line.press("1201")
    assert "How much do you want to pay? Key the dollars" in line.press("3")
    assert line.press("45*50").startswith("To pay 45 dollars and 50 cents with your Visa")
    line.press("1")
    row = first_draft(world, account)
    assert (row.pay_on, row.amount_cents) == (date(2026, 12, 1), 4550)


def test_a_day_is_spoken_and_a_spoken_yes_sets_nothing(world: World, account: MadeAccount) -> None:
    line = to_the_day(world, "schedule my payment for the friday before it's due")
    assert "on Friday, November twenty-seventh, press 1." in line.said
    assert "For money I need a key" in line.speak("yes")
    assert scheduled(world) == []
    assert "on Tuesday, December first, press 1." in line.speak("no, the first of december")
    line.press("1")
    assert first_draft(world, account).pay_on == date(2026, 12, 1)


def test_silence_back_repeat_and_a_person_work_at_the_day(world: World, account: MadeAccount) -> None:
    line = to_the_day(world)
    question = line.said
    assert "You can pick any day up to December third." in line.hear(Heard("silence"))
    assert "Which day?" in line.hear(Heard("silence"))
    assert question in line.press("9")
    assert "two digits for each" in line.press("3")
    assert question in line.press("*")
    assert "Nothing is set, and nothing was charged." in line.press("*")
    line = to_the_day(world)
    line.press("0")
    assert line.expect.kind == "transfer"


def test_what_is_set_is_heard_changed_and_taken_back_by_keypad(world: World, account: MadeAccount) -> None:
    line = to_the_day(world)
    line.press("1")
    line.press("1")
    said = line.speak("what payment do I have scheduled")
    assert "will be paid with your Visa ending in 4 2 4 2 on Thursday, December third." in said
    assert [choice[2:] for choice in line.choices] == [
        "leave it",
        "change the amount",
        "change the day",
        "change the card",
        "take it back",
    ]
    line.press("3")
    assert "on Friday, November twenty-seventh, press 1." in line.press("2")
    line.press("1")
    assert first_draft(world, account).pay_on == date(2026, 11, 27)
    line.speak("what payment do I have scheduled")
    assert "Shall we take back your payment" in line.press("5")
    assert "is taken back, and nothing will be charged" in line.press("1")
    assert first_draft(world, account).state == "canceled"


def test_in_spanish_by_keypad(world: World, account: MadeAccount) -> None:
    line = world.call(CALLER)
    line.press("5")
    line.press("4")
    assert line.choices[0] == "1 pagar otro día"
    line.press("1")
    say_who(line)
    assert line.said == "Su factura vence el 3 de diciembre. ¿Qué día quiere pagar?"
    assert line.choices[1] == "2 pagar el viernes 27 de noviembre"
    said = line.press("2")
    assert said == (
        "Para pagar 84 dólares con 20 centavos con su Visa que termina en 4 2 4 2 "
        "el viernes 27 de noviembre, oprima 1."
    )
    assert line.press("1").count("Su número de confirmación es") == 1
    assert first_draft(world, account).pay_on == date(2026, 11, 27)


def test_a_call_that_we_made_goes_on_with_the_day_that_the_text_chose(
    world: World, account: MadeAccount
) -> None:
    thread = world.thread()
    thread.text("schedule 60 dollars for this friday")
    thread.text("4821")
    thread.text("call me")
    line = world.call("+17065550111", resume=thread.session_id)
    assert line.said.endswith("You were setting a payment of 60 dollars for Friday, November twenty-seventh.")
    line.press("1")
    assert "PIN" in line.said
    assert "To pay 60 dollars with your Visa" in line.press("4821")
    line.press("1")
    assert (first_draft(world, account).amount_cents, world.gateway.taken_cents) == (6000, 0)
