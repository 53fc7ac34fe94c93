"""A dropped call, a text that nobody finished: the next session goes on, once it knows who is there."""

from __future__ import annotations

from datetime import timedelta

from tests.dialogs.conftest import PHONE, World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who


def test_a_dropped_call_is_gone_on_with_by_the_next_call_after_the_pin(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    first = world.call(CALLER)
    first.press("1")
    say_who(first)
    first.press("2")
    first.press("30*50")
    world.app.conversation.end(first.session_id, "completed")
    world.clock.advance(timedelta(minutes=20))
    second = world.call(CALLER, call_id="CA2")
    assert "30 dollars" not in second.said, "nobody is known yet"
    second.press("1")
    second.press("1000000001")
    assert "30 dollars" not in second.press("30601"), "the ZIP alone is not enough"
    assert second.press("4821") == (
        "You owe 84 dollars and 20 cents. You were paying 30 dollars and 50 cents. "
        "To pay 30 dollars and 50 cents with your Visa ending in 4 2 4 2, press 1."
    )
    second.press("1")
    assert world.balance(account) == 5370
    third = world.call(CALLER, call_id="CA3")
    third.press("1")
    assert "You were paying" not in say_who(third), "it was paid"


def test_a_text_is_finished_by_a_call_that_is_not_ours(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    world.thread().text("I want to pay $60 on my bill")
    line = world.call(CALLER)
    line.press("1")
    assert say_who(line).startswith(
        "You owe 84 dollars and 20 cents. You were paying 60 dollars. To pay 60 dollars with your Visa"
    )
    line.press("1")
    assert world.balance(account) == 2420


def test_a_call_is_finished_by_text_in_spanish(world: World) -> None:
    account = world.factory.account(language="es")
    world.saved_card(account)
    line = world.call(PHONE)
    assert "Gracias por llamar" in line.said
    line.press("1")
    say_who(line)
    line.press("2")
    line.press("25*00")
    world.app.conversation.end(line.session_id, "completed")
    thread = world.thread()
    said = thread.text("pagar")
    assert said == "Debe $84.20. Estaba pagando $25.00. Responda con su PIN para pagar $25.00 con Visa 4242."
    assert "Pagado: $25.00" in thread.text("4821")
    assert world.balance(account) == 5920


def test_continue_goes_on_and_another_amount_in_the_same_words_wins(world: World) -> None:
    world.saved_card(world.factory.account())
    world.thread().text("I want to pay $60 on my bill")
    world.clock.advance(timedelta(minutes=45))
    thread = world.thread()
    assert thread.text("continue").startswith(
        "You owe $84.20. You were paying $60.00. Reply with your PIN to pay $60.00"
    )
    world.clock.advance(timedelta(minutes=45))
    said = world.thread().text("pay $20 on my bill")
    assert said == "Reply with your PIN to pay $20.00 with Visa 4242."


def test_who_said_not_to_pay_is_not_asked_again(world: World) -> None:
    world.saved_card(world.factory.account())
    thread = world.thread()
    thread.text("I want to pay $60 on my bill")
    thread.text("no")
    assert "Nothing was paid." in thread.text("3")
    world.clock.advance(timedelta(minutes=45))
    assert world.thread().text("pay").startswith("You owe $84.20")


def test_what_was_left_long_ago_is_not_offered(world: World) -> None:
    world.saved_card(world.factory.account())
    world.thread().text("I want to pay $60 on my bill")
    world.clock.advance(timedelta(hours=13))
    assert world.thread().text("pay").startswith("You owe $84.20")


def test_a_text_does_not_tell_what_another_phone_was_paying_before_the_pin(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    line.press("2")
    line.press("30*50")
    assert world.thread().text("pay").startswith("You owe $84.20"), "whoever texts gave no PIN"


def test_on_a_shared_phone_one_members_payment_is_not_told_of_anothers_account(world: World) -> None:
    world.saved_card(world.factory.account())
    other = world.factory.account(account_number="1000000002", pin="7305")
    world.saved_card(other)
    first = world.call(CALLER)
    first.press("1")
    say_who(first)
    first.press("2")
    first.press("30*50")
    second = world.call(CALLER, call_id="CA2")
    second.press("1")
    said = say_who(second, account="1000000002", pin="7305")
    assert "30 dollars" not in said
    assert "You were paying" not in said


def test_a_goodbye_ends_the_thread_and_with_it_who_was_verified(world: World) -> None:
    world.saved_card(world.factory.account())
    thread = world.thread()
    thread.text("pay my bill")
    thread.text("use a different card please")
    thread.text("4821")
    assert world.app.identity.require(thread.session_id, "verified")
    thread.text("goodbye")
    next_one = world.thread()
    assert next_one.session_id != thread.session_id
    assert world.app.identity.current(next_one.session_id) is None
