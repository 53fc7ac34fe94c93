"""Paying the bill on a call with the keypad alone, also with a card keyed there, in both languages."""

from __future__ import annotations

from sqlalchemy import select

from assistant.dialogue.turn import Heard
from assistant.payments.models import Mandate
from tests.dialogs.conftest import Line, World

CALLER = "+17065550999"


def say_who(line: Line, *, account: str = "1000000001", zip_code: str = "30601", pin: str = "4821") -> str:
    """Key account number, ZIP and PIN; returns what is said then."""
    line.press(account)
    line.press(zip_code)
    return line.press(pin)


def test_a_caller_pays_with_the_saved_card_by_keypad_alone(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.call(CALLER)
    assert "Thank you for calling Lantern Valley Electric" in line.said
    assert line.choices[0] == "1 pay your bill"
    assert "key in your 10 digit account number" in line.press("1")
    assert "ZIP code" in line.press("1000000001")
    assert "key in your 4 digit PIN" in line.press("30601")
    assert line.press("4821") == (
        "You owe 84 dollars and 20 cents, due December third. "
        "To pay 84 dollars and 20 cents with your Visa ending in 4 2 4 2, press 1."
    )
    assert line.choices == ["2 pay another amount", "3 use another card"]
    said = line.press("1")
    number = world.last_confirmation(account)
    spaced = f"{' '.join(number[:4])}, {' '.join(number[4:])}"
    assert said.count(spaced) == 2
    assert "Your balance is now 0 dollars" in said
    assert line.choices == ["1 go to the main menu", "2 end this call"]
    assert world.balance(account) == 0
    line.press("2")
    assert line.expect.kind == "hang_up"


def test_a_new_card_is_keyed_kept_and_charged(world: World) -> None:
    account = world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    said = say_who(line)
    assert "Now key in your card, to pay 84 dollars and 20 cents" in said
    assert line.expect.kind == "new_card"
    assert "May we keep this Visa ending in 4 2 4 2" in line.key_card()
    assert line.expect.is_terms
    terms = line.said
    assert "To pay 84 dollars and 20 cents with your Visa ending in 4 2 4 2, press 1." in line.press("1")
    line.press("1")
    assert world.balance(account) == 0
    with world.app.db.read() as tx:
        assert [mandate.words for mandate in tx.scalars(select(Mandate))] == [terms]
    assert [card.last_four for card in world.app.payments.saved_methods.saved(account.id)] == ["4242"]


def test_a_new_card_that_is_not_to_be_kept_is_forgotten(world: World) -> None:
    account = world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    line.key_card()
    line.press("2")
    line.press("1")
    assert world.balance(account) == 0
    assert world.app.payments.saved_methods.saved(account.id) == []


def test_a_caller_without_a_pin_pays_with_a_new_card(world: World) -> None:
    account = world.factory.account(pin="")
    world.saved_card(account)
    line = world.call(CALLER)
    line.press("1")
    line.press("1000000001")
    line.press("30601")
    assert line.choices[0] == "1 go on without a PIN and pay with a new card"
    assert "Now key in your card" in line.press("1")
    assert "press 1" in line.key_card(), "no question about keeping: the caller is not verified"
    assert line.expect.kind == "confirm"
    line.press("1")
    assert world.balance(account) == 0


def test_another_amount_is_keyed_with_dollars_and_cents(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    assert "Key the dollars, then star, then the cents" in line.press("2")
    assert line.press("30*50").startswith("To pay 30 dollars and 50 cents with your Visa")
    line.press("1")
    assert world.balance(account) == 5370


def test_an_amount_changed_after_the_card_was_keyed_keeps_the_card(world: World) -> None:
    account = world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    line.key_card()
    line.press("1")
    line.press("2")
    assert "May we keep this Visa" in line.press("40*00")
    assert line.press("1").startswith("To pay 40 dollars with your Visa ending in 4 2 4 2")
    line.press("1")
    assert world.balance(account) == 4420
    assert len(world.app.payments.saved_methods.saved(account.id)) == 1


def test_every_way_that_keying_a_card_can_fail_has_words_and_a_way_on(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    for result, words in {
        "too-many-failed-attempts": "That card did not go through",
        "payment-connector-error": "Our card system does not answer",
        "caller-interrupted-with-star": "nothing was charged",
        "validation-error": "I could not take that card",
        "internal-error": "I could not take that card",
        "caller-hung-up": "I could not take that card",
    }.items():
        assert words in line.key_card(result=result)
        assert line.choices == ["1 pay with a new card"]
        assert "Now key in your card" in line.press("1")
    assert world.gateway.taken_cents == 0


def test_spoken_yes_is_asked_for_as_a_key(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    said = line.speak("yes")
    assert "For money I need a key" in said
    assert "press 1" in said
    assert world.gateway.taken_cents == 0
    line.press("1")
    assert world.balance(account) == 0


def test_a_call_that_we_made_goes_on_with_what_the_text_began(world: World) -> None:
    account = world.factory.account()
    thread = world.thread()
    thread.text("I want to pay $60 on my bill")
    thread.text("CALL")
    line = world.call("+17065550111", resume=thread.session_id)
    assert line.said == (
        "Hello, this is Lantern Valley Electric. You asked us to call. You were paying 60 dollars."
    )
    assert "Now key in your card, to pay 60 dollars" in line.press("1")
    assert "To pay 60 dollars with your Visa ending in 4 2 4 2, press 1." in line.key_card()
    line.press("1")
    assert world.balance(account) == 2420


def test_a_caller_pays_in_spanish_by_keypad(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.call(CALLER)
    assert "Para español, oprima el 5." in line.said
    assert "Seguimos en español." in line.press("5")
    assert "Marque los 10 números de su cuenta." in line.press("1")
    said = say_who(line)
    assert said == (
        "Debe 84 dólares con 20 centavos, con vencimiento el 3 de diciembre. "
        "Para pagar 84 dólares con 20 centavos con su Visa que termina en 4 2 4 2, oprima 1."
    )
    assert "Su número de confirmación es" in line.press("1")
    assert world.balance(account) == 0


def test_the_zip_alone_tells_what_is_owed(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("2")
    line.press("1000000001")
    assert line.press("30601").startswith("You owe 84 dollars and 20 cents, due December third.")


def test_silence_is_asked_again_and_then_put_through_to_a_person(world: World) -> None:
    line = world.call(CALLER)
    line.press("1")
    assert "It is near the top of your paper bill" in line.hear(Heard("silence"))
    assert "Key your account number" in line.hear(Heard("silence"))
    assert "Do you need more time?" in line.hear(Heard("silence"))
    line.hear(Heard("silence"))
    assert line.expect.kind == "transfer"
