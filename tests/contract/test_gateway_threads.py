"""Many members at once: one gateway shared by threads neither mixes up nor repeats a charge."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.errors import ProcessorUnreachable
from tests.contract.charging import charge_request, customer_of, saved_card
from tests.stripe_fixtures import StandIn


def test_charges_of_many_threads_each_carry_their_own_payment(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    requests = [charge_request(customer, method, number, amount_cents=100 + number) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(gateway.charge, requests))
    charged = {charge["payment_intent"]: charge for charge in stripe_standin.charged()}
    assert len(charged) == 24
    for request, outcome in zip(requests, outcomes, strict=True):
        charge = charged[outcome.processor_id]
        assert charge["metadata"]["payment_id"] == request.payment_id
        assert charge["amount_captured"] == request.amount_cents == outcome.amount_cents


def test_one_request_sent_by_many_threads_at_once_is_charged_once(
    gateway: StripeGateway, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    request = charge_request(customer, saved_card(gateway, customer))
    stripe_standin.fault("delay", seconds=0.3, method="POST", path="/v1/payment_intents")

    def charge(_position: int) -> str:
        try:
            return gateway.charge(request).state
        except ProcessorUnreachable:
            return "unknown"

    with ThreadPoolExecutor(6) as pool:
        states = list(pool.map(charge, range(6)))
    assert set(states) <= {"succeeded", "unknown"}
    assert "succeeded" in states
    assert len(stripe_standin.charged()) == 1
