"""Cards on file: seen, added, taken off, put first, kept as a backup, named. No card is charged by it."""

from __future__ import annotations

from assistant.payments.models import PaymentMethod
from tests.dialogs.ways import VERIFIED, Talk, feature

# Cards, helpers, paper and texts; then cards.
TO_CARDS = f"4 | 5 | {VERIFIED} | 1"


def two_cards(talk: Talk) -> None:
    """Visa 4242, used first, and Mastercard 4444."""
    talk.member(card=True)
    talk.save_card("pm_card_mastercard", is_default=False)


def last_four(talk: Talk, digits: str) -> str:
    return " ".join(digits) if talk.is_call else digits


@feature(
    "see cards",
    text={"en": "what cards do you have saved | {pin}", "es": "qué tarjetas tengo guardadas | {pin}"},
    keys=TO_CARDS,
    speech={
        "en": f"what cards do i have on file | {VERIFIED}",
        "es": f"qué tarjetas tengo guardadas | {VERIFIED}",
    },
)
def test_the_cards_on_file_are_told_by_their_last_four_digits(talk: Talk) -> None:
    two_cards(talk)
    talk.through()
    assert last_four(talk, "4242") in talk.told, talk.transcript()
    assert last_four(talk, "4444") in talk.told
    assert talk.words("used first", "se usa primero") in talk.told
    assert talk.cards == ["4242", "4444"]


@feature(
    "add a card",
    keys=f"{TO_CARDS} | 1 | CARD | 1",
    speech={
        "en": f"add a new card | {VERIFIED} | CARD | 1",
        "es": f"quiero agregar una tarjeta | {VERIFIED} | CARD | 1",
    },
    text={"en": "add a new card | {pin} | call", "es": "quiero agregar una tarjeta | {pin} | llamar"},
)
def test_a_card_is_keyed_and_kept_and_nothing_is_charged(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.charged == []
    if not talk.is_call:
        assert talk.words("Never text a card number", "Nunca mande un numero de tarjeta") in talk.heard[-2]
        assert talk.take_the_call()
        return
    assert talk.words("is on file now", "ya está guardada") in talk.told
    assert talk.cards == ["4242"]


@feature(
    "take a card off",
    text={"en": "remove my card | {pin} | yes", "es": "quiten mi tarjeta | {pin} | sí"},
    keys=f"{TO_CARDS} | 2 | 1",
    speech={"en": f"take my card off | {VERIFIED} | yes", "es": f"quiten mi tarjeta | {VERIFIED} | sí"},
)
def test_a_card_is_taken_off(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.words("is taken off", "ya no est") in talk.told
    assert talk.cards == []
    assert talk.charged == []


@feature(
    "use a card first",
    text={
        "en": "make my mastercard the first one | {pin} | 2",
        "es": "cambiar mi tarjeta principal | {pin} | 2",
    },
    keys=f"{TO_CARDS} | 3 | 2",
    speech={
        "en": f"change which card is first | {VERIFIED} | 2",
        "es": f"cambiar mi tarjeta principal | {VERIFIED} | 2",
    },
)
def test_another_card_is_put_first(talk: Talk) -> None:
    two_cards(talk)
    talk.through()
    assert last_four(talk, "4444") in talk.told, talk.transcript()
    assert talk.words("is used first now", "se usa ahora primero") in talk.told
    assert talk.cards == ["4444", "4242"]


@feature(
    "backup card",
    text={
        "en": "set a backup card | {pin} | 2 | yes",
        "es": "quiero una tarjeta de respaldo | {pin} | 2 | sí",
    },
    keys=f"{TO_CARDS} | 4 | 2 | 1",
    speech={
        "en": f"set a backup card | {VERIFIED} | 2 | 1",
        "es": f"quiero una tarjeta de respaldo | {VERIFIED} | 2 | 1",
    },
)
def test_a_backup_is_agreed_to(talk: Talk) -> None:
    two_cards(talk)
    talk.through()
    assert talk.words("may we charge", "podemos cobrar") in talk.heard[-2]
    assert talk.words("is your backup now", "es ahora su respaldo") in talk.told
    assert [each.last_four for each in talk.rows(PaymentMethod) if each.is_backup] == ["4444"]
    assert talk.charged == []


@feature(
    "name a card",
    text={"en": "name my card | {pin} | 1", "es": "ponle un apodo a mi tarjeta | {pin} | 1"},
    keys=f"{TO_CARDS} | 5 | 1",
    speech={
        "en": f"give my card a nickname | {VERIFIED} | 1",
        "es": f"quiero ponerle nombre a mi tarjeta | {VERIFIED} | 1",
    },
)
def test_a_card_gets_a_name(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    name = talk.words("home card", "tarjeta de casa")
    assert name in talk.told, talk.transcript()
    assert [each.nickname for each in talk.rows(PaymentMethod)] == [name]
