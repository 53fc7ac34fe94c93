"""What our channel lets into Rasa: checked without Rasa, because these lines are the guard."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.engine.incoming import Malformed, harmless, read_texts, read_turn, reply_element

INTENTS = {"pay_bill", "inform_amount", "nlu_fallback", "restart"}
ENTITIES = {"amount_cents"}


def read(**parts: Any) -> Any:
    body = {"conversation": "c1", "channel": "sms", "metadata": {"language": "es"}, **parts}
    return read_turn(body, INTENTS, ENTITIES)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("/restart", "restart"),
        ('/pay_bill{"amount_cents": 1}', 'pay_bill{"amount_cents": 1}'),
        ("  //@/pay_bill@0.99", "pay_bill@0.99"),
        ("@0.01", "0.01"),
        ("1/2 of it", "1/2 of it"),
        ("pay @ noon", "pay @ noon"),
        ("\u2003/restart", "restart"),
    ],
)
def test_command_marks_at_the_head_of_a_members_words_are_only_taken_off(written: str, kept: str) -> None:
    assert read(text=written).text == kept
    assert read(text=written).intent == ""


@given(st.text(max_size=200))
def test_no_words_of_a_member_begin_like_a_command(words: str) -> None:
    kept = harmless(words)
    assert kept == kept.strip()
    assert not kept.startswith(("/", "@"))
    assert kept in words


@pytest.mark.parametrize("words", ["/", " // ", "@", "   ", "\n"])
def test_words_that_are_only_marks_are_not_understood_instead_of_empty(words: str) -> None:
    turn = read(text=words)
    assert turn.intent == "nlu_fallback"
    assert turn.text == "/nlu_fallback"


def test_a_structured_turn_is_certain_and_skips_the_nlu() -> None:
    turn = read(intent="inform_amount", entities={"amount_cents": 6000})
    assert turn.parse_data["intent"] == {"name": "inform_amount", "confidence": 1.0}
    assert [(each["entity"], each["value"]) for each in turn.parse_data["entities"]] == [
        ("amount_cents", 6000)
    ]
    assert turn.text == "/inform_amount"


@pytest.mark.parametrize("language", [None, "fr", 3, "ES"])
def test_an_unknown_language_is_answered_in_english(language: Any) -> None:
    turn = read(text="hola", metadata={"language": language, "turn_id": "t1"})
    assert turn.metadata == {"language": "en", "turn_id": "t1"}


@pytest.mark.parametrize(
    "parts",
    [
        {"text": ""},
        {},
        {"text": "pay", "intent": "pay_bill"},
        {"intent": "unknown_intent"},
        {"intent": "pay_bill", "entities": {"card": "1"}},
        {"intent": "pay_bill", "entities": ["amount_cents"]},
        {"text": "pay", "entities": {"amount_cents": 1}},
        {"text": 5},
        {"text": "x" * 2001},
        {"text": "pay", "channel": "email"},
        {"text": "pay", "conversation": ""},
        {"text": "pay", "conversation": "c" * 101},
        {"text": "pay", "metadata": "es"},
    ],
)
def test_a_malformed_turn_is_refused_without_repeating_it(parts: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as raised:
        read(**parts)
    assert "unknown_intent" not in str(raised.value)
    assert "card" not in str(raised.value)


@pytest.mark.parametrize("body", [None, [], "text", 3])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    with pytest.raises(Malformed):
        read_turn(body, INTENTS, ENTITIES)


def test_texts_to_be_read_lose_their_command_marks() -> None:
    assert read_texts({"texts": ["pay", "/restart", "//"]}) == ["pay", "restart", ""]


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"texts": []},
        {"texts": "pay"},
        {"texts": [1]},
        {"texts": ["x"] * 11},
        {"texts": ["x" * 2001]},
    ],
)
def test_texts_that_are_none_or_too_many_are_refused(body: Any) -> None:
    with pytest.raises(Malformed):
        read_texts(body)


def test_an_utterance_becomes_one_element_with_nothing_missing() -> None:
    assert reply_element({"text": None, "custom": {"expect": "hang_up"}, "image": None}) == {
        "text": "",
        "buttons": [],
        "custom": {"expect": "hang_up"},
    }
