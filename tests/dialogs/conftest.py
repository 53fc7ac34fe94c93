"""A member on a text thread or a call, against the trained Rasa, the real actions and the real services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from assistant.app import Application, actions_of, build
from assistant.channels.wording import text_of
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.dialogue.turn import Expectation, Heard, Reply
from assistant.handoff.service import HandoffView
from assistant.internal import SECRET_HEADER, build_internal_app
from assistant.notifications.models import OutboxMessage
from assistant.settings import Settings
from tests.conftest_rasa import RawAnswer, RunningRasa
from tests.factories import Factory, MadeAccount
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender

PHONE = "+17065550111"


# One folder of conversations on each database is proof enough that the words do not depend on it, and Rasa's
# one process is the bottleneck of the whole run.
ON_BOTH_DATABASES = "test_paying_by_text.py"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def is_left_out(item: pytest.Item) -> bool:
        is_here = Path(__file__).parent in item.path.parents
        return is_here and "[postgres" in item.name and item.path.name != ON_BOTH_DATABASES

    config.hook.pytest_deselected(items=[item for item in items if is_left_out(item)])
    items[:] = [item for item in items if not is_left_out(item)]


@dataclass
class Line:
    """One open session; every step returns what the member reads or hears, as one text."""

    app: Application
    session_id: str
    replies: list[Reply] = field(default_factory=list)

    def hear(self, heard: Heard) -> str:
        self.replies = self.app.conversation.take(self.session_id, heard)
        self.app.conversation.told(self.session_id)
        return self.said

    def text(self, words: str) -> str:
        return self.hear(Heard("text", words))

    def press(self, keys: str) -> str:
        return self.hear(Heard("keys", keys))

    def speak(self, words: str) -> str:
        return self.hear(Heard("speech", words, confidence=0.9))

    def key_card(self, result: str = "success", card: str = "pm_new") -> str:
        return self.hear(Heard("card", card={"result": result, "token": card}))

    @property
    def said(self) -> str:
        return " ".join(reply.text for reply in self.replies)

    @property
    def expect(self) -> Expectation:
        return self.replies[-1].expect

    @property
    def choices(self) -> list[str]:
        return [f"{choice.number} {choice.title}" for choice in self.expect.choices]

    def as_text(self, language: str = "en") -> str:
        """The one text message that the member gets."""
        return text_of(self.replies, "es" if language == "es" else "en")


@dataclass
class World:
    """The co-op with its services, a processor and a carrier in memory."""

    app: Application
    clock: FixedClock
    factory: Factory
    gateway: FakeGateway
    sender: FakeSender

    def thread(self, phone: str = PHONE) -> Line:
        return Line(self.app, self.app.conversation.open_text_session(phone).id)

    def call(self, phone: str = PHONE, call_id: str = "CA1", resume: str = "") -> Line:
        """A call that was answered; its greeting is in `said`."""
        line = Line(self.app, self.app.conversation.open_call(call_id, phone, resume).id)
        line.hear(Heard("event", "call_opened"))
        return line

    def saved_card(self, account: MadeAccount) -> None:
        self.app.payments.saved_methods.save(account.id, f"pm_saved_{account.id}", is_default=True)

    def balance(self, account: MadeAccount) -> int:
        return self.app.billing.summary(account.id).balance_cents

    def last_confirmation(self, account: MadeAccount) -> str:
        status = self.app.payments.last_status(account.id)
        assert status is not None
        return status.confirmation_number

    def requests(self) -> list[HandoffView]:
        return self.app.handoff.open_requests()

    def queued(self, kind: str = "text") -> list[OutboxMessage]:
        """What waits to be sent."""
        waiting = select(OutboxMessage).where(OutboxMessage.kind == kind, OutboxMessage.state == "queued")
        with self.app.db.read() as tx:
            return list(tx.scalars(waiting))


@pytest.fixture
def world(
    rasa: RunningRasa, db: Database, clock: FixedClock, settings: Settings, factory: Factory
) -> Iterator[World]:
    gateway, sender = FakeGateway(clock), FakeSender(clock)
    engine = rasa.engine()
    app = build(settings, clock=clock, db=db, engine=engine, gateway=gateway, sender=sender)
    with internal_listener(app) as answer:
        rasa.answer_raw_with(answer)
        yield World(app, clock, factory, gateway, sender)
    engine.close()


@contextmanager
def internal_listener(app: Application) -> Iterator[RawAnswer]:
    """The service's own `/actions`, without a port."""
    listener = build_internal_app(app.settings, actions_of(app), app.metrics, app.refresh_gauges)
    secret = app.settings.internal_secret.get_secret_value()
    headers = {SECRET_HEADER: secret, "Content-Type": "application/json"}
    with TestClient(listener, headers=headers) as client:

        def answer(call: bytes) -> tuple[int, bytes]:
            response = client.post("/actions", content=call)
            return response.status_code, response.content

        yield answer
