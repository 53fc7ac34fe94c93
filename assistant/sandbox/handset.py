"""A member's phone in a terminal: texts and calls over the sandbox phone network's JSON API."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from assistant.sandbox.phone_models import CallInput, CallView, TextSent, TextView, ThreadView

_HTTP_SECONDS = 40
_POLL_SECONDS = 15
# The co-op may take a moment to text again by itself, e.g. a receipt after a call.
FOLLOW_UP_SECONDS = 2


class NetworkGone(Exception):
    """The phone network does not answer, or refuses what was asked; the message says which."""


class Handset:
    """One phone of the sandbox. Raises NetworkGone when the network is not there."""

    def __init__(self, network_url: str, phone: str) -> None:
        self.phone = phone
        self._client = httpx.Client(base_url=network_url, timeout=_HTTP_SECONDS, trust_env=False)

    def __enter__(self) -> Handset:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def text(self, body: str) -> TextSent:
        """Send a text and wait for what the co-op answers at once."""
        sent = self._ask("POST", f"{self._line}/texts", json={"body": body})
        return TextSent.model_validate(sent)

    def texts_after(self, number: int, wait_seconds: float = 0) -> list[TextView]:
        """The thread's texts above `number`; waits for one at most so long."""
        params = {"after": str(number), "wait_seconds": str(wait_seconds)}
        thread = self._ask("GET", f"{self._line}/thread", params=params)
        return ThreadView.model_validate(thread).texts

    def dial(self) -> CallView:
        """Call the co-op; returns when the line listens or has ended."""
        return self._settled(self._call("POST", f"{self._line}/calls"))

    def give(self, call: CallView, given: CallInput) -> CallView:
        """Key, say or leave something unsaid; returns the call with the lines since."""
        content = given.model_dump(exclude_defaults=True)
        return self._settled(self._call("POST", f"/phone/calls/{call.id}/input", json=content))

    def hang_up(self, call: CallView) -> CallView:
        return self._call("POST", f"/phone/calls/{call.id}/hang_up")

    @property
    def _line(self) -> str:
        return f"/phone/{quote(self.phone, safe='')}"

    def _settled(self, call: CallView) -> CallView:
        """Wait while the line is speaking; keeps every line said meanwhile."""
        lines = list(call.lines)
        while call.state == "busy":
            last = lines[-1].number if lines else 0
            params = {"after": str(last), "wait_seconds": str(_POLL_SECONDS)}
            call = self._call("GET", f"/phone/calls/{call.id}", params=params)
            lines.extend(line for line in call.lines if line.number > last)
            if call.state == "busy":
                time.sleep(0.1)
        return call.model_copy(update={"lines": lines})

    def _call(self, method: str, path: str, **content: Any) -> CallView:
        return CallView.model_validate(self._ask(method, path, **content))

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        try:
            answer = self._client.request(method, path, **content)
        except httpx.HTTPError as error:
            raise NetworkGone(f"The phone network does not answer ({type(error).__name__}).") from error
        if answer.is_error:
            raise NetworkGone(f"The phone network refused this: {answer.status_code} {answer.text[:200]}")
        return answer.json()
