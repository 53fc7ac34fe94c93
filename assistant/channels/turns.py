"""Runs turns beside the webhook's own thread, so that Twilio gets an answer in time whatever a turn takes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime

import structlog

_log = structlog.get_logger(__name__)
# One thread per turn under way; what waits for a thread counts into the time of its turn.
THREADS = 32


class TurnRunner:
    """Runs a turn's work in a thread and waits for it until the deadline."""

    def __init__(self, answer_seconds: float) -> None:
        self.answer_seconds = answer_seconds
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="turn")

    def run(self, work: Callable[[], str], *, when_late: Callable[[str], None]) -> str | None:
        """The work's answer, or None when it takes too long; then `when_late` gets the answer afterwards.

        Exactly one of the two gets it. The work itself must not raise.
        """
        handover = _Handover(when_late)
        future = self._pool.submit(handover.perform, work)
        try:
            return future.result(timeout=self.answer_seconds)
        except NotInTime:
            return handover.give_up(future)

    def close(self) -> None:
        """Wait for the turns under way: their answers are still wanted."""
        self._pool.shutdown(wait=True)


class _Handover:
    """Decides, once, whether the webhook or `when_late` gets the answer."""

    def __init__(self, when_late: Callable[[str], None]) -> None:
        self._when_late = when_late
        self._guard = threading.Lock()
        self._is_late = False
        self._is_done = False

    def perform(self, work: Callable[[], str]) -> str:
        answer = work()
        with self._guard:
            self._is_done = True
            if not self._is_late:
                return answer
        try:
            self._when_late(answer)
        except Exception as error:  # nobody waits for this thread any more, so the log is all there is
            _log.error("late_answer_failed", error=type(error).__name__)
            raise
        return answer

    def give_up(self, future: Future[str]) -> str | None:
        """Called at the deadline: None makes the answer late, unless it came this very moment."""
        with self._guard:
            if not self._is_done:
                self._is_late = True
                return None
        return future.result()
