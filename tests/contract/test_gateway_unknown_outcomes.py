"""Not knowing is not "no": every broken answer is unknown, and looking finds out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.clock import FixedClock
from assistant.errors import ProcessorUnreachable
from assistant.payments.gateway import ChargeOutcome
from assistant.settings import Settings
from tests.contract.charging import CENTS, charge_request, customer_of, give_back, saved_card
from tests.judges.stripe_schema import StripeJudge
from tests.stripe_fixtures import TIMEOUT_SECONDS, StandIn

INTENTS = {"method": "POST", "path": "/v1/payment_intents"}
# Both the send and the SDK's one repeat must go wrong.
BOTH = {"times": 2, **INTENTS}


def look(gateway: StripeGateway, customer: str, clock: FixedClock, number: int = 1) -> ChargeOutcome | None:
    return gateway.find_charge(payment_id=f"pay_{number}", customer_id=customer, since=clock.now())


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop", "when": "after", **BOTH},
        {"kind": "error", "when": "after", **BOTH},
        {"kind": "error", "when": "after", "is_sticky": True, **BOTH},
        {"kind": "error", "when": "after", "status": 429, **BOTH},
        {"kind": "delay", "when": "after", "seconds": TIMEOUT_SECONDS + 1.5, **BOTH},
    ],
    ids=["connection cut", "500", "500 for ever", "429", "too late"],
)
def test_a_charge_that_was_made_behind_a_broken_answer_is_unknown_and_then_found(
    gateway: StripeGateway, stripe_standin: StandIn, clock: FixedClock, fault: dict[str, Any]
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    stripe_standin.fault(**fault)
    with pytest.raises(ProcessorUnreachable):
        gateway.charge(charge_request(customer, method))
    found = look(gateway, customer, clock)
    assert found is not None
    assert (found.state, found.amount_cents) == ("succeeded", CENTS)
    assert len(stripe_standin.charged()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop", **BOTH},
        {"kind": "error", **BOTH},
        {"kind": "error", "status": 503, **BOTH},
        {"kind": "error", "status": 409, **BOTH},
        {"kind": "error", "is_sticky": True, **BOTH},
        {"kind": "error", "status": 401, **INTENTS},
        {"kind": "error", "status": 403, **INTENTS},
        {"kind": "error", "status": 402, **INTENTS},
    ],
    ids=["connection cut", "500", "503", "409", "500 for ever", "401", "403", "402 that is no card error"],
)
def test_a_charge_that_was_not_made_is_unknown_too_and_is_not_found(
    gateway: StripeGateway, stripe_standin: StandIn, clock: FixedClock, fault: dict[str, Any]
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    stripe_standin.fault(**fault)
    with pytest.raises(ProcessorUnreachable):
        gateway.charge(charge_request(customer, method))
    assert look(gateway, customer, clock) is None
    assert stripe_standin.charged() == []


@pytest.mark.parametrize("kind", ["drop", "error"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_one_broken_answer_is_healed_by_the_repeat_without_a_second_charge(
    gateway: StripeGateway, stripe_standin: StandIn, kind: str, when: str
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    stripe_standin.fault(kind, when=when, **INTENTS)
    assert gateway.charge(charge_request(customer, method)).state == "succeeded"
    assert len(stripe_standin.charged()) == 1


def test_a_repeat_that_meets_its_own_first_send_is_unknown(
    gateway: StripeGateway, stripe_standin: StandIn, clock: FixedClock
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    stripe_standin.fault("delay", seconds=2 * TIMEOUT_SECONDS + 1, **INTENTS)
    with pytest.raises(ProcessorUnreachable, match="409"):
        gateway.charge(charge_request(customer, method))
    # The first send is still on its way: not found does not yet mean not charged.
    assert look(gateway, customer, clock) is None


def test_an_answer_that_cannot_be_read_is_unknown(
    gateway: StripeGateway, stripe_standin: StandIn, clock: FixedClock, stripe_judge: StripeJudge
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    stripe_standin.fault("garble", when="after", **INTENTS)
    with pytest.raises(ProcessorUnreachable):
        gateway.charge(charge_request(customer, method))
    assert look(gateway, customer, clock) is not None
    assert stripe_judge.take() == ["POST /v1/payment_intents -> 200: not JSON"]


def test_a_key_used_for_another_charge_is_unknown(
    gateway: StripeGateway, stripe_standin: StandIn, clock: FixedClock
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    assert gateway.charge(charge_request(customer, method)).state == "succeeded"
    with pytest.raises(ProcessorUnreachable):
        gateway.charge(charge_request(customer, method, amount_cents=CENTS + 1))
    assert len(stripe_standin.charged()) == 1


def test_nobody_at_the_address_is_unknown(stripe_settings: Settings) -> None:
    gateway = StripeGateway(stripe_settings.model_copy(update={"stripe_api_base": "http://127.0.0.1:9"}))
    with pytest.raises(ProcessorUnreachable):
        gateway.charge(charge_request("cus_1", "pm_1"))


def test_a_declined_and_a_refunded_charge_are_found_as_what_they_are(
    gateway: StripeGateway, clock: FixedClock
) -> None:
    customer = customer_of(gateway)
    gateway.charge(charge_request(customer, "pm_card_visa_chargeDeclinedInsufficientFunds"))
    paid = gateway.charge(charge_request(customer, saved_card(gateway, customer), 2))
    give_back(gateway, paid.processor_id, 420)
    declined, refunded = look(gateway, customer, clock), look(gateway, customer, clock, 2)
    assert declined is not None
    assert refunded is not None
    assert (declined.state, declined.decline_code) == ("declined", "insufficient_funds")
    assert (refunded.state, refunded.amount_cents, refunded.refunded_cents) == ("succeeded", CENTS, 420)


def test_looking_finds_only_this_payment_of_this_customer_since_that_time(
    gateway: StripeGateway, clock: FixedClock
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    gateway.charge(charge_request(customer, method))
    other = gateway.create_customer(account_id=8, idempotency_key="customer-8")
    assert look(gateway, customer, clock) is not None
    assert look(gateway, other, clock) is None
    assert look(gateway, customer, clock, 2) is None
    clock.advance(timedelta(hours=1))
    assert look(gateway, customer, clock) is None


def test_looking_reads_on_past_the_first_hundred(gateway: StripeGateway, clock: FixedClock) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    for number in range(1, 103):
        gateway.charge(charge_request(customer, method, number))
    assert look(gateway, customer, clock, 1) is not None


def test_two_charges_for_one_payment_are_reported_and_money_taken_wins(
    gateway: StripeGateway, clock: FixedClock, stripe_standin: StandIn
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    for token in (method, method, "pm_card_visa_chargeDeclined"):
        gateway.charge(charge_request(customer, token))
        stripe_standin.forget_keys()
    with capture_logs() as lines:
        found = look(gateway, customer, clock)
    assert found is not None
    assert found.state == "succeeded"
    assert [line["count"] for line in lines if line["event"] == "payment_charged_twice"] == [2]


@pytest.mark.parametrize(
    "call",
    [
        lambda gateway: gateway.create_customer(account_id=1, idempotency_key="k"),
        lambda gateway: gateway.read_method("pm_card_visa"),
        lambda gateway: gateway.attach_method("pm_card_visa", customer_id="cus_1"),
        lambda gateway: gateway.detach_method("pm_1"),
        lambda gateway: gateway.read_charge("pi_1"),
        lambda gateway: gateway.cancel_charge("pi_1"),
        lambda gateway: give_back(gateway, "pi_1", 100, "r"),
        lambda gateway: gateway.find_charge(
            payment_id="pay_1", customer_id="cus_1", since=datetime(2026, 11, 23, tzinfo=UTC)
        ),
    ],
    ids=["create", "read method", "attach", "detach", "read", "cancel", "refund", "find"],
)
def test_every_step_says_unreachable_when_stripe_is_down(
    gateway: StripeGateway, stripe_standin: StandIn, call: Callable[[StripeGateway], object]
) -> None:
    stripe_standin.fault("error", times=2, status=500)
    with pytest.raises(ProcessorUnreachable):
        call(gateway)


def test_an_intent_that_stripe_does_not_know_is_unknown(gateway: StripeGateway) -> None:
    with pytest.raises(ProcessorUnreachable):
        gateway.read_charge("pi_of_another_account")


def test_neither_logs_nor_exceptions_carry_keys_or_answers(
    gateway: StripeGateway, stripe_standin: StandIn, stripe_settings: Settings
) -> None:
    customer = customer_of(gateway)
    method = saved_card(gateway, customer)
    stripe_standin.fault("error", when="after", is_sticky=True)
    with capture_logs() as lines, pytest.raises(ProcessorUnreachable) as raised:
        gateway.charge(charge_request(customer, method))
    with capture_logs() as more_lines:
        gateway.charge(charge_request(customer, "pm_nobody_knows", 2))
    told = f"{lines} {more_lines} {raised.value!r} {raised.value.__cause__!r}"
    secrets = (stripe_settings.stripe_api_key, stripe_settings.stripe_webhook_secret)
    for secret in (*(one.get_secret_value() for one in secrets), "_secret_", "4242", customer, method):
        assert secret not in told
    assert lines[-1]["event"] == "stripe_outcome_unknown"
