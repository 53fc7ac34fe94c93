"""An amount is taken only from our own grammar, and only where the member tells how much to pay."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.payments.amounts import amount_at_start, amount_in, cents_of, usual_amount
from actions.turn import Turn
from assistant.billing.views import AccountSummary


def turn_of(
    intent: str,
    entities: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    slots: dict[str, Any] | None = None,
) -> Turn:
    heard = {
        "intent": {"name": intent},
        "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
        "metadata": {"facts": facts or {}},
    }
    tracker = Tracker("talk", slots or {"amount": None}, heard, [], False, None, {}, None)
    return Turn(None, CollectingDispatcher(), tracker)  # type: ignore[arg-type]


def summary(due: int = 8420, past_due: int = 0, balance: int | None = None) -> AccountSummary:
    return AccountSummary(
        account_id=1,
        account_number="1000000001",
        last_four="0001",
        nickname="",
        member_name="Ada Miller",
        language="en",
        balance_cents=due if balance is None else balance,
        amount_due_cents=due,
        past_due_cents=past_due,
        due_on=date(2026, 12, 3),
        disconnect_on=None,
        disconnect_minimum_cents=None,
        is_cash_only=False,
    )


@pytest.mark.parametrize(
    ("turn", "amount"),
    [
        (turn_of("inform_amount", {"amount_cents": 6000}), 6000),
        (turn_of("pay_bill", facts={"amount_cents": 5000, "amount_kind": "exact"}), 5000),
        (turn_of("pay_bill", facts={"amount_kind": "past_due"}), "past_due"),
        (turn_of("pay_bill", {"option": "full"}), "full"),
        (turn_of("nlu_fallback", facts={"amount_cents": 4550}), 4550),
        (turn_of("pay_bill", {"option": "other_amount"}), None),
        (turn_of("payment_status", facts={"amount_cents": 5000}), None),
        (turn_of("inform_amount", {"amount_cents": "6000"}), None),
        (turn_of("inform_amount", {"amount_cents": 60.0}), None),
        (turn_of("inform_amount", {"amount_cents": True}), None),
    ],
)
def test_an_amount_is_whole_cents_from_an_intent_that_tells_one(turn: Turn, amount: object) -> None:
    assert amount_in(turn) == amount


def test_paying_goes_on_with_its_amount_only_where_it_is_gone_on_with() -> None:
    slots = {"amount": 5000}
    assert amount_at_start(turn_of("switch_method", slots=slots)) == 5000
    assert amount_at_start(turn_of("pay_bill", slots=slots)) is None


def test_all_of_it_is_usual_unless_only_a_part_is_past_due() -> None:
    assert usual_amount(summary()) == "full"
    assert usual_amount(summary(past_due=8420)) == "full"
    assert usual_amount(summary(past_due=3000)) is None
    assert usual_amount(summary(due=0)) is None


def test_a_kind_of_amount_follows_the_account() -> None:
    assert cents_of("full", summary()) == 8420
    assert cents_of("past_due", summary(past_due=3000)) == 3000
    assert cents_of("past_due", summary()) == 8420
    assert cents_of(2500, summary()) == 2500
