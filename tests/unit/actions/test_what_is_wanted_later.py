"""What words about a later day or autopay want, and that a later day is never taken for today."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.autopay import wishes as autopay
from actions.goals import goal_of
from actions.later import wishes as later
from actions.later.days import keyed_day, names_later_day
from actions.turn import Turn
from assistant.clock import FixedClock

# A Monday.
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


def turn_of(intent: str, words: str = "", language: str = "en", **facts: Any) -> Turn:
    heard = {
        "intent": {"name": intent},
        "text": words or f"/{intent}",
        "entities": [],
        "metadata": {"facts": facts, "language": language},
    }
    tracker = Tracker("talk", {}, heard, [], False, None, {}, None)
    services = SimpleNamespace(clock=FixedClock(NOW))
    return Turn(services, CollectingDispatcher(), tracker)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "language", "is_later"),
    [
        ("pay my bill on friday", "en", True),
        ("take it out the day before it's due", "en", True),
        ("make it the 3rd of december", "en", True),
        ("páguelo el viernes", "es", True),
        ("pay my bill", "en", False),
        ("pay my bill today", "en", False),
        ("pay the bill due december 3", "en", False),
        ("pay 50 dollars", "en", False),
    ],
)
def test_words_of_paying_that_name_a_later_day_are_not_for_today(
    words: str, language: str, is_later: bool
) -> None:
    turn = turn_of("pay_bill", words, language)
    assert names_later_day(turn) is is_later
    assert goal_of(turn) == ("schedule_payment" if is_later else "pay_bill")


@pytest.mark.parametrize(
    ("intent", "words", "wish"),
    [
        ("schedule_payment", "schedule a payment for friday", later.SET),
        ("schedule_payment", "what payments do I have scheduled", later.SEE),
        ("schedule_payment", "qué pagos tengo programados", later.SEE),
        ("schedule_payment", "move my scheduled payment to another day", later.CHANGE),
        ("schedule_payment", "cambiar la fecha de mi pago programado", later.CHANGE),
        ("cancel_payment", "call off my payment", later.TAKE_BACK),
        ("check_balance", "what do I owe", None),
    ],
)
def test_what_is_wanted_of_a_payment_for_later(intent: str, words: str, wish: str | None) -> None:
    assert later.wish_in(turn_of(intent, words)) == wish


@pytest.mark.parametrize(
    ("intent", "words", "wish"),
    [
        ("autopay_enroll", "put me on autopay", autopay.ENROLL),
        ("autopay_manage", "am I on autopay", autopay.SEE),
        ("autopay_manage", "skip autopay this month", autopay.PAUSE),
        ("autopay_manage", "resume autopay", autopay.RESUME),
        ("autopay_manage", "raise my autopay limit", autopay.CHANGE),
        ("autopay_manage", "pausar el pago automático", autopay.PAUSE),
        ("autopay_manage", "cambiar la tarjeta del pago automático", autopay.CHANGE),
        ("autopay_cancel", "take me off autopay", autopay.LEAVE),
        ("pay_bill", "pay my bill", None),
    ],
)
def test_what_is_wanted_of_autopay(intent: str, words: str, wish: str | None) -> None:
    assert autopay.wish_in(turn_of(intent, words)) == wish


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("3 days before it's due", 3),
        ("two days early", 2),
        ("un día antes", 1),
        ("on the due date", 0),
        ("el día que vence", 0),
        ("put me on autopay", None),
    ],
)
def test_the_days_before_the_due_date_are_read(words: str, days: int | None) -> None:
    assert autopay.days_in(words) == days


@pytest.mark.parametrize(
    ("words", "language", "slot"),
    [
        ("sign me up for autopay, but no more than $150", "en", "capped:15000"),
        ("raise my autopay limit to $200", "en", "capped:20000"),
        ("pago automático hasta 150 dólares", "es", "capped:15000"),
        ("autopay for 50 dollars each month", "en", "fixed:5000"),
        ("50 dólares cada mes", "es", "fixed:5000"),
        ("autopay 3 days before it's due", "en", None),
        ("autopay", "en", None),
    ],
)
def test_an_amount_is_a_limit_only_when_the_words_say_so(words: str, language: str, slot: str | None) -> None:
    assert autopay.amount_in(turn_of("autopay_enroll", words, language)) == slot


@pytest.mark.parametrize(
    ("digits", "day"), [("1203", "2026-12-03"), ("0105", "2027-01-05"), ("1340", None), ("123", None)]
)
def test_a_keyed_day_is_month_and_day(digits: str, day: str | None) -> None:
    found = keyed_day(turn_of("inform_digits"), digits)
    assert (found.isoformat() if found else None) == day
