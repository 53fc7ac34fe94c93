"""A payment for a later day is set, changed and taken back: nothing is charged before its day."""

from __future__ import annotations

from datetime import date

from assistant.payments.scheduling_models import ScheduledPayment
from tests.dialogs.ways import VERIFIED, Talk, feature

FIRST = date(2026, 12, 1)
FRIDAY = date(2026, 11, 27)
SET = {
    "text": {
        "en": "pay my bill on december first | {pin} | yes",
        "es": "quiero pagar el primero de diciembre | {pin} | sí",
    },
    "keys": f"4 | 1 | {VERIFIED} | 2 | 1",
    "speech": {
        "en": f"pay my bill on the first of december | {VERIFIED} | 1",
        "es": f"quiero pagar el primero de diciembre | {VERIFIED} | 1",
    },
}
# From the end of setting one by keypad: main menu, more, another day, what is set.
TO_WHAT_IS_SET = "1 | 4 | 1 | 4"


def the_one_set(talk: Talk) -> ScheduledPayment:
    (row,) = talk.rows(ScheduledPayment)
    assert talk.charged == [], "nothing is charged before its day"
    assert talk.balance == 8420
    return row


@feature("schedule", text=SET["text"], keys=SET["keys"], speech=SET["speech"])
def test_a_payment_is_set_for_a_day(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    row, on = the_one_set(talk), FRIDAY if talk.by == "keys" else FIRST
    assert talk.money(8420) in talk.heard[-2]
    assert talk.day(on) in talk.heard[-2]
    assert talk.day(on) in talk.told
    assert talk.number(row.confirmation_number) in talk.told
    assert (row.pay_on, row.amount_cents) == (on, 8420)


@feature(
    "change a scheduled payment",
    text={
        "en": f"{SET['text']['en']} | change my scheduled payment | 3 | 2 | yes",
        "es": f"{SET['text']['es']} | cambiar mi pago programado | 3 | 2 | sí",
    },
    keys=f"4 | 1 | {VERIFIED} | 1 | 1 | {TO_WHAT_IS_SET} | 3 | 2 | 1",
    speech={
        "en": f"{SET['speech']['en']} | change my scheduled payment | 3 | 2 | 1",
        "es": f"{SET['speech']['es']} | cambiar mi pago programado | 3 | 2 | 1",
    },
)
def test_the_day_of_a_payment_is_changed(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    row = the_one_set(talk)
    assert talk.day(FRIDAY) in talk.told
    assert (row.pay_on, row.amount_cents) == (FRIDAY, 8420)


@feature(
    "take back a scheduled payment",
    text={
        "en": f"{SET['text']['en']} | take back my scheduled payment | yes",
        "es": f"{SET['text']['es']} | quiero quitar mi pago programado | sí",
    },
    keys=f"4 | 1 | {VERIFIED} | 1 | 1 | {TO_WHAT_IS_SET} | 5 | 1",
    speech={
        "en": f"{SET['speech']['en']} | cancel my scheduled payment | yes",
        "es": f"{SET['speech']['es']} | cancelar mi pago programado | sí",
    },
)
def test_a_payment_is_taken_back(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.words("nothing will be charged", "no se cobrar") in talk.told
    assert talk.money(8420) in talk.told
    assert the_one_set(talk).state == "canceled"
