"""A call on the network: runs in its own thread, so that a handset can look, wait, or hang up meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from assistant.sandbox.phone_models import CallInput, CallState, CallView
from assistant.sandbox.twiml import Call


class NotNow(Exception):
    """The call is not in a state for this; the message says why."""


class LiveCall:
    """One call between a phone and the co-op. `rings_until` is set for calls that the co-op placed."""

    def __init__(
        self,
        call: Call,
        phone: str,
        direction: Literal["from_phone", "to_phone"],
        *,
        made_at: datetime,
        ring_seconds: int = 0,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.call = call
        self.phone = phone
        self.direction = direction
        self.made_at = made_at
        self._rings_until = made_at + timedelta(seconds=ring_seconds) if ring_seconds else None
        self._on_change = on_change
        self._changed = threading.Condition()
        self._is_running = False

    @property
    def id(self) -> str:
        return self.call.route.call_id

    @property
    def state(self) -> CallState:
        if self.call.ended_because:
            return "ended"
        if self._is_running:
            return "busy"
        if self._rings_until is not None:
            return "ringing"
        listening = self.call.listening
        return "busy" if listening is None else "card" if listening.field else "listening"

    def pick_up(self) -> None:
        """Begin the call: the co-op's number answers at once, a ringing handset when it is taken."""
        if self.state not in ("ringing", "busy") or self.call.lines:
            raise NotNow("the call is not ringing")
        self._rings_until = None
        self._run(self.call.start)

    def give(self, given: CallInput) -> None:
        """The member keys, speaks or stays silent."""
        if self.state not in ("listening", "card"):
            raise NotNow(f"the call is {self.state}")
        self._run(lambda: self.call.give(given))

    def hang_up(self) -> None:
        """The member hangs up, or does not take a ringing call."""
        if self.state == "ringing":
            self._rings_until = None
            self.call.turn_away("busy")
        elif self._is_running:
            self.call.hang_up()
        elif self.state != "ended":
            self._run(self.call.hang_up)
        self._on_change()

    def stop_ringing_if_late(self, now: datetime) -> None:
        """Nobody took the call in time."""
        if self._rings_until is not None and now >= self._rings_until:
            self._rings_until = None
            self.call.turn_away("no-answer")
            self._on_change()

    def settle(self, wait_seconds: float) -> None:
        """Wait until the call listens, rings or has ended."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_running, timeout=wait_seconds)

    def view(self, after: int = 0) -> CallView:
        """The call as its handset sees it, with the lines numbered above `after`."""
        return CallView(
            id=self.id,
            phone=self.phone,
            direction=self.direction,
            state=self.state,
            lines=[line for line in list(self.call.lines) if line.number > after],
            listening=self.call.listening if self.state in ("listening", "card") else None,
            ended_because=self.call.ended_because,
        )

    def _run(self, action: Callable[[], None]) -> None:
        with self._changed:
            if self._is_running:
                raise NotNow("the call is busy")
            self._is_running = True
        threading.Thread(target=self._perform, args=(action,), name=f"call-{self.id}", daemon=True).start()

    def _perform(self, action: Callable[[], None]) -> None:
        try:
            action()
        finally:
            with self._changed:
                self._is_running = False
                self._changed.notify_all()
            self._on_change()
