"""Simulated processes: one runs at a time, and at every boundary it may be put to sleep or die.

A boundary stands before every commit and around every call to a vendor (tests/crashing.py).
A process sleeps only where it holds no transaction, as a real one that waits for the network, and others go
on meanwhile; it may wake up much later, or never. With one seed the order of everything is always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import greenlet

from tests.crashing import Boundaries, Crash

Fate = Literal["go", "sleep", "die"]
# What reaches the member or the processor twice when who does it slept too long: no key makes it once.
_NO_SLEEP = ("commit", "send_text", "find_text")


class Process:
    """One piece of work in a process of its own. `error` is what ended it, other than a planned death."""

    def __init__(self, name: str, work: Callable[[], None], started_at: datetime) -> None:
        self.name = name
        self.started_at = started_at
        self.error: BaseException | None = None
        self.has_died = False
        self._work = work
        self._greenlet = greenlet.greenlet(self._run)

    @property
    def is_asleep(self) -> bool:
        return not self._greenlet.dead

    def go_on(self) -> None:
        """Run until the next sleep, or the end."""
        self._greenlet.switch()

    def kill(self) -> None:
        """The machine is gone; the process handles nothing."""
        self.has_died = True
        self._greenlet.throw(Crash("killed"))

    def _run(self) -> None:
        try:
            self._work()
        except Crash:
            self.has_died = True
        except BaseException as unexpected:  # noqa: BLE001  it is raised again where the story is told
            self.error = unexpected


class Fates(Boundaries):
    """Asks at each boundary what becomes of the running process; outside of processes nothing happens."""

    def __init__(self) -> None:
        super().__init__()
        self.running: Process | None = None
        self.decide: Callable[[str], Fate] = lambda _what: "go"
        self.note: Callable[[str], None] = lambda _what: None
        self._is_counting = True
        self._main = greenlet.getcurrent()

    def run(self, process: Process) -> None:
        """Start the process or wake it up; returns when it sleeps, has died or is done."""
        self.running = process
        self._main = greenlet.getcurrent()
        process.go_on()
        self.running = None
        if process.error is not None:
            raise process.error

    def reach(self, what: str) -> None:
        if self.running is None:
            return
        fate = self.decide(what)
        if fate == "die":
            self.note(f"dies before {what}")
            raise Crash(what)
        if fate == "sleep" and what not in _NO_SLEEP:
            self.note(f"sleeps before {what}")
            self._main.switch()

    def _let_others_work(self) -> None:
        if self.running is not None and self.decide("go on") == "sleep":
            self.note("sleeps")
            self._main.switch()
