"""The application with a scripted engine."""

from __future__ import annotations

import pytest

from assistant.app import build
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.settings import Settings
from tests.factories import Factory
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender
from tests.unit.dialogue.scripted import PHONE, Line, ScriptedEngine


@pytest.fixture
def line(db: Database, clock: FixedClock, settings: Settings, factory: Factory) -> Line:
    engine = ScriptedEngine()
    app = build(
        settings, clock=clock, db=db, engine=engine, gateway=FakeGateway(clock), sender=FakeSender(clock)
    )
    return Line(app, engine, clock, factory.account(phone=PHONE))
