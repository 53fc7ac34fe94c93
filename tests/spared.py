"""What a run would pay for without proving anything: disks that are waited for, modules compiled again.

Most is set in the environment, so that test workers and every program that a test starts are spared it too.
"""

from __future__ import annotations

import os
import shutil
from functools import lru_cache
from pathlib import Path

from httpx._transports import default as httpx_transport

REPOSITORY = Path(__file__).resolve().parents[1]
# A file system in memory, where the machine has one. Tests kill processes, never the power: what was written
# is read back from either, and a commit there does not wait for a disk.
MEMORY = Path("/dev/shm")  # noqa: S108  pytest makes a folder of its own there
ENOUGH_BYTES = 2 * 1024**3


def spare_disks() -> None:
    """Put the files of tests in memory, if there is room and programs may be run from it."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return
    is_roomy = shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    if is_roomy and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def spare_compilers() -> None:
    """Keep compiled modules beside our own data, where the machine forbids them beside their sources.

    Tests start some hundred Python processes; each spent 2 of its 3 seconds on compiling what it imports.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(REPOSITORY / ".porchlight" / "bytecode")


def spare_certificates() -> None:
    """Read the trust store once in a process: each client read it, for 25 ms, to talk plain http."""
    httpx_transport.create_ssl_context = lru_cache(httpx_transport.create_ssl_context)
