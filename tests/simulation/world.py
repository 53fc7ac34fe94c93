"""The world of a story: real services on a real database, two accounts, and vendors in memory.

It is made once and emptied before each story, because engines and compiled statements cost more than a story.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from unittest import mock

from sqlalchemy import event
from sqlalchemy.orm import Session

from assistant import ids
from assistant.billing.service import Billing
from assistant.db import Base, Database
from assistant.errors import NotVerified
from assistant.handoff.service import Handoff
from assistant.identity.service import Identity
from assistant.identity.verification import Level, Verification
from assistant.notifications.outbox import Outbox
from assistant.notifications.preferences import ContactPreferences
from assistant.notifications.words import Words
from assistant.payments.service import Payments
from assistant.settings import Settings
from tests.factories import CHEAP_HASHER, Factory
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender
from tests.simulation.clocks import WrongableClock
from tests.simulation.processes import Fates
from tests.simulation.rows import Rows

_BEFORE_ALL_STORIES = datetime(2026, 1, 5, 15, tzinfo=UTC)
# What is there in every story; everything else a story makes itself.
_KEPT = frozenset(
    ("members", "accounts", "service_locations", "account_secrets", "account_access", "payment_methods")
)


@dataclass(frozen=True)
class Person:
    """Somebody at a phone, in one session that identity has verified."""

    name: str
    account_id: int
    session: str
    phone: str
    channel: str
    language: str
    methods: tuple[str, str]


class RememberingIdentity(Identity):
    """Identity that verified everybody once, when the world was made: its own rules are tested elsewhere."""

    def __init__(self, *parts: object, **more: object) -> None:
        super().__init__(*parts, **more)  # type: ignore[arg-type]
        self.proofs: dict[str, Verification] = {}

    def require_in(self, tx: Session, session_id: str, level: Level) -> Verification:
        if session_id not in self.proofs:
            raise NotVerified(needed=level)
        return self.proofs[session_id]


class World:
    """Services, vendors and people on one database that nobody else uses."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = WrongableClock(_BEFORE_ALL_STORIES)
        self.settings = Settings(_env_file=None, data_dir=Path(), environment="demo")
        self.rows = Rows(db)
        self.sender = FakeSender(self.clock.true)
        self.gateway = FakeGateway(self.clock.true)
        if db.is_sqlite:
            # Deaths are played, and no disk need survive a real one.
            event.listen(db.writer, "connect", _hurry)
        self._tables = [
            table.name for table in reversed(Base.metadata.sorted_tables) if table.name not in _KEPT
        ]
        self._build()
        self.fates = Fates()
        self.fates.watch_database(db)
        self.fates.watch_vendors(self.gateway, self.sender)
        self.people = self._people()

    def _build(self) -> None:
        parts = (self.db, self.clock)
        self.billing = Billing(*parts)
        handoff = Handoff(*parts, self.settings)
        self.outbox = Outbox(*parts, self.sender)
        self.identity = RememberingIdentity(*parts, self.settings, self.outbox, hasher=CHEAP_HASHER)
        self.payments = Payments(
            *parts,
            self.settings,
            gateway=self.gateway,
            identity=self.identity,
            billing=self.billing,
            outbox=self.outbox,
            handoff=handoff,
            words=Words(self.settings.coop_short_name),
            contacts=ContactPreferences(self.clock, self.settings),
        )

    def _people(self) -> tuple[Person, ...]:
        """Ada texts and calls, so that she may do two things at once; Bo has no phone on file."""
        factory = Factory(self.db, self.clock)
        ada = factory.account("1000000001", phone="+17065550111", balance_cents=0)
        bo = factory.account("1000000002", name="Bo Hill", phone="", balance_cents=0)
        cards = {
            account.id: tuple(
                self.payments.saved_methods.save(account.id, f"pm_{account.id}_{number}").id
                for number in (1, 2)
            )
            for account in (ada, bo)
        }
        self.identity.recognize_by_phone("ada_texts", ada.phone)
        self.identity.check_pin("ada_texts", ada.phone, ada.pin)
        for session, account in (("ada_calls", ada), ("bo_calls", bo)):
            phone = account.phone or "+17065550122"
            self.identity.claim(session, account.account_number)
            self.identity.recognize_by_zip(session, phone, account.zip_code)
            self.identity.check_pin(session, phone, account.pin)
        people = []
        for session, account, channel, language in (
            ("ada_texts", ada, "sms", "en"),
            ("ada_calls", ada, "voice", "es"),
            ("bo_calls", bo, "voice", "en"),
        ):
            with self.db.read() as tx:
                proof = Identity.require_in(self.identity, tx, session, "verified")
            self.identity.proofs[session] = proof
            first, second = cards[account.id]
            person = Person(session, account.id, session, proof.phone, channel, language, (first, second))
            people.append(person)
        return tuple(people)

    def empty(self, starts_at: datetime) -> None:
        """Nothing has happened yet, and it is `starts_at`."""
        self.clock.start_at(starts_at)
        self.rows.run("BEGIN", *(f"DELETE FROM {table}" for table in self._tables), "COMMIT")
        for box in vars(self.gateway).values():
            if isinstance(box, dict | list):
                box.clear()
        self.sender.texts, self.sender.calls, self.sender.plan = [], [], []

    def put_on_file(self, kind: str) -> None:
        """Everybody's first method is of that kind."""
        first = ", ".join(f"'{person.methods[0]}'" for person in self.people)
        self.rows.run(f"UPDATE payment_methods SET kind = '{kind}' WHERE id IN ({first})")

    def close(self) -> None:
        self.rows.close()
        self.db.close()


@contextmanager
def seeded_ids(random: Random) -> Iterator[None]:
    """Within the block new ids and confirmation numbers come from the seed."""

    def drawn() -> SimpleNamespace:
        return SimpleNamespace(hex=f"{random.getrandbits(128):032x}")

    with (
        mock.patch.object(ids, "uuid", SimpleNamespace(uuid4=drawn, UUID=uuid.UUID)),
        mock.patch.object(ids, "secrets", SimpleNamespace(randbelow=random.randrange)),
    ):
        yield


def _hurry(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]
