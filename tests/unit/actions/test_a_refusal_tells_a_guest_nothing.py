"""Who pays somebody else's bill learns from no refusal what is owed, paid or tried on the account."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions.payments.asks import AskAmount
from actions.payments.charge import Charge
from assistant.errors import PaymentRefused, Refusal

# Neutral words: about the card, the limits of every payment, or our own trouble.
TOLD_AS_IT_IS = {"amount_too_small", "amount_too_large", "method_not_usable", "payments_unavailable"}
PRIVATE = {
    "amount_over_balance",
    "cards_not_accepted",
    "daily_limit_reached",
    "duplicate_of_held",
    "duplicate_payment",
    "nothing_due",
    "payment_in_progress",
}


class AskedTurn:
    """A turn that keeps what it refused with."""

    def __init__(self, goal: str) -> None:
        self.goal = goal
        self.told: list[Refusal] = []

    def slot(self, name: str) -> Any:
        return self.goal if name == "goal" else None

    def refuse(self, refusal: Refusal) -> None:
        self.told.append(refusal)


def told(action: type[AskAmount] | type[Charge], goal: str, code: str) -> Refusal:
    turn: Any = AskedTurn(goal)
    services: Any = SimpleNamespace()
    action(services).after_refusal(turn, PaymentRefused(code, amount_cents=8420))
    [refusal] = turn.told
    return refusal  # type: ignore[no-any-return]


@pytest.mark.parametrize("action", [AskAmount, Charge])
@pytest.mark.parametrize("code", sorted(PRIVATE))
def test_a_guest_hears_neither_the_reason_nor_an_amount(
    action: type[AskAmount] | type[Charge], code: str
) -> None:
    refusal = told(action, "guest_payment", code)
    assert refusal.code in ("guest_amount_not_possible", "payment_refused")
    assert refusal.params == {}


@pytest.mark.parametrize("action", [AskAmount, Charge])
@pytest.mark.parametrize("code", sorted(PRIVATE | TOLD_AS_IT_IS))
def test_a_member_hears_the_reason(action: type[AskAmount] | type[Charge], code: str) -> None:
    assert told(action, "pay_bill", code).code == code


@pytest.mark.parametrize("action", [AskAmount, Charge])
@pytest.mark.parametrize("code", sorted(TOLD_AS_IT_IS))
def test_a_guest_hears_what_is_wrong_with_the_card_or_the_amount(
    action: type[AskAmount] | type[Charge], code: str
) -> None:
    assert told(action, "guest_payment", code).code == code
