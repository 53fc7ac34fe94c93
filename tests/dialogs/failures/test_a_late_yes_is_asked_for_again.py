"""A yes after the ten minutes of a read-back: the member hears that the time ran out, and is asked anew."""

from __future__ import annotations

from datetime import timedelta

from tests.dialogs.conftest import Line, World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who

TOO_LATE = timedelta(minutes=11)
RAN_OUT = {
    "en": "That took a while, so let me ask once more. Nothing was charged.",
    "es": "Pasó un rato, así que le pregunto otra vez. No se cobró nada.",
}


def test_a_late_pin_by_text_is_told_so_and_the_payment_is_read_back_again(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    world.clock.advance(TOO_LATE)
    said = line.text("4821")
    assert said.startswith(RAN_OUT["en"])
    assert "Reply YES or 1 to pay $84.20 with Visa 4242." in said
    assert world.gateway.taken_cents == 0
    line.text("yes")
    assert world.balance(account) == 0


def test_a_late_yes_by_text_in_spanish_is_told_so_and_the_amount_stays(world: World) -> None:
    account = world.factory.account(language="es")
    world.saved_card(account)
    line = world.thread()
    line.text("quiero pagar 20 dólares de mi recibo")
    world.clock.advance(TOO_LATE)
    assert line.text("4821").startswith(RAN_OUT["es"])
    world.clock.advance(TOO_LATE)
    said = line.text("sí")
    assert said.startswith(RAN_OUT["es"])
    assert "Responda SÍ o 1 para pagar $20.00 con Visa 4242." in said
    assert world.gateway.taken_cents == 0
    line.text("1")
    assert world.balance(account) == 6420


def test_a_late_key_on_a_call_is_told_so_and_takes_the_money_only_the_second_time(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    world.clock.advance(TOO_LATE)
    said = line.press("1")
    assert said.startswith(RAN_OUT["en"])
    assert "press 1" in said
    assert world.gateway.taken_cents == 0
    line.press("1")
    assert world.balance(account) == 0


def test_a_late_yes_to_a_later_day_or_to_autopay_is_told_so(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    for wish in ("schedule a payment for the first of december", "set up autopay"):
        line = world.thread()
        verified(line, line.text(wish))
        world.clock.advance(TOO_LATE)
        said = line.text("yes")
        assert said.startswith("That took a while, so let me ask once more."), wish
        assert line.expect.kind == "confirm"
        line.text("yes")
        assert line.expect.kind != "confirm", wish


def verified(line: Line, said: str) -> str:
    """What is said once the PIN was given, if one was asked for."""
    return line.text("4821") if line.expect.secret == "pin" else said
