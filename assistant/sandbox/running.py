"""The running demo as other commands see it: its lock, and `demo.json` with its addresses."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from assistant.settings import DEMO_SECRET, DEMO_STRIPE_KEY, DEMO_TWILIO_SID, Settings

RECORD_NAME = "demo.json"
LOCK_NAME = "demo.lock"
# Longer than another command needs to look whether a demo runs.
_LOOKING_SECONDS = 0.5


class AlreadyRunning(Exception):
    """Another demo holds this data folder."""


@dataclass(frozen=True)
class Ports:
    """The loopback ports of one demo."""

    public: int
    internal: int
    rasa: int
    stripe: int
    phone_network: int

    @property
    def phone_network_url(self) -> str:
        return f"http://127.0.0.1:{self.phone_network}"

    @property
    def simulator_url(self) -> str:
        return f"{self.phone_network_url}/phone"

    def settings(self) -> dict[str, str | int]:
        """The settings that make every process of the demo talk to the others, and never to a vendor."""
        return {
            "environment": "demo",
            "public_port": self.public,
            "public_url": f"http://127.0.0.1:{self.public}",
            "bind_host": "127.0.0.1",
            "internal_port": self.internal,
            "internal_secret": DEMO_SECRET,
            "rasa_url": f"http://127.0.0.1:{self.rasa}",
            "twilio_account_sid": DEMO_TWILIO_SID,
            "twilio_auth_token": DEMO_SECRET,
            "twilio_api_base": self.phone_network_url,
            "stripe_api_key": DEMO_STRIPE_KEY,
            "stripe_webhook_secret": "whsec_" + DEMO_SECRET,
            "stripe_api_base": f"http://127.0.0.1:{self.stripe}",
        }


def environment_of(ports: Ports, data_dir: Path) -> dict[str, str]:
    """The environment of the demo's child processes: ours, and the same settings as variables."""
    values = {**ports.settings(), "data_dir": str(data_dir.absolute())}
    return {**os.environ, **{f"PORCHLIGHT_{name.upper()}": str(value) for name, value in values.items()}}


def demo_settings(data_dir: Path, ports: Ports) -> Settings:
    """Settings of one demo; whatever `.env` or the environment says about vendors is overruled."""
    return Settings.model_validate({**ports.settings(), "data_dir": data_dir.absolute()})


@contextmanager
def holding(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for one demo. Raises AlreadyRunning. The kernel lets go if we are killed."""
    with (data_dir / LOCK_NAME).open("a") as lock:
        deadline = time.monotonic() + _LOOKING_SECONDS
        while not _has_locked(lock, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise AlreadyRunning(str(data_dir))
            time.sleep(0.05)
        yield


def _has_locked(lock: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def recorded(data_dir: Path, ports: Ports) -> Iterator[None]:
    """Write down where the demo listens, for as long as it runs."""
    path = data_dir / RECORD_NAME
    path.write_text(json.dumps({"pid": os.getpid(), "ports": asdict(ports)}, indent=2) + "\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find_running(data_dir: Path) -> Ports | None:
    """The ports of the demo that runs from this folder, or None. A leftover of a killed one is ignored."""
    path = data_dir / RECORD_NAME
    if not path.is_file():
        return None
    with (data_dir / LOCK_NAME).open("a") as lock:
        # Shared, so that two who look do not take each other for a demo.
        if _has_locked(lock, fcntl.LOCK_SH):
            return None
    return Ports(**json.loads(path.read_text())["ports"])
