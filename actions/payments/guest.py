"""Paying somebody else's bill: account number, ZIP and a new card; no name, balance or history is told."""

from __future__ import annotations

from typing import Any

from actions.base import slots
from actions.payments.amounts import amount_in
from actions.payments.steps import NEW_CARD, NOT_NEEDED, OTHER_AMOUNT, with_method
from actions.payments.whose import is_guest
from actions.turn import Event, Turn
from assistant.errors import PaymentRefused, Refusal

# These would tell how much is owed, what was paid or tried on it, or how it may be paid.
_TELLS_OF_ACCOUNT = {
    "amount_over_balance": "guest_amount_not_possible",
    "nothing_due": "guest_amount_not_possible",
    "duplicate_payment": "guest_amount_not_possible",
    "duplicate_of_held": "guest_amount_not_possible",
    "duplicate_of_pending": "guest_amount_not_possible",
    "daily_limit_reached": "guest_amount_not_possible",
    "payment_in_progress": "payment_refused",
    "cards_not_accepted": "payment_refused",
}


def has_helpers_phone(turn: Turn) -> bool:
    """Whether the texting phone is a helper's."""
    return any(each.role == "helper" for each in turn.services.identity.accounts_of_phone(turn.phone))


def told_of_guest(turn: Turn) -> dict[str, Any]:
    """The amount that the first words name; "all of it" is nothing that a guest is told."""
    amount = amount_in(turn)
    return {"amount": amount if isinstance(amount, int) else None}


def begin_guest(turn: Turn, told: dict[str, Any]) -> list[Event]:
    """Slots of a fresh pay_form. A card is keyed, so by text we offer to ring. Raises guest_by_phone."""
    if turn.channel == "sms":
        raise PaymentRefused("guest_by_phone")
    amount = told.get("amount")
    return [
        *slots(amount=amount, asking=None if amount else OTHER_AMOUNT, accepts_duplicate=False),
        *with_method(NEW_CARD),
        *slots(keep_card=NOT_NEEDED),
    ]


def as_told(turn: Turn, refusal: Refusal) -> Refusal:
    """The same "no"; to a guest without what is private."""
    if not is_guest(turn) or refusal.code not in _TELLS_OF_ACCOUNT:
        return refusal
    return PaymentRefused(_TELLS_OF_ACCOUNT[refusal.code])
