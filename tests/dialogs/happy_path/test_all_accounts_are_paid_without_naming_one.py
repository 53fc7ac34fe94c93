""" "Pay all my accounts" begins with the first that owes and leads on; each has its own PIN and yes."""

from __future__ import annotations

import pytest

from tests.dialogs.conftest import PHONE, World
from tests.factories import MadeAccount


def three_accounts(world: World, language: str) -> list[MadeAccount]:
    """The first owes nothing, so the second is the one to begin with."""
    made = [
        world.factory.account(
            number, phone=PHONE, balance_cents=cents, nickname=name, pin=pin, language=language
        )
        for number, cents, name, pin in (
            ("1000000001", 0, "casa", "4821"),
            ("1000000012", 3000, "shop", "5093"),
            ("1000000023", 4550, "barn", "6174"),
        )
    ]
    for account in made:
        world.saved_card(account)
    return made


@pytest.mark.parametrize(
    ("language", "wish", "following"),
    [
        ("en", "pay all my accounts", "next account owes $45.50"),
        ("es", "pagar todas mis cuentas", "próxima cuenta debe $45.50"),
    ],
)
def test_one_sentence_leads_through_all_that_owe(
    world: World, language: str, wish: str, following: str
) -> None:
    accounts = three_accounts(world, language)
    line = world.thread()
    assert "shop" in line.text(wish)
    assert "$30.00" in line.said
    assert world.gateway.charges == {}
    assert following in line.text("5093")
    assert world.gateway.taken_cents == 3000, "a yes to one account is no yes to the next"
    assert "barn" in line.text("1")
    line.text("6174")
    assert [world.balance(account) for account in accounts] == [0, 0, 0]
    assert world.gateway.taken_cents == 7550


@pytest.mark.parametrize(("language", "words"), [("en", "both"), ("en", "all of them"), ("es", "todas")])
def test_it_may_be_the_answer_to_which_account(world: World, language: str, words: str) -> None:
    three_accounts(world, language)
    line = world.thread()
    line.text({"en": "pay", "es": "pagar"}[language])
    assert len(line.choices) == 3
    line.text(words)
    assert (line.expect.kind, line.expect.secret) == ("confirm", "pin")
    assert "$30.00" in line.said


def test_all_of_one_account_still_asks_which(world: World) -> None:
    three_accounts(world, "en")
    line = world.thread()
    line.text("pay all of it on my account")
    assert len(line.choices) == 3


def test_a_question_for_all_accounts_is_answered_with_the_total(world: World) -> None:
    three_accounts(world, "en")
    line = world.thread()
    line.text("balance")
    assert "3 accounts owe $75.50" in line.text("all of them")
    assert world.gateway.charges == {}
