"""Webhooks: a forged one is refused, a real one is understood, and the stand-in sends real ones."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from stripe import WebhookSignature

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.payments.gateway import ForgedNotice, ProcessorNotice
from assistant.sandbox.stripe_postbox import signature_header
from assistant.settings import Settings
from tests.contract.charging import charge_request, customer_of, give_back, saved_card
from tests.stripe_fixtures import StandIn, ThreadServer

BODY = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {"payment_id": "pay_1"}}},
    }
)


class Mailbox:
    """Receives webhooks; the first `failures` of them are answered with 500."""

    def __init__(self) -> None:
        self.letters: list[tuple[bytes, str]] = []
        self.failures = 0
        self._lock = threading.Lock()

    async def take(self, request: Request) -> Response:
        body = await request.body()
        with self._lock:
            if self.failures:
                self.failures -= 1
                return Response(status_code=500)
            self.letters.append((body, request.headers.get("stripe-signature", "")))
        return Response(status_code=200)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    server = ThreadServer(Starlette(routes=[Route("/stripe/events", box.take, methods=["POST"])]))
    server.start()
    yield box, f"{server.url}/stripe/events"
    server.stop()


def signed(settings: Settings, body: str = BODY, *, at: int | None = None) -> str:
    secret = settings.stripe_webhook_secret.get_secret_value()
    return WebhookSignature.generate_signature_header(body, secret, at)


def read_all(gateway: StripeGateway, box: Mailbox) -> list[ProcessorNotice]:
    return [gateway.read_notice(body, signature) for body, signature in box.letters]


def test_a_signed_notice_is_read(stripe_settings: Settings, gateway: StripeGateway) -> None:
    notice = gateway.read_notice(BODY.encode(), signed(stripe_settings))
    assert notice == ProcessorNotice("evt_1", "payment_intent.succeeded", "pi_1", "pay_1", "pi_1")


def test_our_signature_is_stripes_signature() -> None:
    # Computed with openssl: printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_vector
    expected = "c6014fd4b390b4bc9c887a309c78277b7c4c562fbe61a9e713bfc5da054789da"
    assert signature_header('{"id":"evt_1"}', "whsec_vector", 1700000000) == f"t=1700000000,v1={expected}"
    assert (
        WebhookSignature.generate_signature_header('{"id":"evt_1"}', "whsec_vector", 1700000000)
        == f"t=1700000000,v1={expected}"
    )


@pytest.mark.parametrize(
    "forgery",
    [
        lambda settings: "",
        lambda settings: "nonsense",
        lambda settings: "t=abc,v1=00",
        lambda settings: f"t={int(time.time())}",
        lambda settings: f"t={int(time.time())},v1={'0' * 64}",
        lambda settings: signed(settings).replace("v1=", "v0="),
        lambda settings: signed(settings, at=int(time.time()) - 301),
        lambda settings: signed(settings, BODY + " "),
        lambda settings: WebhookSignature.generate_signature_header(BODY, "whsec_another"),
    ],
    ids=["none", "nonsense", "no time", "no signature", "wrong", "scheme", "old", "other body", "other key"],
)
def test_a_forged_or_stale_notice_is_refused(
    stripe_settings: Settings, gateway: StripeGateway, forgery: object
) -> None:
    header = forgery(stripe_settings)  # type: ignore[operator]
    with pytest.raises(ForgedNotice):
        gateway.read_notice(BODY.encode(), header)


@pytest.mark.parametrize("body", ["[]", "{}", "not json", '{"object": "v2.core.event"}', "null"])
def test_a_signed_body_that_is_no_event_is_refused(
    stripe_settings: Settings, gateway: StripeGateway, body: str
) -> None:
    with pytest.raises(ForgedNotice):
        gateway.read_notice(body.encode(), signed(stripe_settings, body))
    with pytest.raises(ForgedNotice):
        gateway.read_notice(b"\xff\xfe", signed(stripe_settings))


def test_every_kind_of_notice_leads_to_the_payment_intent(
    gateway: StripeGateway, stripe_standin: StandIn, mailbox: tuple[Mailbox, str]
) -> None:
    box, url = mailbox
    stripe_standin.plan_webhooks(url)
    customer = customer_of(gateway)
    paid = gateway.charge(charge_request(customer, saved_card(gateway, customer)))
    give_back(gateway, paid.processor_id, 100)
    disputed = gateway.charge(charge_request(customer, "pm_card_createDispute", 2))
    declined = gateway.charge(charge_request(customer, "pm_card_visa_chargeDeclined", 3))
    stripe_standin.wait_for_webhooks()
    seen = {(notice.kind, notice.intent_id, notice.payment_id) for notice in read_all(gateway, box)}
    assert {
        ("customer.created", "", ""),
        ("payment_method.attached", "", ""),
        ("payment_intent.succeeded", paid.processor_id, "pay_1"),
        ("charge.succeeded", paid.processor_id, "pay_1"),
        ("refund.created", paid.processor_id, "pay_1"),
        ("charge.refunded", paid.processor_id, "pay_1"),
        ("charge.dispute.created", disputed.processor_id, ""),
        ("payment_intent.payment_failed", declined.processor_id, "pay_3"),
        ("charge.failed", declined.processor_id, "pay_3"),
    } <= seen


def test_notices_come_twice_and_backwards_on_request(
    gateway: StripeGateway, stripe_standin: StandIn, mailbox: tuple[Mailbox, str]
) -> None:
    box, url = mailbox
    stripe_standin.plan_webhooks(url, is_held=True)
    customer = customer_of(gateway)
    gateway.charge(charge_request(customer, saved_card(gateway, customer)))
    stripe_standin.wait_for_webhooks()
    assert box.letters == []
    made = [event["id"] for event in stripe_standin.books()["event"]]
    assert stripe_standin.release_webhooks("reversed", copies=2) == 2 * len(made)
    stripe_standin.wait_for_webhooks()
    assert [notice.event_id for notice in read_all(gateway, box)] == (made * 2)[::-1]


def test_notices_come_twice_at_once_and_late_on_request(
    gateway: StripeGateway, stripe_standin: StandIn, mailbox: tuple[Mailbox, str]
) -> None:
    box, url = mailbox
    stripe_standin.plan_webhooks(url, copies=2, delay_seconds=0.5)
    started = time.monotonic()
    customer_of(gateway)
    stripe_standin.wait_for_webhooks()
    assert time.monotonic() - started >= 0.5
    assert [notice.kind for notice in read_all(gateway, box)] == ["customer.created"] * 2


def test_a_notice_that_was_not_taken_comes_again_and_any_can_be_sent_anew(
    gateway: StripeGateway, stripe_standin: StandIn, mailbox: tuple[Mailbox, str]
) -> None:
    box, url = mailbox
    box.failures = 1
    stripe_standin.plan_webhooks(url)
    customer_of(gateway)
    stripe_standin.wait_for_webhooks()
    (event,) = stripe_standin.books()["event"]
    stripe_standin.client.post(f"/_control/webhooks/resend/{event['id']}").raise_for_status()
    stripe_standin.wait_for_webhooks()
    assert [notice.event_id for notice in read_all(gateway, box)] == [event["id"]] * 2
    assert stripe_standin.client.post("/_control/webhooks/resend/evt_none").status_code == 404


def test_the_same_news_can_come_as_an_event_of_its_own(
    gateway: StripeGateway, stripe_standin: StandIn, mailbox: tuple[Mailbox, str]
) -> None:
    box, url = mailbox
    stripe_standin.plan_webhooks(url)
    customer_of(gateway)
    (event,) = stripe_standin.books()["event"]
    stripe_standin.client.post(
        f"/_control/webhooks/resend/{event['id']}", params={"as_new": "true"}
    ).raise_for_status()
    stripe_standin.wait_for_webhooks()
    first, second = read_all(gateway, box)
    assert first.event_id != second.event_id
    assert (first.kind, first.object_id) == (second.kind, second.object_id)
