"""Fixtures of tests that run the service as a process: a co-op on each database, ready to be killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text

from assistant import migrations
from assistant.app import build
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.sandbox.phone_network import create_app as create_network
from assistant.sandbox.stripe_app import create_app as create_processor
from assistant.settings import Settings
from tests.conftest_rasa import NO_ROOTS, RunningRasa, free_port
from tests.factories import Factory
from tests.integration.killable_coop import Coop, LineFromRasa, LineToProcessor, Service
from tests.judges.stripe_schema import StripeJudge
from tests.judges.twiml_schema import judge
from tests.phone_fixtures import Phone
from tests.postgres import require_postgres
from tests.stripe_fixtures import StandIn, ThreadServer

ADA = "+17065550111"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table, of this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'porchlight.db'}"
        return
    server = require_postgres()
    name = f"porchlight_killed_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture
def coop(
    empty_database_url: str, rasa: RunningRasa, stripe_judge: StripeJudge, tmp_path: Path
) -> Iterator[Coop]:
    """The co-op with its service running; the member has a card on file, saved through the real gateway."""
    clock, port = SystemClock("America/New_York"), free_port()
    values: dict[str, Any] = {
        "data_dir": tmp_path,
        "database_url": empty_database_url,
        "public_url": f"http://127.0.0.1:{port}",
        "public_port": port,
        "internal_port": free_port(),
        "internal_secret": rasa.secret,
        "rasa_url": rasa.url,
        # A bank that takes its time must not be given up before the test kills the service.
        "stripe_timeout_seconds": 20,
        "turn_answer_seconds": 4,
    }
    with ExitStack() as stack:
        books = create_processor(
            Settings(_env_file=None), tmp_path / "stripe.db", clock=clock, watch=stripe_judge.saw
        )
        processor = stack.enter_context(_served(books))
        to_processor = stack.enter_context(closing(LineToProcessor(processor)))
        values["stripe_api_base"] = stack.enter_context(_served(to_processor.app))
        network = create_network(Settings(_env_file=None, **values), clock=clock)
        values["twilio_api_base"] = stack.enter_context(_served(network))
        settings = Settings(_env_file=None, **values)
        db = stack.enter_context(closing(Database(empty_database_url)))
        migrations.upgrade(db.writer)
        worker = build(settings, clock=clock, db=db)
        account = Factory(db, clock).account(phone=ADA)
        worker.payments.saved_methods.save(account.id, "pm_card_visa", is_default=True)
        client = stack.enter_context(
            httpx.Client(base_url=processor, trust_env=False, timeout=60, verify=NO_ROOTS)
        )
        service = Service(values, tmp_path)
        stack.callback(service.stop)
        service.start()
        carrier = network.state.carrier
        from_rasa = LineFromRasa(rasa, settings.internal_port)
        stack.callback(from_rasa.hold.end)
        yield Coop(
            settings,
            db,
            service,
            worker,
            StandIn(processor, client),
            carrier,
            Phone(carrier, ADA),
            account,
            to_processor,
            from_rasa,
        )
        _judge_every_answer(carrier.wire.entries())


@contextmanager
def _served(app: Any) -> Iterator[str]:
    server = ThreadServer(app)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def _judge_every_answer(wire: list[Any]) -> None:
    for entry in wire:
        if entry.kind == "webhook" and entry.status == 200:
            judge(entry.answer)
