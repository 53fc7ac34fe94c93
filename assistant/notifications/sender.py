"""The port to the carrier: `adapters/twilio_sender.py` fills it.

The carrier has no idempotency key, so an unclear outcome raises `SenderUnknown` and the outbox looks
(`find_text`, `find_call`) before it sends again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class NotDeliverable(Exception):
    """The carrier refused for good (landline, opted out, bad number). `code` is the carrier's."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Sender(Protocol):
    def send_text(self, to_phone: str, body: str) -> str:
        """Send one text; returns the carrier's message id."""
        ...

    def place_call(self, to_phone: str, path: str) -> str:
        """Ring a phone; when answered, the carrier asks `path` below our public URL what to say."""
        ...

    def find_text(self, to_phone: str, body: str, since: datetime) -> str | None:
        """The id of such a text sent after `since`, or None: asked before sending again."""
        ...

    def find_call(self, to_phone: str, since: datetime) -> str | None:
        """The id of a call to `to_phone` started after `since`, or None: asked before ringing again."""
        ...

    def redact_text(self, message_id: str) -> None:
        """Wipe the body of a message from the carrier's log (a PIN or card number was in it)."""
        ...
