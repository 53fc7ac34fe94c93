"""Fixtures of conversations in every way: one co-op for a test worker, and a member of it for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext

import httpx
import pytest
from fastapi.testclient import TestClient

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.app import build
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.sandbox.carrier import Carrier
from assistant.sandbox.stripe_app import create_app
from assistant.serve import public_app
from assistant.settings import Settings
from tests.conftest import MONDAY_MORNING
from tests.conftest_rasa import RawAnswer, RunningRasa
from tests.dialogs.conftest import internal_listener
from tests.dialogs.ways import Coop, Talk, Way
from tests.factories import Factory
from tests.fake_sender import FakeSender
from tests.judges.stripe_schema import StripeJudge
from tests.phone_fixtures import post_through
from tests.stripe_fixtures import TIMEOUT_SECONDS, StandIn, ThreadServer


@contextmanager
def coop_open(rasa: RunningRasa, database: Path, judge: StripeJudge) -> Iterator[tuple[Coop, RawAnswer]]:
    """A co-op on an empty SQLite database, with its processor and carrier; and who answers Rasa's actions."""
    clock = FixedClock(MONDAY_MORNING)
    settings = Settings(_env_file=None, data_dir=database.parent)
    with ExitStack() as stack:
        server = ThreadServer(
            create_app(settings, database.parent / "stripe.db", clock=clock, watch=judge.saw)
        )
        server.start()
        stack.callback(server.stop)
        no_roots = SSLContext(PROTOCOL_TLS_CLIENT)
        client = stack.enter_context(
            httpx.Client(base_url=server.url, trust_env=False, timeout=30, verify=no_roots)
        )
        settings = settings.model_copy(
            update={"stripe_api_base": server.url, "stripe_timeout_seconds": TIMEOUT_SECONDS}
        )
        db = stack.enter_context(closing(Database(f"sqlite:///{database}")))
        engine = stack.enter_context(closing(rasa.engine()))
        sender = FakeSender(clock)
        app = build(
            settings, clock=clock, db=db, engine=engine, gateway=StripeGateway(settings), sender=sender
        )
        web = stack.enter_context(
            TestClient(public_app(app), base_url=settings.public_url, raise_server_exceptions=False)
        )
        carrier = Carrier(settings, clock, post=post_through(web), sleep=lambda _: None)
        answer = stack.enter_context(internal_listener(app))
        yield Coop(app, clock, Factory(db, clock), carrier, StandIn(server.url, client), sender), answer


@pytest.fixture(scope="session")
def _open_coop(
    _running_rasa: RunningRasa, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Coop, RawAnswer, StripeJudge]]:
    database = tmp_path_factory.mktemp("coop") / "porchlight.db"
    shutil.copy(sqlite_template, database)
    judge = StripeJudge()
    with coop_open(_running_rasa, database, judge) as (coop, answer):
        yield coop, answer, judge


@pytest.fixture
def one_coop(rasa: RunningRasa, _open_coop: tuple[Coop, RawAnswer, StripeJudge]) -> Iterator[Coop]:
    """The worker's co-op on a Monday, 10:00. What goes over the processor's wire is judged."""
    coop, answer, judge = _open_coop
    rasa.answer_raw_with(answer)
    yield coop
    coop.processor.clear_faults()
    judge.rule()


@pytest.fixture
def talk(one_coop: Coop, request: pytest.FixtureRequest) -> Iterator[Talk]:
    """A conversation to come, with the way and script of the test's `feature`."""
    way, script = request.param
    assert isinstance(way, Way)
    spoken = Talk(one_coop, way, script)
    yield spoken
    if spoken.is_call and spoken.phone.current is not None and spoken.phone.state != "ended":
        spoken.phone.hang_up()
