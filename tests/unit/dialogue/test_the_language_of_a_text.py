"""A text switches the language only when its words clearly speak for one of the two."""

from __future__ import annotations

import pytest

from assistant.dialogue.language import language_of


@pytest.mark.parametrize(
    "text",
    [
        "cuánto pagué en octubre",
        "quiero inscribirme",
        "se me olvidó mi clave",
        "cuánto me queda de prepago",
        "todavía no recibieron mi dinero",
        "mándenme una copia",
        "¿dónde puedo pagar en efectivo?",
    ],
)
def test_a_spanish_question_without_a_greeting_is_spanish(text: str) -> None:
    assert language_of(text) == "es"


@pytest.mark.parametrize(
    "text",
    ["how much did I pay in October", "my son paid the bill", "send a copy of the bill to my home"],
)
def test_an_english_question_is_english(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize("text", ["84.20", "Rosa de la Cruz, I owe the bill", "ok", "Mayo 4821", "me", ""])
def test_names_numbers_and_shared_words_decide_nothing(text: str) -> None:
    assert language_of(text) is None
