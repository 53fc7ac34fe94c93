"""The service, the real Twilio library and the phone network talk over HTTP on loopback."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from assistant.adapters.twilio_sender import TwilioSender
from assistant.channels.sms import sms_router
from assistant.channels.turns import TurnRunner
from assistant.channels.voice import voice_router
from assistant.channels.webhook import DuplicateGuard
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.dialogue.turn import Expectation, Heard, Reply
from assistant.errors import SenderUnknown, UnsafeConfiguration
from assistant.notifications.outbox import Outbox
from assistant.notifications.sender import NotDeliverable
from assistant.sandbox.phone_network import create_app
from assistant.settings import Settings
from tests.conftest_rasa import free_port
from tests.fake_conversation import FakeConversation
from tests.judges.twiml_schema import judge
from tests.stripe_fixtures import StandIn, ThreadServer

ADA = "+17065550111"


class LateApp:
    """An application that is put in after its address is known."""

    def __init__(self) -> None:
        self.app: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass
class World:
    """A service and a carrier, each on its own port."""

    settings: Settings
    carrier: httpx.Client
    conversation: FakeConversation
    outbox: Outbox
    runner: TurnRunner
    db: Database

    def text(self, body: str, phone: str = ADA) -> list[str]:
        answer = self.carrier.post(f"/phone/{phone}/texts", json={"body": body}).raise_for_status().json()
        return [text["body"] for text in answer["answers"]]

    def thread(self, **params: Any) -> dict[str, Any]:
        found: dict[str, Any] = (
            self.carrier.get(f"/phone/{ADA}/thread", params=params).raise_for_status().json()
        )
        return found

    def call(self, path: str, **content: Any) -> dict[str, Any]:
        view: dict[str, Any] = self.carrier.post(path, json=content).raise_for_status().json()
        return view

    def knobs(self, **knobs: Any) -> None:
        self.carrier.put("/phone/network", json=knobs).raise_for_status()


@pytest.fixture
def world(settings: Settings, db: Database, clock: FixedClock, stripe_standin: StandIn) -> Iterator[World]:
    service, network = LateApp(), LateApp()
    servers = [ThreadServer(service), ThreadServer(network)]
    settings = settings.model_copy(
        update={
            "public_url": servers[0].url,
            "twilio_api_base": servers[1].url,
            "stripe_api_base": stripe_standin.url,
        }
    )
    conversation, runner = FakeConversation(db, clock, settings), TurnRunner(5)
    outbox = Outbox(db, clock, TwilioSender(settings))
    parts = {
        "conversation": conversation,
        "db": db,
        "clock": clock,
        "settings": settings,
        "outbox": outbox,
        "guard": DuplicateGuard(db, clock),
        "runner": runner,
    }
    service.app, network.app = FastAPI(), create_app(settings, clock=clock, sleep=lambda _: None)
    service.app.include_router(sms_router(**parts))
    service.app.include_router(voice_router(**parts, code_to_speak=lambda *_: None))
    for server in servers:
        server.start()
    with httpx.Client(base_url=servers[1].url, timeout=30, trust_env=False) as carrier:
        yield World(settings, carrier, conversation, outbox, runner, db)
        for entry in carrier.get("/phone/wire").json():
            if entry["kind"] == "webhook" and entry["status"] == 200:
                judge(entry["answer"])
    runner.close()
    for server in servers:
        server.stop()


def until(found: Callable[[], Any], seconds: float = 10) -> Any:
    """The first true answer of `found`."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return answer


def test_a_text_is_answered_over_the_wire(world: World) -> None:
    assert world.text("hello") == ["You said text: hello"]
    thread = world.thread()
    assert [(text["direction"], text["body"]) for text in thread["texts"]] == [
        ("from_phone", "hello"),
        ("to_phone", "You said text: hello"),
    ]
    entry = world.carrier.get("/phone/wire").json()[0]
    assert entry["url"] == f"{world.settings.public_url}/twilio/sms"
    assert entry["signature"]
    assert entry["form"]["Body"] == "hello"


def test_a_card_number_is_wiped_from_the_carrier_s_log(world: World) -> None:
    world.text("4242 4242 4242 4242")
    sent = until(lambda: next((text for text in world.thread()["texts"] if text["is_redacted"]), None))
    assert (sent["direction"], sent["body"]) == ("from_phone", "")
    assert "4242 4242" not in world.carrier.get("/phone/wire").text


