"""A card keyed one question too early is a row of keys; the ones in it must not say yes to a payment."""

from __future__ import annotations

from tests.dialogs.ways import VERIFIED, Talk, in_every_way


@in_every_way(keys=f"1 | {VERIFIED} | 3 | 4211111111111111")
def test_a_card_keyed_where_one_key_is_asked_pays_nothing(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.charged == [], talk.transcript()
    assert talk.balance == 8420


@in_every_way(keys=f"1 | {VERIFIED} | 2 | 52*00#1111")
def test_an_amount_with_ones_behind_it_is_read_back_first(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.charged == [], talk.transcript()
    assert talk.money(5200) in talk.told
