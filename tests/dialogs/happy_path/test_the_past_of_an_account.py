"""What was paid in a month, a year, lately; what a balance is made of; was a payment received."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from assistant.billing.posting import Cause, post_once
from assistant.clock import local_instant
from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who
from tests.factories import MadeAccount


def paid(world: World, account: MadeAccount, cents: int, on: date) -> None:
    at: datetime = local_instant(on, time(12), world.clock.zone)
    with world.app.db.write() as tx:
        post_once(tx, Cause(f"office:{on}", account.id, at, on, "Paid"), [("member", "payment", -cents)])


@pytest.fixture
def long_history(world: World) -> MadeAccount:
    """A payment on the 5th of each month of 2025 and up to November 2026: $10.00 times the month."""
    made = world.factory.account()
    for year, months in ((2025, 12), (2026, 11)):
        for month in range(1, months + 1):
            paid(world, made, 1000 * month, date(year, month, 5))
    return made


def test_the_last_payments_come_in_pages_by_text(world: World, long_history: MadeAccount) -> None:
    line = world.thread()
    assert "PIN" in line.text("show me my payment history")
    said = line.text("4821")
    assert said.startswith("Your last payments: Nov 5 $110.00, Oct 5 $100.00, Sep 5 $90.00, Aug 5 $80.00.")
    assert said.endswith("Reply MORE to see more, or MENU.")
    assert line.text("more").startswith("Before that: Jul 5 $70.00,")
    assert len(line.as_text()) <= 320


def test_a_month_a_year_and_a_year_compared(world: World, long_history: MadeAccount) -> None:
    line = world.thread()
    line.text("what did I pay in October")
    assert line.text("4821").startswith("In October you paid $100.00: Oct 5 $100.00")
    total = line.text("how much did I pay last year, it is for my taxes")
    assert total.startswith("In 2025 you paid $780.00. Number of payments: 12.")
    compared = line.text("compare what I paid this year to last year")
    assert compared.startswith("In 2026 so far you paid $660.00. By the same day in 2025 it was $660.00.")
    assert line.text("what did I pay in october 2024").startswith("I see no payment in October 2024.")


def test_the_past_in_spanish_by_text(world: World, long_history: MadeAccount) -> None:
    line = world.thread()
    line.text("cuánto pagué en octubre")
    assert line.text("4821").startswith("En octubre pagó $100.00: 5 de octubre $100.00")
    assert line.text("cuánto pagué el año pasado").startswith("En 2025 pagó $780.00.")


def test_the_past_by_phone_with_the_keypad_alone_in_groups(world: World, long_history: MadeAccount) -> None:
    line = world.call(CALLER)
    for key in ("4", "4", "2"):
        line.press(key)
    said = say_who(line)
    assert "November fifth, 110 dollars. October fifth, 100 dollars. September fifth, 90 dollars." in said
    assert line.choices[0] == "1 hear more"
    assert "August fifth, 80 dollars." in line.press("1")


def test_the_past_by_phone_in_spoken_spanish(world: World, long_history: MadeAccount) -> None:
    line = world.call(CALLER)
    line.press("5")
    line.speak("quiero saber mis últimos pagos")
    assert "5 de noviembre, 110 dólares" in say_who(line)
    assert "80 dólares" in line.speak("más")


def test_a_question_about_the_past_in_the_middle_of_paying_returns_to_it(
    world: World, long_history: MadeAccount
) -> None:
    world.factory.statement(long_history.id, 200_000, number="S-big")
    world.saved_card(long_history)
    line = world.call(CALLER)
    line.press("1")
    say_who(line)
    kind = line.expect.kind
    said = line.speak("wait, what did I pay in October")
    assert "In October you paid 100 dollars" in said
    assert line.expect.kind == kind


def test_more_of_nothing_shows_the_menu(world: World) -> None:
    assert "Here is what I can do." in world.thread().text("more")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("break down my balance", "You owe $104.20: $20.00 from before, $84.20 for the bill of Nov 13."),
        (
            "desglose de mi factura",
            "Debe $104.20: $20.00 de antes, $84.20 de la factura del 13 de noviembre.",
        ),
    ],
)
def test_what_a_balance_is_made_of(world: World, words: str, answer: str) -> None:
    account = world.factory.account()
    world.factory.statement(account.id, 2000, issued_on=date(2026, 10, 1), due_on=date(2026, 10, 25))
    line = world.thread()
    line.text(words)
    assert line.text("4821").startswith(answer)


def test_a_bill_is_compared_with_the_one_of_a_year_ago(world: World) -> None:
    account = world.factory.account()
    world.factory.statement(account.id, 7000, issued_on=date(2025, 11, 14), due_on=date(2025, 12, 8))
    line = world.thread()
    line.text("how does my bill compare to last year")
    assert line.text("4821").startswith(
        "Your newest bill, of Nov 13, is $84.20. A year before, on Nov 14, 2025, it was $70.00."
    )


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("did you get my payment of $50", "Yes. We received $50.00 on Nov 9."),
        ("did you get the payment I made on november 8", "Yes. We received $50.00 on Nov 9."),
        ("did my $61.00 payment come in", "I see no payment of $61.00 yet."),
        ("¿recibieron mi pago de $50?", "Sí. Recibimos $50.00 el 9 de noviembre."),
    ],
)
def test_was_my_payment_received_by_amount_or_day(world: World, words: str, answer: str) -> None:
    account = world.factory.account()
    paid(world, account, 5000, date(2026, 11, 9))
    assert world.thread().text(words).startswith(answer)


def test_a_caller_asks_by_amount_and_is_answered_once_known(world: World) -> None:
    account = world.factory.account()
    paid(world, account, 5000, date(2026, 11, 9))
    line = world.call(CALLER)
    line.speak("did you get my payment of 50 dollars")
    line.press("1000000001")
    assert "Yes. We received 50 dollars on November ninth." in line.press("30601")


def test_where_a_refund_is_is_told_and_without_one_a_person_looks(world: World) -> None:
    account = world.factory.account()
    line = world.thread()
    assert "A person must look at money to be given back" in line.text("I want a refund")
    with world.app.db.write() as tx:
        for post, more in (
            ("post_payment", {}),
            ("post_return", {"source": "refund:re_1", "description": "Payment returned"}),
        ):
            getattr(world.app.billing, post)(
                tx,
                account_id=account.id,
                payment_id="pay_1",
                amount_cents=2500,
                fee_cents=0,
                at=world.clock.now(),
                **more,
            )
    assert line.text("where is my refund").startswith("$25.00 went back to you on Nov 23.")
