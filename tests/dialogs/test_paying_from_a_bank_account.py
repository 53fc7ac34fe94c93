"""Paying from a bank account on file: it is on its way for days, and nobody is told that it is paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.payments.models import PaymentMethod
from tests.dialogs.conftest import World
from tests.factories import MadeAccount


@pytest.fixture
def account(world: World) -> MadeAccount:
    """A member with nothing but a bank account on file, at a bank that takes its days."""
    made = world.factory.account()
    with world.app.db.write() as tx:
        tx.add(
            PaymentMethod(
                id="method_bank",
                account_id=made.id,
                processor_id="pm_bank",
                customer_id="cus_bank",
                kind="bank_account",
                brand="First Farmers Bank",
                last_four="6789",
                is_default=True,
                is_saved=True,
                added_at=world.clock.now(),
            )
        )
    world.gateway.without_plan = lambda _request: "processing"
    return made


def test_a_text_and_the_pin_send_it_and_say_that_it_takes_days(world: World, account: MadeAccount) -> None:
    line = world.thread()
    assert "to pay $84.20 with bank account 6789" in line.text("pay my bill")
    said = line.text("4821")
    assert said.startswith("Thank you. $84.20 is on its way from your bank account 6789.")
    assert f"Confirmation {world.last_confirmation(account)}." in said
    assert world.balance(account) == 8420
    assert world.queued() == [], "it was told in the thread itself"


def test_who_asks_if_it_came_in_hears_that_it_is_on_its_way(world: World, account: MadeAccount) -> None:
    line = world.thread()
    line.text("pay my bill")
    line.text("4821")
    world.clock.advance(timedelta(days=2))
    said = world.thread().text("was my payment received?")
    assert said.startswith("Your payment of $84.20")
    assert "is on its way from your bank" in said


def test_a_second_payment_is_asked_about_first(world: World, account: MadeAccount) -> None:
    line = world.thread()
    line.text("pay my bill")
    line.text("4821")
    world.clock.advance(timedelta(days=1))
    line = world.thread()
    said = line.text("pay my bill")
    assert "$84.20 is already on its way to us from your bank account" in said
    assert line.choices == ["1 pay now as well", "2 wait for the bank"]
    line.text("2")
    assert len(world.gateway.requests) == 1


def test_in_spanish_it_is_told_by_the_banks_name_for_it(world: World, account: MadeAccount) -> None:
    line = world.thread()
    line.text("espanol")
    line.text("pagar")
    assert "va en camino desde su cuenta de banco 6789" in line.text("4821")
