"""The internal listener: who is let in, actions without Rasa's domain, and what is noted of each call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from rasa_sdk.interfaces import Action

from assistant.internal import SECRET_HEADER, build_internal_app
from assistant.observability import Metrics
from assistant.settings import Settings


class Echo(Action):
    """Says which turn it was called for."""

    def name(self) -> str:
        return "action_echo"

    def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(text=tracker.latest_message["metadata"]["turn_id"])
        return []


def call_of(action: str) -> dict[str, Any]:
    """An action call as Rasa makes it with the selective domain: there is no `domain` in it."""
    heard = {"text": "hi", "metadata": {"session_id": "session_1", "turn_id": "turn_7"}}
    tracker = {"sender_id": "talk_1", "slots": {}, "events": [], "latest_message": heard}
    return {"next_action": action, "sender_id": "talk_1", "version": "3.6.21", "tracker": tracker}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def listener(settings: Settings, metrics: Metrics) -> Iterator[TestClient]:
    app = build_internal_app(settings, [Echo()], metrics, lambda: None)
    with TestClient(app, headers={SECRET_HEADER: settings.internal_secret.get_secret_value()}) as client:
        yield client


def test_an_action_runs_though_rasa_left_the_domain_out(listener: TestClient) -> None:
    answer = listener.post("/actions", json=call_of("action_echo"))
    assert answer.status_code == 200
    assert answer.json()["responses"][0]["text"] == "turn_7"


def test_every_call_is_counted_and_logged_with_its_turn(listener: TestClient) -> None:
    with structlog.testing.capture_logs() as logs:
        listener.post("/actions", json=call_of("action_echo"))
    (entry,) = [each for each in logs if each["event"] == "action"]
    assert (entry["action"], entry["session_id"], entry["turn_id"]) == ("action_echo", "session_1", "turn_7")
    assert entry["ms"] >= 0
    assert 'porchlight_turn_seconds_count{stage="action"} 1.0' in listener.get("/metrics").text


@pytest.mark.parametrize("secret", ["", "another"])
def test_nobody_without_the_secret_is_let_in(listener: TestClient, metrics: Metrics, secret: str) -> None:
    headers = {SECRET_HEADER: secret}
    assert listener.post("/actions", json=call_of("action_echo"), headers=headers).status_code == 401
    assert listener.get("/metrics", headers=headers).status_code == 401


def test_an_unknown_action_and_a_broken_body_are_told_apart(listener: TestClient) -> None:
    assert listener.post("/actions", json=call_of("action_nobody_wrote")).status_code == 404
    assert listener.post("/actions", content=b"{not json").status_code == 422
