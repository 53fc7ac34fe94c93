"""Deaths on demand: before every commit and before every call to a vendor, the process may die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy.orm import Session

from assistant.db import Database
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender

_GATEWAY_CALLS = ("create_customer", "charge", "find_charge", "read_charge", "refund", "read_returns")
_SENDER_CALLS = ("send_text", "find_text")


class Crash(BaseException):
    """The process died. No `except Exception` may catch it: a dead process handles nothing."""


class Boundaries:
    """Counts the boundaries that the code passes, and dies at the planned ones, counted from 1.

    A boundary stands before each thing that lasts: a commit, or a call that reaches a vendor. To die before
    one is to die after the one before it, so between them these are all the deaths there are; an uncommitted
    transaction is lost, and a vendor's answer that was not committed was never heard.
    """

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.deaths: frozenset[int] = frozenset()
        self.after_commit: Callable[[], None] = lambda: None
        # Runs wherever no transaction is open, with the count: other processes at work.
        self.meanwhile: Callable[[int], None] = lambda _: None
        self._is_counting = False

    @contextmanager
    def counted(self, *deaths: int) -> Iterator[None]:
        """Count from zero within this block, and die at the boundaries `deaths`."""
        self.passed, self.deaths, self._is_counting = [], frozenset(deaths), True
        try:
            yield
        finally:
            self._is_counting = False

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """Within this block nobody dies, and what is passed does not count."""
        was_counting, self._is_counting = self._is_counting, False
        try:
            yield
        finally:
            self._is_counting = was_counting

    @property
    def places(self) -> list[str]:
        """What was about to be done when the process died, as `3 charge`."""
        return [f"{number} {self.passed[number - 1]}" for number in sorted(self.deaths)]

    def reach(self, what: str) -> None:
        """`what` is about to be done."""
        if self._is_counting:
            self.passed.append(what)
            if len(self.passed) in self.deaths:
                raise Crash(what)

    def watch_database(self, db: Database) -> None:
        """Every `db.write` block has a boundary before its commit."""
        write = db.write

        @contextmanager
        def watched() -> Iterator[Session]:
            with write() as tx:
                yield tx
                self.reach("commit")
            if self._is_counting:
                self.after_commit()
            self._let_others_work()

        db.write = watched  # type: ignore[method-assign]

    def watch_vendors(self, gateway: FakeGateway, sender: FakeSender) -> None:
        """Every call to the processor and the carrier has a boundary before it."""
        for vendor, names in ((gateway, _GATEWAY_CALLS), (sender, _SENDER_CALLS)):
            for name in names:
                setattr(vendor, name, self._watched_call(name, getattr(vendor, name)))

    def _watched_call(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            self.reach(name)
            try:
                return call(*given, **named)
            finally:
                self._let_others_work()

        return watched

    def _let_others_work(self) -> None:
        """Their own boundaries do not count."""
        if self._is_counting:
            self._is_counting = False
            try:
                self.meanwhile(len(self.passed))
            finally:
                self._is_counting = True


def spare_the_disk(db: Database) -> None:
    """Deaths are played, hundreds of times: nothing that SQLite writes need survive a real one."""
    if db.is_sqlite:
        with closing(db.writer.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA synchronous=OFF")
