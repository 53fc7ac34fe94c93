"""Fills the port to the dialogue engine over HTTP: our channel inside Rasa, one of several processes."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx

from assistant.dialogue.engine import EngineButton, EngineMessage, EngineReply, Reading
from assistant.errors import EngineUnavailable

SECRET_HEADER = "X-Porchlight-Secret"  # noqa: S105  the header's name
TURN_PATH = "/webhooks/porchlight/turn"
READINGS_PATH = "/webhooks/porchlight/readings"
HEALTH_PATH = "/webhooks/porchlight/health"
# More than this for one turn means that a rule is looping.
MOST_REPLIES = 2
CONNECT_SECONDS = 2.0
HEALTH_SECONDS = 3.0
_POOL = httpx.Limits(max_connections=64, max_keepalive_connections=32)


class RasaEngine:
    """Sends each conversation to the same one of `urls` (comma-separated), so its lock and order hold there.

    `timeout_seconds` is the longest wait for an answer; a turn is never sent twice.
    """

    def __init__(self, urls: str, secret: str, timeout_seconds: float) -> None:
        self._urls = [url.strip().rstrip("/") for url in urls.split(",") if url.strip()]
        if not self._urls:
            raise ValueError("rasa_url names no address")
        # Environment proxies would see what members say and our secret.
        self._http = httpx.Client(
            headers={SECRET_HEADER: secret},
            timeout=httpx.Timeout(timeout_seconds, connect=CONNECT_SECONDS),
            limits=_POOL,
            trust_env=False,
        )

    def respond(self, message: EngineMessage) -> list[EngineReply]:
        """Take one turn: one or two replies. Anything else is EngineUnavailable, and repeats no words."""
        replies = _read_replies(self._post(self.url_of(message.conversation) + TURN_PATH, _body(message)))
        if not 1 <= len(replies) <= MOST_REPLIES:
            raise EngineUnavailable(f"{len(replies)} replies")
        return replies

    def readings(self, texts: list[str]) -> list[Reading]:
        """What each text would be taken for, by whichever process: they all hold the same model."""
        response = self._post(self.url_of("".join(texts)) + READINGS_PATH, {"texts": texts})
        try:
            readings = [
                Reading(each["intent"], float(each["confidence"])) for each in response.json()["readings"]
            ]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise EngineUnavailable("not an answer of our channel") from None
        if len(readings) != len(texts):
            raise EngineUnavailable(f"{len(readings)} readings of {len(texts)} texts")
        return readings

    def is_ready(self) -> bool:
        """Whether every process answers with a trained model."""
        return all(self._is_up(url) for url in self._urls)

    def url_of(self, conversation: str) -> str:
        """The process that holds this conversation; the same in every replica of the service."""
        digest = hashlib.sha256(conversation.encode()).digest()
        return self._urls[int.from_bytes(digest[:8], "big") % len(self._urls)]

    def close(self) -> None:
        self._http.close()

    def _post(self, url: str, body: dict[str, Any]) -> httpx.Response:
        try:
            response = self._http.post(url, json=body)
        except httpx.HTTPError as problem:
            raise EngineUnavailable(type(problem).__name__) from None
        if response.status_code != httpx.codes.OK:
            raise EngineUnavailable(f"status {response.status_code}")
        return response

    def _is_up(self, url: str) -> bool:
        try:
            response = self._http.get(url + HEALTH_PATH, timeout=HEALTH_SECONDS)
            return response.status_code == httpx.codes.OK and response.json().get("ready") is True
        except (httpx.HTTPError, ValueError, AttributeError):
            return False


def _body(message: EngineMessage) -> dict[str, Any]:
    meant = {"intent": message.intent, "entities": message.entities} if message.intent else {}
    return {
        "conversation": message.conversation,
        "channel": message.channel,
        **(meant or {"text": message.text}),
        "metadata": message.metadata,
        "is_long": message.is_long,
    }


def _read_replies(response: httpx.Response) -> list[EngineReply]:
    try:
        return [_read_reply(each) for each in response.json()["replies"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngineUnavailable("not an answer of our channel") from None


def _read_reply(element: dict[str, Any]) -> EngineReply:
    return EngineReply(
        text=element["text"],
        buttons=tuple(EngineButton(each["title"], each["payload"]) for each in element["buttons"]),
        custom=dict(element["custom"]),
    )
