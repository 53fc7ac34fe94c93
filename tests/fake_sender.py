"""A carrier in memory that can refuse, go silent before taking a message, or take it and lose the answer."""

from __future__ import annotations

from datetime import datetime

from assistant.clock import Clock
from assistant.errors import SenderUnknown
from assistant.notifications.sender import NotDeliverable


class FakeSender:
    """Fills the port to the carrier. `texts` and `calls` are (id, phone, body or path, at); `plan` holds what
    the next sends do: "ok", "lost" (not taken, no answer), "taken" (taken, no answer) or a refusal code."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.texts: list[tuple[str, str, str, datetime]] = []
        self.calls: list[tuple[str, str, str, datetime]] = []
        self.redacted: list[str] = []
        self.plan: list[str] = []
        self.looks = 0

    def send_text(self, to_phone: str, body: str) -> str:
        return self._take(self.texts, to_phone, body, "SM")

    def place_call(self, to_phone: str, path: str) -> str:
        return self._take(self.calls, to_phone, path, "CA")

    def find_text(self, to_phone: str, body: str, since: datetime) -> str | None:
        self.looks += 1
        found = [row for row in self.texts if row[1] == to_phone and row[2] == body and row[3] >= since]
        return found[-1][0] if found else None

    def find_call(self, to_phone: str, since: datetime) -> str | None:
        self.looks += 1
        found = [row for row in self.calls if row[1] == to_phone and row[3] >= since]
        return found[-1][0] if found else None

    def redact_text(self, message_id: str) -> None:
        self._misbehave_before()
        self.redacted.append(message_id)

    def bodies_to(self, phone: str) -> list[str]:
        return [body for _, to_phone, body, _ in self.texts if to_phone == phone]

    def _take(self, box: list[tuple[str, str, str, datetime]], phone: str, what: str, prefix: str) -> str:
        step = self._misbehave_before()
        sid = f"{prefix}{len(box) + 1:032x}"
        box.append((sid, phone, what, self._clock.now()))
        if step == "taken":
            raise SenderUnknown("the answer got lost")
        return sid

    def _misbehave_before(self) -> str:
        step = self.plan.pop(0) if self.plan else "ok"
        if step == "lost":
            raise SenderUnknown("no answer")
        if step not in ("ok", "taken"):
            raise NotDeliverable(step)
        return step
