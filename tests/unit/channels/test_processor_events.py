"""The processor's webhook: forged ones are refused, others handed on, failures asked for again."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.channels.processor_events import BODY_LIMIT, processor_router
from assistant.payments.gateway import ForgedNotice, ProcessorNotice

NOTICE = ProcessorNotice("evt_1", "payment_intent.succeeded", "pi_1", "pay_1", "pi_1")


class OneKeyGateway:
    """Believes the signature `good`."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def read_notice(self, body: bytes, signature: str) -> ProcessorNotice:
        self.bodies.append(body)
        if signature != "good":
            raise ForgedNotice
        return NOTICE


class Payments:
    def __init__(self) -> None:
        self.taken: list[ProcessorNotice] = []
        self.is_broken = False

    def take_notice(self, notice: ProcessorNotice) -> None:
        if self.is_broken:
            raise RuntimeError("no database")
        self.taken.append(notice)


def client(gateway: OneKeyGateway, payments: Payments) -> TestClient:
    app = FastAPI()
    app.include_router(processor_router(gateway=gateway, payments=payments))  # type: ignore[arg-type]
    return TestClient(app, raise_server_exceptions=False)


def test_a_signed_event_is_handed_on_with_its_exact_body() -> None:
    gateway, payments = OneKeyGateway(), Payments()
    body = '{"id": "evt_1", "name": "señor"}'.encode()
    answer = client(gateway, payments).post(
        "/stripe/events", content=body, headers={"Stripe-Signature": "good"}
    )
    assert answer.status_code == 200
    assert answer.json() == {"received": True}
    assert payments.taken == [NOTICE]
    assert gateway.bodies == [body]


def test_a_forged_or_unsigned_event_is_400_and_goes_nowhere() -> None:
    gateway, payments = OneKeyGateway(), Payments()
    web = client(gateway, payments)
    assert web.post("/stripe/events", content=b"{}", headers={"Stripe-Signature": "bad"}).status_code == 400
    assert web.post("/stripe/events", content=b"{}").status_code == 400
    assert payments.taken == []


def test_a_huge_body_is_refused_before_it_is_read_whole() -> None:
    gateway, payments = OneKeyGateway(), Payments()
    answer = client(gateway, payments).post("/stripe/events", content=b"x" * (BODY_LIMIT + 1))
    assert answer.status_code == 400
    assert gateway.bodies == []


def test_a_failure_of_ours_makes_the_processor_send_again() -> None:
    gateway, payments = OneKeyGateway(), Payments()
    payments.is_broken = True
    answer = client(gateway, payments).post(
        "/stripe/events", content=b"{}", headers={"Stripe-Signature": "good"}
    )
    assert answer.status_code == 500
    assert "no database" not in answer.text
