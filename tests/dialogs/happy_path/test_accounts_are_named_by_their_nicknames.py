"""A phone with many accounts names one, some or all of them, to pay them or to hear what they owe."""

from __future__ import annotations

import pytest

from tests.dialogs.conftest import PHONE, World
from tests.factories import MadeAccount

NAMES = {
    "en": ("store", "feed barn", "grain dryer", "office", "yard lights"),
    "es": ("tienda", "granero", "secadora", "oficina", "luces"),
}
CENTS = (32010, 21055, 44025, 12500, 15000)
PINS = ("4821", "5093", "6174", "7305", "8406")


def five_accounts(world: World, language: str = "en") -> dict[str, MadeAccount]:
    """They owe $1,245.90 together."""
    made = {
        name: world.factory.account(
            f"10000000{place}7",
            phone=PHONE,
            balance_cents=cents,
            nickname=name,
            pin=pin,
            language=language,
        )
        for place, (name, cents, pin) in enumerate(zip(NAMES[language], CENTS, PINS, strict=True), start=1)
    }
    for account in made.values():
        world.saved_card(account)
    return made


@pytest.mark.parametrize(
    ("language", "chosen", "wish", "told"),
    [
        ("en", "balance", "pay all my accounts", "Your 5 accounts owe $1,245.90."),
        ("es", "saldo", "pagar todas mis cuentas", "Sus 5 cuentas deben $1,245.90."),
    ],
)
def test_all_means_all_also_when_one_was_chosen_before(
    world: World, language: str, chosen: str, wish: str, told: str
) -> None:
    five_accounts(world, language)
    line = world.thread()
    line.text(chosen)
    line.text(NAMES[language][3])
    assert told in line.text(wish)
    assert f"{NAMES[language][0]}:" in line.said
    assert "$320.10" in line.replies[-1].text
    assert line.expect.kind == "confirm"
    assert len(line.as_text(language)) <= 320
    assert "$210.55" in line.text(PINS[0])
    assert world.gateway.taken_cents == 32010


@pytest.mark.parametrize("opening", [(), ("pay", "grain dryer")])
@pytest.mark.parametrize(
    ("language", "wish", "first", "second"),
    [
        ("en", "pay store and feed barn", 0, 1),
        ("en", "Pay the office and the yard lights", 3, 4),
        ("en", "pay the yard lights, the store", 4, 0),
        ("en", "I want to pay the feed barn and also the office please", 1, 3),
        ("es", "pagar la tienda y el granero", 0, 1),
        ("es", "quiero pagar la oficina y las luces", 3, 4),
    ],
)
def test_named_accounts_are_paid_in_the_order_of_the_words(
    world: World, opening: tuple[str, ...], language: str, wish: str, first: int, second: int
) -> None:
    five_accounts(world, language)
    line = world.thread()
    for words in opening:
        line.text({"en": words, "es": {"pay": "pagar"}.get(words, "secadora")}[language])
    line.text(wish)
    total = (CENTS[first] + CENTS[second]) / 100
    assert f"${total:.2f}" in line.said
    assert f"${CENTS[first] / 100:.2f}" in line.replies[-1].text
    assert NAMES[language][first] in line.replies[-1].text
    line.text(PINS[first])
    assert world.gateway.taken_cents == CENTS[first]
    assert NAMES[language][second] in line.choices[0]
    line.text("1")
    line.text(PINS[second])
    assert world.gateway.taken_cents == CENTS[first] + CENTS[second]


@pytest.mark.parametrize("opening", [(), ("pay", "grain dryer")])
@pytest.mark.parametrize(
    "wish",
    [
        "pay the barn and the house",
        "pay store and the cottage",
        "pay store, cottage",
        "pay the house",
        "pay all my accounts except the office",
    ],
)
def test_what_no_account_is_called_is_asked_about(world: World, opening: tuple[str, ...], wish: str) -> None:
    five_accounts(world)
    line = world.thread()
    for words in opening:
        line.text(words)
    line.text(wish)
    assert len(line.choices) == 5
    assert line.expect.kind == "choice"


@pytest.mark.parametrize("opening", [(), ("pay", "grain dryer"), ("balance", "grain dryer"), ("pay",)])
@pytest.mark.parametrize(
    ("wish", "cents"),
    [
        ("pay store", 32010),
        ("pay the store", 32010),
        ("can i pay the office now", 12500),
        ("pay 50 on the office", 5000),
        ("pay the office with my visa", 12500),
    ],
)
def test_a_name_behind_the_verb_is_that_account(
    world: World, opening: tuple[str, ...], wish: str, cents: int
) -> None:
    five_accounts(world)
    line = world.thread()
    for words in opening:
        line.text(words)
    line.text(wish)
    assert ("store" if "store" in wish else "office") in line.replies[-1].text
    line.text(PINS[0 if "store" in wish else 3])
    assert world.gateway.taken_cents == cents


