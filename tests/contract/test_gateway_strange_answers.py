"""What an answer proves, one by one: a server that says anything at all stands in for Stripe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.errors import PaymentDeclined, PaymentRefused, ProcessorUnreachable
from assistant.settings import Settings
from tests.contract.charging import CENTS, charge_request
from tests.stripe_fixtures import ThreadServer

INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": CENTS,
    "amount_received": 0,
    "created": 1795446000,
    "last_payment_error": None,
    "latest_charge": None,
    "status": "requires_payment_method",
}


class Oracle:
    """Answers every request with what the test wrote into it."""

    def __init__(self) -> None:
        self.status, self.body = 200, ""

    async def answer(self, _request: Request) -> Response:
        return Response(self.body, self.status, media_type="application/json")

    def says(self, status: int, body: Any) -> None:
        self.status, self.body = status, body if isinstance(body, str) else json.dumps(body)


@pytest.fixture(scope="module")
def oracle_server() -> Iterator[tuple[Oracle, str]]:
    oracle = Oracle()
    server = ThreadServer(Starlette(routes=[Route("/{rest:path}", oracle.answer, methods=["GET", "POST"])]))
    server.start()
    yield oracle, server.url
    server.stop()


@pytest.fixture
def oracle(oracle_server: tuple[Oracle, str]) -> Oracle:
    return oracle_server[0]


@pytest.fixture
def asking(oracle_server: tuple[Oracle, str], settings: Settings) -> StripeGateway:
    return StripeGateway(settings.model_copy(update={"stripe_api_base": oracle_server[1]}))


def error(kind: str, **more: Any) -> dict[str, Any]:
    return {"error": {"type": kind, "message": "x", **more}}


@pytest.mark.parametrize(
    ("status", "body", "state", "decline_code", "processor_id"),
    [
        (402, error("card_error", code="card_declined"), "declined", "card_declined", ""),
        (402, error("card_error", code="expired_card", payment_intent=INTENT), "declined", "", "pi_1"),
        (
            402,
            error("card_error", payment_intent={**INTENT, "status": "succeeded", "amount_received": CENTS}),
            "succeeded",
            "",
            "pi_1",
        ),
        (
            402,
            error("card_error", payment_intent={**INTENT, "status": "processing"}),
            "processing",
            "",
            "pi_1",
        ),
        (400, error("invalid_request_error"), "declined", "request_rejected", ""),
        (400, error("invalid_request_error", code="amount_too_small"), "declined", "amount_too_small", ""),
        (400, error("invalid_request_error", param="customer"), "declined", "method_not_usable", ""),
        (404, error("invalid_request_error", param="payment_method"), "declined", "method_not_usable", ""),
        (200, {**INTENT, "status": "canceled"}, "canceled", "", "pi_1"),
        (200, {**INTENT, "status": "requires_capture"}, "processing", "", "pi_1"),
        (
            200,
            {**INTENT, "last_payment_error": {"type": "card_error", "decline_code": "lost_card"}},
            "declined",
            "lost_card",
            "pi_1",
        ),
    ],
)
def test_an_answer_that_proves_something(
    oracle: Oracle,
    asking: StripeGateway,
    status: int,
    body: Any,
    state: str,
    decline_code: str,
    processor_id: str,
) -> None:
    oracle.says(status, body)
    outcome = asking.charge(charge_request("cus_1", "pm_1"))
    assert (outcome.state, outcome.decline_code, outcome.processor_id) == (state, decline_code, processor_id)
    assert outcome.amount_cents == CENTS


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (402, error("api_error")),
        (402, {"error": "payment_required"}),
        (400, error("api_error")),
        (400, error("idempotency_error")),
        (400, error("invalid_request_error", code="lock_timeout")),
        (400, error("invalid_request_error", code="rate_limit")),
        (400, {"message": "a proxy's own words"}),
        (401, error("invalid_request_error")),
        (403, error("invalid_request_error")),
        (409, error("invalid_request_error", code="idempotency_key_in_use")),
        (424, error("api_error", payment_intent={**INTENT, "status": "canceled"})),
        (429, error("invalid_request_error", code="lock_timeout")),
        (500, error("card_error", code="card_declined")),
        (500, error("api_error", payment_intent=INTENT)),
        (200, "<html>"),
        (200, "[]"),
        (200, "null"),
        (200, {}),
        (200, {**INTENT, "status": "a_status_of_next_year"}),
        (200, {name: value for name, value in INTENT.items() if name != "id"}),
        (402, error("card_error", payment_intent={**INTENT, "status": "a_status_of_next_year"})),
    ],
)
def test_an_answer_that_proves_nothing(oracle: Oracle, asking: StripeGateway, status: int, body: Any) -> None:
    oracle.says(status, body)
    with pytest.raises(ProcessorUnreachable):
        asking.charge(charge_request("cus_1", "pm_1"))


@pytest.mark.parametrize(
    ("status", "body", "raised"),
    [
        (402, error("card_error", code="card_declined"), PaymentDeclined),
        (402, error("api_error"), ProcessorUnreachable),
        (400, error("invalid_request_error"), PaymentRefused),
        (400, error("api_error"), ProcessorUnreachable),
        (200, "[]", ProcessorUnreachable),
        (200, {"id": "pm_1", "object": "payment_method", "type": "boleto"}, ProcessorUnreachable),
    ],
)
def test_the_other_steps_tell_no_from_do_not_know_as_well(
    oracle: Oracle, asking: StripeGateway, status: int, body: Any, raised: type[Exception]
) -> None:
    oracle.says(status, body)
    with pytest.raises(raised):
        asking.read_method("pm_1")


def test_what_was_received_counts_and_not_what_was_asked_for(oracle: Oracle, asking: StripeGateway) -> None:
    oracle.says(200, {**INTENT, "status": "succeeded", "amount_received": CENTS - 20})
    assert asking.charge(charge_request("cus_1", "pm_1")).amount_cents == CENTS - 20


def test_a_bank_account_is_read_too(oracle: Oracle, asking: StripeGateway) -> None:
    bank = {"bank_name": "First Bank of Lantern Valley", "last4": "6789"}
    oracle.says(
        200,
        {"id": "pm_1", "object": "payment_method", "type": "us_bank_account", "us_bank_account": bank},
    )
    found = asking.read_method("pm_1")
    assert (found.kind, found.brand, found.last_four) == ("bank_account", "First Bank of Lanter", "6789")
