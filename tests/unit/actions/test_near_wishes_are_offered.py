"""Of what was not understood, the one or two nearest wishes are offered, and nothing that is only a guess."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from actions.wishes import LEAST_SURE, offered_wishes

Ranking = list[tuple[str, float]]


def offered(
    ranking: Ranking, *, words: str = "the bill thing", language: str = "en", **facts: Any
) -> list[str]:
    """`title -> payload` of each choice."""
    readings = [{"name": name, "confidence": sure} for name, sure in ranking]
    turn: Any = SimpleNamespace(
        tracker=SimpleNamespace(latest_message={"intent_ranking": readings}),
        words=words,
        language=language,
        channel="sms",
        facts=facts,
    )
    return [f"{each['title']} -> {each['payload']}" for each in offered_wishes(turn)]


NONE = "do something else -> /nlu_fallback"


def test_the_two_nearest_are_offered_and_none_of_them() -> None:
    ranking = [("nlu_fallback", 0.5), ("pay_bill", 0.45), ("check_due_date", 0.3), ("fees", 0.28)]
    assert offered(ranking) == [
        "pay your bill -> /pay_bill",
        "know when your bill is due -> /check_due_date",
        NONE,
    ]


def test_in_spanish_they_are_called_in_spanish() -> None:
    assert offered([("pay_bill", 0.4)], language="es") == [
        "pagar su factura -> /pay_bill",
        "hacer otra cosa -> /nlu_fallback",
    ]


def test_two_wishes_of_one_name_are_one_and_leave_room_for_another() -> None:
    ranking = [("check_balance", 0.4), ("check_amount_due", 0.35), ("bill_details", 0.3)]
    assert offered(ranking) == [
        "know what you owe -> /check_balance",
        "know what your bill is made of -> /bill_details",
        NONE,
    ]


def test_a_guess_is_not_offered() -> None:
    assert offered([("out_of_scope", 0.6), ("pay_bill", LEAST_SURE - 0.01)]) == []
    assert offered([("out_of_scope", 0.6), ("pay_bill", LEAST_SURE)]) == ["pay your bill -> /pay_bill", NONE]


@pytest.mark.parametrize("intent", ["affirm", "deny", "thank", "out_of_scope", "nlu_fallback", "repeat"])
def test_answers_and_courtesies_are_no_wishes(intent: str) -> None:
    assert offered([(intent, 0.9)]) == []


def test_a_key_was_meant_surely_and_is_offered_nothing() -> None:
    assert offered([("nlu_fallback", 1.0), ("pay_bill", 0.9)], words="") == []


def test_an_amount_that_was_named_need_not_be_said_again() -> None:
    [pay, none] = offered([("inform_amount", 0.4)], words="maybe forty", amount_cents=4000)
    name, _, payload = pay.partition(" -> ")
    assert (name, none) == ("pay your bill", NONE)
    assert payload.startswith("/pay_bill")
    assert json.loads(payload.removeprefix("/pay_bill")) == {"amount_cents": 4000}


def test_an_amount_says_nothing_about_another_wish() -> None:
    assert offered([("payment_status", 0.4)], amount_cents=4000)[0].endswith("-> /payment_status")