def test_a_late_answer_comes_as_a_message_of_its_own(world: World) -> None:
    world.runner.answer_seconds = 0.05
    go_on = threading.Event()

    def slowly(_heard: Heard) -> list[Reply]:
        assert go_on.wait(10)
        return [Reply("Paid.")]

    world.conversation.answers = [slowly]
    assert world.text("pay") == []
    go_on.set()
    last = world.thread(after=1, wait_seconds=10)["texts"]
    assert [text["body"] for text in last] == ["Paid."]


def test_a_call_of_ours_rings_and_goes_on(world: World) -> None:
    with world.db.write() as tx:
        world.outbox.queue_call(tx, phone=ADA, path="/twilio/voice?resume=ses_9", dedupe_key="c")
    assert world.outbox.send_due() == 1
    call_id = world.thread()["call_id"]
    ringing = world.carrier.get(f"/phone/calls/{call_id}").json()
    assert (ringing["state"], ringing["direction"]) == ("ringing", "to_phone")
    answered = world.call(f"/phone/calls/{call_id}/answer")
    assert answered["state"] == "listening"
    assert "call_opened" in answered["lines"][0]["text"]
    assert world.conversation.resumes == ["ses_9"]
    given = world.call(f"/phone/calls/{call_id}/input", keys="1")
    assert [line["kind"] for line in given["lines"]] == ["keyed", "said"]
    assert world.call(f"/phone/calls/{call_id}/hang_up")["state"] == "ended"
    assert world.thread()["call_id"] is None


def test_a_declined_and_an_unanswered_call_end_by_themselves(world: World, clock: FixedClock) -> None:
    sender = TwilioSender(world.settings)
    first = sender.place_call(ADA, "/twilio/voice")
    declined = world.call(f"/phone/calls/{first}/decline")
    assert (declined["state"], declined["ended_because"]) == ("ended", "nobody took it (busy)")
    second = sender.place_call(ADA, "/twilio/voice")
    clock.advance(timedelta(minutes=2))
    assert world.carrier.get(f"/phone/calls/{second}").json()["ended_because"] == "nobody took it (no-answer)"
    assert world.carrier.post(f"/phone/calls/{second}/answer").status_code == 409


def test_a_card_is_keyed_and_exchanged_at_the_processor(world: World, stripe_standin: StandIn) -> None:
    world.conversation.answers = [[Reply("Key in your card.", Expectation("new_card", draft_id="d"))]]
    call = world.call(f"/phone/{ADA}/calls")
    assert (call["state"], call["listening"]["field"]) == ("card", "payment-card-number")
    for keys in ("4242424242424242#", "1230", "123#", "30601#"):
        call = world.call(f"/phone/calls/{call['id']}/input", keys=keys)
    card = world.conversation.heard[-1].card
    assert card["result"] == "success"
    assert card["token"] in [method["id"] for method in stripe_standin.books()["payment_method"]]
    assert "4242424242424242" not in world.carrier.get("/phone/wire").text


def test_hanging_up_while_the_service_is_at_work(world: World) -> None:
    call = world.call(f"/phone/{ADA}/calls")
    go_on = threading.Event()

    def slowly(_heard: Heard) -> list[Reply]:
        assert go_on.wait(10)
        return [Reply("Paid.")]

    world.conversation.answers = [slowly]
    busy = world.carrier.post(
        f"/phone/calls/{call['id']}/input", json={"keys": "1"}, params={"wait_seconds": 0}
    ).json()
    assert busy["state"] == "busy"
    world.carrier.post(f"/phone/calls/{call['id']}/hang_up", params={"wait_seconds": 0}).raise_for_status()
    go_on.set()
    ended = until(lambda: _ended(world, call["id"]))
    assert ended["ended_because"] == "the caller hung up"
    assert "Paid." not in str(ended["lines"])
    assert until(lambda: world.conversation.ended)[0][1] == "completed"


def _ended(world: World, call_id: str) -> dict[str, Any] | None:
    view: dict[str, Any] = world.carrier.get(f"/phone/calls/{call_id}").json()
    return view if view["state"] == "ended" else None


