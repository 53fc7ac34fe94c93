"""A real Rasa process behind our channel, with a small assistant of its own and scripted actions."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.adapters.rasa_engine import SECRET_HEADER, RasaEngine
from assistant.dialogue.engine import EngineButton, EngineMessage, EngineReply
from assistant.dialogue.turn import Channel
from assistant.errors import EngineUnavailable
from tests.conftest_rasa import SECRET, RunningRasa, free_port, nobody_answers, run_rasa

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def process(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRasa]:
    with run_rasa(small_model, tmp_path_factory.mktemp("small-rasa")) as running:
        yield running


@pytest.fixture
def small(process: RunningRasa) -> Iterator[RunningRasa]:
    process.answer = nobody_answers
    yield process
    process.answer = nobody_answers


@pytest.fixture
def engine(small: RunningRasa) -> Iterator[RasaEngine]:
    client = small.engine()
    yield client
    client.close()


class Member:
    """One conversation; what is said goes to the engine as Conversation would send it."""

    def __init__(self, engine: RasaEngine, name: str, language: str = "en", channel: Channel = "sms") -> None:
        self.engine, self.name, self.language, self.channel = engine, name, language, channel

    def says(self, words: str) -> list[EngineReply]:
        return self._send(text=words)

    def means(self, intent: str, **entities: Any) -> list[EngineReply]:
        return self._send(intent=intent, entities=entities)

    def _send(self, **parts: Any) -> list[EngineReply]:
        metadata = {"session_id": f"s-{self.name}", "turn_id": "t1", "language": self.language, "facts": {}}
        return self.engine.respond(EngineMessage(self.name, self.channel, metadata=metadata, **parts))


def balance(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Answers every action with the balance."""
    return 200, {"events": [], "responses": [{"response": "utter_balance", "amount": "$84.20"}]}


def raw_turn(small: RunningRasa, content: bytes, secret: str | None = SECRET) -> httpx.Response:
    headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: secret} if secret is not None else {})
    url = f"{small.url}/webhooks/porchlight/turn"
    return httpx.post(url, content=content, headers=headers, trust_env=False)


