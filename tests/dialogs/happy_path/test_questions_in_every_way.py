"""What is owed, by when, made of what, and what came in: answered, and nothing is moved by asking."""

from __future__ import annotations

from datetime import date, timedelta

from assistant.billing.models import Account, PrepaidAccount
from tests.dialogs.ways import KNOWN, VERIFIED, Talk, feature


def paid(talk: Talk, cents: int, on: date, number: int = 1) -> None:
    """A payment that came in by mail on a day."""
    with talk.coop.app.db.write() as tx:
        talk.coop.app.billing.post_payment(
            tx,
            account_id=talk.account.id,
            payment_id=f"mail_{talk.account.id}_{number}",
            amount_cents=cents,
            fee_cents=0,
            at=talk.noon_of(on),
        )


def assert_asking_moved_nothing(talk: Talk, balance_cents: int) -> None:
    assert talk.balance == balance_cents
    assert talk.charged == []


@feature(
    "balance",
    text={"en": "what is my balance", "es": "cuánto debo"},
    keys=f"2 | {KNOWN}",
    speech={"en": f"how much do i owe | {KNOWN}", "es": f"cuánto debo | {KNOWN}"},
)
def test_the_balance_is_told(talk: Talk) -> None:
    talk.member()
    assert talk.through().startswith(talk.words("You owe ", "Debe ") + talk.money(8420))
    assert_asking_moved_nothing(talk, 8420)


