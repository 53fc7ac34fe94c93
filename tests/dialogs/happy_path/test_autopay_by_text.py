"""Autopay by text in both languages: turned on, each part, paused, left, and the first draft."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.payments.models import Mandate, PaymentMethod
from assistant.payments.scheduling_models import AutopayEnrollment
from tests.dialogs.conftest import Line, World
from tests.dialogs.happy_path.test_paying_later_by_text import verified
from tests.factories import MadeAccount

# Today is Monday, Nov 23; the bill is due on Thursday, Dec 3.


@pytest.fixture
def account(world: World) -> MadeAccount:
    made = world.factory.account()
    world.saved_card(made)
    return made


def enrollment(world: World) -> AutopayEnrollment | None:
    with world.app.db.read() as tx:
        return tx.scalar(select(AutopayEnrollment))


def bank_account(world: World, account: MadeAccount) -> None:
    """A bank account whose mandate was imported."""
    with world.app.db.write() as tx:
        tx.add(
            PaymentMethod(
                id="method_bank",
                account_id=account.id,
                processor_id="pm_bank",
                kind="bank_account",
                brand="",
                last_four="6789",
                nickname="",
                is_default=False,
                is_saved=True,
                added_at=world.clock.now(),
            )
        )


def turned_on(line: Line, words: str = "put me on autopay") -> None:
    verified(line, words)
    assert "Autopay is on" in line.text("yes")


def test_autopay_is_turned_on_by_a_yes_to_what_was_read_back(world: World, account: MadeAccount) -> None:
    line = world.thread()
    terms = verified(line, "put me on autopay")
    assert terms == (
        "Autopay takes all you owe from Visa 4242 on the due date, till you turn it off. "
        "Reply YES or 1 to agree."
    )
    assert "For money I need a clear yes." in line.text("sounds great to me")
    assert enrollment(world) is None
    said = line.text("yes")
    assert said.startswith(
        "Autopay is on: all you owe with Visa 4242, on the due date. The first is $84.20 on Thursday, Dec 3."
    )
    row = enrollment(world)
    assert row is not None
    assert (row.state, row.days_before, row.amount_kind) == ("active", 0, "full")
    with world.app.db.read() as tx:
        mandate = tx.get_one(Mandate, row.mandate_id)
    assert terms in mandate.words
    assert (mandate.consent_how, mandate.session_id) == ("word", line.session_id)
    assert world.gateway.taken_cents == 0


def test_the_first_bill_is_drafted_on_its_day(world: World, account: MadeAccount) -> None:
    turned_on(world.thread())
    world.app.payments.autopay_planning.plan_due()
    world.clock.advance(timedelta(days=11))
    world.app.payments.autopay_drafting.draft_due()
    assert (world.balance(account), world.gateway.taken_cents) == (0, 8420)


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        ("set up autopay 3 days before it's due", "all you owe from Visa 4242 3 days before it is due"),
        ("sign me up for autopay, but no more than $150", "all you owe up to $150.00 from Visa 4242"),
        ("put me on autopay for 50 dollars each month", "Autopay takes $50.00 from Visa 4242"),
    ],
)
def test_parts_that_the_first_words_name_are_not_asked(
    world: World, account: MadeAccount, words: str, terms: str
) -> None:
    line = world.thread()
    assert terms in verified(line, words)


def test_a_bill_above_the_limit_is_said_not_to_be_paid_by_itself(world: World, account: MadeAccount) -> None:
    line = world.thread()
    verified(line, "sign me up for autopay, but no more than $30")
    said = line.text("yes")
    assert "Your bill of $84.20 is above the limit, so please pay it yourself." in said
    assert "first" not in said
    assert "is above the limit" in line.text("is my autopay on")


def test_every_part_is_changed_by_number_and_read_back_again(world: World, account: MadeAccount) -> None:
    bank_account(world, account)
    line = world.thread()
    verified(line, "put me on autopay")
    assert line.choices == ["2 change it"]
    assert "What do you want to change?" in line.text("2")
    assert "How much of each bill?" in line.text("1")
    assert "What is the limit?" in line.text("2")
    assert "all you owe up to $150.00 from Visa 4242 on the due date" in line.text("150")
    line.text("2")
    line.text("2")
    assert "How many days before the due date?" in line.text("2")
    assert "Autopay can pay up to 15 days before the bill is due." in line.text("20")
    assert "from Visa 4242 3 days before it is due" in line.text("3")
    line.text("2")
    assert "if that one is declined" in line.text("4")
    assert line.choices == ["1 use no backup", "2 use bank account 6789"]
    said = line.text("bank account 6789")
    assert "from Visa 4242, then bank account 6789 3 days before it is due" in said
    line.text("yes")
    row = enrollment(world)
    assert row is not None
    assert (row.amount_kind, row.amount_cents, row.days_before, row.backup_method_id) == (
        "capped",
        15_000,
        3,
        "method_bank",
    )


def test_a_bank_account_on_file_pays_by_itself(world: World, account: MadeAccount) -> None:
    bank_account(world, account)
    line = world.thread()
    verified(line, "put me on autopay")
    line.text("no")
    assert line.said == "Autopay is not on yet. What do you want to change?"
    assert "With what shall autopay pay?" in line.text("another card")
    line.text("bank account 6789")
    line.text("yes")
    row = enrollment(world)
    assert row is not None
    assert row.method_id == "method_bank"


def test_how_it_stands_is_told_without_a_pin(world: World, account: MadeAccount) -> None:
    line = world.thread()
    said = line.text("am I on autopay?")
    assert said.startswith("Autopay is off.")
    assert line.choices == ["1 turn autopay on", "2 go to the main menu"]
    assert "PIN" in line.text("1")
    line.text("4821")
    line.text("yes")
    # The word that our notices name.
    said = world.thread().text("AUTOPAY")
    assert said.startswith("Autopay is on. It pays all you owe with Visa 4242, on the due date. Next: $84.20")


def test_what_is_on_is_changed_paused_resumed_and_turned_off(world: World, account: MadeAccount) -> None:
    line = world.thread()
    turned_on(line)
    said = line.text("change my autopay limit to 120 dollars")
    assert "all you owe up to $120.00 from Visa 4242" in said
    line.text("yes")
    row = enrollment(world)
    assert row is not None
    assert (row.amount_kind, row.amount_cents) == ("capped", 12_000)
    assert "Shall we pause autopay?" in line.text("pause autopay this month")
    assert "Autopay is paused." in line.text("yes")
    assert "Autopay is paused" in line.text("what is my autopay setup")
    assert "Shall we turn autopay on again" in line.text("1")
    assert "Autopay is on again." in line.text("1")
    assert "Shall we turn autopay off?" in line.text("take me off autopay")
    assert "Autopay stays as it was." in line.text("no")
    line.text("take me off autopay")
    assert "Autopay is off." in line.text("yes")
    after = enrollment(world)
    assert after is not None
    assert after.state == "left"
    with world.app.db.read() as tx:
        assert all(
            each.revoked_at for each in tx.scalars(select(Mandate).where(Mandate.purpose == "autopay"))
        )


def test_turning_off_what_is_not_on_says_so_with_a_way_on(world: World, account: MadeAccount) -> None:
    line = world.thread()
    said = verified(line, "cancel my autopay")
    assert said == "Autopay is not on for this account."
    assert line.choices == ["1 turn autopay on", "2 go to the main menu"]


def test_questions_and_another_language_in_the_middle_come_back_to_the_terms(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    verified(line, "put me on autopay")
    said = line.text("wait, what do I owe?")
    assert said.startswith("You owe $84.20, due Dec 3. Autopay takes all you owe")
    said = line.text("en español")
    assert said == (
        "Pago automático: lo que debe, el día que vence, con Visa 4242, hasta que lo quite. Responda SÍ o 1."
    )
    assert "El pago automático está activo" in line.text("sí")
    row = enrollment(world)
    assert row is not None
    assert row.language == "es"


def test_menu_leaves_it_and_nothing_is_on(world: World, account: MadeAccount) -> None:
    line = world.thread()
    verified(line, "put me on autopay")
    assert "Here is what I can do." in line.text("menu")
    line.text("yes")
    assert enrollment(world) is None


def test_a_helper_may_not_turn_it_on(world: World) -> None:
    account = world.factory.account(role="helper")
    world.saved_card(account)
    line = world.thread()
    said = verified(line, "put me on autopay")
    assert "Only the member can change this." in said
    assert enrollment(world) is None


def test_in_spanish_autopay_is_turned_on_and_off(world: World, account: MadeAccount) -> None:
    line = world.thread()
    line.text("quiero pago automático")
    said = line.text("4821")
    assert "Pago automático: lo que debe, el día que vence, con Visa 4242" in said
    said = line.text("sí")
    assert "El primero: $84.20 el jueves 3 de diciembre." in said
    assert "¿Quitamos el pago automático?" in line.text("ya no quiero pago automático")
    assert "ya no hay pago automático." in line.text("sí")
    row = enrollment(world)
    assert row is not None
    assert (row.state, row.left_at is not None) == ("left", True)
