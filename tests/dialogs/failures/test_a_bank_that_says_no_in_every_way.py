"""A card that the bank declines: said plainly, nothing posted, and the next card pays."""

from __future__ import annotations

from tests.dialogs.ways import VERIFIED, Talk, in_every_way


@in_every_way(
    text={"en": "pay my bill | {pin}", "es": "quiero pagar mi recibo | {pin}"},
    keys=f"1 | {VERIFIED} | 1",
    speech={"en": f"pay my bill | {VERIFIED} | 1", "es": f"quiero pagar mi recibo | {VERIFIED} | 1"},
)
def test_a_declined_card_is_told_with_a_way_on_and_nothing_is_posted(talk: Talk) -> None:
    talk.member()
    talk.save_card("pm_card_chargeCustomerFail")
    talk.through()
    assert talk.words("Nothing was charged", "No se cobr") in talk.told, talk.transcript()
    assert talk.words("another card", "otra tarjeta") in talk.told
    assert talk.charged == []
    assert talk.balance == 8420
