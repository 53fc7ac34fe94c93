"""Names of a phone's own accounts are read behind a verb of paying or owing, as whole words."""

from __future__ import annotations

import pytest

from assistant.dialogue.account_names import named_in
from assistant.identity.service import AccountChoice


def accounts(*names: str) -> list[AccountChoice]:
    return [AccountChoice(place, f"000{place}", name, "member") for place, name in enumerate(names, start=1)]


ENGLISH = accounts("store", "feed barn", "grain dryer", "office", "yard lights")
SPANISH = accounts("tienda", "granero", "secadora", "oficina", "luces")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("pay store", (1,)),
        ("Pay the office and the yard lights!", (4, 5)),
        ("pay the yard lights, then the store instead", (5, 1)),
        ("pay $1,245.90 on the office", (4,)),
        ("pay the office in full", (4,)),
        ("pay the store on friday", (1,)),
        ("pay all my accounts", (1, 2, 3, 4, 5)),
        ("pay the barn and the house", ()),
        ("pay store, cottage", ()),
        ("pay the office but not the store", ()),
    ],
)
def test_what_is_paid_is_named_behind_the_verb(words: str, ids: tuple[int, ...]) -> None:
    named = named_in(words, ENGLISH, were_listed=False)
    assert named is not None
    assert (named.wish, named.account_ids) == ("pay", ids)


@pytest.mark.parametrize(
    "words",
    [
        "where can i pay at a store",
        "do not pay the store",
        "is the office open",
        "i paid at the office",
        "pay my bill",
        "pay my bill next monday",
        "pay my light bill and my water bill",
        "pay the lights",
        "pay it all on my account",
        "how much is my bill",
        "all of them",
        "store and office",
    ],
)
def test_a_place_a_refusal_and_a_bill_name_no_account(words: str) -> None:
    assert named_in(words, ENGLISH, were_listed=False) is None


@pytest.mark.parametrize(
    "words",
    [
        "en qué tienda puedo pagar",
        "puedo pagar en la tienda",
        "puedo ir a pagar a la oficina",
        "quiero pagar el viernes",
        "pagué el lunes y no aparece",
        "dígame cuándo pagué y cuánto",
        "la oficina está abierta",
    ],
)
def test_a_place_and_a_day_name_no_account_in_spanish(words: str) -> None:
    assert named_in(words, SPANISH, were_listed=False) is None


def test_a_name_of_two_accounts_is_asked_about() -> None:
    named = named_in("pay the barn", accounts("barn", "barn", "shop"), were_listed=False)
    assert named is not None
    assert named.account_ids == ()


def test_names_alone_are_an_answer_where_accounts_were_listed() -> None:
    named = named_in("store and office", ENGLISH, were_listed=True)
    assert named is not None
    assert named.account_ids == (1, 4)
