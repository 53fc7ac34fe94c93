"""Rasa with its conversations in PostgreSQL: a form goes on after the process was replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from assistant.adapters.rasa_engine import RasaEngine
from assistant.adapters.rasa_process import RasaProcess
from assistant.dialogue.engine import EngineMessage
from tests.conftest_rasa import SECRET, ActionDoor, free_port
from tests.postgres import require_postgres

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.timeout(900),
]


@pytest.fixture
def tracker_database() -> Iterator[str]:
    """The URL of an empty database of Rasa's own, in the words of Rasa's older driver."""
    server = require_postgres()
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"porchlight_rasa_{os.getpid()}"
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = make_url(server).set(drivername="postgresql", database=name)
    yield url.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


# Two starts of Rasa for what only PostgreSQL does.
@pytest.mark.thorough
def test_a_form_goes_on_in_the_next_process(tracker_database: str, small_model: Path, tmp_path: Path) -> None:
    with ActionDoor() as door:
        door.answer = paying
        asked = one_turn(small_model, door.url, tracker_database, tmp_path, intent="pay_bill")
        paid = one_turn(
            small_model, door.url, tracker_database, tmp_path, intent="inform_amount", amount_cents=6000
        )
    assert asked == "How much?"
    assert paid == "Paying 6000"


def one_turn(
    model: Path, actions_url: str, database: str, data_dir: Path, intent: str, **entities: int
) -> str:
    """Start a process, take one turn of the same conversation, stop it; returns the words."""
    process = RasaProcess(
        model=model,
        port=free_port(),
        actions_url=actions_url,
        secret=SECRET,
        data_dir=data_dir,
        tracker_database_url=database,
    )
    with process:
        engine = RasaEngine(process.url, SECRET, timeout_seconds=20)
        message = EngineMessage("c1", "sms", intent=intent, entities=entities, metadata={"language": "en"})
        [reply] = engine.respond(message)
        engine.close()
    return reply.text


def paying(call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    if call["next_action"] != "action_pay":
        return 200, {"events": [], "responses": []}
    return 200, {"events": [], "responses": [{"text": f"Paying {call['tracker']['slots']['amount']}"}]}
