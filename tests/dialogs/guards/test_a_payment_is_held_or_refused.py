"""A payment that a person looks at first, a card not taken, a pause for guessed numbers: told kindly."""

from __future__ import annotations

from assistant.dialogue.turn import Heard
from tests.dialogs.conftest import Line, World

CALLER = "+17065550999"


def hold_by_text(world: World) -> Line:
    """Ada pays $280.00, more than three times her largest bill."""
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("I want to pay $280 on my bill")
    line.text("4821")
    return line


def test_a_held_payment_is_told_in_the_thread_with_a_time_and_a_person(world: World) -> None:
    line = hold_by_text(world)
    number = world.app.payments.reviews.listed()[0].confirmation_number
    assert line.said == (
        "Thank you. Our office takes a look at this payment of $280.00 first. Nothing is charged yet. Please "
        f"do not pay again. We will tell you by 10 AM on Thursday. Number: {number}."
    )
    assert line.choices == ["1 talk to a person", "2 go to the main menu"]
    assert world.gateway.taken_cents == 0
    assert world.queued() == [], "told in the thread itself"
    said = line.text("was my payment received?")
    assert "Our office is looking at your payment of $280.00 today at 10 AM. Nothing is charged yet." in said


def test_after_a_hold_the_bill_can_still_be_paid_and_the_same_amount_is_asked_about(world: World) -> None:
    line = hold_by_text(world)
    said = line.text("I want to pay $280 on my bill")
    assert said.startswith("Our office is still looking at your payment of $280.00.")
    assert "Nothing was paid" in line.text("2")
    line.text("pay my bill")
    assert "Paid: $84.20" in line.text("yes")
    assert world.gateway.taken_cents == 8420


def test_a_caller_hears_in_spanish_that_a_person_looks_first_and_gets_to_one(world: World) -> None:
    world.app.settings.risk_account_cards = 0
    world.factory.account()
    line = world.call(CALLER)
    line.press("5")
    line.press("1")
    for keys in ("1000000001", "30601", "4821"):
        line.press(keys)
    line.key_card()
    line.press("2")
    said = line.press("1")
    number = world.app.payments.reviews.listed()[0].confirmation_number
    assert said.startswith("Gracias. La oficina revisa primero este pago de 84 dólares con 20 centavos.")
    assert "Le avisaremos a más tardar el jueves a las 10 de la mañana." in said
    assert said.count(f"{' '.join(number[:4])}, {' '.join(number[4:])}") == 2
    assert world.gateway.taken_cents == 0
    line.press("1")
    assert line.expect.kind == "transfer"


def test_a_card_that_is_not_taken_leads_to_another_card_which_a_person_looks_at(world: World) -> None:
    account = world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    for keys in ("1000000001", "30601", "4821"):
        line.press(keys)
    world.gateway.plan = ["stolen_card"]
    line.key_card()
    line.press("2")
    assert "The bank declined the card." in line.press("1")
    line.press("1")
    assert "Now key in your card" in line.press("1")
    line.key_card()
    line.press("2")
    assert line.press("1").startswith("That card cannot be used here. Nothing was charged.")
    assert line.choices == ["1 pay with a new card", "2 talk to a person"]
    assert "Now key in your card" in line.press("1")
    line.hear(Heard("card", card={"result": "success", "token": "pm_other"}))
    line.press("2")
    assert line.press("1").startswith("Thank you. Our office takes a look")
    assert world.balance(account) == 8420
    assert len(world.gateway.charges) == 1


def test_number_after_number_ends_in_a_pause_and_a_person(world: World) -> None:
    line = world.thread(CALLER)
    for guess in range(6):
        assert "no payment with that number" in line.text(f"was payment 1000000{guess} received?")
    said = line.text("was payment 10000009 received?")
    assert said.startswith("That was a lot of numbers. I can look up more at 11 AM today.")
    assert "Reply AGENT and a person helps you." in said
