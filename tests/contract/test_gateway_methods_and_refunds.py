"""Customers, payment methods, refunds and cancellations through the gateway."""

from __future__ import annotations

import pytest

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.errors import PaymentDeclined, PaymentRefused
from assistant.payments.gateway import MethodDetails
from tests.contract.charging import CENTS, charge_request, customer_of, give_back, saved_card
from tests.stripe_fixtures import StandIn


def test_a_customer_is_made_once_and_holds_nothing_but_our_account(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    assert customer_of(gateway) == customer_of(gateway)
    (customer,) = stripe_standin.books()["customer"]
    assert customer["metadata"] == {"account_id": "7"}
    assert (customer["name"], customer["email"], customer["phone"]) == (None, None, None)


@pytest.mark.parametrize(
    ("number", "brand", "cvc"),
    [
        ("4242424242424242", "Visa", "123"),
        ("5555555555554444", "Mastercard", "123"),
        ("378282246310005", "American Express", "1234"),
        ("6011111111111117", "Discover", "123"),
    ],
)
def test_a_keyed_card_is_known_by_brand_last_four_and_expiry(
    gateway: StripeGateway, stripe_standin: StandIn, number: str, brand: str, cvc: str
) -> None:
    token = stripe_standin.keyed_card(number, month=4, year=2031, cvc=cvc)
    details = gateway.read_method(token)
    assert details == MethodDetails(token, "card", brand, number[-4:], 4, 2031, details.fingerprint)


def test_one_card_has_one_fingerprint_whichever_token_it_came_with(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    tokens = [
        stripe_standin.keyed_card(number, month=4, year=2031, cvc="123")
        for number in ("4242424242424242", "4242424242424242", "5555555555554444")
    ]
    first, again, other = [gateway.read_method(token).fingerprint for token in tokens]
    assert first == again != other
    assert first


def test_a_token_that_nobody_made_is_refused(gateway: StripeGateway) -> None:
    with pytest.raises(PaymentRefused, match="method_not_usable"):
        gateway.read_method("pm_nobody_knows")


def test_a_kept_method_has_an_id_of_its_own_and_is_the_customers(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    kept = saved_card(gateway, customer)
    assert kept != "pm_card_visa"
    assert gateway.attach_method(kept, customer_id=customer) == kept
    assert [method["customer"] for method in stripe_standin.books()["payment_method"]] == [customer]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_card_visa_chargeDeclined", "payment_declined"),
        ("pm_card_visa_chargeDeclinedStolenCard", "payment_declined"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "payment_declined_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "payment_declined_expired"),
        ("pm_card_chargeDeclinedIncorrectCvc", "payment_declined_details"),
    ],
)
def test_a_card_that_the_bank_refuses_cannot_be_kept(gateway: StripeGateway, token: str, code: str) -> None:
    with pytest.raises(PaymentDeclined) as refusal:
        saved_card(gateway, customer_of(gateway), token)
    assert refusal.value.code == code


def test_a_forgotten_method_cannot_be_charged_and_forgetting_twice_is_fine(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    gateway.detach_method(method)
    gateway.detach_method(method)
    assert gateway.charge(charge_request(customer, method)).decline_code == "method_not_usable"
    assert stripe_standin.charged() == []


def test_money_goes_back_in_parts_and_never_twice_for_one_key(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    paid = gateway.charge(charge_request(customer, saved_card(gateway, customer)))
    first = give_back(gateway, paid.processor_id, 1000)
    assert give_back(gateway, paid.processor_id, 1000) == first
    assert gateway.read_charge(paid.processor_id).refunded_cents == 1000
    give_back(gateway, paid.processor_id, CENTS - 1000, "refund-2")
    after = gateway.read_charge(paid.processor_id)
    assert (after.state, after.amount_cents, after.refunded_cents) == ("succeeded", CENTS, CENTS)
    assert [refund["amount"] for refund in stripe_standin.books()["refund"]] == [1000, CENTS - 1000]


@pytest.mark.parametrize("cents", [CENTS + 1, 0])
def test_more_or_less_than_was_paid_is_not_given_back(
    gateway: StripeGateway, stripe_standin: StandIn, cents: int
) -> None:
    customer = customer_of(gateway)
    paid = gateway.charge(charge_request(customer, saved_card(gateway, customer)))
    with pytest.raises(PaymentRefused, match="payment_refused"):
        give_back(gateway, paid.processor_id, cents)
    assert stripe_standin.books()["refund"] == []


@pytest.mark.parametrize("token", ["pm_card_createDispute", "pm_card_visa_chargeDeclined"])
def test_a_disputed_or_declined_charge_cannot_be_refunded(gateway: StripeGateway, token: str) -> None:
    outcome = gateway.charge(charge_request(customer_of(gateway), token))
    with pytest.raises(PaymentRefused, match="payment_refused"):
        give_back(gateway, outcome.processor_id, 100)


def test_a_refund_that_the_bank_sends_back_is_no_refund(gateway: StripeGateway) -> None:
    paid = gateway.charge(charge_request(customer_of(gateway), "pm_card_refundFail"))
    give_back(gateway, paid.processor_id, CENTS)
    assert gateway.read_charge(paid.processor_id).refunded_cents == 0


def test_an_open_intent_is_canceled_and_a_final_one_says_what_it_is(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    paid = gateway.charge(charge_request(customer, saved_card(gateway, customer)))
    assert gateway.cancel_charge(paid.processor_id).state == "succeeded"
    form = {"amount": "100", "currency": "usd", "customer": customer}
    opened = stripe_standin.send("POST", "/v1/payment_intents", form).json()["id"]
    assert gateway.cancel_charge(opened).state == "canceled"
    assert gateway.cancel_charge(opened).state == "canceled"
    assert gateway.read_charge(opened).state == "canceled"


def test_an_intent_that_waits_for_the_member_is_still_open(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    form = {
        "amount": "100",
        "currency": "usd",
        "payment_method": "pm_card_authenticationRequired",
        "confirm": "true",
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "never",
    }
    waiting = stripe_standin.send("POST", "/v1/payment_intents", form).json()
    assert waiting["status"] == "requires_action"
    assert gateway.read_charge(waiting["id"]).state == "processing"
