"""What must be true before the demo starts: SQLite, a writable folder of its own, disk, ports."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterable
from pathlib import Path

from assistant.checks import DEMO_MARKER, is_demo_folder, old_sqlite_reason
from assistant.sandbox.running import RECORD_NAME, Ports

GIGABYTE = 1_000_000_000
# Rasa's environment takes 2.6 GB, and its packages once more while they are unpacked.
DISK_FOR_RASA_ENVIRONMENT = 6 * GIGABYTE
DISK_FOR_RUNNING = GIGABYTE // 4
DATABASE_NAME = "porchlight.db"
_LOOPBACK = "127.0.0.1"
# What --fresh deletes, by name: whatever else lies in the folder is not the demo's to judge. The trained
# model stays too, as it depends on its inputs only.
_WRITTEN_BY_DEMO = ("porchlight.db*", "stripe.db*", "coop", "logs", RECORD_NAME)


class DemoFailed(Exception):
    """A step of the demo cannot be done. The message says why and what to do, in a sentence or two."""


def require_sqlite() -> None:
    """Refuse a Python whose SQLite loses data."""
    if reason := old_sqlite_reason():
        raise DemoFailed(reason)


def claim_folder(data_dir: Path) -> None:
    """Make the data folder and mark it as the demo's, unless it holds somebody's real database."""
    if data_dir.exists() and not data_dir.is_dir():
        raise DemoFailed(f"{data_dir} is a file. Give the demo a folder with --data-dir.")
    if (data_dir / DATABASE_NAME).exists() and not is_demo_folder(data_dir):
        raise DemoFailed(
            f"{data_dir} holds a database that no demo made. Give the demo another folder with --data-dir."
        )
    try:
        (data_dir / "logs").mkdir(parents=True, exist_ok=True)
        (data_dir / DEMO_MARKER).touch()
    except OSError as error:
        raise DemoFailed(
            f"The data folder {data_dir} cannot be written ({error.strerror}). "
            "Choose one that you may write to with --data-dir."
        ) from error


def empty_folder(data_dir: Path) -> None:
    """Delete what demos wrote into their own folder. One without their mark is never touched."""
    if not is_demo_folder(data_dir):
        raise DemoFailed(f"--fresh only empties a folder that a demo made, and {data_dir} is not one.")
    for pattern in _WRITTEN_BY_DEMO:
        for path in data_dir.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    (data_dir / "logs").mkdir()


def require_disk(data_dir: Path, environment_dir: Path) -> None:
    """Refuse to begin what would fill the disk half-way."""
    wanted = [(data_dir, DISK_FOR_RUNNING)]
    if not environment_dir.exists():
        wanted.append((environment_dir.parent, DISK_FOR_RASA_ENVIRONMENT))
    for folder, bytes_wanted in wanted:
        bytes_free = shutil.disk_usage(folder).free
        if bytes_free < bytes_wanted:
            raise DemoFailed(
                f"There is too little disk space at {folder}: {bytes_free / GIGABYTE:.1f} GB free, "
                f"{bytes_wanted / GIGABYTE:.2g} GB needed. Free some, then start again."
            )


def choose_ports(public: int) -> Ports:
    """The public port as asked (0 = any), and four others: its neighbours when free, else any."""
    if public and not is_free(public):
        raise DemoFailed(
            f"Port {public} is taken by another program. "
            f"Choose another: porchlight demo --port {public + 10 if public < 65_000 else 8080}"
        )
    chosen = [public or free_port(())]
    for step in range(1, 5):
        neighbour = public + step
        is_usable = public and neighbour < 65_536 and is_free(neighbour)
        chosen.append(neighbour if is_usable else free_port(chosen))
    return Ports(*chosen)


def is_free(port: int) -> bool:
    """Whether we could listen on this loopback port. Raises DemoFailed for one we may not use at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do it: a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except PermissionError:
            raise DemoFailed(
                f"Port {port} needs administrator rights. Choose one above 1023 with --port."
            ) from None
        except OSError:
            return False
        # On Linux, binding beside a listener works with REUSEADDR only if nobody listens; make sure.
        try:
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(taken: Iterable[int]) -> int:
    """A loopback port that nobody listens on, not one of `taken`."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((_LOOPBACK, 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port
