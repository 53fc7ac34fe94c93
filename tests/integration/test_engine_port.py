"""The adapter to Rasa against a scripted channel: what is sent, what is believed, what is a failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assistant.adapters.rasa_engine import RasaEngine
from assistant.dialogue.engine import EngineButton, EngineMessage, EngineReply, Reading
from assistant.errors import EngineUnavailable
from tests.conftest_rasa import free_port

HELLO = {"text": "Hello", "buttons": [], "custom": {}}


class ScriptedChannel(ThreadingHTTPServer):
    """Answers every request with `status` and `body`, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Scripted)
        self.status = 200
        self.body: bytes = json.dumps({"replies": [HELLO]}).encode()
        self.delay = threading.Event()
        self.is_slow = False
        self.asked: list[tuple[str, dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Scripted(BaseHTTPRequestHandler):
    server: ScriptedChannel

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append((self.path, dict(self.headers), body))
        if self.server.is_slow:
            self.server.delay.wait(5)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def channel() -> Iterator[ScriptedChannel]:
    with ScriptedChannel() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.delay.set()
        server.shutdown()


@pytest.fixture
def engine(channel: ScriptedChannel) -> Iterator[RasaEngine]:
    rasa = RasaEngine(channel.url, "the secret", timeout_seconds=5)
    yield rasa
    rasa.close()


def text(words: str, conversation: str = "c1") -> EngineMessage:
    return EngineMessage(conversation, "sms", text=words, metadata={"language": "en", "facts": {}})


def test_words_are_sent_with_the_secret_and_the_metadata(
    channel: ScriptedChannel, engine: RasaEngine
) -> None:
    engine.respond(text("what do I owe"))
    path, headers, body = channel.asked[0]
    assert path == "/webhooks/porchlight/turn"
    assert headers["X-Porchlight-Secret"] == "the secret"
    assert body == {
        "conversation": "c1",
        "channel": "sms",
        "text": "what do I owe",
        "metadata": {"language": "en", "facts": {}},
        "is_long": False,
    }


def test_a_structured_meaning_is_sent_without_words(channel: ScriptedChannel, engine: RasaEngine) -> None:
    engine.respond(EngineMessage("c1", "voice", intent="inform_amount", entities={"amount_cents": 6000}))
    _, _, body = channel.asked[0]
    assert body["intent"] == "inform_amount"
    assert body["entities"] == {"amount_cents": 6000}
    assert "text" not in body


def test_words_choices_and_custom_come_back_as_one_reply(
    channel: ScriptedChannel, engine: RasaEngine
) -> None:
    element = {
        "text": "Which account?",
        "buttons": [{"title": "Home", "payload": '/choose_account{"account_id":"1"}'}],
        "custom": {"expect": "choice"},
    }
    channel.body = json.dumps({"replies": [element]}).encode()
    assert engine.respond(text("pay")) == [
        EngineReply(
            "Which account?",
            (EngineButton("Home", '/choose_account{"account_id":"1"}'),),
            {"expect": "choice"},
        )
    ]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"replies": []}),
        (200, {"replies": [HELLO, HELLO, HELLO]}),
        (200, {"answers": [HELLO]}),
        (200, {"replies": [{"text": "no buttons or custom"}]}),
        (200, []),
        (401, {"error": "wrong secret"}),
        (422, {"error": "malformed"}),
        (500, {"error": "the turn failed"}),
        (503, {"error": "no model is loaded"}),
    ],
    ids=["none", "three", "unknown shape", "half an element", "a list", "401", "422", "500", "503"],
)
def test_any_other_answer_is_engine_unavailable(
    channel: ScriptedChannel, engine: RasaEngine, status: int, body: Any
) -> None:
    channel.status = status
    channel.body = json.dumps(body).encode()
    with pytest.raises(EngineUnavailable) as raised:
        engine.respond(text("my words stay here"))
    assert "my words" not in str(raised.value)


def test_words_are_read_without_a_conversation(channel: ScriptedChannel, engine: RasaEngine) -> None:
    channel.body = json.dumps({"readings": [{"intent": "pay_bill", "confidence": 0.93}]}).encode()
    assert engine.readings(["pay it"]) == [Reading("pay_bill", 0.93)]
    path, headers, body = channel.asked[0]
    assert path == "/webhooks/porchlight/readings"
    assert headers["X-Porchlight-Secret"] == "the secret"
    assert body == {"texts": ["pay it"]}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"readings": []}),
        (200, {"readings": [{"intent": "pay_bill"}]}),
        (200, {"readings": [{"intent": "pay_bill", "confidence": None}]}),
        (200, []),
        (422, {"error": "malformed"}),
    ],
    ids=["none", "half a reading", "no confidence", "a list", "422"],
)
def test_any_other_reading_is_engine_unavailable(
    channel: ScriptedChannel, engine: RasaEngine, status: int, body: Any
) -> None:
    channel.status = status
    channel.body = json.dumps(body).encode()
    with pytest.raises(EngineUnavailable) as raised:
        engine.readings(["my words stay here"])
    assert "my words" not in str(raised.value)


def test_an_answer_that_is_not_json_is_engine_unavailable(
    channel: ScriptedChannel, engine: RasaEngine
) -> None:
    channel.body = b"<html>"
    with pytest.raises(EngineUnavailable):
        engine.respond(text("hello"))


def test_a_slow_engine_is_given_up_and_the_turn_is_not_sent_twice(channel: ScriptedChannel) -> None:
    channel.is_slow = True
    engine = RasaEngine(channel.url, "s", timeout_seconds=0.2)
    with pytest.raises(EngineUnavailable, match="ReadTimeout"):
        engine.respond(text("hello"))
    engine.close()
    assert len(channel.asked) == 1


def test_nobody_listening_is_engine_unavailable_and_not_ready() -> None:
    engine = RasaEngine(f"http://127.0.0.1:{free_port()}", "s", timeout_seconds=1)
    assert not engine.is_ready()
    with pytest.raises(EngineUnavailable, match="ConnectError"):
        engine.respond(text("hello"))
    engine.close()


def test_each_conversation_stays_with_one_process_and_all_processes_get_some() -> None:
    engine = RasaEngine("http://127.0.0.1:1, http://127.0.0.1:2/", "s", timeout_seconds=1)
    first = {f"c{number}": engine.url_of(f"c{number}") for number in range(200)}
    again = RasaEngine("http://127.0.0.1:1,http://127.0.0.1:2", "s", timeout_seconds=1)
    assert all(again.url_of(conversation) == url for conversation, url in first.items())
    shares = [list(first.values()).count(url) for url in ("http://127.0.0.1:1", "http://127.0.0.1:2")]
    assert sum(shares) == 200
    assert min(shares) > 60
    engine.close()
    again.close()


def test_it_is_ready_only_when_the_channel_says_so(channel: ScriptedChannel, engine: RasaEngine) -> None:
    channel.body = b'{"ready": true, "model": "m"}'
    assert engine.is_ready()
    channel.body = b'{"ready": false, "model": ""}'
    assert not engine.is_ready()
    channel.status, channel.body = 503, b"{}"
    assert not engine.is_ready()


def test_no_address_at_all_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="rasa_url"):
        RasaEngine(" , ", "s", timeout_seconds=1)
