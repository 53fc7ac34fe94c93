"""Begun by text and finished by phone, or the other way round: told after the PIN, paid once."""

from __future__ import annotations

from tests.dialogs.ways import VERIFIED, Talk, Way, in_every_way


def begin(talk: Talk) -> None:
    """The same member leaves a payment of $62.00 half made, the other way round."""
    account = talk.member(card=True)
    if talk.is_call:
        words = talk.words("I want to pay $62 on my bill", "quiero pagar $62 de mi recibo")
        before = Talk(talk.coop, Way("text", talk.language), (words,))
    else:
        keys = f"1 | {VERIFIED} | 2 | 62*00#"
        before = Talk(talk.coop, Way("keys", talk.language), tuple(keys.split(" | ")))
    before.talks_as(account)
    before.through()
    assert before.money(6200) in before.told, before.transcript()
    if before.is_call:
        before.end()


@in_every_way(
    text={"en": "pay | {pin}", "es": "pagar | {pin}"},
    keys=f"1 | {VERIFIED} | 1",
    speech={"en": f"pay my bill | {VERIFIED} | 1", "es": f"quiero pagar mi recibo | {VERIFIED} | 1"},
)
def test_the_amount_that_was_left_is_offered_and_paid_once(talk: Talk) -> None:
    begin(talk)
    talk.through()
    assert talk.words("You were paying", "Estaba pagando") in talk.heard[-2], talk.transcript()
    assert talk.money(6200) in talk.heard[-2]
    assert not any(talk.money(6200) in told for told in talk.heard[:-2]), "nobody is known before the PIN"
    assert talk.charged == [6200]
    assert talk.balance == 2220
