"""The two channels over a scripted conversation, and a carrier that drives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.channels.sms import sms_router
from assistant.channels.turns import TurnRunner
from assistant.channels.voice import voice_router
from assistant.channels.webhook import DuplicateGuard
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.notifications.outbox import Outbox
from assistant.sandbox.carrier import Carrier
from assistant.settings import Settings
from tests.fake_conversation import FakeConversation
from tests.fake_sender import FakeSender
from tests.phone_fixtures import Phone

ADA = "+17065550111"


@pytest.fixture
def sender(clock: FixedClock) -> FakeSender:
    return FakeSender(clock)


@pytest.fixture
def outbox(db: Database, clock: FixedClock, sender: FakeSender) -> Outbox:
    return Outbox(db, clock, sender)


@pytest.fixture
def conversation(db: Database, clock: FixedClock, settings: Settings) -> FakeConversation:
    return FakeConversation(db, clock, settings)


@pytest.fixture
def runner() -> Iterator[TurnRunner]:
    runner = TurnRunner(5)
    yield runner
    runner.close()


@pytest.fixture
def codes() -> dict[tuple[str, str], str]:
    """What the service would read out: (code_id, phone) -> digits, each once."""
    return {}


@pytest.fixture
def app(
    conversation: FakeConversation,
    db: Database,
    clock: FixedClock,
    settings: Settings,
    outbox: Outbox,
    runner: TurnRunner,
    codes: dict[tuple[str, str], str],
) -> FastAPI:
    guard = DuplicateGuard(db, clock)
    parts = {
        "conversation": conversation,
        "db": db,
        "clock": clock,
        "settings": settings,
        "outbox": outbox,
        "guard": guard,
        "runner": runner,
    }
    app = FastAPI()
    app.include_router(sms_router(**parts))
    app.include_router(
        voice_router(**parts, code_to_speak=lambda code_id, phone: codes.pop((code_id, phone), None))
    )
    return app


@pytest.fixture
def carrier(app: FastAPI, carrier_for: Callable[[FastAPI], Carrier]) -> Carrier:
    return carrier_for(app)


@pytest.fixture
def ada(carrier: Carrier) -> Phone:
    return Phone(carrier, ADA)


@pytest.fixture
def web(app: FastAPI, settings: Settings) -> TestClient:
    return TestClient(app, base_url=settings.public_url, raise_server_exceptions=False)
