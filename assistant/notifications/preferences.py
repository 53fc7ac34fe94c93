"""How an account's member wants to hear from us: reminders, receipts, quiet hours, paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import insert_once
from assistant.notifications.models import ContactPreference
from assistant.settings import Settings


@dataclass(frozen=True)
class Preferences:
    """`reminder_days` before the due date, 0 for none; times are wall-clock in the co-op's zone."""

    reminder_days: int
    has_receipts: bool
    quiet_from: time
    quiet_until: time
    is_paperless: bool

    def is_quiet_at(self, local: time) -> bool:
        """Whether no text is started now. Quiet hours usually pass midnight."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= local < self.quiet_until
        return local >= self.quiet_from or local < self.quiet_until


class ContactPreferences:
    """Reads and writes preferences in the caller's transaction; who may change them is asked above."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings

    def of(self, tx: Session, account_id: int) -> Preferences:
        """The account's preferences, with the co-op's own where the member has none."""
        row = tx.get(ContactPreference, account_id)
        usual = self._settings
        own_days = None if row is None else row.reminder_days
        return Preferences(
            usual.reminder_days if own_days is None else own_days,
            row is None or row.has_receipts,
            time.fromisoformat((row and row.quiet_from) or usual.quiet_from),
            time.fromisoformat((row and row.quiet_until) or usual.quiet_until),
            row is not None and row.is_paperless,
        )

    def paperless(self) -> Select[int]:
        """The accounts that get no bill on paper."""
        return select(ContactPreference.account_id).where(ContactPreference.is_paperless)

    def change(self, tx: Session, account_id: int, **values: int | bool | str) -> None:
        """Write some columns of the account's preferences."""
        kept = {**values, "changed_at": self._clock.now()}
        fresh = {"account_id": account_id, "has_receipts": True, "is_paperless": False, **kept}
        if not insert_once(tx, ContactPreference, [fresh]):
            tx.execute(
                update(ContactPreference).where(ContactPreference.account_id == account_id).values(**kept)
            )

    def is_quiet_now(self, preferences: Preferences) -> bool:
        """Whether a text that nobody asked for has to wait."""
        return preferences.is_quiet_at(self._clock.now().astimezone(self._clock.zone).time())
