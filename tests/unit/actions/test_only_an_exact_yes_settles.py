"""A yes read out of a sentence gives no permission, a key or an exact word does; and what words lead to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions.base import slots
from actions.payments.keeping import take_keep_answer
from actions.service.cards import Cards
from actions.service.paperless import Paperless
from actions.service.topic import answer_of
from actions.service.wishes import Wishes


def turn(intent: str, text: str) -> Any:
    return SimpleNamespace(intent=intent, tracker=SimpleNamespace(latest_message={"text": text}))


@pytest.mark.parametrize(
    ("intent", "text", "answer"),
    [
        ("affirm", "/affirm", True),
        ("affirm", "i guess that is what people do", None),
        ("deny", "/deny", False),
        ("deny", "rather not", False),
        ("greet", "hello", None),
    ],
)
def test_an_answer_is_read_carefully(intent: str, text: str, answer: bool | None) -> None:
    assert answer_of(turn(intent, text)) is answer


@pytest.mark.parametrize("words", ["i guess that is what people do", ""])
def test_a_card_is_kept_for_an_exact_yes_alone(words: str) -> None:
    kept: list[Any] = []
    asked = {"event": "bot", "text": "May we?", "metadata": {"utter_action": "utter_ask_keep_card"}}
    payments = SimpleNamespace(keep_card=lambda *given, **_: kept.append(given))
    said: Any = SimpleNamespace(
        words=words,
        services=SimpleNamespace(payments=payments),
        tracker=SimpleNamespace(events=[asked]),
        session_id="s",
        id="t",
        language="en",
        channel="voice",
    )
    assert take_keep_answer(said, keeps=True) == slots(keep_card=None if words else "yes")
    assert kept == ([] if words else [("s", True)])


def with_cards(count: int) -> Any:
    wallet = SimpleNamespace(methods=lambda _session: ["a card"] * count)
    return SimpleNamespace(services=SimpleNamespace(payments=SimpleNamespace(wallet=wallet)), session_id="s")


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("take that old visa off file", "remove"),
        ("delete my card", "remove"),
        ("quiten mi tarjeta", "remove"),
        ("set my mastercard as default", "default"),
        ("tarjeta de respaldo", "backup"),
        ("give my card a nickname", "name"),
        ("i got a new card", "add"),
        ("agregar una tarjeta", "add"),
        ("which cards are on file", "menu"),
    ],
)
def test_words_about_cards_lead_to_what_was_asked(words: str, step: str) -> None:
    assert Cards().begin(with_cards(2), words, "")["step"] == step


def test_without_a_card_there_is_none_to_take_off() -> None:
    assert Cards().begin(with_cards(0), "remove my card", "")["step"] == "menu"


@pytest.mark.parametrize("option", ["keep", "pick", "nonsense"])
def test_a_stale_choice_opens_the_list(option: str) -> None:
    assert Cards().begin(with_cards(2), "", option)["step"] == "menu"


@pytest.mark.parametrize(
    ("words", "wants"),
    [
        ("go paperless", "on"),
        ("stop sending me paper bills", "on"),
        ("I don't want paper anymore", "on"),
        ("can yall text the bill instead of mailing it", "on"),
        ("I want paper bills again", "off"),
        ("go back to paper bills", "off"),
        ("turn off paperless", "off"),
        ("i want my bill in the mail", "off"),
        ("no quiero más facturas en papel", "on"),
        ("quiero mi recibo en papel otra vez", "off"),
    ],
)
def test_paper_or_no_paper_is_told_apart(words: str, wants: str) -> None:
    assert Paperless().begin(turn("paperless", words), words, "")["wants"] == wants


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("dont text me at night", "quiet"),
        ("turn off receipt texts", "receipts"),
        ("change how early you remind me", "reminder"),
        ("avísenme una semana antes", "reminder"),
        ("notification settings", "menu"),
        ("manage what you send", "menu"),
    ],
)
def test_words_about_our_texts_lead_to_what_was_asked(words: str, step: str) -> None:
    assert Wishes().begin(turn("notification_settings", words), words, "")["step"] == step
