"""Stripe's published test bank accounts: their tokens, and what becomes of a debit after the bank's days."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from assistant.sandbox.stripe_books import Object, new_id
from assistant.sandbox.stripe_cards import Manner
from assistant.sandbox.stripe_objects import billing_details


@dataclass(frozen=True)
class TestAccount:
    """A checking account. The stand-in takes it as verified and its mandate as accepted: it is on file."""

    __test__ = False  # not a pytest class, for all its name

    token: str
    number: str
    manner: str = "bank_good"


def _no(code: str, message: str) -> Manner:
    return Manner(code, message=message, takes_days=True)


BANK_MANNERS: dict[str, Manner] = {
    "bank_good": Manner(takes_days=True, do_refunds_wait=True),
    "bank_account_closed": _no("account_closed", "The customer's bank account has been closed."),
    "bank_no_account": _no("no_account", "The customer's bank account could not be located."),
    "bank_insufficient_funds": _no(
        "insufficient_funds", "The customer's account has insufficient funds to cover this payment."
    ),
    "bank_debit_not_authorized": _no(
        "debit_not_authorized", "The customer has notified their bank that this payment was unauthorized."
    ),
    "bank_dispute": Manner(takes_days=True, dispute_reason="debit_not_authorized"),
    "bank_processing": Manner(takes_days=True, never_ends=True),
}
TEST_ACCOUNTS: tuple[TestAccount, ...] = (
    TestAccount("pm_usBankAccount_success", "000123456789"),
    TestAccount("pm_usBankAccount_accountClosed", "000111111113", "bank_account_closed"),
    TestAccount("pm_usBankAccount_noAccount", "000111111116", "bank_no_account"),
    TestAccount("pm_usBankAccount_insufficientFunds", "000222222227", "bank_insufficient_funds"),
    TestAccount("pm_usBankAccount_debitNotAuthorized", "000333333335", "bank_debit_not_authorized"),
    TestAccount("pm_usBankAccount_dispute", "000555555559", "bank_dispute"),
    TestAccount("pm_usBankAccount_processing", "000000000009", "bank_processing"),
)
ACCOUNT_OF_TOKEN = {account.token: account for account in TEST_ACCOUNTS}


def bank_account(now: int, account: TestAccount) -> Object:
    """A payment method of type `us_bank_account` in Stripe's full shape."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details({}),
        "created": now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "us_bank_account",
        "us_bank_account": {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None,
            "fingerprint": hashlib.sha256(account.token.encode()).hexdigest()[:16],
            "last4": account.number[-4:],
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
            "status_details": {},
        },
    }


def debited_account(account: Object) -> Object:
    """The `payment_method_details` of a debit."""
    names = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
    return {
        "type": "us_bank_account",
        "us_bank_account": {
            **{name: account[name] for name in names},
            "expected_debit_date": None,
            "mandate": None,
            "payment_reference": None,
        },
    }
