"""The demo's child processes: started on a leash with a log each, watched, and stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from assistant.sandbox.leash import leash_argv

STOP_SECONDS = 8
TAIL_LINES = 15
_TAIL_BYTES = 8_000


@dataclass(frozen=True)
class Spec:
    """What to start. `name` is what a person calls it; `env` is its whole environment, ours if None."""

    name: str
    argv: list[str]
    env: dict[str, str] | None = None
    cwd: Path | None = None


class ChildDied(Exception):
    """A child ended by itself. `reason` says which and how, `tail` is the end of its log."""

    def __init__(self, reason: str, log_path: Path, tail: str) -> None:
        self.reason = reason
        self.log_path = log_path
        self.tail = tail
        super().__init__(reason)


@dataclass
class _Child:
    spec: Spec
    process: subprocess.Popen[bytes]
    log_path: Path


class Children:
    """Starts children and stops them all when the `with` block ends, however it ends."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._children: list[_Child] = []

    def __enter__(self) -> Children:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, spec: Spec) -> None:
        """Start one child in a session of its own, so that Ctrl-C reaches only the supervisor.

        Must be called from the main thread: the kernel's leash hangs on the starting thread.
        """
        log_path = self._log_dir / f"{spec.name.replace(' ', '-')}.log"
        with log_path.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  our own commands
                leash_argv(spec.argv),
                env=spec.env,
                cwd=spec.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(_Child(spec, process, log_path))

    def require_alive(self) -> None:
        """Raise ChildDied when any child has ended."""
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise ChildDied(_how_it_ended(child.spec.name, code), child.log_path, tail_of(child.log_path))

    def watch(self) -> None:
        """Return never; raise ChildDied when a child ends."""
        while True:
            self.require_alive()
            time.sleep(0.5)

    def stop(self) -> None:
        """Ask every child to stop, the youngest first; kill what has not gone after STOP_SECONDS.

        A second Ctrl-C changes nothing: half-stopped is the one state nobody wants.
        """
        with _deaf_to_signals():
            self._stop()

    def _stop(self) -> None:
        for child in reversed(self._children):
            _signal_group(child.process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self._children):
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            # Also after a clean end: a grandchild may still be in the group.
            _signal_group(child.process, signal.SIGKILL)
            child.process.wait()
        self._children.clear()


@contextmanager
def _deaf_to_signals() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tail_of(log_path: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log; empty when there is none."""
    try:
        with log_path.open("rb") as log:
            log.seek(max(0, log_path.stat().st_size - _TAIL_BYTES))
            text = log.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        # macOS answers "not permitted" for a group of which only the zombie leader is left.
        return


def _how_it_ended(name: str, code: int) -> str:
    if code < 0:
        return f"The {name} was killed by {signal.Signals(-code).name}."
    return f"The {name} ended by itself with exit code {code}."
