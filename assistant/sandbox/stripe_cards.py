"""Stripe's published test cards: their tokens, their numbers and what the bank says to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from assistant.sandbox.stripe_problems import Problem

Authentication = Literal["never", "unless_set_up", "always"]


@dataclass(frozen=True)
class Manner:
    """How a card behaves. An empty `code` means that the bank says yes."""

    code: str = ""
    decline_code: str = ""
    message: str = ""
    param: str = ""
    # The cards that are declined at once cannot be kept on a customer either.
    can_be_kept: bool = True
    authentication: Authentication = "never"
    is_blocked: bool = False
    dispute_reason: str = ""
    do_refunds_fail: bool = False
    do_refunds_wait: bool = False
    # Of bank accounts: the debit is `processing` first. `never_ends`: it stays so.
    takes_days: bool = False
    never_ends: bool = False


@dataclass(frozen=True)
class TestCard:
    __test__ = False  # not a pytest class, for all its name

    token: str
    number: str
    brand: str
    manner: str = "good"
    funding: str = "credit"


_DECLINED = "Your card was declined."
_VELOCITY = (
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
)
_PROCESSING = "An error occurred while processing your card. Try again in a little bit."


def _no(decline_code: str, message: str, code: str = "card_declined", param: str = "") -> Manner:
    return Manner(code, decline_code, message, param, can_be_kept=False)


MANNERS: dict[str, Manner] = {
    "good": Manner(),
    "generic_decline": _no("generic_decline", _DECLINED),
    "insufficient_funds": _no("insufficient_funds", "Your card has insufficient funds."),
    "lost_card": _no("lost_card", _DECLINED),
    "stolen_card": _no("stolen_card", _DECLINED),
    "card_velocity_exceeded": _no("card_velocity_exceeded", _VELOCITY),
    "expired_card": _no("", "Your card has expired.", "expired_card", "exp_month"),
    "incorrect_cvc": _no("", "Your card's security code is incorrect.", "incorrect_cvc", "cvc"),
    "processing_error": _no("", _PROCESSING, "processing_error"),
    "customer_fail": Manner("card_declined", "generic_decline", _DECLINED),
    "blocked": Manner("card_declined", "fraudulent", _DECLINED, is_blocked=True),
    "authentication": Manner(authentication="always"),
    "authentication_on_setup": Manner(authentication="unless_set_up"),
    "dispute_fraudulent": Manner(dispute_reason="fraudulent"),
    "dispute_not_received": Manner(dispute_reason="product_not_received"),
    "refund_fails": Manner(do_refunds_fail=True),
    "refund_waits": Manner(do_refunds_wait=True),
}

TEST_CARDS: tuple[TestCard, ...] = (
    TestCard("pm_card_visa", "4242424242424242", "visa"),
    TestCard("pm_card_visa_debit", "4000056655665556", "visa", funding="debit"),
    TestCard("pm_card_mastercard", "5555555555554444", "mastercard"),
    TestCard("pm_card_mastercard_debit", "5200828282828210", "mastercard", funding="debit"),
    TestCard("pm_card_mastercard_prepaid", "5105105105105100", "mastercard", funding="prepaid"),
    TestCard("pm_card_amex", "378282246310005", "amex"),
    TestCard("pm_card_discover", "6011111111111117", "discover"),
    TestCard("pm_card_diners", "3056930009020004", "diners"),
    TestCard("pm_card_jcb", "3566002020360505", "jcb"),
    TestCard("pm_card_unionpay", "6200000000000005", "unionpay"),
    TestCard("pm_card_visa_chargeDeclined", "4000000000000002", "visa", "generic_decline"),
    TestCard(
        "pm_card_visa_chargeDeclinedInsufficientFunds", "4000000000009995", "visa", "insufficient_funds"
    ),
    TestCard("pm_card_visa_chargeDeclinedLostCard", "4000000000009987", "visa", "lost_card"),
    TestCard("pm_card_visa_chargeDeclinedStolenCard", "4000000000009979", "visa", "stolen_card"),
    TestCard("pm_card_chargeDeclinedExpiredCard", "4000000000000069", "visa", "expired_card"),
    TestCard("pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "visa", "incorrect_cvc"),
    TestCard("pm_card_chargeDeclinedProcessingError", "4000000000000119", "visa", "processing_error"),
    TestCard(
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        "4000000000006975",
        "visa",
        "card_velocity_exceeded",
    ),
    TestCard("pm_card_chargeCustomerFail", "4000000000000341", "visa", "customer_fail"),
    TestCard("pm_card_radarBlock", "4100000000000019", "visa", "blocked"),
    TestCard("pm_card_authenticationRequired", "4000002760003184", "visa", "authentication"),
    TestCard("pm_card_authenticationRequiredOnSetup", "4000002500003155", "visa", "authentication_on_setup"),
    TestCard("pm_card_createDispute", "4000000000000259", "visa", "dispute_fraudulent"),
    TestCard("pm_card_createDisputeProductNotReceived", "4000000000002685", "visa", "dispute_not_received"),
    TestCard("pm_card_pendingRefund", "4000000000007726", "visa", "refund_waits"),
    TestCard("pm_card_refundFail", "4000000000005126", "visa", "refund_fails"),
)
BY_TOKEN = {card.token: card for card in TEST_CARDS}
_BY_NUMBER = {card.number: card for card in TEST_CARDS}


def card_of_number(number: str) -> TestCard:
    """The test card of a number. Raises Stripe's errors for a wrong number and for a real card."""
    if not number.isdecimal() or not 12 <= len(number) <= 19 or not _passes_check_digit(number):
        raise card_problem(
            Manner("incorrect_number", "incorrect_number", "Your card number is incorrect.", "number")
        )
    if number not in _BY_NUMBER:
        raise card_problem(
            Manner(
                "card_declined",
                "test_mode_live_card",
                "Your card was declined. Your request was in test mode, but used a non test (live) card. "
                "For a list of valid test cards, visit: https://docs.stripe.com/testing.",
            )
        )
    return _BY_NUMBER[number]


def card_problem(manner: Manner, *, keeps_changes: bool = False, **more: Any) -> Problem:
    """The bank's "no" as Stripe's `card_error`, status 402."""
    return Problem(
        manner.message,
        status=402,
        kind="card_error",
        code=manner.code,
        param=manner.param or None,
        decline_code=manner.decline_code or None,
        keeps_changes=keeps_changes,
        **more,
    )


def _passes_check_digit(number: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
