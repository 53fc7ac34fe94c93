"""Virtual members: enrolled phones with a bill, a PIN that costs what a real one does, and a saved card."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from sqlalchemy import update

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.dialogue.sessions import Sessions
from assistant.identity.hashing import PIN_HASHER
from assistant.identity.models import AccountSecret
from assistant.payments.methods import Methods
from assistant.settings import Settings
from tests.benchmarks.script import OWED_CENTS, PIN
from tests.factories import Factory


@dataclass(frozen=True)
class VirtualMember:
    """One member of one round. `session_id` is set where no service of ours opens a session."""

    phone: str
    session_id: str = ""


class Recruiter:
    """Makes members that nobody has met before, so that every round is the same session from its start."""

    def __init__(self, settings: Settings) -> None:
        self._db = Database(settings.resolved_database_url)
        clock = SystemClock(settings.coop_zone)
        self._factory = Factory(self._db, clock)
        self._methods = Methods(self._db, clock, StripeGateway(settings))
        self._sessions = Sessions(self._db, clock, settings)
        self._numbers = count(1)
        self._pin_hash = PIN_HASHER.hash(PIN)

    @property
    def db(self) -> Database:
        return self._db

    def members(self, how_many: int, *, has_session: bool) -> list[VirtualMember]:
        return [self._member(has_session=has_session) for _ in range(how_many)]

    def close(self) -> None:
        self._db.close()

    def _member(self, *, has_session: bool) -> VirtualMember:
        number = next(self._numbers)
        phone = f"+1706556{number:04}"
        account = self._factory.account(
            f"{2_000_000_000 + number}",
            name=f"Member {number}",
            balance_cents=OWED_CENTS,
            phone=phone,
            pin=PIN,
            enrollment_code="",
        )
        with self._db.write() as tx:
            secret = update(AccountSecret).where(AccountSecret.account_id == account.id)
            tx.execute(secret.values(pin_hash=self._pin_hash))
        self._methods.save(account.id, "pm_card_visa", is_default=True)
        return VirtualMember(phone, self._sessions.open_text(phone).id if has_session else "")
