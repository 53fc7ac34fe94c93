"""Charging through the gateway: what succeeds, what is declined, and that nothing is charged twice."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.clock import FixedClock
from assistant.errors import PaymentRefused
from assistant.payments.declines import group_of
from assistant.settings import Settings
from tests.contract.charging import CENTS, charge_request, customer_of, saved_card
from tests.stripe_fixtures import StandIn

# Stripe's published test methods: (token, the decline code we keep, our group).
AT_ONCE = [
    ("pm_card_visa_chargeDeclined", "generic_decline", "general"),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds", "funds"),
    ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded", "funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "lost_card", "lost_stolen"),
    ("pm_card_visa_chargeDeclinedStolenCard", "stolen_card", "lost_stolen"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired"),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "details"),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", "general"),
    ("pm_card_radarBlock", "fraudulent", "general"),
    ("pm_card_authenticationRequired", "authentication_not_handled", "authentication"),
]


def test_a_saved_card_is_charged_with_our_payment_id(
    gateway: StripeGateway, stripe_standin: StandIn, clock: FixedClock
) -> None:
    customer = customer_of(gateway)
    outcome = gateway.charge(charge_request(customer, saved_card(gateway, customer)))
    assert (outcome.state, outcome.amount_cents, outcome.refunded_cents) == ("succeeded", CENTS, 0)
    assert outcome.created_at == clock.now()
    assert outcome.payment_id == gateway.read_charge(outcome.processor_id).payment_id == "pay_1"
    (charge,) = stripe_standin.charged()
    assert charge["amount_captured"] == CENTS
    assert charge["payment_intent"] == outcome.processor_id
    assert charge["metadata"] == {"payment_id": "pay_1"}
    assert charge["description"] == "Electric bill payment 12345678"


def test_the_same_request_is_charged_once_and_answered_alike(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    request = charge_request(customer, saved_card(gateway, customer))
    assert gateway.charge(request) == gateway.charge(request)
    assert len(stripe_standin.charged()) == 1


@pytest.mark.parametrize(("token", "decline_code", "group"), AT_ONCE)
def test_a_decline_is_an_outcome_with_its_reason(
    gateway: StripeGateway, stripe_standin: StandIn, token: str, decline_code: str, group: str
) -> None:
    outcome = gateway.charge(charge_request(customer_of(gateway), token))
    assert (outcome.state, outcome.decline_code) == ("declined", decline_code)
    assert group_of(outcome.decline_code) == group
    assert outcome.processor_id.startswith("pi_")
    assert stripe_standin.charged() == []


def test_a_card_that_was_kept_can_still_be_declined(gateway: StripeGateway, stripe_standin: StandIn) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer, "pm_card_chargeCustomerFail")
    outcome = gateway.charge(charge_request(customer, method))
    assert (outcome.state, outcome.decline_code) == ("declined", "generic_decline")
    assert stripe_standin.charged() == []


def test_a_decline_is_repeated_for_the_same_key_and_not_for_a_new_one(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    declined = charge_request(customer, saved_card(gateway, customer, "pm_card_chargeCustomerFail"))
    assert gateway.charge(declined) == gateway.charge(declined)
    good = saved_card(gateway, customer)
    assert gateway.charge(charge_request(customer, good, 2)).state == "succeeded"
    assert len(stripe_standin.books()["payment_intent"]) == 2


def test_a_member_who_is_absent_is_declined_when_the_bank_wants_to_see_them(gateway: StripeGateway) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer, "pm_card_authenticationRequired")
    outcome = gateway.charge(charge_request(customer, method, is_member_present=False))
    assert (outcome.state, outcome.decline_code) == ("declined", "authentication_required")


def test_a_card_charged_with_save_is_kept_and_can_be_charged_again(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    token = stripe_standin.keyed_card("5555555555554444")
    first = gateway.charge(charge_request(customer, token, save_method=True))
    again = gateway.charge(charge_request(customer, token, 2, is_member_present=False))
    assert (first.state, again.state) == ("succeeded", "succeeded")
    assert stripe_standin.books()["payment_method"][0]["customer"] == customer


def test_a_card_charged_once_without_save_can_neither_be_charged_again_nor_kept(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    token = stripe_standin.keyed_card("4242424242424242")
    assert gateway.charge(charge_request(customer, token)).state == "succeeded"
    again = gateway.charge(charge_request(customer, token, 2))
    assert (again.state, again.decline_code, again.processor_id) == ("declined", "method_not_usable", "")
    with pytest.raises(PaymentRefused) as refusal:
        gateway.attach_method(token, customer_id=customer)
    assert refusal.value.code == "method_not_usable"
    assert len(stripe_standin.charged()) == 1


@pytest.mark.parametrize("method", ["pm_nobody_knows", "pm_of_somebody_else"])
def test_a_method_that_is_not_the_customers_is_refused_without_a_charge(
    gateway: StripeGateway, stripe_standin: StandIn, method: str
) -> None:
    customer = customer_of(gateway)
    if method == "pm_of_somebody_else":
        other = gateway.create_customer(account_id=8, idempotency_key="customer-8")
        method = saved_card(gateway, other)
    outcome = gateway.charge(charge_request(customer, method))
    assert (outcome.state, outcome.decline_code, outcome.processor_id) == (
        "declined",
        "method_not_usable",
        "",
    )
    assert stripe_standin.charged() == []


@pytest.mark.parametrize(("cents", "code"), [(49, "amount_too_small"), (100_000_000, "amount_too_large")])
def test_an_amount_that_stripe_does_not_take_is_refused_without_a_charge(
    gateway: StripeGateway, stripe_standin: StandIn, cents: int, code: str
) -> None:
    customer = customer_of(gateway)
    outcome = gateway.charge(charge_request(customer, saved_card(gateway, customer), amount_cents=cents))
    assert (outcome.state, outcome.decline_code, outcome.amount_cents) == ("declined", code, cents)
    assert stripe_standin.charged() == []


@pytest.mark.parametrize(
    ("changes", "has_moto", "sent", "not_sent"),
    [
        ({}, False, "error_on_requires_action", "off_session"),
        ({"is_member_present": False}, True, "off_session", "error_on_requires_action"),
        ({"save_method": True}, False, "setup_future_usage", "payment_method_options[card][moto]"),
        ({}, True, "payment_method_options[card][moto]", "setup_future_usage"),
    ],
)
def test_what_stripe_is_told_depends_on_the_member_and_the_settings(
    stripe_settings: Settings,
    stripe_standin: StandIn,
    changes: dict[str, bool],
    has_moto: bool,
    sent: str,
    not_sent: str,
) -> None:
    gateway = StripeGateway(stripe_settings.model_copy(update={"stripe_moto": has_moto}))
    customer = customer_of(gateway)
    gateway.charge(charge_request(customer, saved_card(gateway, customer), **changes))
    exchanges = stripe_standin.client.get("/_control/exchanges").json()
    form = parse_qs(exchanges[-1]["raw"])
    assert sent in form
    assert not_sent not in form
    assert form["automatic_payment_methods[allow_redirects]"] == ["never"]
    assert form["confirm"] == ["true"]
    assert exchanges[-1]["idempotency_key"] == "porchlight-pay_1"


def test_a_phone_order_passes_a_card_that_would_want_its_owner(stripe_settings: Settings) -> None:
    gateway = StripeGateway(stripe_settings.model_copy(update={"stripe_moto": True}))
    request = charge_request(customer_of(gateway), "pm_card_authenticationRequired")
    assert gateway.charge(request).state == "succeeded"
