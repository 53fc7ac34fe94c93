"""Fixtures of the phone network: a carrier that drives the service, and a judge over all TwiML ever made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator
from twilio.twiml import TwiML

from assistant.clock import FixedClock
from assistant.sandbox.carrier import Carrier
from assistant.sandbox.carrier_wire import Answer, Post
from assistant.sandbox.live_call import LiveCall
from assistant.sandbox.phone_models import CallInput, TextIn
from assistant.settings import Settings
from tests.judges.twiml_schema import judge

WRITE_XML = TwiML.to_xml
CALL_SECONDS = 30


@pytest.fixture(autouse=True)
def judged_twiml(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every TwiML document that any code of a test writes is judged as it is written."""

    def write_judged(node: TwiML, xml_declaration: bool = True) -> str:
        document: str = WRITE_XML(node, xml_declaration)
        if node.name == "Response":
            judge(document)
        return document

    monkeypatch.setattr(TwiML, "to_xml", write_judged)


def post_to(app: FastAPI, settings: Settings) -> Post:
    """Posts webhooks to an application in this process, as the carrier would; judges what comes back."""
    return post_through(TestClient(app, base_url=settings.public_url, raise_server_exceptions=False))


def post_through(client: TestClient) -> Post:
    """The same with a client that its owner may keep open: then all its requests share one event loop."""

    def post(url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
        response = client.post(url, data=form, headers=headers)
        if response.status_code == 200:
            judge(response.text)
        return Answer(response.status_code, response.text)

    return post


class Phone:
    """A member's phone: texts, calls, and what was heard. A call that does not settle fails the test."""

    def __init__(self, carrier: Carrier, number: str) -> None:
        self.carrier = carrier
        self.number = number
        self.current: LiveCall | None = None

    def text(self, body: str, media_count: int = 0) -> str:
        """Send a text; the answer that came with it, "" for none."""
        _, answers = self.carrier.text_from(self.number, TextIn(body=body, media_count=media_count))
        return "\n".join(answer.body for answer in answers)

    def received(self) -> list[str]:
        """Every text that this phone ever got."""
        return [t.body for t in self.carrier.texts if t.phone == self.number and t.direction == "to_phone"]

    def dial(self) -> str:
        """Call the co-op; what is heard first."""
        self.current = self.carrier.call_from(self.number)
        return self._heard_since(0)

    def pick_up(self) -> str:
        """Take a ringing call."""
        call_id = self.carrier.thread(self.number).call_id
        assert call_id is not None, "the phone does not ring"
        self.current = self.carrier.calls[call_id]
        self.current.pick_up()
        return self._heard_since(0)

    def press(self, keys: str, *, is_done: bool = False) -> str:
        return self._give(CallInput(keys=keys, is_done=is_done))

    def say(self, words: str, confidence: float | None = 0.9) -> str:
        return self._give(CallInput(speech=words, confidence=confidence))

    def stay_silent(self) -> str:
        return self._give(CallInput(silence=True))

    def hang_up(self) -> None:
        assert self.current is not None
        self.current.hang_up()
        self.current.settle(CALL_SECONDS)

    @property
    def state(self) -> str:
        assert self.current is not None
        return self.current.state

    def transcript(self) -> str:
        """The whole call: `said: …` and what the member did."""
        assert self.current is not None
        return "\n".join(f"{line.kind}: {line.text}" for line in self.current.call.lines)

    def _give(self, given: CallInput) -> str:
        assert self.current is not None
        before = len(self.current.call.lines)
        self.current.give(given)
        return self._heard_since(before)

    def _heard_since(self, before: int) -> str:
        assert self.current is not None
        self.current.settle(CALL_SECONDS)
        assert self.current.state != "busy", self.transcript()
        return " ".join(line.text for line in self.current.call.lines[before:] if line.kind == "said")


@pytest.fixture
def carrier_for(settings: Settings, clock: FixedClock) -> Iterator[Callable[[FastAPI], Carrier]]:
    """Makes a carrier whose webhooks go to the given application; pauses take no time."""
    carriers: list[Carrier] = []

    def make(app: FastAPI, **options: Any) -> Carrier:
        carrier = Carrier(settings, clock, post=post_to(app, settings), sleep=lambda _: None, **options)
        carriers.append(carrier)
        return carrier

    yield make
    for carrier in carriers:
        for call in carrier.calls.values():
            call.settle(CALL_SECONDS)


@pytest.fixture
def sign(settings: Settings) -> Callable[[str, dict[str, str]], dict[str, str]]:
    """The headers of a webhook to a path below the public URL, signed as Twilio signs."""
    validator = RequestValidator(settings.twilio_auth_token.get_secret_value())

    def headers(path: str, form: dict[str, str]) -> dict[str, str]:
        return {"X-Twilio-Signature": validator.compute_signature(settings.public_url + path, form)}

    return headers
