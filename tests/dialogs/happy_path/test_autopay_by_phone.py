"""Autopay on a call: terms heard to the end, keyed consent, each part by keypad, a copy in writing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from assistant.dialogue.turn import Heard
from assistant.payments.models import Mandate
from tests.dialogs.conftest import Line, World
from tests.dialogs.happy_path.test_autopay_by_text import enrollment
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who
from tests.factories import MadeAccount


@pytest.fixture
def account(world: World) -> MadeAccount:
    made = world.factory.account()
    world.saved_card(made)
    return made


def at_the_terms(world: World, words: str = "I want to sign up for autopay") -> Line:
    line = world.call(CALLER)
    line.speak(words)
    say_who(line)
    return line


def test_the_terms_are_read_without_barge_in_and_agreed_to_by_a_key(
    world: World, account: MadeAccount
) -> None:
    line = at_the_terms(world)
    terms = line.said
    assert terms == (
        "Here is what you agree to. For each bill, we take all you owe from your Visa ending in 4 2 4 2, "
        "on the due date, till you turn it off. We text you before each payment. To agree, press 1."
    )
    assert line.expect.is_terms
    assert line.expect.kind == "confirm"
    assert "For money I need a key" in line.speak("yes")
    assert enrollment(world) is None
    assert "The first is 84 dollars and 20 cents on Thursday, December third." in line.press("1")
    row = enrollment(world)
    assert row is not None
    with world.app.db.read() as tx:
        mandate = tx.get_one(Mandate, row.mandate_id)
    assert terms in mandate.words
    assert mandate.consent_how == "key"
    assert any("autopay is on" in each.body for each in world.queued()), "a copy in writing"


def test_days_and_amount_are_keyed(world: World, account: MadeAccount) -> None:
    line = at_the_terms(world)
    assert "What do you want to change?" in line.press("2")
    line.press("2")
    line.press("2")
    assert "5 days before it is due, till you turn it off" in line.press("5#")
    line.press("2")
    line.press("1")
    assert "Which amount each time?" in line.press("3")
    assert "we take 50 dollars from your Visa" in line.press("50*00")
    line.press("1")
    row = enrollment(world)
    assert row is not None
    assert (row.amount_kind, row.amount_cents, row.days_before) == ("fixed", 5000, 5)


def test_it_is_turned_on_by_keypad_alone_from_the_greeting(world: World, account: MadeAccount) -> None:
    line = world.call(CALLER)
    line.press("4")
    assert line.choices[1] == "2 use autopay"
    line.press("2")
    line.press("1000000001")
    assert line.press("30601").startswith("Autopay is off.")
    assert "key in your 4 digit PIN" in line.press("1")
    assert line.press("4821").startswith("Here is what you agree to.")
    assert line.hear(Heard("silence")).startswith("For each bill, we take all you owe from your Visa")
    line.press("1")
    row = enrollment(world)
    assert row is not None
    assert row.state == "active"


def test_it_is_turned_off_by_keypad_and_the_copy_says_so(world: World, account: MadeAccount) -> None:
    line = at_the_terms(world)
    line.press("1")
    line.speak("do I have autopay")
    assert line.choices == ["1 change it", "2 pause it", "3 turn it off", "4 go to the main menu"]
    assert "Shall we turn autopay off?" in line.press("3")
    assert "Autopay is off. No bill is paid by itself any more." in line.press("1")
    row = enrollment(world)
    assert row is not None
    assert row.state == "left"
    with world.app.db.read() as tx:
        assert all(
            each.revoked_at for each in tx.scalars(select(Mandate).where(Mandate.purpose == "autopay"))
        )
    assert any("autopay is off" in each.body for each in world.queued())


def test_in_spanish_by_keypad(world: World, account: MadeAccount) -> None:
    line = world.call(CALLER)
    line.press("5")
    line.speak("quiero el pago automático")
    say_who(line)
    assert line.said.startswith(
        "Esto es lo que usted acepta. De cada factura tomamos lo que debe de su Visa que"
    )
    assert "El primero: 84 dólares con 20 centavos el jueves 3 de diciembre." in line.press("1")
    row = enrollment(world)
    assert row is not None
    assert (row.language, row.state) == ("es", "active")
