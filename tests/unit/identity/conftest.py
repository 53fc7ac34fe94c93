"""Identity with a cheap hash and an outbox that keeps what it was given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.identity.service import Identity
from assistant.settings import Settings
from tests.factories import CHEAP_HASHER, Factory, MadeAccount


@dataclass
class Sent:
    """Texts and calls that were queued: (phone, body or path, holds_secret)."""

    texts: list[tuple[str, str, bool]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)

    def queue_text(
        self,
        tx: Session,
        *,
        phone: str,
        body: str,
        dedupe_key: str,
        send_after: datetime | None = None,
        holds_secret: bool = False,
    ) -> None:
        assert tx.is_active
        assert dedupe_key
        self.texts.append((phone, body, holds_secret))

    def queue_call(self, tx: Session, *, phone: str, path: str, dedupe_key: str) -> None:
        assert tx.is_active
        assert dedupe_key
        self.calls.append((phone, path))

    def last_code(self) -> str:
        found = re.search(r"\b(\d{6})\b", self.texts[-1][1])
        assert found is not None
        return found.group(1)


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def identity(db: Database, clock: FixedClock, settings: Settings, sent: Sent) -> Identity:
    return Identity(db, clock, settings, sent, hasher=CHEAP_HASHER)


@pytest.fixture
def ada(factory: Factory) -> MadeAccount:
    return factory.account()
