"""A wrong PIN pays nothing, and who does not know the account hears nothing of it."""

from __future__ import annotations

from tests.dialogs.ways import Talk, in_every_way


@in_every_way(
    text={"en": "pay my bill | 1111 | {pin}", "es": "quiero pagar mi recibo | 1111 | {pin}"},
    keys="1 | {account} | {zip} | 1111 | {pin} | 1",
    speech={
        "en": "pay my bill | {account} | {zip} | 1111 | {pin} | 1",
        "es": "quiero pagar mi recibo | {account} | {zip} | 1111 | {pin} | 1",
    },
)
def test_a_wrong_pin_pays_nothing_and_the_right_one_pays_once(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    refused = [told for told in talk.heard if talk.words("did not match", "no coincide") in told]
    assert len(refused) == 1, talk.transcript()
    assert "4" in refused[0], "how many tries are left"
    assert talk.charged == [8420]
    assert talk.balance == 0


@in_every_way(
    text={"en": "what is my balance | {account}", "es": "cuánto debo | {account}"},
    keys="2 | {account} | 99999",
    speech={"en": "what is my balance | {account} | 99999", "es": "cuánto debo | {account} | 99999"},
)
def test_an_account_number_alone_opens_nothing(talk: Talk) -> None:
    talk.member(phone="", card=True)
    talk.through()
    heard = " ".join(talk.heard)
    assert talk.money(8420) not in heard
    assert "Visa" not in heard
    assert "Member" not in heard
    assert talk.charged == []