def test_words_are_understood_and_the_action_gets_the_metadata(
    small: RunningRasa, engine: RasaEngine
) -> None:
    calls: list[dict[str, Any]] = []

    def answer(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        calls.append(call)
        return balance(call)

    small.answer = answer
    assert Member(engine, "words").says("how much do i owe you") == [
        EngineReply("You owe $84.20. Reply PAY to pay.")
    ]
    [call] = calls
    assert call["next_action"] == "action_show_balance"
    assert call["tracker"]["latest_message"]["metadata"]["session_id"] == "s-words"


def test_language_and_channel_of_this_message_choose_the_words(
    small: RunningRasa, engine: RasaEngine
) -> None:
    small.answer = balance
    caller = Member(engine, "languages", channel="voice")
    assert [reply.text for reply in caller.says("my balance please")] == ["You owe $84.20."]
    caller.language = "es"
    assert [reply.text for reply in caller.says("mi saldo por favor")] == ["Usted debe $84.20."]
    caller.language = "en"
    assert [reply.text for reply in caller.means("deny")] == ["I did not get that."]


def test_a_reply_is_whole_with_its_words_choices_and_custom_block(
    engine: RasaEngine, small: RunningRasa
) -> None:
    small.answer = lambda _call: (200, {"events": [], "responses": []})
    [reply] = Member(engine, "whole", "es").says("quiero pagar")
    assert reply == EngineReply(
        "¿Cuánto?",
        (EngineButton("Todo", '/inform_amount{"amount_cents":"full"}'),),
        {"expect": "amount", "fuller": "Marque dólares, asterisco, centavos, numeral."},
    )


def test_keyed_input_skips_the_nlu_and_fills_a_form(small: RunningRasa, engine: RasaEngine) -> None:
    def answer(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if call["next_action"] != "action_pay":
            return 200, {"events": [], "responses": []}
        said = {"text": f"Paying {call['tracker']['slots']['amount']}", "custom": {"expect": "confirm"}}
        return 200, {"events": [], "responses": [said]}

    small.answer = answer
    caller = Member(engine, "keys", channel="voice")
    caller.means("pay_bill")
    assert caller.means("inform_amount", amount_cents=6000) == [
        EngineReply("Paying 6000", (), {"expect": "confirm"})
    ]


@pytest.mark.parametrize(
    "words", ["/restart", "/inform_amount", '/inform_amount@1.0{"amount_cents": 1}', "@/affirm"]
)
def test_a_members_words_are_never_a_command(words: str, small: RunningRasa, engine: RasaEngine) -> None:
    asked: list[str] = []

    def answer(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        asked.append(json.dumps(call["tracker"]["latest_message"]["entities"]))
        return balance(call)

    small.answer = answer
    replies = Member(engine, f"command {words}").says(words)
    assert len(replies) == 1
    assert all("1" not in entities for entities in asked)


def test_words_are_read_without_a_word_to_any_conversation(small: RunningRasa, engine: RasaEngine) -> None:
    calls: list[dict[str, Any]] = []

    def answer(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        calls.append(call)
        return balance(call)

    small.answer = answer
    owed, command, marks = engine.readings(["how much do i owe you", "/restart", "//"])
    assert owed.intent == "check_balance"
    assert owed.confidence > 0.5
    assert command.intent != "restart"
    assert (marks.intent, marks.confidence) == ("nlu_fallback", 0.0)
    assert calls == []


def test_only_marks_are_answered_as_not_understood(engine: RasaEngine) -> None:
    assert [reply.text for reply in Member(engine, "marks").says("//")] == ["I did not get that."]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "ñ"])
def test_nobody_comes_in_without_the_secret(secret: str | None, small: RunningRasa) -> None:
    headers = {SECRET_HEADER: secret.encode()} if secret is not None else {}
    for method, path in (("POST", "turn"), ("POST", "readings"), ("GET", "health")):
        url = f"{small.url}/webhooks/porchlight/{path}"
        response = httpx.request(method, url, headers=headers, trust_env=False)
        assert (response.status_code, response.json()) == (401, {"error": "wrong secret"})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"conversation": "c"}',
        b'{"conversation": "c", "channel": "sms", "intent": "no_such_intent", "metadata": {}}',
        b'{"conversation": "c", "channel": "sms", "intent": "affirm", "entities": {"no_such": 1}}',
    ],
)
def test_a_malformed_turn_is_422_and_short(content: bytes, small: RunningRasa) -> None:
    response = raw_turn(small, content)
    assert response.status_code == 422
    assert list(response.json()) == ["error"]
    assert b"Traceback" not in response.content
    assert b"no_such" not in response.content


@pytest.mark.parametrize(
    "path", ["/model/parse", "/conversations/c/tracker", "/webhooks/rest/webhook", "/domain"]
)
def test_rasas_own_doors_are_shut(path: str, small: RunningRasa) -> None:
    assert httpx.get(small.url + path, trust_env=False).status_code == 404
    assert httpx.post(small.url + path, json={}, trust_env=False).status_code == 404


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"error": "crash"}),
        (404, {"error": "no such action"}),
        (200, {"events": "not a list"}),
        (200, {"events": [{"event": "slot"}], "responses": []}),
        (200, {"events": [], "responses": [{"response": "utter_balance"}]}),
        (200, {"events": [], "responses": []}),
        (200, {"events": [], "responses": [{"text": str(number)} for number in range(3)]}),
    ],
    ids=["crash", "unknown", "no list", "bad event", "open blank", "nothing said", "three replies"],
)
def test_an_action_that_fails_or_babbles_is_a_failed_turn_and_the_next_one_works(
    answer: tuple[int, dict[str, Any]], small: RunningRasa, engine: RasaEngine
) -> None:
    member = Member(engine, f"failing {json.dumps(answer)}"[:90])
    small.answer = lambda _call: answer
    with pytest.raises(EngineUnavailable):
        member.says("how much do i owe")
    small.answer = balance
    assert len(member.says("how much do i owe")) == 1


