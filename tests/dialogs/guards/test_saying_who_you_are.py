"""Enrolling, PINs, codes and lockouts as a member meets them, without a hint whether an account exists."""

from __future__ import annotations

from tests.dialogs.conftest import World

STRANGER = "+17065550999"


def test_a_new_phone_is_enrolled_by_text_with_the_code_on_the_bill(world: World) -> None:
    account = world.factory.account(pin="", phone="")
    line = world.thread(STRANGER)
    assert "10 digits of your account number" in line.text("enroll")
    assert "How shall we make sure it is you?" in line.text(account.account_number)
    assert "8 digit enrollment code" in line.text("1")
    assert "choose a PIN of 4 digits" in line.text(account.enrollment_code)
    assert "too easy to guess" in line.text("1234")
    assert "Your new PIN is set." in line.text("7305")
    assert [each.account_id for each in world.app.identity.accounts_of_phone(STRANGER)] == [account.id]
    assert line.text("what is my balance").startswith("You owe $84.20, due Dec 3.")


def test_who_enrolls_to_hear_the_balance_hears_it_in_the_same_reply(world: World) -> None:
    account = world.factory.account(pin="", phone="")
    line = world.thread(STRANGER)
    for words in ("balance", account.account_number, "1", account.enrollment_code):
        line.text(words)
    told = line.text("7305")
    assert told.startswith("Your new PIN is set.")
    assert "You owe $84.20, due Dec 3." in told


def test_a_landline_is_enrolled_by_keypad_alone(world: World) -> None:
    account = world.factory.account(pin="", phone="")
    line = world.call(STRANGER)
    line.press("4")
    line.press("3")
    line.press(account.account_number)
    assert line.choices[0] == "1 use the code on your paper bill"
    line.press("1")
    line.press(account.enrollment_code)
    assert "Your new PIN is set." in line.press("7305")
    assert [each.account_id for each in world.app.identity.accounts_of_phone(STRANGER)] == [account.id]


def test_a_code_by_text_lets_another_phone_ask(world: World) -> None:
    account = world.factory.account()
    line = world.thread(STRANGER)
    line.text("what is my balance")
    line.text(account.account_number)
    assert "phone on file that ends in 11" in line.text("2")
    [message] = world.queued()
    code = next(word.strip(".") for word in message.body.split() if word.strip(".").isdigit())
    wrong = "111111" if code != "111111" else "222222"
    assert "That code did not match. Tries left: 4." in line.text(wrong)
    assert "You owe $84.20" in line.text(code)


def test_an_account_that_does_not_exist_is_asked_the_same_questions(world: World) -> None:
    world.factory.account()
    real, made_up = world.call(STRANGER, "CA1"), world.call(STRANGER, "CA2")
    real.press("2")
    made_up.press("2")
    assert real.press("1000000001") == made_up.press("1999999999")
    assert real.press("99999") == made_up.press("99999")
    assert "That does not match what we have." in made_up.said


def test_too_many_wrong_zips_pause_the_caller(world: World) -> None:
    """Who goes on where nobody took the call that the third wrong one was put through to."""
    world.factory.account()
    line = world.call(STRANGER)
    line.press("2")
    for _ in range(6):
        if line.expect.kind == "transfer":
            line.speak("how much do i owe")
        line.press("1000000001")
        said = line.press("99999")
    assert "too many wrong tries" in said
    assert "For a person, press 0." in said
    assert "What can I do for you next?" in said


def test_a_caller_who_has_no_pin_yet_sets_one_up_and_pays(world: World) -> None:
    account = world.factory.account(pin="")
    world.saved_card(account)
    line = world.call(STRANGER)
    line.press("1")
    line.press(account.account_number)
    line.press("30601")
    assert "You have no PIN yet" in line.press("7305")
    line.press("1")
    line.press(account.enrollment_code)
    assert "To pay 84 dollars and 20 cents with your Visa" in line.press("7305")


def test_no_pin_is_found_in_what_is_kept(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    line.text("my pin is 4821")
    database = str(world.app.settings.data_dir)
    with world.app.db.read() as tx:
        kept = tx.connection().exec_driver_sql("SELECT heard, replies FROM turns").all()
    assert "4821" not in str(kept), database


def test_starting_over_forgets_who_it_was(world: World) -> None:
    world.saved_card(world.factory.account(phone=""))
    line = world.thread(STRANGER)
    line.text("pay my bill")
    line.text("1000000001")
    assert "Here is what I can do." in line.text("RESET")
    assert "10 digits of your account number" in line.text("pay my bill")
