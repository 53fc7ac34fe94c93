"""Runs a command that cannot outlive its starter: `python -m assistant.sandbox.leash STARTER_PID cmd…`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def leash_argv(argv: list[str]) -> list[str]:
    """The command line that runs `argv` on a leash held by this process."""
    return [sys.executable, "-m", "assistant.sandbox.leash", str(os.getpid()), *argv]


def hold_and_run(parent_pid: int, argv: list[str]) -> None:
    """Ask the kernel to kill us with our parent (Linux), then become `argv`. Never returns."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:  # it died before we asked
            sys.exit(1)
    os.execvp(argv[0], argv)  # noqa: S606  the command comes from our own supervisor


if __name__ == "__main__":
    hold_and_run(int(sys.argv[1]), sys.argv[2:])
