"""The processor's decline codes, sorted into the few plain reasons a member can act on."""

from __future__ import annotations

from typing import Literal

DeclineGroup = Literal["funds", "expired", "details", "authentication", "lost_stolen", "general"]

# Stripe's published decline and error codes; a code that is not here is `general`.
_CODES: dict[DeclineGroup, frozenset[str]] = {
    "funds": frozenset(
        {"insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded", "invalid_amount"}
    ),
    "expired": frozenset({"expired_card", "invalid_expiry_month", "invalid_expiry_year"}),
    "details": frozenset(
        {
            "incorrect_number",
            "invalid_number",
            "incorrect_cvc",
            "invalid_cvc",
            "incorrect_zip",
            "incorrect_address",
            "invalid_account",
            "new_account_information_available",
            # Of bank accounts; the network forbids to ask these again.
            "account_closed",
            "no_account",
            "account_invalid",
            "account_number_invalid",
            "bank_account_declined",
            "bank_account_restricted",
            "bank_account_unusable",
            "bank_account_unverified",
            "payment_method_bank_account_blocked",
            # The account's holder told the bank that we may not.
            "debit_not_authorized",
        }
    ),
    "authentication": frozenset(
        {"authentication_required", "authentication_not_handled", "approve_with_id", "incorrect_pin"}
    ),
    "lost_stolen": frozenset({"lost_card", "stolen_card", "pickup_card"}),
}

_GROUP_OF: dict[str, DeclineGroup] = {code: group for group, codes in _CODES.items() for code in codes}

# The refusal that carries the words. A lost or stolen card is told like any other "no": the words
# must not tell a thief what the bank knows.
_REFUSALS: dict[DeclineGroup, str] = {
    "funds": "payment_declined_funds",
    "expired": "payment_declined_expired",
    "details": "payment_declined_details",
    "authentication": "payment_declined_authentication",
    "lost_stolen": "payment_declined",
    "general": "payment_declined",
}


def group_of(decline_code: str) -> DeclineGroup:
    """`insufficient_funds` -> `funds`; an unknown or empty code is `general`. For risk rules and reports."""
    return _GROUP_OF.get(decline_code, "general")


def codes_of(group: DeclineGroup) -> frozenset[str]:
    """The processor's words that fall into a group; empty for `general`, which is all the others."""
    return _CODES.get(group, frozenset())


def refusal_code(decline_code: str) -> str:
    """The code of `PaymentDeclined` that fits the processor's word, e.g. `payment_declined_funds`."""
    return _REFUSALS[group_of(decline_code)]
