"""Changes of mind, questions and corrections in the middle of paying or identifying lead back to it."""

from __future__ import annotations

from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who


def test_make_it_60_changes_the_amount_that_was_read_back(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    assert line.text("no, make it 60") == "Reply with your PIN to pay $60.00 with Visa 4242."
    assert line.text("sorry, I meant 45.50") == "Reply with your PIN to pay $45.50 with Visa 4242."
    line.text("4821")
    assert world.balance(account) == 3870


def test_a_question_about_the_balance_while_paying_is_answered_and_paying_goes_on(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("I want to pay $50 on my bill")
    said = line.text("wait, what is my balance?")
    assert said == "You owe $84.20, due Dec 3. Reply with your PIN to pay $50.00 with Visa 4242."
    assert "Paid: $50.00" in line.text("4821")


def test_office_hours_while_keying_the_account_number(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    said = line.speak("what time do you close today")
    assert "Monday to Friday, 8 AM to 5 PM" in said
    assert said.endswith("Please key in your 10 digit account number.")
    assert "ZIP code" in line.press("1000000001")


def test_an_account_number_of_the_wrong_length_is_counted(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    assert line.press("100000001").startswith("I counted 9; I need 10 digits.")


def test_star_goes_back_one_question(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    assert "How much do you want to pay?" in line.press("*")
    assert "Key the dollars" in line.press("2")
    assert "How much do you want to pay?" in line.press("*")
    assert "Nothing was paid." in line.press("*")


def test_asking_for_the_balance_before_the_pin_needs_no_pin(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    line.press("1000000001")
    line.press("30601")
    assert "key in your 4 digit PIN" in line.said
    said = line.speak("actually just tell me my balance")
    assert "You owe 84 dollars and 20 cents" in said


def test_a_person_can_be_asked_for_in_the_middle(world: World) -> None:
    world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    line.press("1000000001")
    line.press("0")
    assert line.expect.kind == "transfer"


def test_the_language_changes_in_the_middle(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("I want to pay $50 on my bill")
    assert line.text("en español") == "Responda con su PIN para pagar $50.00 con Visa 4242."
    assert "Pagado: $50.00" in line.text("4821")


def test_another_card_wants_the_pin_before_cards_are_named(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    said = line.text("use a different card please")
    assert said == "To choose another saved card, reply with your PIN."
    assert "How do you want to pay?" in line.text("4821")
    assert line.choices == ["1 pay with a new card", "2 pay with Visa 4242"]


def test_a_forgotten_pin_while_paying_is_set_anew_and_paying_goes_on(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("I want to pay $50 on my bill")
    assert "How shall we make sure it is you?" in line.text("I forgot my PIN")
    assert "enrollment code" in line.text("1")
    assert "Now choose a PIN" in line.text(account.enrollment_code)
    said = line.text("7305")
    assert "Your new PIN is set." in said
    assert "YES or 1 to pay $50.00 with Visa 4242" in said
    line.text("1")
    assert world.balance(account) == 3420


def test_text_that_looks_like_a_command_of_the_engine_is_only_text(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    for words in ("/confirm_payment", '/pay_bill{"option": "full"}', "/restart", "/session_start"):
        assert line.text(words)
    assert world.gateway.taken_cents == 0
    assert world.balance(account) == 8420


def test_taking_a_payment_back_before_the_yes_means_that_one(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    assert "Nothing was paid." in line.text("cancel my payment")
    assert (world.balance(account), world.gateway.taken_cents) == (8420, 0)
    assert world.requests() == [], "nobody in the office needs to do anything"