@feature(
    "due date",
    text={"en": "when is my bill due", "es": "cuándo vence mi recibo"},
    keys=f"2 | {KNOWN}",
    speech={"en": f"when is my bill due | {KNOWN}", "es": f"cuándo tengo que pagar | {KNOWN}"},
)
def test_the_due_date_is_told(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("due ", "con vencimiento el ") + talk.day(talk.due_on) in talk.told
    assert_asking_moved_nothing(talk, 8420)


@feature(
    "parts of the balance",
    text={"en": "what is my balance made of | {pin}", "es": "de qué se compone mi saldo | {pin}"},
    keys=f"4 | 4 | 3 | {VERIFIED}",
    speech={"en": f"break down my balance | {VERIFIED}", "es": f"desglose de mi saldo | {VERIFIED}"},
)
def test_the_parts_of_the_balance_are_told(talk: Talk) -> None:
    account = talk.member()
    talk.coop.factory.statement(account.id, 2000, issued_on=date(2026, 10, 1), due_on=date(2026, 10, 25))
    talk.through()
    for cents in (10420, 2000, 8420):
        assert talk.money(cents) in talk.told
    assert talk.words("from before", "de antes") in talk.told
    assert_asking_moved_nothing(talk, 10420)


@feature(
    "cut-off and minimum",
    text={"en": "will I be cut off", "es": "me van a cortar la luz"},
    keys=f"4 | 4 | 5 | 5 | 1 | {KNOWN}",
    speech={"en": f"when will i be cut off | {KNOWN}", "es": f"me van a cortar la luz | {KNOWN}"},
)
def test_the_day_of_the_cutoff_and_the_least_to_pay_are_told_at_once(talk: Talk) -> None:
    account = talk.member(due_on=talk.today - timedelta(days=30))
    with talk.coop.app.db.write() as tx:
        row = tx.get_one(Account, account.id)
        row.disconnect_on, row.disconnect_minimum_cents = date(2026, 11, 27), 5000
        row.disconnect_noted_at = talk.coop.clock.now()
    talk.through()
    assert talk.day(date(2026, 11, 27)) in talk.told
    assert talk.money(5000) in talk.told
    assert talk.words("turned off", "cortar la luz") in talk.told
    assert_asking_moved_nothing(talk, 8420)


@feature(
    "payment received",
    text={"en": "did you get my payment", "es": "recibieron mi pago"},
    keys=f"3 | {KNOWN}",
    speech={"en": f"did my payment go through | {KNOWN}", "es": f"ya llegó mi pago | {KNOWN}"},
)
def test_a_payment_that_came_in_is_told(talk: Talk) -> None:
    talk.member()
    paid(talk, 3000, date(2026, 11, 13))
    talk.through()
    assert talk.money(3000) in talk.told
    assert talk.day(date(2026, 11, 13)) in talk.told
    assert_asking_moved_nothing(talk, 5420)


@feature(
    "payment received by its amount",
    text={"en": "did you get my payment of $30", "es": "¿recibieron mi pago de $30?"},
    speech={
        "en": f"did you get my payment of 32 dollars | {KNOWN}",
        "es": f"recibieron mi pago de 32 dólares | {KNOWN}",
    },
    without={"keys": "the keypad tells the last payment, with its amount"},
)
def test_the_payment_that_is_asked_for_by_its_amount_is_found(talk: Talk) -> None:
    talk.member()
    cents = 3200 if talk.is_call else 3000
    paid(talk, cents, date(2026, 11, 13))
    paid(talk, 1000, date(2026, 11, 20), 2)
    talk.through()
    assert talk.words("Yes", "Sí" if talk.is_call else "Si") in talk.told
    assert talk.money(cents) in talk.told
    assert_asking_moved_nothing(talk, 7420 - cents)


@feature(
    "last payments",
    text={"en": "show me my last payments | {pin}", "es": "mis últimos pagos | {pin}"},
    keys=f"4 | 4 | 2 | {VERIFIED}",
    speech={
        "en": f"what were my last payments | {VERIFIED}",
        "es": f"cuáles son mis últimos pagos | {VERIFIED}",
    },
)
def test_the_last_payments_are_told_newest_first(talk: Talk) -> None:
    talk.member()
    paid(talk, 3000, date(2026, 11, 3))
    paid(talk, 1500, date(2026, 10, 3), 2)
    talk.through()
    assert talk.told.index(talk.money(3000)) < talk.told.index(talk.money(1500))
    assert talk.day(date(2026, 11, 3)) in talk.told
    assert talk.day(date(2026, 10, 3)) in talk.told
    assert_asking_moved_nothing(talk, 3920)


@feature(
    "year's total",
    text={"en": "how much did I pay this year | {pin}", "es": "cuánto pagué este año | {pin}"},
    speech={"en": f"how much did i pay this year | {VERIFIED}", "es": f"cuánto pagué este año | {VERIFIED}"},
    without={"keys": "the keypad tells payments one by one; a year has no key"},
)
def test_a_years_payments_are_added_up(talk: Talk) -> None:
    talk.member()
    paid(talk, 3000, date(2026, 11, 3))
    paid(talk, 1500, date(2026, 10, 3), 2)
    talk.through()
    assert "2026" in talk.told
    assert talk.money(4500) in talk.told
    assert_asking_moved_nothing(talk, 3920)


@feature(
    "prepaid balance",
    text={"en": "how much is left on my prepaid", "es": "cuánto me queda de prepago"},
    keys=f"2 | {KNOWN}",
    speech={
        "en": f"how much prepaid do i have left | {KNOWN}",
        "es": f"cuánto me queda de prepago | {KNOWN}",
    },
)
def test_what_is_left_of_prepaid_power_is_told_with_its_days(talk: Talk) -> None:
    account = talk.member(balance_cents=-2340)
    with talk.coop.app.db.write() as tx:
        tx.add(PrepaidAccount(account_id=account.id, daily_use_cents=420, told_at=talk.coop.clock.now()))
    talk.through()
    assert talk.money(2340) in talk.told
    assert talk.words("about 5", "unos 5") in talk.told
    assert_asking_moved_nothing(talk, -2340)


@feature(
    "refund question",
    text={"en": "where is my refund", "es": "dónde está mi reembolso"},
    keys=f"4 | 4 | 5 | 3 | {KNOWN}",
    speech={"en": f"where is my refund | {KNOWN}", "es": f"quiero que me devuelvan mi dinero | {KNOWN}"},
)
def test_a_refund_that_is_asked_for_is_promised_to_a_person(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("11 AM today", "hoy a las 11 de la mañana") in talk.told
    assert [request.topic for request in talk.requests] == ["refund"]
    assert_asking_moved_nothing(talk, 8420)


@feature(
    "fees",
    text={"en": "is there a fee to pay by card", "es": "cobran cargo por pagar con tarjeta"},
    speech={"en": "do you charge a fee", "es": "cobran comisión"},
    without={"keys": "a fee is told before the yes to every payment; the question has no key"},
)
def test_that_paying_has_no_fee_is_told(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("no fee", "no tiene cargo") in talk.told
    assert talk.charged == []
