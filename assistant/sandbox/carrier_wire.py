"""Signed webhooks, as the carrier sends them: form, signature, the co-op's answer, and each exchange."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urljoin

import httpx
from twilio.request_validator import RequestValidator

from assistant.clock import Clock
from assistant.redaction import mask_card_numbers
from assistant.sandbox.phone_models import WireEntry

# Twilio gives up after this.
WEBHOOK_SECONDS = 15
# The wire log keeps the newest.
WIRE_LIMIT = 1000


@dataclass(frozen=True)
class Answer:
    """What the co-op answered; status 0 means that nothing came in time."""

    status: int
    body: str

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


class Post(Protocol):
    def __call__(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
        """Post a form. Gives status 0 instead of raising when there is no answer."""
        ...


class HttpPost:
    """Posts over HTTP; `close` gives its connections back."""

    def __init__(self) -> None:
        self._client = httpx.Client(timeout=WEBHOOK_SECONDS, trust_env=False)

    def __call__(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
        try:
            answer = self._client.post(url, data=form, headers=headers)
        except httpx.HTTPError:
            return Answer(0, "")
        return Answer(answer.status_code, answer.text)

    def close(self) -> None:
        self._client.close()


@dataclass(frozen=True)
class Exchange:
    """One webhook as it went over the wire."""

    url: str
    form: dict[str, str]
    signature: str
    answer: Answer
    milliseconds: int


class SignedWebhooks:
    """Posts forms below `base_url`, signed with the account's token."""

    def __init__(
        self,
        *,
        auth_token: str,
        base_url: str,
        post: Post,
        on_exchange: Callable[[Exchange], None] = lambda _: None,
    ) -> None:
        self._validator = RequestValidator(auth_token)  # type: ignore[no-untyped-call]
        self._base_url = base_url.rstrip("/")
        self._post = post
        self._on_exchange = on_exchange

    def resolve(self, address: str, below: str = "") -> str:
        """An address in TwiML or settings as a full URL; relative ones hang on the document's own."""
        return urljoin(below or self._base_url + "/", address)

    def send(self, url: str, form: dict[str, str]) -> Answer:
        """Sign and post one form."""
        signature = self._validator.compute_signature(url, form)  # type: ignore[no-untyped-call]
        started = time.monotonic()
        answer = self._post(url, form, {"X-Twilio-Signature": signature})
        took = round((time.monotonic() - started) * 1000)
        self._on_exchange(Exchange(url, form, signature, answer, took))
        return answer


class WireLog:
    """The newest exchanges in both directions, without card numbers; in memory only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._entries: deque[WireEntry] = deque(maxlen=WIRE_LIMIT)
        self._count = 0

    def entries(self, after: int = 0) -> list[WireEntry]:
        """What went over the wire, oldest first."""
        with self._guard:
            return [entry for entry in self._entries if entry.number > after]

    def note_api(self, method: str, path: str, form: dict[str, str], status: int, answer: str) -> None:
        """The co-op used the carrier's API."""
        self._note(
            {
                "kind": "api",
                "method": method,
                "url": path,
                "status": status,
                "answer": answer,
                "milliseconds": 0,
            },
            form,
        )

    def note_webhook(self, exchange: Exchange) -> None:
        """The carrier asked the co-op."""
        self._note(
            {
                "kind": "webhook",
                "method": "POST",
                "url": exchange.url,
                "signature": exchange.signature,
                "status": exchange.answer.status,
                "answer": exchange.answer.body,
                "milliseconds": exchange.milliseconds,
            },
            exchange.form,
        )

    def blank(self, text_id: str) -> None:
        """Wipe a text's words: the co-op redacted it."""
        with self._guard:
            for entry in self._entries:
                if text_id in (entry.form.get("MessageSid"), entry.form.get("sid")):
                    entry.form["Body"] = ""

    def _note(self, what: dict[str, Any], form: dict[str, str]) -> None:
        masked = {name: mask_card_numbers(value) for name, value in form.items()}
        with self._guard:
            self._count += 1
            self._entries.append(WireEntry(number=self._count, at=self._clock.now(), form=masked, **what))
