"""Right after a decline another card is offered, or it is asked with what to pay: not the same card again."""

from __future__ import annotations

from datetime import timedelta

from tests.dialogs.conftest import World


def test_the_card_that_was_just_declined_is_not_offered_first_again(world: World) -> None:
    account = world.factory.account()
    world.app.payments.saved_methods.save(account.id, "pm_other_1881")
    world.saved_card(account)
    world.gateway.plan = ["insufficient_funds"]
    line = world.thread()
    assert "Visa 4242" in line.text("pay")
    assert "Nothing was charged" in line.text("4821")
    assert "Visa 1881" in line.text("pay my bill")
    world.clock.advance(timedelta(hours=2))
    assert "Visa 4242" in world.thread().text("pay")


def test_the_only_card_is_asked_about_after_a_decline_and_may_be_tried_again(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    world.gateway.plan = ["insufficient_funds"]
    line = world.thread()
    line.text("pay")
    assert "Nothing was charged" in line.text("4821")
    line.text("pay my bill")
    assert line.choices == ["1 pay with a new card", "2 pay with Visa 4242"]
    assert "Visa 4242" in line.text("2")
    line.text("yes")
    assert world.balance(account) == 0
