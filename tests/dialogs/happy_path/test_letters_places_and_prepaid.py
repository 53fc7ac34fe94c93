"""Letters, places for cash with the amount to bring, prepaid accounts, and what else the co-op does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from assistant.billing.importing_places import import_places
from assistant.billing.models import Account, PrepaidAccount
from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who
from tests.unit.billing.test_letters_and_places import PLACES

TODAY = date(2026, 11, 23)


def test_a_copy_of_a_bill_is_queued_for_the_mail(world: World) -> None:
    world.factory.account()
    line = world.thread()
    line.text("can you mail me a copy of my bill")
    said = line.text("4821")
    assert said.startswith("Our office will mail a copy of your bill of $84.20 to 4 Mill Road, by Nov 25.")
    assert [letter.kind for letter in world.app.billing.letters.queued()] == ["statement_copy"]
    assert line.text("I need a copy of my bill from march 2025").startswith("I find no bill from that time.")
    assert line.choices[0] == "1 mail my newest bill"
    assert "copy of your bill of $84.20" in line.text("1")


def test_a_letter_of_good_standing_is_queued_or_kindly_refused(world: World) -> None:
    good = world.factory.account()
    late = world.factory.account("1000000002", phone="+17065550112", due_on=TODAY - timedelta(days=2))
    line = world.thread()
    line.text("I need a letter of good standing for my landlord")
    assert "account is in good standing to 4 Mill Road, by Nov 25." in line.text("4821")
    line = world.thread(late.phone)
    line.text("I need a letter of good standing")
    assert line.text("4821").startswith("I cannot send that letter while a bill is past due")
    assert line.choices[0] == "1 pay now"
    assert len(world.app.billing.letters.queued()) == 1
    assert good.id != late.id


def test_letters_by_phone_with_the_keypad_alone_in_spanish(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    for key in ("5", "4", "4", "5", "2"):
        line.press(key)
    assert "una carta que dice que su cuenta está al corriente" in say_who(line)
    assert [letter.language for letter in world.app.billing.letters.queued()] == ["es"]


@pytest.fixture
def places(world: World, tmp_path) -> None:
    path = tmp_path / "places.csv"
    path.write_text(PLACES)
    import_places(world.app.db, path)


@pytest.mark.usefixtures("places")
def test_places_near_the_member_with_the_exact_amount_to_bring(world: World) -> None:
    world.factory.account()
    line = world.thread()
    said = line.text("where can I pay cash")
    assert said.startswith(
        "Bring $84.20 in cash and your account number. "
        "Places: Bell Market, 9 Main Street, every day 7 AM to 10 PM, fee $1.50. Crow Drugs,"
    )
    assert "Adams Bank" in line.text("MORE")
    assert "Those were all the places" not in line.said


@pytest.mark.usefixtures("places")
def test_a_stranger_hears_places_and_no_amount_in_either_language(world: World) -> None:
    world.factory.account()
    said = world.thread("+17065550999").text("dónde puedo pagar en efectivo")
    assert said.startswith("Lugares para pagar en efectivo: Adams Bank")
    assert "84" not in said
    line = world.call("+17065550998")
    for key in ("4", "4", "5"):
        line.press(key)
    assert "Adams Bank, 2 Elm Street, Monday to Friday 9 AM to 5 PM" in line.press("4")
    assert "Crow Drugs" in line.press("1")


def test_what_the_first_menus_have_no_room_for_is_reached_by_keys(world: World) -> None:
    line = world.call("+17065550998")
    for key in ("4", "4", "5", "5"):
        line.press(key)
    assert line.choices[:2] == ["1 know if the power may be cut off", "2 pay somebody else's bill"]
    assert "account number" in line.press("2")


def test_without_a_list_the_office_takes_cash(world: World) -> None:
    assert "12 Depot Street" in world.thread().text("where can I pay cash")


def prepaid(world: World, cents: int, daily: int | None = 420) -> None:
    made = world.factory.account(balance_cents=-cents)
    world.saved_card(made)
    with world.app.db.write() as tx:
        tx.add(PrepaidAccount(account_id=made.id, daily_use_cents=daily, told_at=world.clock.now()))


@pytest.mark.parametrize(
    ("words", "daily", "answer"),
    [
        ("how much is left on my prepaid", 420, "Days left at your usual use: about 5."),
        ("balance", 420, "You have $23.40 left on your prepaid account."),
        ("when will my prepaid run out", None, "When it runs out, the power can go off."),
        ("cuánto me queda de prepago", 420, "Le quedan $23.40 en su cuenta de prepago."),
        ("will I be cut off", 420, "You have $23.40 left"),
    ],
)
def test_what_is_left_of_prepaid_power(world: World, words: str, daily: int | None, answer: str) -> None:
    prepaid(world, 2340, daily)
    assert answer in world.thread().text(words)


def test_prepaid_power_is_added_to_though_nothing_is_owed(world: World) -> None:
    prepaid(world, 2340)
    line = world.thread()
    assert "You have $23.40 left. How much do you want to add?" in line.text("pay")
    assert "more than you owe" not in line.text("50")
    line.text("4821")
    assert "Days left at your usual use: about 17." in line.text("how much prepaid do I have left")


def test_an_account_that_is_not_prepaid_says_so(world: World) -> None:
    world.factory.account()
    assert "not prepaid. You owe $84.20." in world.thread().text("what is my prepaid balance")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("the tree limbs are touching the wire at my place", "Our office helps with new service"),
        ("quiero contratar servicio de luz en una casa nueva", "La oficina le ayuda con servicio nuevo"),
    ],
)
def test_what_else_the_coop_does_has_a_number(world: World, words: str, answer: str) -> None:
    said = world.thread().text(words)
    assert said.startswith(answer)
    assert "706-555-0101" in said
    assert "706-555-0102" in said


@pytest.mark.parametrize(
    ("days", "words", "answer"),
    [
        (-1, "are you going to cut off my power", "The day of your shutoff notice has passed"),
        (4, "¿me van a cortar la luz?", "Le pueden cortar la luz el 27 de noviembre."),
    ],
)
def test_will_i_be_cut_off_takes_one_turn(world: World, days: int, words: str, answer: str) -> None:
    made = world.factory.account(due_on=TODAY - timedelta(days=30))
    with world.app.db.write() as tx:
        tx.execute(
            update(Account)
            .where(Account.id == made.id)
            .values(
                disconnect_on=TODAY + timedelta(days=days),
                disconnect_minimum_cents=5000,
                disconnect_noted_at=world.clock.now(),
            )
        )
    said = world.thread().text(words)
    assert said.startswith(answer)
    assert "$50.00" in said
