"""Several accounts on a phone, a PIN changed or set with what follows, a language that is remembered."""

from __future__ import annotations

from datetime import timedelta

from tests.dialogs.conftest import PHONE, World


def test_several_accounts_are_named_and_paid_one_after_the_other(world: World) -> None:
    home = world.factory.account("1000000001", phone=PHONE)
    cabin = world.factory.account(
        "1000000012", phone=PHONE, balance_cents=3000, nickname="cabin", pin="5093", zip_code="30602"
    )
    world.saved_card(home)
    world.saved_card(cabin)
    line = world.thread()
    line.text("pay")
    assert "cabin" in " ".join(line.choices)
    assert "account ending 0001" in line.text("0001")
    assert "next account owes $30.00" in line.text("4821")
    first = world.last_confirmation(home)
    assert "cabin (account ending 0012)" in line.text("1")
    line.text("5093")
    assert (world.balance(home), world.balance(cabin)) == (0, 0)
    assert world.last_confirmation(cabin) not in ("", first)
    assert world.gateway.taken_cents == 11420


def test_the_second_account_can_wait(world: World) -> None:
    home = world.factory.account("1000000001", phone=PHONE, language="es")
    world.factory.account("1000000012", phone=PHONE, balance_cents=3000, pin="5093")
    world.saved_card(home)
    line = world.thread()
    line.text("pagar")
    line.text("0001")
    assert "próxima cuenta debe $30.00" in line.text("4821")
    line.text("2")
    assert world.gateway.taken_cents == 8420


def test_who_owes_on_one_account_only_gets_the_usual_receipt(world: World) -> None:
    home = world.factory.account("1000000001", phone=PHONE)
    world.factory.account("1000000012", phone=PHONE, balance_cents=0)
    world.saved_card(home)
    line = world.thread()
    line.text("pay")
    line.text("0001")
    assert "Your balance is now $0.00" in line.text("4821")


def test_a_member_who_showed_the_pin_is_asked_only_for_the_new_one(world: World) -> None:
    world.factory.account(phone=PHONE)
    line = world.call()
    line.speak("remove my card")
    line.press("1000000001")
    line.press("30601")
    line.press("4821")
    line.speak("i want to change my pin")
    assert line.expect.secret == "new_pin"
    assert "Your new PIN is set." in line.press("7305")


def test_a_forgotten_pin_is_set_anew_with_a_code_by_text(world: World) -> None:
    world.factory.account(phone=PHONE)
    line = world.thread()
    line.text("i forgot my pin")
    line.text("2")
    code = next(word for word in world.queued()[-1].body.replace(".", " ").split() if word.isdigit())
    line.text(code)
    assert "Your new PIN is set." in line.text("7305")
    assert "keep a card for next time" in " ".join(line.choices)


def test_enrolling_from_the_paper_bill_leads_to_a_card_and_autopay_and_then_pay_works(world: World) -> None:
    account = world.factory.account(phone="", pin="")
    line = world.call()
    line.press("4")
    line.press("3")
    line.press("1000000001")
    line.press("1")
    line.press("73920164")
    assert "Your new PIN is set." in line.press("7305")
    line.press("2")
    assert line.expect.kind == "new_card"
    line.key_card()
    line.press("1")
    assert "autopay" in " ".join(line.choices)
    thread = world.thread()
    thread.text("PAY")
    assert "Paid: $84.20" in thread.text("7305")
    assert world.balance(account) == 0


def test_a_language_that_was_asked_for_is_remembered_by_the_phone(world: World) -> None:
    world.factory.account(phone=PHONE)
    world.thread().text("español")
    assert "Gracias por llamar" in world.call().said
    world.clock.advance(timedelta(days=30))
    line = world.thread()
    assert "Debe" in line.text("saldo")
    line.text("english")
    assert "Thank you for calling" in world.call(call_id="CA2").said


def test_a_change_of_address_reaches_the_office_with_what_was_asked(world: World) -> None:
    world.factory.account(phone=PHONE)
    line = world.thread()
    line.text("i moved and need to change my mailing address to 12 oak lane")
    [request] = world.requests()
    assert request.topic == "update_contact"
    assert "12 oak lane" in request.summary
