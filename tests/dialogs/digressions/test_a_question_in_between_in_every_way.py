"""A question in the middle of paying is answered, and paying goes on where it was."""

from __future__ import annotations

from tests.dialogs.ways import VERIFIED, Talk, in_every_way


@in_every_way(
    text={
        "en": "I want to pay $52 on my bill | wait, what is my balance? | {pin}",
        "es": "quiero pagar 52 de mi recibo | espere, cuánto debo | {pin}",
    },
    # By keypad: hear it again, and slower.
    keys=f"1 | {VERIFIED} | 9 | 8 | 1",
    speech={
        "en": f"i want to pay 52 dollars on my bill | {VERIFIED} | wait what is my balance | 1",
        "es": f"quiero pagar 52 dólares de mi recibo | {VERIFIED} | espere cuánto debo | 1",
    },
)
def test_what_is_owed_is_told_and_the_same_amount_is_paid(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    cents = 8420 if talk.by == "keys" else 5200
    assert talk.money(8420) in talk.heard[-2], talk.transcript()
    assert talk.money(cents) in talk.heard[-2], "and the question came again"
    assert talk.charged == [cents]
    assert talk.balance == 8420 - cents
