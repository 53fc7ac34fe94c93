"""One Rasa process: started with nothing of ours but the internal secret, watched, stopped."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from types import TracebackType

import httpx

from assistant.adapters.rasa_engine import HEALTH_PATH, SECRET_HEADER
from assistant.adapters.rasa_model import (
    DIALOGS,
    RASA_PYTHON,
    REPOSITORY,
    TIED_TO_PARENT,
    RasaNotReady,
    Wording,
    bare_environment,
    ensure_environment,
    ensure_model,
    log_file,
)

__all__ = [
    "RasaNotReady",
    "RasaProcess",
    "Wording",
    "ensure_environment",
    "ensure_model",
    "rasa_command",
    "rasa_environment",
]

START_SECONDS = 180
STOP_SECONDS = 8
_POLL_SECONDS = 0.2
# It is plain http on loopback; loading certificates for each look cost the start more than the looks did.
_NO_ROOTS = SSLContext(PROTOCOL_TLS_CLIENT)


def rasa_command(model: Path, port: int, *, has_database: bool = False) -> list[str]:
    """The command line that serves `model` on 127.0.0.1:`port`; run it from the repository root."""
    endpoints = DIALOGS / ("endpoints.postgresql.yml" if has_database else "endpoints.yml")
    # fmt: off
    return [
        str(RASA_PYTHON), "-m", "dialogs.engine.start", "run",
        "--model", str(model), "--endpoints", str(endpoints),
        "--credentials", str(DIALOGS / "credentials.yml"),
        "--interface", "127.0.0.1", "--port", str(port),
    ]
    # fmt: on


def rasa_environment(actions_url: str, secret: str, tracker_database_url: str = "") -> dict[str, str]:
    """The whole environment of a Rasa process. The tracker database, if any, is Rasa's own, never ours."""
    environment = {
        **bare_environment(),
        "PORCHLIGHT_ACTIONS_URL": actions_url,
        "PORCHLIGHT_INTERNAL_SECRET": secret,
    }
    if tracker_database_url:
        environment["PORCHLIGHT_TRACKER_DATABASE_URL"] = tracker_database_url
    return environment


class RasaProcess:
    """Rasa on a loopback port, as a context manager: ready inside the block, gone after it.

    It also goes when this process dies, whatever the reason: it watches the pipe that we hold.
    The log is `<data_dir>/logs/rasa-<port>.log`.
    """

    def __init__(
        self,
        *,
        model: Path,
        port: int,
        actions_url: str,
        secret: str,
        data_dir: Path,
        tracker_database_url: str = "",
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log_path = log_file(data_dir, f"rasa-{port}")
        self._command = rasa_command(model, port, has_database=bool(tracker_database_url))
        self._environment = rasa_environment(actions_url, secret, tracker_database_url)
        self._environment.update(TIED_TO_PARENT)
        self._secret = secret
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start without waiting; a second call while it runs does nothing."""
        if self.is_alive:
            return
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own command
                self._command,
                cwd=REPOSITORY,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Return when the model is loaded and parses; RasaNotReady when it died or took too long."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if not self.is_alive:
                raise RasaNotReady(f"Rasa ended while it was starting. The log is {self.log_path}.")
            if time.monotonic() > deadline:
                raise RasaNotReady(f"Rasa was not ready after {seconds:.0f} s. The log is {self.log_path}.")
            time.sleep(_POLL_SECONDS)

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether it answers with a trained model."""
        try:
            response = httpx.get(
                self.url + HEALTH_PATH,
                headers={SECRET_HEADER: self._secret},
                timeout=2,
                trust_env=False,
                verify=_NO_ROOTS,
            )
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    def stop(self) -> None:
        """Ask it to stop; kill it after STOP_SECONDS. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def __enter__(self) -> RasaProcess:
        try:
            self.start()
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
