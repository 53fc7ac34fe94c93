"""A change of mind in a member's own words: what was read back is left, or paid in part."""

from __future__ import annotations

import pytest

from tests.dialogs.conftest import World


@pytest.mark.parametrize("words", ["actually never mind", "forget it", "olvídelo"])
def test_never_mind_leaves_what_was_read_back(world: World, words: str) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay 40 dollars")
    line.text("no, make it 60")
    said = line.text(words)
    assert "nothing was paid" in said or "no se pagó nada" in said
    assert world.balance(account) == 8420


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ("pay half of it", "", "$42.10"),
        ("pay my bill", "no, just half", "$42.10"),
        ("pay 10 now and 14.20 on friday", "", "$10.00"),
        ("quiero pagar la mitad", "", "$42.10"),
        ("pay 40 dollars", "no, mejor 30 pesos", "$30.00"),
    ],
)
def test_a_part_in_words_is_read_back(world: World, first: str, then: str, told: str) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    said = line.text(first)
    said = line.text(then) if then else said
    assert told in said
    assert "84.20 with" not in said
    assert world.balance(account) == 8420
