"""Paying: all, what is past due, another amount, with a new card, for somebody else, onto prepaid power."""

from __future__ import annotations

from datetime import timedelta

from assistant.billing.models import Account, PrepaidAccount
from assistant.payments.models import Mandate
from tests.dialogs.ways import CARD, VERIFIED, Talk, feature


def assert_receipt(talk: Talk, cents: int, left_cents: int) -> None:
    """The words tell the amount and the number (twice by phone), the ledger and the processor agree."""
    told, number = talk.told, talk.number(talk.confirmation_number)
    assert talk.money(cents) in told, talk.transcript()
    assert told.count(number) == (2 if talk.is_call else 1), talk.transcript()
    assert talk.words("onfirmation number", "confirma") in told
    assert talk.balance == left_cents
    assert talk.charged == [cents]


@feature(
    "pay in full",
    text={"en": "pay my bill | {pin}", "es": "quiero pagar mi recibo | {pin}"},
    keys=f"1 | {VERIFIED} | 1",
    speech={"en": f"pay my bill | {VERIFIED} | 1", "es": f"quiero pagar mi recibo | {VERIFIED} | 1"},
)
def test_the_whole_bill_is_paid(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.money(8420) in talk.heard[-2], "the amount is read back before the yes"
    assert talk.day(talk.due_on) in talk.heard[-2]
    assert_receipt(talk, 8420, 0)


@feature(
    "pay past due only",
    text={"en": "pay my bill | 2 | {pin}", "es": "quiero pagar mi recibo | 2 | {pin}"},
    keys=f"1 | {VERIFIED} | 2 | 1",
    speech={
        "en": f"pay my bill | {VERIFIED} | the past due | 1",
        "es": f"quiero pagar | {VERIFIED} | lo vencido | 1",
    },
)
def test_only_what_is_past_due_is_paid(talk: Talk) -> None:
    account = talk.member(card=True, balance_cents=5000, due_on=talk.today - timedelta(days=3))
    talk.coop.factory.statement(account.id, 8000, due_on=talk.today + timedelta(days=20))
    talk.through()
    assert any(talk.money(13000) in told for told in talk.heard), "all that is owed was told too"
    assert_receipt(talk, 5000, 8000)


@feature(
    "pay the least that keeps the power on",
    text={"en": "pay the minimum | {pin}", "es": "quiero pagar lo mínimo | {pin}"},
    speech={
        "en": f"I want to pay the minimum | {VERIFIED} | 1",
        "es": f"quiero pagar el mínimo | {VERIFIED} | 1",
    },
    without={"keys": "there the least is told with the notice, and keyed as another amount"},
)
def test_the_least_that_a_notice_asks_for_is_paid(talk: Talk) -> None:
    account = talk.member(card=True)
    with talk.coop.app.db.write() as tx:
        row = tx.get_one(Account, account.id)
        row.disconnect_on, row.disconnect_minimum_cents = talk.today + timedelta(days=4), 5000
        row.disconnect_noted_at = talk.coop.clock.now()
    talk.through()
    assert talk.money(5000) in talk.heard[-2]
    assert_receipt(talk, 5000, 3420)


@feature(
    "pay another amount",
    text={"en": "pay my bill | 1 | 52 | {pin}", "es": "quiero pagar mi recibo | 1 | 52 | {pin}"},
    keys=f"1 | {VERIFIED} | 2 | 52*00# | 1",
    speech={
        "en": f"pay my bill | {VERIFIED} | no, make it fifty two dollars | 1",
        "es": f"quiero pagar mi recibo | {VERIFIED} | mejor cincuenta y dos dólares | 1",
    },
)
def test_another_amount_is_paid(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.money(5200) in talk.heard[-2]
    assert_receipt(talk, 5200, 3220)


@feature(
    "pay an amount named at once",
    text={"en": "pay eighty four dollars | {pin}", "es": "quiero pagar 84 dólares | {pin}"},
    speech={
        "en": f"pay eighty four dollars | {VERIFIED} | 1",
        "es": f"quiero pagar ochenta y cuatro dólares | {VERIFIED} | 1",
    },
    without={"keys": "the keypad asks for the amount after the account"},
)
def test_the_amount_of_the_first_words_is_paid(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.money(8400) in talk.heard[-2]
    assert_receipt(talk, 8400, 20)


@feature(
    "pay with a new card",
    keys=f"1 | {VERIFIED} | CARD | 1 | 1",
    speech={
        "en": f"pay my bill | {VERIFIED} | CARD | 1 | 1",
        "es": f"quiero pagar la luz | {VERIFIED} | CARD | 1 | 1",
    },
    without={"text": "a card is keyed on the phone: see 'pay with a new card by a call'"},
)
def test_a_card_that_is_keyed_pays_and_is_kept(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("May we keep", "¿Podemos guardar") in talk.heard[-3]
    assert_receipt(talk, 8420, 0)
    assert talk.cards == ["4242"]
    assert [mandate.words for mandate in talk.rows(Mandate)] == [talk.heard[-3]]


@feature(
    "pay with a new card by a call",
    text={"en": "pay my bill | CALL", "es": "quiero pagar mi recibo | llamar"},
    without={"keys": "begins with a text", "speech": "begins with a text"},
)
def test_a_text_without_a_card_on_file_is_finished_on_a_call_of_ours(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("Never text a card number", "Nunca mande un numero de tarjeta") in talk.heard[-2]
    assert talk.words("ringing", "llamamos") in talk.told
    talk.take_the_call()
    for step in ("1", CARD, "1"):
        talk.say_on_call(step)
    assert talk.balance == 0, talk.transcript()
    assert talk.charged == [8420]
    assert talk.cards == []


@feature(
    "guest payment",
    keys="4 | 4 | 5 | 5 | 2 | {account} | {zip} | 25# | CARD | 1",
    speech={
        "en": "pay somebody else's bill | {account} | {zip} | twenty five dollars | CARD | 1",
        "es": "quiero pagar el recibo de otra persona | {account} | {zip} | veinticinco dólares | CARD | 1",
    },
    text={"en": "i want to pay somebody else's bill", "es": "quiero pagar el recibo de otra persona"},
)
def test_a_guest_pays_and_hears_nothing_of_the_account(talk: Talk) -> None:
    talk.member(phone="")
    talk.through()
    heard = " ".join(talk.heard)
    assert "Member" not in heard
    assert talk.money(8420) not in heard
    assert talk.money(5920) not in heard
    if not talk.is_call:
        # A card is never texted: a guest is told how to be rung.
        assert talk.words("reply CALL", "responda LLAMAR") in talk.told
        assert talk.charged == []
        return
    assert talk.told.count(talk.number(talk.confirmation_number)) == 2
    assert talk.balance == 5920
    assert talk.charged == [2500]
    assert talk.cards == []


@feature(
    "add to prepaid",
    text={"en": "pay | 50 | {pin}", "es": "pagar | 50 | {pin}"},
    keys=f"1 | {VERIFIED} | 50# | 1",
    speech={
        "en": f"pay my bill | {VERIFIED} | fifty two dollars | 1",
        "es": f"quiero pagar | {VERIFIED} | cincuenta y dos dólares | 1",
    },
)
def test_a_prepaid_account_is_added_to(talk: Talk) -> None:
    account = talk.member(card=True, balance_cents=-2340)
    with talk.coop.app.db.write() as tx:
        tx.add(PrepaidAccount(account_id=account.id, daily_use_cents=420, told_at=talk.coop.clock.now()))
    talk.through()
    cents = 5200 if talk.by == "speech" else 5000
    assert talk.money(2340) in " ".join(talk.heard)
    assert_receipt(talk, cents, -2340 - cents)
