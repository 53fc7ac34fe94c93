"""Fixtures around one real Rasa process: trained once per wording, started once per test worker.

Any test that takes `rasa` or `rasa_model` is marked slow, gets time for a first training, and runs in one of
the two xdist groups of Rasa (use `--dist loadgroup`): a process takes 700 MB and 15 s to start, and a turn
waits for either Rasa or the service, so that one chain of conversations fills half of a two-core machine.
"""

from __future__ import annotations

import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.adapters.rasa_engine import SECRET_HEADER, RasaEngine
from assistant.adapters.rasa_process import RasaProcess, ensure_model

# The default data folder: what `porchlight demo` trained is good for the tests, and the other way round.
DATA_DIR = Path(__file__).resolve().parents[1] / ".porchlight"
SECRET = "between rasa and the service"

# One call of the action server: Rasa's JSON in, status and JSON out.
Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]
# The same, unread: every call holds the whole domain, and most of a conversation's time went into reading it.
RawAnswer = Callable[[bytes], tuple[int, bytes]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & {"rasa", "rasa_model"}:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(1200))
            # A conversation is alone with its member; other files share what took long to set up.
            shared = item.nodeid if names & {"world", "one_coop"} else item.path.name
            item.add_marker(pytest.mark.xdist_group(f"rasa {zlib.crc32(shared.encode()) % 2}"))


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
            response = httpx.post(actions_url, json=call, headers=headers, timeout=30, trust_env=False)
            return response.status_code, response.json()

        self.answer = forward


@pytest.fixture(scope="session")
def rasa_model() -> Path:
    """The model of the dialogs and words as they are on disk now."""
    return ensure_model(DATA_DIR)


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
