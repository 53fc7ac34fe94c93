"""Reactions, swearing, other languages, emoji and very long texts in the middle of paying move nothing."""

from __future__ import annotations

import pytest

from tests.dialogs.conftest import World


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ('Liked "You owe $84.20, due Dec 3."', "For money I need a clear yes."),
        ("Le gustó “Responda SÍ”", "For money I need a clear yes."),
        ("this is bullshit", "I am sorry this is hard."),
        ("Parlez-vous français?", "Je parle seulement anglais et espagnol."),
        ("?", "I will charge your card only if you say yes."),
        ("👍", ""),
        ("k", ""),
        ("well you see " + "my neighbor said that the weather was bad and so on " * 28, ""),
    ],
)
def test_nothing_is_paid_by_it_and_the_pin_still_pays(world: World, words: str, answer: str) -> None:
    account = world.factory.account()
    world.saved_card(account)
    line = world.thread()
    line.text("pay my bill")
    assert answer in line.text(words)
    assert len(line.as_text()) <= 320
    assert world.gateway.taken_cents == 0
    line.text("4821")
    assert world.balance(account) == 0
