"""Fixtures around one real Rasa process: trained once per wording, started once per test worker.

Any test that takes a model is marked slow and gets time for a first training. Training begins with the run,
beside the tests that need no model; the short ones are left for the end, so that the workers end together.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any

import httpx
import pytest

from assistant.adapters.rasa_engine import SECRET_HEADER, RasaEngine
from assistant.adapters.rasa_process import RasaNotReady, RasaProcess, Wording, ensure_model

# The default data folder: what `porchlight demo` trained is good for the tests, and the other way round.
DATA_DIR = Path(__file__).resolve().parents[1] / ".porchlight"
# A small assistant with its own words and rules.
SMALL_DATA_DIR = DATA_DIR / "engine-tests"
_PROJECT = Path(__file__).parent / "integration" / "rasa_project"
SMALL = Wording(_PROJECT / "domain", _PROJECT / "rules", _PROJECT / "nlu_data")
# It is plain http on loopback; loading certificates took 25 ms of each request.
NO_ROOTS = SSLContext(PROTOCOL_TLS_CLIENT)
SECRET = "between rasa and the service"

# One call of the action server: Rasa's JSON in, status and JSON out.
Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]
# The same, unread: the service reads a call anyway, and reading each twice was most of a conversation's time.
RawAnswer = Callable[[bytes], tuple[int, bytes]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _takes_model(item):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(1200))
    waiting = {item.path for item in items if _takes_model(item)}

    def place(item: pytest.Item) -> int:
        is_short = "unit" in item.path.parts
        return 1 if item.path in waiting else 2 if is_short else 0

    items.sort(key=place)


def pytest_collection_finish(session: pytest.Session) -> None:
    is_to_run = not session.config.option.collectonly
    if is_to_run and any(_takes_model(item) for item in session.items):
        threading.Thread(target=_train_ahead, daemon=True).start()


def _train_ahead() -> None:
    """Every worker asks, one trains: `ensure_model` holds a lock. Who needs the model waits there, too."""
    # The test that needs it tells what is wrong.
    with suppress(RasaNotReady):
        ensure_model(DATA_DIR)
        ensure_model(SMALL_DATA_DIR, SMALL)


def _takes_model(item: pytest.Item) -> bool:
    return not {"rasa", "rasa_model", "small_model"}.isdisjoint(getattr(item, "fixturenames", ()))


class ActionDoor(ThreadingHTTPServer):
    """Where Rasa's action calls arrive; `answer` says who answers them, `answer_raw` comes before it.

    Refuses a call without the secret.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ActionCall)
        self.url = f"http://127.0.0.1:{self.server_port}/actions"
        self.answer: Answer = nobody_answers
        self.answer_raw: RawAnswer | None = None

    def __enter__(self) -> ActionDoor:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


@dataclass
class RunningRasa:
    """Rasa, and the door at which its action calls arrive. `answer` says who answers them."""

    process: RasaProcess
    door: ActionDoor
    secret: str = SECRET

    @property
    def url(self) -> str:
        return self.process.url

    @property
    def answer(self) -> Answer:
        return self.door.answer

    @answer.setter
    def answer(self, answer: Answer) -> None:
        self.door.answer, self.door.answer_raw = answer, None

    def answer_raw_with(self, answer: RawAnswer) -> None:
        self.door.answer_raw = answer

    def engine(self, timeout_seconds: float = 20) -> RasaEngine:
        """A client of this process; the caller closes it."""
        return RasaEngine(self.url, self.secret, timeout_seconds)

    def forward_actions_to(self, actions_url: str) -> None:
        """Let a real service answer, e.g. `http://127.0.0.1:<internal port>/actions`."""

        def forward(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            headers = {SECRET_HEADER: self.secret}
            response = httpx.post(
                actions_url, json=call, headers=headers, timeout=30, trust_env=False, verify=NO_ROOTS
            )
            return response.status_code, response.json()

        self.answer = forward


@pytest.fixture(scope="session")
def rasa_model() -> Path:
    """The model of the dialogs and words as they are on disk now."""
    return ensure_model(DATA_DIR)


@pytest.fixture(scope="session")
def small_model() -> Path:
    """The model of a small assistant, for tests of our engine in Rasa."""
    return ensure_model(SMALL_DATA_DIR, SMALL)


@contextmanager
def run_rasa(model: Path, data_dir: Path) -> Iterator[RunningRasa]:
    """A Rasa process on `model` for the length of the block; its action calls fail until arranged."""
    with ActionDoor() as door:
        process = RasaProcess(
            model=model,
            port=free_port(),
            actions_url=door.url,
            secret=SECRET,
            data_dir=data_dir,
        )
        with process:
            yield RunningRasa(process, door)


@pytest.fixture(scope="session")
def _running_rasa(rasa_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRasa]:
    with run_rasa(rasa_model, tmp_path_factory.mktemp("rasa")) as running:
        yield running


@pytest.fixture
def rasa(_running_rasa: RunningRasa) -> Iterator[RunningRasa]:
    """The running Rasa; its action calls fail until the test says who answers them."""
    _running_rasa.answer = nobody_answers
    yield _running_rasa
    _running_rasa.answer = nobody_answers


def nobody_answers(_call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 500, {"error": "no answer was arranged for this test"}


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _ActionCall(BaseHTTPRequestHandler):
    server: ActionDoor

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get(SECRET_HEADER) != SECRET:
            status, content = 401, b'{"error": "wrong secret"}'
        elif self.server.answer_raw is not None:
            status, content = self.server.answer_raw(body)
        else:
            status, answer = self.server.answer(json.loads(body))
            content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Rasa's own log tells enough."""
