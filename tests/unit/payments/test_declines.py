"""Decline codes fall into the few reasons a member can act on, and a thief learns nothing."""

from __future__ import annotations

import pytest

from assistant.errors import PaymentDeclined
from assistant.payments.declines import group_of, refusal_code


@pytest.mark.parametrize(
    ("decline_code", "group", "refusal"),
    [
        ("insufficient_funds", "funds", "payment_declined_funds"),
        ("card_velocity_exceeded", "funds", "payment_declined_funds"),
        ("expired_card", "expired", "payment_declined_expired"),
        ("incorrect_cvc", "details", "payment_declined_details"),
        ("authentication_required", "authentication", "payment_declined_authentication"),
        ("lost_card", "lost_stolen", "payment_declined"),
        ("stolen_card", "lost_stolen", "payment_declined"),
        ("pickup_card", "lost_stolen", "payment_declined"),
        ("generic_decline", "general", "payment_declined"),
        ("a_code_of_next_year", "general", "payment_declined"),
        ("", "general", "payment_declined"),
    ],
)
def test_a_decline_code_has_a_group_and_a_refusal(decline_code: str, group: str, refusal: str) -> None:
    assert group_of(decline_code) == group
    assert refusal_code(decline_code) == refusal
    assert refusal in PaymentDeclined.codes
