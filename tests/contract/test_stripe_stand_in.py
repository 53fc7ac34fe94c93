"""The stand-in keeps Stripe's own rules: keys, parameters, lists, cards, and where it may run."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.clock import FixedClock
from assistant.errors import UnsafeConfiguration
from assistant.sandbox.stripe_app import create_app
from assistant.sandbox.stripe_cards import TEST_CARDS
from assistant.settings import Settings
from tests.contract.charging import charge_request, customer_of
from tests.judges.stripe_schema import StripeJudge
from tests.stripe_fixtures import StandIn, ThreadServer, judge_running

AUTOMATIC = {
    "automatic_payment_methods[enabled]": "true",
    "automatic_payment_methods[allow_redirects]": "never",
}
CHARGE = {"amount": "8420", "currency": "usd", "confirm": "true", **AUTOMATIC}


def charge(standin: StandIn, method: str = "pm_card_visa", *, key: str = "", **more: str) -> httpx.Response:
    form = {**CHARGE, "payment_method": method, **more}
    return standin.send("POST", "/v1/payment_intents", form, key=key)  # type: ignore[no-any-return]


def error_of(response: httpx.Response) -> tuple[int, str, str | None, str | None]:
    error = response.json()["error"]
    return response.status_code, error["type"], error.get("code"), error.get("param")


def test_the_first_answer_is_given_again_word_for_word(stripe_standin: StandIn) -> None:
    first, again = charge(stripe_standin, key="k"), charge(stripe_standin, key="k")
    assert again.text == first.text
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]


@pytest.mark.parametrize("token", ["pm_card_visa_chargeDeclined", "pm_nobody_knows"])
def test_a_decline_and_a_refusal_are_given_again_too(stripe_standin: StandIn, token: str) -> None:
    first, again = charge(stripe_standin, token, key="k"), charge(stripe_standin, token, key="k")
    assert first.status_code in {400, 402}
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert again.headers["idempotent-replayed"] == "true"


def test_a_sticky_500_is_given_again_although_nothing_was_done(stripe_standin: StandIn) -> None:
    stripe_standin.fault("error", is_sticky=True)
    first, again = charge(stripe_standin, key="k"), charge(stripe_standin, key="k")
    assert (first.status_code, again.status_code) == (500, 500)
    assert first.headers["stripe-should-retry"] == "false"
    assert stripe_standin.charged() == []
    assert charge(stripe_standin, key="another").status_code == 200


def test_a_parameter_that_was_refused_is_not_remembered(
    stripe_standin: StandIn, stripe_judge: StripeJudge
) -> None:
    assert charge(stripe_standin, key="k", amount="a lot").status_code == 400
    assert stripe_judge.take() == ["POST /v1/payment_intents.amount: 'a lot' is not int"]
    assert charge(stripe_standin, key="k").status_code == 200


def test_a_key_is_good_for_one_set_of_parameters_and_one_address(stripe_standin: StandIn) -> None:
    assert charge(stripe_standin, key="k").status_code == 200
    other = charge(stripe_standin, key="k", amount="8421")
    assert error_of(other) == (400, "idempotency_error", None, None)
    elsewhere = stripe_standin.send("POST", "/v1/customers", {}, key="k")
    assert error_of(elsewhere) == (400, "idempotency_error", None, None)
    assert "'/v1/customers' vs '/v1/payment_intents'" in elsewhere.json()["error"]["message"]
    assert len(stripe_standin.charged()) == 1


def test_a_key_that_is_at_work_is_a_conflict(stripe_standin: StandIn) -> None:
    stripe_standin.fault("delay", seconds=0.5)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: charge(stripe_standin, key="k"), range(2)))
    conflict = max(answers, key=lambda answer: answer.status_code)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert error_of(conflict) == (409, "idempotency_error", "idempotency_key_in_use", None)
    assert conflict.headers["stripe-should-retry"] == "true"
    assert len(stripe_standin.charged()) == 1


def test_keys_are_forgotten_after_a_day_and_not_before(stripe_standin: StandIn, clock: FixedClock) -> None:
    charge(stripe_standin, key="k")
    clock.advance(timedelta(hours=23))
    charge(stripe_standin, key="k")
    assert len(stripe_standin.charged()) == 1
    clock.advance(timedelta(hours=2))
    charge(stripe_standin, key="k")
    assert len(stripe_standin.charged()) == 2


def test_keys_have_no_effect_on_reading_and_may_not_be_endless(stripe_standin: StandIn) -> None:
    listing = stripe_standin.send("GET", "/v1/payment_intents", key="k")
    charge(stripe_standin)
    assert listing.json()["data"] == []
    assert len(stripe_standin.send("GET", "/v1/payment_intents", key="k").json()["data"]) == 1
    assert charge(stripe_standin, key="k" * 256).status_code == 400


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"payment_method_types[0]": "card"}, "parameter_unknown", "payment_method_types"),
        ({"amout": "1"}, "parameter_unknown", "amout"),
        ({"automatic_payment_methods[on]": "true"}, "parameter_unknown", "automatic_payment_methods[on]"),
        ({"amount": "84.20"}, "parameter_invalid_integer", "amount"),
        ({"amount": "-1"}, "parameter_invalid_integer", "amount"),
        ({"amount": "49"}, "amount_too_small", "amount"),
        ({"confirm": "yes"}, None, "confirm"),
        ({"currency": "eur"}, None, "currency"),
        ({"customer": "cus_nobody"}, "resource_missing", "customer"),
        ({"description": ""}, "parameter_invalid_empty", "description"),
        ({"automatic_payment_methods[allow_redirects]": "always"}, "parameter_missing", "return_url"),
        ({"expand[0]": "amount"}, None, "expand"),
        ({"metadata[note]": "x" * 501}, None, "metadata[note]"),
        ({"off_session": "true", "confirm": "false"}, None, "off_session"),
    ],
)
def test_a_wrong_parameter_is_named(
    stripe_standin: StandIn,
    stripe_judge: StripeJudge,
    form: dict[str, str],
    code: str | None,
    param: str,
) -> None:
    response = stripe_standin.send(
        "POST", "/v1/payment_intents", {**CHARGE, "payment_method": "pm_card_visa", **form}
    )
    stripe_judge.take()
    assert error_of(response) == (400, "invalid_request_error", code, param)
    assert stripe_standin.charged() == []


def test_what_must_be_there_is_asked_for(stripe_standin: StandIn, stripe_judge: StripeJudge) -> None:
    response = stripe_standin.send("POST", "/v1/payment_intents", {"currency": "usd"})
    assert error_of(response) == (400, "invalid_request_error", "parameter_missing", "amount")
    assert stripe_judge.take() == [
        "POST /v1/payment_intents.amount: missing, required by PaymentIntentCreateParams"
    ]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer sk_live_1"}, 401),
        ({"Authorization": "Basic c2s="}, 401),
        ({"Authorization": "Basic %%%"}, 401),
        # `rk_test_1:` in base64: the key as a user name, as curl and the Pay connector send it.
        ({"Authorization": "Basic cmtfdGVzdF8xOg=="}, 200),
        ({"Authorization": "Bearer rk_test_1", "Stripe-Version": "2020-08-27"}, 400),
        ({"Authorization": "Bearer rk_test_1", "Stripe-Version": "2026-10-28.endive"}, 200),
    ],
)
def test_only_test_keys_and_the_pinned_version_are_served(
    stripe_standin: StandIn, headers: dict[str, str], status: int
) -> None:
    assert stripe_standin.client.get("/v1/customers/x", headers=headers).status_code in {status, 404}
    assert stripe_standin.client.get("/v1/payment_intents", headers=headers).status_code == status


def test_an_unknown_address_and_an_unknown_object_are_404(
    stripe_standin: StandIn, stripe_judge: StripeJudge
) -> None:
    assert error_of(stripe_standin.send("GET", "/v1/payment_intents/pi_none"))[:3] == (
        404,
        "invalid_request_error",
        "resource_missing",
    )
    assert error_of(stripe_standin.send("GET", "/v1/nothing"))[0] == 404
    assert stripe_judge.take() == ["GET /v1/nothing: the SDK has no such operation"]


@pytest.mark.parametrize(
    ("number", "expiry", "cvc", "code", "decline_code"),
    [
        ("4242424242424241", (12, 2030), "123", "incorrect_number", "incorrect_number"),
        ("4012888888881881", (12, 2030), "123", "card_declined", "test_mode_live_card"),
        ("4242424242424242", (13, 2030), "123", "invalid_expiry_month", None),
        ("4242424242424242", (10, 2026), "123", "invalid_expiry_month", None),
        ("4242424242424242", (12, 2025), "123", "invalid_expiry_year", None),
        ("4242424242424242", (12, 2030), "12", "invalid_cvc", None),
        ("378282246310005", (12, 2030), "123", "invalid_cvc", None),
    ],
)
def test_a_card_keyed_wrong_is_no_method(
    stripe_standin: StandIn,
    number: str,
    expiry: tuple[int, int],
    cvc: str,
    code: str,
    decline_code: str | None,
) -> None:
    form = {
        "type": "card",
        "card[number]": number,
        "card[exp_month]": str(expiry[0]),
        "card[exp_year]": str(expiry[1]),
        "card[cvc]": cvc,
    }
    response = stripe_standin.send("POST", "/v1/payment_methods", form, key="k")
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["code"]) == (402, "card_error", code)
    assert error.get("decline_code") == decline_code
    assert stripe_standin.books()["payment_method"] == []


def test_a_keyed_card_number_is_written_nowhere(stripe_standin: StandIn, tmp_path: Path) -> None:
    stripe_standin.keyed_card("4242424242424242", cvc="987")
    seen = stripe_standin.client.get("/_control/exchanges").text
    files = b"".join(path.read_bytes() for path in tmp_path.glob("stripe.db*"))
    assert "4242424242424242" not in seen
    assert "987" not in seen.replace(stripe_standin.url, "")
    assert b"4242424242424242" not in files


@pytest.mark.parametrize("card", TEST_CARDS, ids=lambda card: card.token)
def test_every_test_card_acts_alike_as_token_and_as_number(stripe_standin: StandIn, card: Any) -> None:
    keyed = stripe_standin.keyed_card(card.number, cvc="1234" if card.brand == "amex" else "123")
    by_number, by_token = charge(stripe_standin, keyed), charge(stripe_standin, card.token)
    assert by_number.status_code == by_token.status_code
    told = [answer.json().get("error", {}).get("code") for answer in (by_number, by_token)]
    assert told[0] == told[1]


def test_a_decline_tells_its_intent_and_leaves_its_traces(stripe_standin: StandIn) -> None:
    error = charge(stripe_standin, "pm_card_visa_chargeDeclinedInsufficientFunds").json()["error"]
    assert (error["code"], error["decline_code"]) == ("card_declined", "insufficient_funds")
    intent = error["payment_intent"]
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["last_payment_error"]["decline_code"] == "insufficient_funds"
    books = stripe_standin.books()
    assert [one["status"] for one in books["charge"]] == ["failed"]
    assert books["charge"][0]["id"] == intent["latest_charge"] == error["charge"]
    assert [event["type"] for event in books["event"]] == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


def test_an_error_undoes_what_the_request_had_begun(stripe_standin: StandIn) -> None:
    assert charge(stripe_standin, "pm_nobody_knows").status_code == 400
    assert charge(stripe_standin, **{"expand[0]": "nonsense"}).status_code == 400
    assert all(objects == [] for objects in stripe_standin.books().values())


def test_an_intent_can_be_made_first_and_confirmed_later(stripe_standin: StandIn) -> None:
    form = {"amount": "500", "currency": "usd", "payment_method": "pm_card_visa", **AUTOMATIC}
    made = stripe_standin.send("POST", "/v1/payment_intents", form).json()
    assert made["status"] == "requires_confirmation"
    address = f"/v1/payment_intents/{made['id']}/confirm"
    assert stripe_standin.send("POST", address).json()["status"] == "succeeded"
    again = stripe_standin.send("POST", address)
    assert error_of(again)[:3] == (400, "invalid_request_error", "payment_intent_unexpected_state")
    assert len(stripe_standin.charged()) == 1


def test_a_card_kept_with_the_first_payment_needs_its_owner_no_more(stripe_standin: StandIn) -> None:
    customer = stripe_standin.send("POST", "/v1/customers").json()["id"]
    token = stripe_standin.keyed_card("4000002500003155")
    away = {"customer": customer, "off_session": "true"}
    assert charge(stripe_standin, token, customer=customer).json()["status"] == "requires_action"
    stripe_standin.send("POST", f"/v1/payment_methods/{token}/attach", {"customer": customer})
    assert charge(stripe_standin, token, **away).json()["status"] == "succeeded"


def test_lists_go_page_by_page_in_both_directions(stripe_standin: StandIn, clock: FixedClock) -> None:
    made = []
    for _ in range(5):
        made.append(charge(stripe_standin).json()["id"])
        clock.advance(timedelta(hours=1))

    def page(**form: Any) -> tuple[list[str], bool]:
        given = {name: str(value) for name, value in form.items()}
        answer = stripe_standin.send("GET", "/v1/payment_intents", given).json()
        return [intent["id"] for intent in answer["data"]], answer["has_more"]

    newest = made[::-1]
    assert page() == (newest, False)
    assert page(limit=2) == (newest[:2], True)
    assert page(limit=2, starting_after=newest[1]) == (newest[2:4], True)
    assert page(limit=2, starting_after=newest[3]) == (newest[4:], False)
    assert page(limit=2, ending_before=newest[4]) == (newest[2:4], True)
    assert page(limit=2, ending_before=newest[2]) == (newest[:2], False)
    three_hours_ago = int(clock.now().timestamp()) - 3 * 3600
    assert page(**{"created[gte]": three_hours_ago}) == (newest[:3], False)
    assert page(**{"created[lt]": three_hours_ago}) == (newest[3:], False)
    assert page(created=three_hours_ago) == (newest[2:3], False)


def test_charges_refunds_disputes_and_events_can_be_read(stripe_standin: StandIn) -> None:
    disputed = charge(stripe_standin, "pm_card_createDispute").json()
    paid = charge(stripe_standin).json()
    stripe_standin.send("POST", "/v1/refunds", {"payment_intent": paid["id"], "amount": "100"})
    for kind, intent in (("charges", paid), ("refunds", paid), ("disputes", disputed)):
        found = stripe_standin.send("GET", f"/v1/{kind}", {"payment_intent": intent["id"]}).json()["data"]
        assert [one["payment_intent"] for one in found] == [intent["id"]]
        alone = stripe_standin.send("GET", f"/v1/{kind}/{found[0]['id']}", {"expand[0]": "payment_intent"})
        assert alone.json()["payment_intent"]["id"] == intent["id"]
    events = stripe_standin.send("GET", "/v1/events", {"limit": "3"}).json()["data"]
    assert [event["type"] for event in events][:2] == ["charge.refunded", "refund.created"]
    assert stripe_standin.send("GET", f"/v1/events/{events[0]['id']}").json() == events[0]


def test_the_methods_of_a_customer_are_listed(stripe_standin: StandIn) -> None:
    customer = stripe_standin.send("POST", "/v1/customers").json()["id"]
    for token in ("pm_card_visa", "pm_card_mastercard"):
        stripe_standin.send("POST", f"/v1/payment_methods/{token}/attach", {"customer": customer})
    address = f"/v1/customers/{customer}/payment_methods"
    found = stripe_standin.send("GET", address, {"type": "card"}).json()["data"]
    assert [method["card"]["brand"] for method in found] == ["mastercard", "visa"]
    assert stripe_standin.send("GET", f"/v1/customers/{customer}").json()["id"] == customer


def test_the_books_are_kept_when_the_stand_in_starts_again(
    settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    file = tmp_path / "kept.db"
    for wanted in (1, 1):
        server = ThreadServer(create_app(settings, file, clock=clock))
        server.start()
        with httpx.Client(base_url=server.url) as client:
            standin = StandIn(server.url, client)
            assert charge(standin, key="k").status_code == 200
            assert len(standin.charged()) == wanted
        server.stop()


def test_the_stand_in_refuses_to_run_in_production(settings: Settings, tmp_path: Path) -> None:
    production = settings.model_copy(update={"environment": "production"})
    with pytest.raises(UnsafeConfiguration, match="production"):
        create_app(production, tmp_path / "never.db")
    assert not (tmp_path / "never.db").exists()


def test_the_stand_in_is_a_program_that_ends_with_words_in_production(tmp_path: Path) -> None:
    file = tmp_path / "never.db"
    command = [sys.executable, "-m", "assistant.sandbox.stripe_app", "--port", "0", "--file", str(file)]
    environment = {**os.environ, "PORCHLIGHT_ENVIRONMENT": "production"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr.endswith("the Stripe stand-in must not run in production\n")
    assert not file.exists()


def test_the_stand_in_runs_as_a_process_and_keeps_its_books_through_a_kill(
    settings: Settings, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    gateway = StripeGateway(settings.model_copy(update={"stripe_api_base": url}))
    command = [sys.executable, "-m", "assistant.sandbox.stripe_app", "--port", str(port)]
    command += ["--file", str(tmp_path / "own.db")]
    request = charge_request("", "pm_card_visa")
    outcomes = []
    for _start in range(2):
        process = subprocess.Popen(command)
        try:
            _wait_for(f"{url}/_control/health", process)
            request = replace(request, customer_id=customer_of(gateway))
            outcomes.append(gateway.charge(request))
            assert judge_running(url) == 2
        finally:
            process.kill()
            process.wait()
    assert outcomes[0].state == "succeeded"
    assert outcomes[0] == outcomes[1]


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.05)
    raise AssertionError("the stand-in did not start")
