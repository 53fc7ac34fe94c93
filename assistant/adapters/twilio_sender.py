"""Fills the port to the carrier with Twilio: texts, calls, looking for them again, and redaction."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from assistant.errors import SenderUnknown
from assistant.notifications.sender import NotDeliverable
from assistant.settings import Settings

TWILIO_API = "https://api.twilio.com"
# The library waits for ever by default.
TIMEOUT_SECONDS = 10
RING_SECONDS = 40
# How far back a look for a text or call goes; the newest come first.
LOOK_LIMIT = 50
# Answers that say "not now" or "your set-up is wrong", not "this phone cannot be reached".
_NOT_FINAL = frozenset({401, 403, 408, 429})

# The library logs addresses and query parameters, which hold phone numbers.
_silent = logging.getLogger("assistant.adapters.twilio_http")
_silent.disabled = True


class TwilioSender:
    """Sends as `settings.twilio_phone_number`; `settings.twilio_api_base` may point at the sandbox."""

    def __init__(self, settings: Settings) -> None:
        self._from_phone = settings.twilio_phone_number
        self._public_url = settings.public_url.rstrip("/")
        self._client = Client(  # type: ignore[no-untyped-call]
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value(),
            http_client=_HttpClient(settings.twilio_api_base),
        )

    def send_text(self, to_phone: str, body: str) -> str:
        """Send one text; returns the MessageSid. Raises NotDeliverable or SenderUnknown."""
        with _outcomes():
            message = self._client.messages.create(to=to_phone, from_=self._from_phone, body=body)
        return _require_id(message.sid)

    def place_call(self, to_phone: str, path: str) -> str:
        """Ring a phone; `path` below the public URL answers. Returns the CallSid."""
        with _outcomes():
            call = self._client.calls.create(
                to=to_phone,
                from_=self._from_phone,
                url=self._public_url + path,
                method="POST",
                fallback_url=f"{self._public_url}/twilio/voice/fallback",
                fallback_method="POST",
                status_callback=f"{self._public_url}/twilio/voice/status",
                status_callback_method="POST",
                status_callback_event=["completed"],
                timeout=RING_SECONDS,
            )
        return _require_id(call.sid)

    def find_text(self, to_phone: str, body: str, since: datetime) -> str | None:
        """The MessageSid of such a text made at or after `since`, or None.

        Twilio filters by the time of sending, which a queued message does not have yet: so we filter here.
        """
        with _outcomes():
            messages = self._client.messages.list(to=to_phone, from_=self._from_phone, limit=LOOK_LIMIT)
        wanted = body.strip()
        found = (
            m.sid for m in messages if _is_since(m.date_created, since) and (m.body or "").strip() == wanted
        )
        return next(found, None)

    def find_call(self, to_phone: str, since: datetime) -> str | None:
        """The CallSid of a call to this phone made at or after `since`, or None."""
        with _outcomes():
            calls = self._client.calls.list(to=to_phone, from_=self._from_phone, limit=LOOK_LIMIT)
        return next((call.sid for call in calls if _is_since(call.date_created, since)), None)

    def redact_text(self, message_id: str) -> None:
        """Wipe a message's body from Twilio's log. Raises NotDeliverable while it is still on its way."""
        with _outcomes():
            self._client.messages(message_id).update(body="")


class _HttpClient(TwilioHttpClient):
    """Twilio's HTTP client with a timeout, no logging, and another address for the API when one is set."""

    def __init__(self, api_base: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS, logger=_silent)
        self._api_base = api_base.rstrip("/")
        if self.session is not None and self._api_base:
            self.session.trust_env = False  # a proxy has no business between us and the loopback

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        # The library names its own second parameter two ways; every caller passes it by position.
        if self._api_base and url.startswith(TWILIO_API):
            url = self._api_base + url.removeprefix(TWILIO_API)
        return super().request(method, url, *args, **kwargs)


@contextmanager
def _outcomes() -> Iterator[None]:
    """Turn the library's exceptions into the port's, without their words: those hold phone numbers."""
    try:
        yield
    except TwilioRestException as error:
        if 400 <= error.status < 500 and error.status not in _NOT_FINAL:
            raise NotDeliverable(str(error.code or error.status)) from None
        raise SenderUnknown(f"carrier answered {error.status}") from None
    except (RequestException, TwilioException, ValueError) as error:
        raise SenderUnknown(type(error).__name__) from None


def _require_id(sid: str | None) -> str:
    if not sid:
        raise SenderUnknown("no id in the carrier's answer")
    return sid


def _is_since(made_at: datetime | None, since: datetime) -> bool:
    """Twilio's times have whole seconds."""
    return made_at is not None and made_at >= since.replace(microsecond=0)