@pytest.mark.parametrize(
    "opening", [(), ("pay", "grain dryer"), ("pay",), ("pay the store on friday", "4821")]
)
def test_a_day_goes_with_the_account_that_is_named(world: World, opening: tuple[str, ...]) -> None:
    five_accounts(world)
    line = world.thread()
    for words in opening:
        line.text(words)
    line.text("pay the office on friday")
    line.text(PINS[3])
    assert "$125.00" in line.said
    assert "office" in line.said
    assert world.gateway.charges == {}


def test_a_day_for_two_accounts_asks_for_which(world: World) -> None:
    five_accounts(world)
    line = world.thread()
    line.text("pay")
    line.text("grain dryer")
    line.text("pay the office and the store on friday")
    assert len(line.choices) == 5


@pytest.mark.parametrize("wish", ["pay the office", "pay 50 on the office"])
def test_another_account_is_named_while_a_day_is_asked_for(world: World, wish: str) -> None:
    five_accounts(world)
    line = world.thread()
    line.text("schedule a payment")
    line.text("store")
    line.text(PINS[0])
    line.text(wish)
    assert "office" in line.replies[-1].text
    line.text(PINS[3])
    assert world.gateway.taken_cents == (5000 if "50" in wish else 12500)


def test_a_store_as_a_place_is_still_a_place(world: World) -> None:
    five_accounts(world)
    line = world.thread()
    line.text("at which store can i pay cash?")
    assert line.expect.kind != "confirm"
    assert "$320.10" not in line.said


@pytest.mark.parametrize(
    ("language", "question", "cents"),
    [
        ("en", "how much is the grain dryer?", 44025),
        ("en", "what does the office owe", 12500),
        ("en", "how much do i owe on the store", 32010),
        ("es", "¿cuánto debe la oficina?", 12500),
    ],
)
def test_a_question_names_its_account(world: World, language: str, question: str, cents: int) -> None:
    five_accounts(world, language)
    line = world.thread()
    assert f"${cents / 100:.2f}" in line.text(question)
    line.text({"en": "pay", "es": "pagar"}[language])
    assert line.expect.kind == "confirm"
    assert f"${cents / 100:.2f}" in line.said


def test_a_question_about_another_account_leaves_the_offer_as_it_is(world: World) -> None:
    five_accounts(world)
    line = world.thread()
    line.text("pay the store")
    assert "$125.00" in line.text("what does the office owe")
    assert "$320.10" in line.replies[-1].text
    line.text(PINS[0])
    assert world.gateway.taken_cents == 32010


@pytest.mark.parametrize("opening", [(), ("pay", 2), ("balance", 2), ("pay",)])
@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "what do I owe in total on all accounts"),
        ("en", "how much do I owe on all five accounts"),
        ("es", "¿cuánto debo en total?"),
    ],
)
def test_the_total_is_told_with_its_parts(
    world: World, opening: tuple[str | int, ...], language: str, question: str
) -> None:
    five_accounts(world, language)
    line = world.thread()
    for words in opening:
        of_language = {"en": words, "es": {"pay": "pagar", "balance": "saldo"}.get(str(words), words)}[
            language
        ]
        line.text(NAMES[language][of_language] if isinstance(of_language, int) else str(of_language))
    assert "$1,245.90" in line.text(question)
    assert len(line.as_text(language)) <= 320
    if opening != ("pay", 2):
        assert f"{NAMES[language][4]} $150.00" in line.said
        assert "$1,245.90" in line.text({"en": "pay all of them", "es": "pagar todas mis cuentas"}[language])
        assert line.expect.kind == "confirm"


def test_a_call_hears_of_no_other_account(world: World) -> None:
    five_accounts(world)
    line = world.call()
    assert "$1,245.90" not in line.speak("how much do i owe on all five accounts")
    assert line.expect.kind == "digits"


@pytest.mark.parametrize(
    ("wish", "told"),
    [("pay shop and barn", "only barn owes"), ("pay shop and mill", "None of these accounts owes")],
)
def test_who_owes_nothing_is_told(world: World, wish: str, told: str) -> None:
    for place, (name, cents) in enumerate((("shop", 0), ("barn", 4550), ("mill", 0)), start=1):
        account = world.factory.account(
            f"10000000{place}7", phone=PHONE, balance_cents=cents, nickname=name, pin=PINS[place]
        )
        world.saved_card(account)
    assert told in world.thread().text(wish)