def test_half_an_answer_is_not_passed_off_as_a_whole_one(small: RunningRasa, engine: RasaEngine) -> None:
    """The form's own validation fails, Rasa goes on and asks: the member must not get that question."""
    small.answer = lambda _call: (500, {"error": "crash"})
    with pytest.raises(EngineUnavailable, match="500"):
        Member(engine, "half").says("I want to pay my bill")


def test_a_response_with_an_open_blank_never_reaches_a_member(engine: RasaEngine) -> None:
    with pytest.raises(EngineUnavailable, match="500"):
        Member(engine, "blank").means("thank")


def test_a_rejected_action_is_not_a_fault(small: RunningRasa, engine: RasaEngine) -> None:
    def reject(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 400, {"error": "rejected", "action_name": call["next_action"]}

    small.answer = reject
    assert [reply.text for reply in Member(engine, "rejected").means("check_balance")] == [
        "I did not get that."
    ]


def test_eight_members_at_once_each_get_their_own_answer(small: RunningRasa, engine: RasaEngine) -> None:
    def answer(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"events": [], "responses": [{"text": f"for {call['sender_id']}"}]}

    small.answer = answer
    names = [f"member {number}" for number in range(8)] * 3
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda name: (name, Member(engine, name).means("check_balance")), names))
    assert [replies[0].text for _, replies in said] == [f"for {name}" for name, _ in said]


def test_the_engine_is_ready_and_names_its_model(small: RunningRasa, engine: RasaEngine) -> None:
    assert engine.is_ready()
    headers = {SECRET_HEADER: SECRET}
    answer = httpx.get(f"{small.url}/webhooks/porchlight/health", headers=headers, trust_env=False).json()
    assert answer["model"].endswith(".tar.gz")


def test_the_log_holds_no_words_and_no_secret(small: RunningRasa, engine: RasaEngine) -> None:
    small.answer = lambda _call: (500, {"error": "crash"})
    with pytest.raises(EngineUnavailable):
        Member(engine, "logged").says("how much does my balance of zanzibar owe")
    log = small.process.log_path.read_text()
    assert "turn failed: conversation=logged" in log
    assert "zanzibar" not in log
    assert SECRET not in log


# Starts Rasa as the demo does, says its process id, and waits to be killed.
PARENT = """
import sys, time
from pathlib import Path
from assistant.adapters.rasa_process import RasaProcess
process = RasaProcess(model=Path(sys.argv[1]), port=int(sys.argv[2]), actions_url="http://127.0.0.1:1/actions",
                      secret="s", data_dir=Path(sys.argv[3]))
process.start()
print(process._process.pid, flush=True)
time.sleep(600)
"""


def test_rasa_does_not_outlive_a_parent_that_was_killed(small_model: Path, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", PARENT, str(small_model), str(free_port()), str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        rasa = int(parent.stdout.readline())
        wait_for(lambda: b"dialogs.engine.start" in command_line(rasa))
        parent.kill()
        parent.wait()
    wait_for(lambda: not command_line(rasa))


def command_line(process: int) -> bytes:
    """The arguments of a running process; empty when it is gone."""
    done = subprocess.run(["ps", "-o", "args=", "-p", str(process)], capture_output=True, check=False)
    return b"" if b"<defunct>" in done.stdout else done.stdout.strip()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def test_the_products_own_model_can_be_served(rasa: RunningRasa) -> None:
    engine = rasa.engine()
    assert engine.is_ready()
    rasa.answer = lambda _call: (200, {"events": [], "responses": [{"text": "from the service"}]})
    assert EngineReply("from the service") in Member(engine, "own model").means("check_balance")
    engine.close()
