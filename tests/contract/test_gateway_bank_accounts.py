"""Bank accounts through the gateway: a debit is on its way for days, and then paid or refused."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.payments.declines import group_of
from assistant.payments.gateway import ChargeOutcome, MethodDetails
from assistant.sandbox.stripe_app import create_app
from assistant.settings import Settings
from tests.contract.charging import CENTS, charge_request, customer_of, give_back, saved_card
from tests.stripe_fixtures import StandIn, ThreadServer


def debited(gateway: StripeGateway, account: str = "success") -> ChargeOutcome:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer, f"pm_usBankAccount_{account}")
    return gateway.charge(charge_request(customer, method, is_member_present=False))


def end_debits(standin: StandIn) -> int:
    return int(standin.client.post("/_control/debits/end").raise_for_status().json()["ended"])


def test_a_bank_account_is_known_by_its_last_four_and_has_no_expiry(gateway: StripeGateway) -> None:
    kept = saved_card(gateway, customer_of(gateway), "pm_usBankAccount_success")
    details = gateway.read_method(kept)
    expected = MethodDetails(
        kept, "bank_account", "STRIPE TEST BANK", "6789", None, None, details.fingerprint
    )
    assert details == expected
    assert details.fingerprint


@pytest.mark.parametrize("is_member_present", [True, False])
def test_a_debit_is_processing_first_and_its_money_is_there_when_the_bank_has_paid(
    gateway: StripeGateway, stripe_standin: StandIn, is_member_present: bool
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer, "pm_usBankAccount_success")
    request = charge_request(customer, method, is_member_present=is_member_present)
    sent = gateway.charge(request)
    assert sent.state == "processing"
    assert gateway.charge(request) == sent, "one key is one debit"
    assert stripe_standin.charged() == []
    assert end_debits(stripe_standin) == 1
    paid = gateway.read_charge(sent.processor_id)
    assert (paid.state, paid.amount_cents) == ("succeeded", CENTS)
    assert end_debits(stripe_standin) == 0
    kinds = [event["type"] for event in stripe_standin.books()["event"]]
    assert kinds[-4:] == [
        "charge.pending",
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


@pytest.mark.parametrize(
    ("account", "code", "group"),
    [
        ("insufficientFunds", "insufficient_funds", "funds"),
        ("accountClosed", "account_closed", "details"),
        ("noAccount", "no_account", "details"),
        ("debitNotAuthorized", "debit_not_authorized", "details"),
    ],
)
def test_a_bank_says_no_days_later_and_why(
    gateway: StripeGateway, stripe_standin: StandIn, account: str, code: str, group: str
) -> None:
    sent = debited(gateway, account)
    assert sent.state == "processing"
    end_debits(stripe_standin)
    refused = gateway.read_charge(sent.processor_id)
    assert (refused.state, refused.decline_code, group_of(code)) == ("declined", code, group)
    assert stripe_standin.charged() == []


def test_a_debit_that_never_ends_can_be_canceled(gateway: StripeGateway, stripe_standin: StandIn) -> None:
    sent = debited(gateway, "processing")
    assert end_debits(stripe_standin) == 0
    assert gateway.read_charge(sent.processor_id).state == "processing"
    assert gateway.cancel_charge(sent.processor_id).state == "canceled"


def test_a_member_may_have_the_bank_take_a_debit_back_for_good(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    sent = debited(gateway, "dispute")
    end_debits(stripe_standin)
    assert gateway.read_charge(sent.processor_id).is_disputed
    [taken_back] = gateway.read_returns(sent.processor_id).disputes
    assert (taken_back.state, taken_back.withdrawn_cents) == ("lost", CENTS)
    assert (taken_back.reason, taken_back.is_bank_return) == ("debit_not_authorized", False)


def test_a_refund_to_a_bank_account_takes_days_too(gateway: StripeGateway, stripe_standin: StandIn) -> None:
    sent = debited(gateway)
    end_debits(stripe_standin)
    made = give_back(gateway, sent.processor_id, 1000)
    assert made.state == "pending"
    stripe_standin.client.post(f"/_control/refunds/{made.processor_id}/finish").raise_for_status()
    assert [one.state for one in gateway.read_returns(sent.processor_id).refunds] == ["succeeded"]


def test_in_the_demo_a_debit_ends_by_itself(settings: Settings, tmp_path: Path) -> None:
    server = ThreadServer(create_app(settings, tmp_path / "stripe.db", bank_seconds=0))
    server.start()
    try:
        gateway = StripeGateway(settings.model_copy(update={"stripe_api_base": server.url}))
        sent = debited(gateway)
        deadline = time.monotonic() + 30
        while gateway.read_charge(sent.processor_id).state == "processing":
            assert time.monotonic() < deadline, "the debit never ended"
            time.sleep(0.05)
        assert gateway.read_charge(sent.processor_id).state == "succeeded"
        assert httpx.get(f"{server.url}/_control/health", trust_env=False).is_success
    finally:
        server.stop()
