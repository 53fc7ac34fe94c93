"""The judge can fail: planted violations in requests, answers, errors and webhooks are all caught."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from stripe._api_version import _ApiVersion

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.errors import ProcessorUnreachable
from assistant.sandbox import stripe_books, stripe_objects
from assistant.sandbox.stripe_operations import OPERATIONS
from tests.contract.charging import charge_request, customer_of, give_back, saved_card
from tests.judges.stripe_schema import (
    StripeJudge,
    check_answer,
    check_event,
    check_request,
    params_of,
    sdk_operation,
    sdk_operations,
)
from tests.judges.stripe_types import fields_of
from tests.stripe_fixtures import StandIn

CHARGE = "amount=8420&currency=usd&confirm=true&payment_method=pm_1"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (f"{CHARGE}&payment_method_types[0]=card", "payment_method_types: unknown"),
        (
            f"{CHARGE}&automatic_payment_methods[enabled]=true&automatic_payment_methods[on]=true",
            "automatic_payment_methods.on: unknown",
        ),
        ("amount=84.20&currency=usd", "amount: '84.20' is not int"),
        (f"{CHARGE}&off_session=maybe", "off_session"),
        (f"{CHARGE}&setup_future_usage=later", "'later' is not one of"),
        (f"{CHARGE}&error_on_requires_action=1", "error_on_requires_action: '1' is not bool"),
        ("currency=usd", "amount: missing"),
        (f"{CHARGE}&automatic_payment_methods[allow_redirects]=never", "enabled: missing"),
        (f"{CHARGE}&expand[1]=latest_charge", "are not list positions"),
        (f"{CHARGE}&expand=latest_charge", "is not a list"),
        (f"{CHARGE}&metadata=pay_1", "is not"),
        (f"{CHARGE}&metadata[payment_id][x]=pay_1", "is not str"),
        (f"{CHARGE}&payment_method_options[card][moto]=sometimes", "moto: 'sometimes' is not bool"),
        (f"{CHARGE}&idempotency_key=k", "idempotency_key: unknown"),
    ],
)
def test_a_wrong_request_is_caught(raw: str, told: str) -> None:
    problems = check_request("POST", "/v1/payment_intents", raw)
    assert len(problems) == 1
    assert told in problems[0]


def test_a_right_request_passes() -> None:
    raw = (
        f"{CHARGE}&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"
        "&off_session=true&metadata[payment_id]=pay_1&expand[0]=latest_charge&setup_future_usage=off_session"
        "&payment_method_options[card][moto]=true"
    )
    assert check_request("POST", "/v1/payment_intents", raw) == []


Spoil = Callable[[dict[str, Any]], Any]

SPOILED_CHARGES: list[tuple[Spoil, str]] = [
    (lambda charge: charge.update(surcharge=1), "surcharge: unknown in Charge"),
    (lambda charge: charge.update(amount="8420"), "amount: '8420' is not int"),
    (lambda charge: charge.update(amount=84.2), "amount: 84.2 is not int"),
    (lambda charge: charge.update(paid=1), "paid: 1 is not bool"),
    (lambda charge: charge.pop("currency"), "currency: missing"),
    (lambda charge: charge.update(amount_refunded=None), "amount_refunded: None is not int"),
    (lambda charge: charge.update(status="done"), "status: 'done' is not one of"),
    (lambda charge: charge.update(object="payment"), "object: 'payment' is not one of"),
    (lambda charge: charge["billing_details"].update(age=80), "billing_details.age: unknown"),
    (lambda charge: charge["outcome"].pop("type"), "outcome.type: missing"),
    (
        lambda charge: charge["payment_method_details"]["card"].update(exp_month="12"),
        "exp_month: '12' is not int",
    ),
    (lambda charge: charge.update(metadata={"payment_id": 1}), "metadata.payment_id: 1 is not str"),
    (lambda charge: charge.update(balance_transaction=["txn_1"]), "balance_transaction: ['txn_1'] is not"),
]


@pytest.mark.parametrize(("spoil", "told"), SPOILED_CHARGES)
def test_a_wrong_answer_of_the_stand_in_fails_the_test(
    gateway: StripeGateway,
    stripe_judge: StripeJudge,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Spoil,
    told: str,
) -> None:
    right = stripe_objects.charge

    def wrong(*args: Any, **more: Any) -> dict[str, Any]:
        made = right(*args, **more)
        spoil(made)
        return made

    monkeypatch.setattr(stripe_objects, "charge", wrong)
    customer = customer_of(gateway)
    stripe_judge.rule()
    # The gateway need not notice; the judge must.
    with contextlib.suppress(ProcessorUnreachable):
        gateway.charge(charge_request(customer, "pm_card_visa"))
    with pytest.raises(AssertionError, match=re.escape(told)):
        stripe_judge.rule()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"error": {"type": "sad_error", "message": "x"}}', "error.type: 'sad_error' is unknown"),
        ('{"error": {"type": "card_error", "code": "no_mood"}}', "error.code: 'no_mood' is not one of"),
        ('{"error": {"type": "card_error", "mood": "bad"}}', "error.mood: unknown in ErrorObject"),
        ('{"error": {"type": "card_error", "payment_intent": {"id": "pi_1"}}}', "missing"),
        ('{"error": {"message": "x"}}', "error.type"),
        ('{"message": "x"}', "holds `error` alone"),
        ("oops", "not JSON"),
    ],
)
def test_a_wrong_error_is_caught(body: str, told: str) -> None:
    problems = check_answer("POST", "/v1/payment_intents", 402, body)
    assert any(told in problem for problem in problems)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda event: event.update(type="payment.done"), "event.type: 'payment.done' is not one of"),
        (lambda event: event.update(created="now"), "event.created: 'now' is not int"),
        (lambda event: event["data"]["object"].update(amount=None), "event charge.succeeded.amount"),
        (lambda event: event["data"]["object"].update(object="payment"), "unknown object 'payment'"),
    ],
)
def test_a_wrong_webhook_is_caught(
    gateway: StripeGateway, stripe_standin: StandIn, spoil: Spoil, told: str
) -> None:
    gateway.charge(charge_request(customer_of(gateway), "pm_card_visa"))
    event = next(one for one in stripe_standin.books()["event"] if one["type"] == "charge.succeeded")
    assert check_event(json.dumps(event)) == []
    spoil(event)
    assert any(told in problem for problem in check_event(json.dumps(event)))


def test_everything_that_goes_over_the_wire_is_judged(
    gateway: StripeGateway, stripe_standin: StandIn, stripe_judge: StripeJudge
) -> None:
    customer = customer_of(gateway)
    gateway.charge(charge_request(customer, saved_card(gateway, customer)))
    assert stripe_judge.judged_count == 3
    stripe_standin.send("GET", "/v1/payment_intents", {"colour": "red"})
    with pytest.raises(AssertionError, match="colour: unknown in PaymentIntentListParams"):
        stripe_judge.rule()


def test_every_event_in_the_books_has_stripes_shape(gateway: StripeGateway, stripe_standin: StandIn) -> None:
    customer = customer_of(gateway)
    paid = gateway.charge(charge_request(customer, saved_card(gateway, customer)))
    give_back(gateway, paid.processor_id, 100)
    gateway.charge(charge_request(customer, "pm_card_visa_chargeDeclined", 2))
    gateway.charge(charge_request(customer, "pm_card_createDispute", 3))
    events = stripe_standin.books()["event"]
    assert len({event["type"] for event in events}) >= 9
    assert [problem for event in events for problem in check_event(json.dumps(event))] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.template}")
def test_the_stand_in_takes_no_parameter_that_the_sdk_does_not_have(operation: Any) -> None:
    theirs = sdk_operation(operation.method, operation.template.replace("{}", "x_1"))
    assert theirs is not None
    fields = fields_of(params_of(theirs))
    assert set(operation.shape.fields) <= set(fields)
    required = {name for name, (_annotation, is_required) in fields.items() if is_required}
    assert required <= set(operation.shape.required)


def test_the_judge_knows_the_whole_sdk_and_the_stand_in_its_version() -> None:
    assert len(sdk_operations()) > 250
    assert _ApiVersion.CURRENT == stripe_books.API_VERSION