def test_what_does_not_fit_is_refused_in_words(world: World) -> None:
    carrier = world.carrier
    call = world.call(f"/phone/{ADA}/calls")
    path = f"/phone/calls/{call['id']}/input"
    assert carrier.get("/phone/calls/CA1").status_code == 404
    assert carrier.post("/phone/12/texts", json={"body": "x"}).status_code == 422
    assert carrier.post(path, json={"keys": "1", "silence": True}).status_code == 422
    assert carrier.post(path, json={"keys": "a"}).status_code == 422
    assert carrier.post(f"/phone/{ADA}/calls").status_code == 409
    assert carrier.post(f"/phone/calls/{call['id']}/decline").status_code == 409
    world.call(f"/phone/calls/{call['id']}/hang_up")
    assert carrier.post(path, json={"keys": "1"}).status_code == 409
    assert carrier.post("/2010-04-01/Accounts/AC1/Messages.json", data={"Body": "x"}).status_code == 401


def test_the_health_and_the_page_are_there(world: World) -> None:
    health = world.carrier.get("/phone/health").json()
    assert health["ready"] is True
    assert health["coop_number"] == world.settings.twilio_phone_number
    assert "text/html" in world.carrier.get("/phone").headers["content-type"]


def test_the_sender_tells_no_from_unknown(world: World, clock: FixedClock) -> None:
    sender, since = TwilioSender(world.settings), clock.now()
    with pytest.raises(NotDeliverable) as refusal:
        sender.send_text("+0", "hi")
    assert refusal.value.code == "21211"
    world.knobs(text_fault="broken", call_fault="broken")
    with pytest.raises(SenderUnknown):
        sender.send_text(ADA, "hi")
    with pytest.raises(SenderUnknown):
        sender.place_call(ADA, "/twilio/voice")
    assert sender.find_text(ADA, "hi", since) is None
    assert sender.find_call(ADA, since) is None
    world.knobs(text_fault="lost_answer", call_fault="lost_answer")
    with pytest.raises(SenderUnknown):
        sender.send_text(ADA, "hi")
    with pytest.raises(SenderUnknown):
        sender.place_call(ADA, "/twilio/voice")
    world.knobs()
    assert sender.find_text(ADA, "hi", since) == world.thread()["texts"][-1]["id"]
    assert sender.find_text(ADA, "hi", since + timedelta(seconds=1)) is None
    assert sender.find_text(ADA, "ho", since) is None
    assert sender.find_call(ADA, since) == world.thread()["call_id"]


def test_an_opted_out_phone_is_refused_by_the_carrier(world: World) -> None:
    world.text("STOP")
    with pytest.raises(NotDeliverable) as refusal:
        TwilioSender(world.settings).send_text(ADA, "hi")
    assert refusal.value.code == "21610"


def test_redacting_wipes_one_message(world: World) -> None:
    sender = TwilioSender(world.settings)
    kept, wiped = sender.send_text(ADA, "one"), sender.send_text(ADA, "two")
    sender.redact_text(wiped)
    assert {text["id"]: text["body"] for text in world.thread()["texts"]} == {kept: "one", wiped: ""}
    with pytest.raises(NotDeliverable):
        sender.redact_text("SM" + "0" * 32)


def test_a_wrong_token_or_a_dead_carrier_is_unknown_and_tried_again(world: World) -> None:
    wrong = world.settings.model_copy(update={"twilio_auth_token": SecretStr("not the token")})
    dead = world.settings.model_copy(update={"twilio_api_base": f"http://127.0.0.1:{free_port()}"})
    for settings in (wrong, dead):
        with pytest.raises(SenderUnknown) as trouble:
            TwilioSender(settings).send_text(ADA, "secret words")
        assert "secret words" not in str(trouble.value)
        assert ADA not in str(trouble.value)


def test_the_network_refuses_production(settings: Settings) -> None:
    with pytest.raises(UnsafeConfiguration):
        create_app(settings.model_copy(update={"environment": "production"}))


def test_the_network_runs_as_a_process_of_its_own() -> None:
    port = free_port()
    command = [sys.executable, "-m", "assistant.sandbox.phone_network", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: _is_up(port), seconds=60)
    finally:
        process.terminate()
        process.wait(20)


def _is_up(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}/phone/health"
        return bool(httpx.get(url, trust_env=False).json()["ready"])
    except httpx.HTTPError:
        return False
