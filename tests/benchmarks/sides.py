"""The two sides as a member meets them: our signed webhook, and stock Rasa's REST channel."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

import httpx
from twilio.request_validator import RequestValidator

from assistant.settings import Settings
from tests.benchmarks.members import VirtualMember
from tests.benchmarks.script import Line

_SECONDS = 120


class WrongAnswer(Exception):
    """A turn was not answered as the script needs it: figures of such a run would mean nothing."""


class Side(Protocol):
    """Takes one line of one member."""

    name: str

    def client(self) -> httpx.Client: ...

    def say(self, client: httpx.Client, member: VirtualMember, line: Line) -> float:
        """Milliseconds of the whole turn. Raises WrongAnswer."""
        ...


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=_SECONDS, trust_env=False)


@dataclass(frozen=True)
class Ours:
    """`POST /twilio/sms`, signed as Twilio signs."""

    settings: Settings
    name: str = "ours"

    def client(self) -> httpx.Client:
        return _client(self.settings.public_url)

    def say(self, client: httpx.Client, member: VirtualMember, line: Line) -> float:
        form = {
            "MessageSid": f"SM{uuid4().hex}",
            "AccountSid": self.settings.twilio_account_sid,
            "From": member.phone,
            "To": self.settings.twilio_phone_number,
            "Body": line.text,
            "NumMedia": "0",
        }
        signer = RequestValidator(self.settings.twilio_auth_token.get_secret_value())
        signature = signer.compute_signature(f"{self.settings.public_url}/twilio/sms", form)
        began = time.perf_counter()
        response = client.post("/twilio/sms", data=form, headers={"X-Twilio-Signature": signature})
        took = (time.perf_counter() - began) * 1000
        words = "".join(ET.fromstring(response.text).itertext()) if response.is_success else ""  # noqa: S314
        _require(words, line.proof, self.name, line.text)
        return took


@dataclass(frozen=True)
class Stock:
    """`POST /webhooks/rest/webhook`, with the metadata that the actions need."""

    url: str
    name: str = "stock"

    def client(self) -> httpx.Client:
        return _client(self.url)

    def say(self, client: httpx.Client, member: VirtualMember, line: Line) -> float:
        metadata = {
            "session_id": member.session_id,
            "turn_id": f"turn_{uuid4().hex}",
            "language": "en",
            "channel": "sms",
            "phone": member.phone,
            "facts": {},
        }
        body = {"sender": member.session_id, "message": line.stock_text, "metadata": metadata}
        began = time.perf_counter()
        response = client.post("/webhooks/rest/webhook", json=body)
        took = (time.perf_counter() - began) * 1000
        replies: list[dict[str, Any]] = response.json() if response.is_success else []
        words = " ".join(str(reply.get("text") or "") for reply in replies)
        _require(words, line.proof_of_stock, self.name, line.stock_text)
        return took


def _require(words: str, proof: str, side: str, said: str) -> None:
    if proof not in words:
        raise WrongAnswer(f"{side}: {said!r} was answered with {words!r}, without {proof!r}")
