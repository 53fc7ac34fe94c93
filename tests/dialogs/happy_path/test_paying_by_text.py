"""Paying the bill by text: saved card and PIN, other amounts, other cards, declines, unknown outcomes."""

from __future__ import annotations

from datetime import timedelta

from tests.dialogs.conftest import World


def test_a_repeat_payer_pays_with_two_texts(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    assert line.text("pay my bill") == (
        "You owe $84.20, due Dec 3. Reply with your PIN to pay $84.20 with Visa 4242."
    )
    assert line.choices == ["1 pay another amount", "2 use another card"]
    receipt = line.text("4821")
    number = world.last_confirmation(account)
    assert f"Paid: $84.20 with Visa 4242. Confirmation number {number}." in receipt
    assert "balance is now $0.00" in receipt
    assert world.balance(account) == 0
    assert world.gateway.taken_cents == 8420
    assert world.queued() == [], "the receipt was given in the thread itself"


def test_a_wrong_pin_pays_nothing_and_asks_again(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("pay my bill")
    said = line.text("1111")
    assert "That PIN did not match. Tries left: 4." in said
    assert "Reply with your PIN to pay $84.20" in said
    assert world.gateway.taken_cents == 0
    assert "Paid: $84.20" in line.text("4821")


def test_too_many_wrong_pins_pause_and_offer_a_person(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("pay my bill")
    for _ in range(5):
        said = line.text("1111")
    assert "too many wrong tries" in said
    assert "10:15 AM today" in said
    assert "AGENT" in said
    assert line.expect.kind == "open"


def test_an_amount_said_at_the_start_is_read_back(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    assert line.text("I want to pay $50 on my bill") == "Reply with your PIN to pay $50.00 with Visa 4242."
    line.text("4821")
    assert world.balance(account) == 3420


def test_another_amount_is_asked_for_and_read_back(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    assert "How much do you want to pay?" in line.text("1")
    assert line.expect.kind == "amount"
    assert line.text("30.50") == "Reply with your PIN to pay $30.50 with Visa 4242."
    line.text("4821")
    assert world.balance(account) == 5370


def test_what_is_past_due_can_be_paid_alone(world: World) -> None:
    account = world.factory.account(balance_cents=5000, due_on=world.clock.today() - timedelta(days=3))
    world.factory.statement(account.id, 8000, due_on=world.clock.today() + timedelta(days=20))
    world.saved_card(account)
    line = world.thread()
    assert line.text("pay my bill") == (
        "You owe $130.00. $50.00 of it is past due. How much do you want to pay?"
    )
    assert line.choices == ["1 pay all of it", "2 pay the past due $50.00", "3 pay another amount"]
    assert line.text("2") == "Reply with your PIN to pay $50.00 with Visa 4242."


def test_more_than_is_owed_is_paid_only_after_saying_so(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    said = line.text("I want to pay $100 on my bill")
    assert "$15.80 more than you owe" in said
    assert "You now have a credit of $15.80" in line.text("4821")
    assert world.balance(account) == -1580


def test_an_amount_over_the_limit_is_asked_for_again(world: World) -> None:
    world.saved_card(world.factory.account(balance_cents=90000))
    line = world.thread()
    assert line.text("pay my bill") == (
        "The most for one card payment is $600.00. Which amount do you want to pay?"
    )
    assert line.text("$100") == "Reply with your PIN to pay $100.00 with Visa 4242."


def test_without_a_card_on_file_a_call_is_offered_and_made(world: World) -> None:
    world.factory.account()
    line = world.thread()
    said = line.text("pay my bill")
    assert "Never text a card number" in said
    assert "reply CALL" in said
    assert "We are ringing this phone now" in line.text("CALL")
    assert [call.phone for call in world.queued("call")] == ["+17065550111"]


def test_the_same_amount_twice_in_a_day_is_asked_about(world: World) -> None:
    account = world.factory.account(balance_cents=10000)
    world.saved_card(account)
    line = world.thread()
    line.text("I want to pay $50 on my bill")
    line.text("4821")
    said = line.text("I want to pay $50 on my bill")
    assert said == "You already paid $50.00 today at 10 AM. Do you want to pay $50.00 again?"
    assert line.text("1") == "Reply YES or 1 to pay $50.00 with Visa 4242."
    line.text("yes")
    assert world.balance(account) == 0


def test_leaving_a_duplicate_as_it_is_charges_nothing_more(world: World) -> None:
    account = world.factory.account(balance_cents=10000)
    world.saved_card(account)
    line = world.thread()
    line.text("I want to pay $50 on my bill")
    line.text("4821")
    line.text("I want to pay $50 on my bill")
    assert "Nothing was paid" in line.text("2")
    assert world.gateway.taken_cents == 5000


def test_a_decline_is_told_plainly_with_ways_on(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    world.gateway.plan = ["insufficient_funds"]
    line = world.thread()
    line.text("pay my bill")
    assert line.text("4821") == "The bank said there is not enough money for this. Nothing was charged."
    assert line.choices == ["1 use another card", "2 pay another amount", "3 talk to a person"]
    assert world.balance(account) == 8420
    assert "How do you want to pay?" in line.text("1")
    assert line.choices == ["1 pay with a new card", "2 pay with Visa 4242"]
    assert line.text("2") == "You owe $84.20, due Dec 3. Reply YES or 1 to pay $84.20 with Visa 4242."
    assert "Paid: $84.20" in line.text("1")


def test_an_unknown_outcome_says_do_not_pay_again_and_is_kept_unknown(world: World) -> None:
    account = world.factory.account()
    world.saved_card(account)
    world.gateway.plan = ["taken"]
    line = world.thread()
    line.text("pay my bill")
    said = line.text("4821")
    assert "We do not know yet if it went through. Please do not pay again." in said
    assert "11 AM today" in said
    assert "We are still checking your payment of $84.20" in line.text("pay my bill")
    assert world.balance(account) == 8420


def test_only_a_clear_yes_moves_money(world: World) -> None:
    account = world.factory.account(balance_cents=10000)
    world.saved_card(account)
    line = world.thread()
    line.text("I want to pay $40 on my bill")
    line.text("4821")
    line.text("I want to pay $50 on my bill")
    for words in ("👍", "sounds good to me", "ok", "yes?", "asdf"):
        said = line.text(words)
        assert "Reply YES or 1 to pay $50.00" in said, words
    line.text("START")
    line.text("I want to pay $50 on my bill")
    assert world.gateway.taken_cents == 4000
    assert "Paid: $50.00" in line.text("yes")


def test_a_no_asks_what_to_change_and_a_second_no_leaves(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.thread()
    line.text("pay my bill")
    assert "What do you want to change?" in line.text("no")
    assert "Nothing was paid." in line.text("3")
    assert world.gateway.taken_cents == 0


def test_nothing_owed_is_said_with_a_way_to_pay_ahead(world: World) -> None:
    account = world.factory.account(balance_cents=0)
    world.saved_card(account)
    line = world.thread()
    assert line.text("pay my bill") == "You owe nothing right now."
    assert "How much do you want to pay?" in line.text("1")
    assert "$20.00 more than you owe" in line.text("20")


def test_a_fee_is_told_before_the_yes(world: World) -> None:
    world.app.settings.fee_cents = 250
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    assert "to pay $86.70 ($84.20 plus a fee of $2.50) with Visa 4242" in line.text("pay my bill")
    assert "Paid: $86.70" in line.text("4821")
    assert world.balance(account) == 0


def test_an_account_that_may_not_use_cards_hears_where_to_pay(world: World) -> None:
    account = world.factory.account(is_cash_only=True)
    world.saved_card(account)
    said = world.thread().text("pay my bill")
    assert "This account cannot pay by card" in said
    assert "12 Depot Street" in said


def test_a_bill_is_paid_in_spanish(world: World) -> None:
    account = world.factory.account(language="es")
    world.saved_card(account)
    line = world.thread()
    assert line.text("quiero pagar mi recibo de luz") == (
        "Debe $84.20, con vencimiento el 3 de diciembre. Responda con su PIN para pagar $84.20 con Visa 4242."
    )
    assert "Pagado: $84.20 con Visa 4242. Número de confirmación" in line.text("4821")
    assert world.balance(account) == 0


def test_several_accounts_on_one_phone_are_told_apart(world: World) -> None:
    house = world.factory.account("1000000001", nickname="House")
    barn = world.factory.account("1000000002", nickname="Barn", balance_cents=2500)
    world.saved_card(barn)
    line = world.thread()
    assert line.text("pay my bill") == "Which account is this for?"
    assert line.choices == ["1 House (account ending 0001)", "2 Barn (account ending 0002)"]
    assert "You owe $25.00" in line.text("2")
    line.text("4821")
    assert world.balance(barn) == 0
    assert world.balance(house) == 8420
    assert line.text("what is my balance") == "Which account is this for?"


def test_six_accounts_are_told_apart_by_their_last_digits(world: World) -> None:
    for number in range(1, 7):
        world.factory.account(f"100000000{number}", balance_cents=1000 * number)
    line = world.thread()
    assert "This phone has 6 accounts." in line.text("what is my balance")
    assert "No account of this phone ends that way" in line.text("9999")
    assert "You owe $40.00" in line.text("0004")
