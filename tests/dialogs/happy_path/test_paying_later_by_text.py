"""Setting a payment for a later day by text, in both languages, changing it, and what comes of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from assistant.payments.models import Mandate
from assistant.payments.scheduled import ScheduledView
from assistant.payments.scheduling_models import ScheduledPayment
from tests.dialogs.conftest import PHONE, Line, World
from tests.factories import MadeAccount

# Today is Monday, Nov 23; the bill is due on Thursday, Dec 3.
DUE_ON = date(2026, 12, 3)


@pytest.fixture
def account(world: World) -> MadeAccount:
    made = world.factory.account()
    world.saved_card(made)
    return made


def scheduled(world: World) -> list[ScheduledPayment]:
    with world.app.db.read() as tx:
        return list(tx.scalars(select(ScheduledPayment).order_by(ScheduledPayment.made_at)))


def first_draft(world: World, account: MadeAccount) -> ScheduledPayment:
    (row,) = [each for each in scheduled(world) if each.account_id == account.id]
    return row


def verified(line: Line, words: str) -> str:
    """Say what is wanted, and the PIN that is asked for; returns what is said then."""
    assert "PIN" in line.text(words)
    return line.text("4821")


def test_an_amount_and_a_day_in_one_message_are_read_back_and_set(world: World, account: MadeAccount) -> None:
    line = world.thread()
    said = verified(line, "schedule 60 dollars for this friday")
    assert said == "Reply YES or 1 to pay $60.00 with Visa 4242 on Friday, Nov 27."
    assert line.choices == ["2 pick another day", "3 pay another amount", "4 use another card"]
    said = line.text("yes")
    row = first_draft(world, account)
    assert said.startswith(
        f"Set: $60.00 with Visa 4242 on Friday, Nov 27. Confirmation number {row.confirmation_number}. "
        "You can change it until 9 AM on Thursday."
    )
    assert (row.amount_cents, row.pay_on, row.state) == (6000, date(2026, 11, 27), "scheduled")
    assert world.gateway.taken_cents == 0, "nothing is charged today"
    with world.app.db.read() as tx:
        mandate = tx.get_one(Mandate, row.mandate_id)
        assert "pay $60.00 with Visa 4242 on Friday, Nov 27" in mandate.words
        assert mandate.consent_how == "word"


def test_what_is_set_for_tomorrow_is_not_said_to_be_changeable_till_an_hour_that_has_passed(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    verified(line, "schedule 60 dollars for tomorrow")
    said = line.text("yes")
    assert "It is too close to change it now; for that, call 706-555-0101." in said
    assert first_draft(world, account).pay_on == date(2026, 11, 24)


def test_what_was_set_is_drafted_on_its_day_and_the_member_gets_the_receipt(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    verified(line, "schedule 60 dollars for this friday")
    line.text("yes")
    row = first_draft(world, account)
    world.clock.advance(row.draft_at - world.clock.now() - timedelta(minutes=1))
    world.app.payments.scheduled_drafting.draft_due()
    assert world.balance(account) == 8420, "not a minute early"
    world.clock.advance(timedelta(minutes=1))
    world.app.payments.scheduled_drafting.draft_due()
    assert (world.balance(account), world.gateway.taken_cents) == (2420, 6000)
    world.app.payments.scheduled_drafting.draft_due()
    assert world.gateway.taken_cents == 6000
    assert any("we received your payment of $60.00" in each.body for each in world.queued())


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("pay my bill the friday before it's due", "Friday, Nov 27"),
        ("schedule my payment for the 3rd", "Thursday, Dec 3"),
        ("payday is next friday, schedule my payment for then", ""),
        ("pay it on payday, december 1", "Tuesday, Dec 1"),
    ],
)
def test_the_day_is_told_in_full_whatever_words_named_it(
    world: World, account: MadeAccount, words: str, day: str
) -> None:
    line = world.thread()
    said = verified(line, words)
    if day:
        assert said == f"Reply YES or 1 to pay $84.20 with Visa 4242 on {day}."
    else:
        assert "To be on time, please pick a day up to Dec 3." in said
    assert scheduled(world) == []


def test_a_payment_with_a_later_day_is_never_read_back_as_one_for_today(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    line.text("I want to pay $50 on my bill")
    said = line.text("no wait, pay it on friday")
    assert "PIN" in said, said
    assert line.text("4821") == "Reply YES or 1 to pay $50.00 with Visa 4242 on Friday, Nov 27."
    line.text("1")
    assert (first_draft(world, account).amount_cents, world.gateway.taken_cents) == (5000, 0)


def test_a_day_that_was_not_said_is_asked_with_choices(world: World, account: MadeAccount) -> None:
    line = world.thread()
    said = verified(line, "I want to schedule a payment")
    assert said == "Your bill is due Dec 3. Which day do you want to pay?"
    assert line.choices == ["1 pay on Thursday, Dec 3", "2 pay on Friday, Nov 27", "3 pick another day"]
    assert "like Dec 2" in line.text("3")
    assert "on Tuesday, Dec 1." in line.text("the first")
    line.text("yes")
    assert first_draft(world, account).pay_on == date(2026, 12, 1)


def test_a_day_after_the_due_date_is_refused_with_the_day_that_works(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    said = verified(line, "schedule my payment for december 10")
    assert said.startswith("That is after your bill is due. To be on time, please pick a day up to Dec 3.")
    assert line.choices[0] == "1 pay on Thursday, Dec 3"
    assert "on Thursday, Dec 3." in line.text("1")
    line.text("1")
    assert first_draft(world, account).pay_on == DUE_ON


def test_what_is_past_due_can_be_paid_today_only(world: World) -> None:
    account = world.factory.account(due_on=world.clock.today() - timedelta(days=3))
    world.saved_card(account)
    line = world.thread()
    said = verified(line, "schedule my payment for friday")
    assert said == "$84.20 of your bill is past due, so we cannot set a later day. You can pay today."
    assert "YES or 1 to pay $84.20 with Visa 4242" in line.text("1")
    line.text("1")
    assert (world.balance(account), scheduled(world)) == (0, [])


def test_amount_and_day_are_corrected_at_the_read_back(world: World, account: MadeAccount) -> None:
    line = world.thread()
    verified(line, "schedule my payment for friday")
    assert "$40.00 with Visa 4242 on Friday, Nov 27." in line.text("no, make it 40")
    assert "$40.00 with Visa 4242 on Thursday, Dec 3." in line.text("actually the 3rd")
    said = line.text("what is my balance?")
    assert said == (
        "You owe $84.20, due Dec 3. Reply YES or 1 to pay $40.00 with Visa 4242 on Thursday, Dec 3."
    )
    assert "For money I need a clear yes." in line.text("sounds good to me")
    assert scheduled(world) == []
    line.text("yes")
    row = first_draft(world, account)
    assert (row.amount_cents, row.pay_on) == (4000, DUE_ON)


def test_no_at_the_read_back_asks_what_to_change_and_no_again_sets_nothing(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    verified(line, "schedule my payment for friday")
    assert "nothing is set. What do you want to change?" in line.text("no")
    assert "Nothing is set, and nothing was charged." in line.text("no")
    assert scheduled(world) == []


def set_one(world: World, line: Line, words: str = "schedule 60 dollars for december 1") -> ScheduledView:
    verified(line, words)
    line.text("yes")
    verification = world.app.identity.current(line.session_id)
    assert verification is not None
    return world.app.payments.scheduled.upcoming(verification)[-1]


def test_what_is_set_is_told_and_each_part_can_be_changed(world: World, account: MadeAccount) -> None:
    line = world.thread()
    made = set_one(world, line)
    said = line.text("what payments do I have scheduled?")
    assert said == (f"Set: $60.00 with Visa 4242 on Tuesday, Dec 1, number {made.confirmation_number}.")
    assert "like 50.00" in line.text("2")
    assert "pay $45.00 with Visa 4242 on Tuesday, Dec 1." in line.text("45")
    assert made.confirmation_number in line.text("yes")
    line.text("change my scheduled payment")
    assert "Which day do you want to pay?" in line.text("3")
    assert "pay $45.00 with Visa 4242 on Friday, Nov 27." in line.text("2")
    line.text("1")
    row = first_draft(world, account)
    assert (row.amount_cents, row.pay_on, row.id) == (4500, date(2026, 11, 27), made.id)


def test_what_is_set_is_taken_back_by_a_yes_to_that_question(world: World, account: MadeAccount) -> None:
    line = world.thread()
    set_one(world, line)
    asked = line.text("take back my scheduled payment")
    assert asked == ("Shall we take back your payment of $60.00 for Tuesday, Dec 1? Reply YES or 1, NO or 2.")
    assert "It stays as it is." in line.text("no")
    line.text("I want to cancel the payment I scheduled")
    assert "is taken back, and nothing will be charged" in line.text("yes")
    assert first_draft(world, account).state == "canceled"


def test_less_than_a_day_before_the_draft_it_is_too_late_and_a_person_helps(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    made = set_one(world, line)
    world.clock.advance(made.changes_until - world.clock.now() + timedelta(minutes=1))
    line = world.thread()
    said = verified(line, "cancel my scheduled payment")
    assert said.startswith("Your payment for Tuesday, Dec 1 is too close to change.")
    assert line.choices == ["1 talk to a person", "2 go to the main menu"]
    assert first_draft(world, account).state == "scheduled"


def test_a_second_payment_for_the_same_bill_is_asked_about_first(world: World, account: MadeAccount) -> None:
    line = world.thread()
    made = set_one(world, line)
    said = line.text("schedule my payment for friday")
    assert "You already have a payment of $60.00 set for Tuesday, Dec 1" in said
    assert made.confirmation_number in said
    assert "$84.20 with Visa 4242 on Friday, Nov 27." in line.text("yes")
    line.text("yes")
    assert [each.pay_on.day for each in scheduled(world)] == [1, 27]


def test_in_spanish_the_fifteenth_is_el_quince(world: World) -> None:
    account = world.factory.account(due_on=date(2026, 12, 18))
    world.saved_card(account)
    line = world.thread()
    assert "Responda con su PIN" in line.text("quiero programar mi pago para el quince")
    said = line.text("4821")
    assert said == "Responda SÍ o 1 para pagar $84.20 con Visa 4242 el martes 15 de diciembre."
    said = line.text("sí")
    assert said.startswith("Listo: $84.20 con Visa 4242 el martes 15 de diciembre.")
    assert first_draft(world, account).pay_on == date(2026, 12, 15)
    said = line.text("quite el pago que programé")
    assert said.startswith("¿Quitamos su pago de $84.20 del martes 15 de diciembre?")
    assert "no se cobrará nada" in line.text("sí")
    assert first_draft(world, account).state == "canceled"


def test_a_member_without_a_pin_is_led_to_one(world: World) -> None:
    account = world.factory.account(pin="")
    world.saved_card(account)
    line = world.thread()
    line.text("schedule my payment for friday")
    assert line.choices == ["1 set up or change your PIN"]
    assert "How shall we make sure it is you?" in line.text("1")
    line.text("1")
    line.text(account.enrollment_code)
    said = line.text("7305")
    assert "Your new PIN is set." in said
    assert "on Friday, Nov 27." in said
    line.text("yes")
    assert len(scheduled(world)) == 1


def test_without_anything_on_file_the_way_to_pay_is_told(world: World) -> None:
    world.factory.account()
    line = world.thread()
    said = verified(line, "schedule my payment for friday")
    assert said == "There is no card on file for this account."
    assert line.choices == ["1 pay with a new card", "2 talk to a person"]


def test_a_yes_after_ten_minutes_is_asked_for_again(world: World, account: MadeAccount) -> None:
    line = world.thread()
    verified(line, "schedule my payment for friday")
    world.clock.advance(timedelta(minutes=11))
    said = line.text("yes")
    assert said.endswith("Reply YES or 1 to pay $84.20 with Visa 4242 on Friday, Nov 27.")
    assert scheduled(world) == []
    line.text("yes")
    assert len(scheduled(world)) == 1


def test_with_several_accounts_the_payment_is_set_for_the_one_that_was_chosen(world: World) -> None:
    world.saved_card(world.factory.account("1000000002", name="Bo", phone=PHONE, nickname="House"))
    barn = world.factory.account("1000000003", name="Bo", phone=PHONE, nickname="Barn", balance_cents=2500)
    world.saved_card(barn)
    line = world.thread()
    line.text("schedule my payment for friday")
    assert "PIN" in line.text("barn")
    read_back = (
        "Reply YES or 1 to pay $25.00 for Barn (account ending 0003) with Visa 4242 on Friday, Nov 27."
    )
    assert line.text("4821") == read_back
    line.text("yes")
    assert first_draft(world, barn).amount_cents == 2500
    line.text("what do I owe")
    assert len(line.choices) == 2, "the next wish may be for the other account"


def test_a_person_asked_for_in_the_middle_leaves_it_and_nothing_is_set(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    verified(line, "schedule my payment for friday")
    line.text("agent")
    line.text("yes")
    assert (scheduled(world), world.gateway.taken_cents) == ([], 0)


def test_what_is_set_can_be_seen_and_taken_back_when_nothing_is_owed_any_more(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    verified(line, "schedule 60 dollars for this friday")
    line.text("yes")
    world.factory.statement(account.id, -8420)
    call = world.call(PHONE)
    call.press("4")
    call.press("1")
    call.press(account.account_number)
    call.press(account.zip_code)
    assert "60 dollars" in call.press("4821")
    assert any("cancel" in choice or "take" in choice for choice in call.choices), call.choices


def test_a_scheduled_payment_is_not_the_one_that_is_being_read_back(
    world: World, account: MadeAccount
) -> None:
    line = world.thread()
    verified(line, "schedule 60 dollars for this friday")
    line.text("yes")
    line.text("pay 20 dollars")
    said = line.text("cancel my scheduled payment")
    assert "$60.00" in said
    assert "Friday" in said
