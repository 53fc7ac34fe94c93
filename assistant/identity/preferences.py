"""A member changes how we write: reminders, receipts, quiet hours, paper. Wants a verified member."""

from __future__ import annotations

from datetime import time

from sqlalchemy.orm import Session

from assistant import audit
from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import IdentityRefused
from assistant.handoff.service import Handoff
from assistant.identity.service import Identity
from assistant.identity.verification import Verification
from assistant.notifications.preferences import ContactPreferences, Preferences

# A reminder earlier than this is forgotten again before the bill is due.
MOST_REMINDER_DAYS = 14
# The office's billing system prints the bills, so it has to be told.
PAPERLESS_TOPIC = "paperless"


class MemberPreferences:
    """What members may set. Every change is kept in the audit trail."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        identity: Identity,
        contacts: ContactPreferences,
        handoff: Handoff,
    ) -> None:
        self._db = db
        self._clock = clock
        self._identity = identity
        self._contacts = contacts
        self._handoff = handoff

    def of(self, session_id: str) -> Preferences:
        """What is set for the session's account. Raises NotVerified, helper_may_not."""
        who = self._require_member(session_id)
        with self._db.read() as tx:
            return self._contacts.of(tx, who.account_id)

    def set_reminder(self, session_id: str, days: int) -> Preferences:
        """Remind `days` before the due date; 0: never."""
        if not 0 <= days <= MOST_REMINDER_DAYS:
            raise IdentityRefused("reminder_days_not_possible", most=MOST_REMINDER_DAYS)
        return self._change(session_id, reminder_days=days)

    def set_receipts(self, session_id: str, *, has_receipts: bool) -> Preferences:
        """Text a receipt after a payment by phone, or not; an outcome that was promised always comes."""
        return self._change(session_id, has_receipts=has_receipts)

    def set_quiet_hours(self, session_id: str, quiet_from: time, quiet_until: time) -> Preferences:
        """Start no text between these local times."""
        return self._change(
            session_id,
            quiet_from=quiet_from.isoformat("minutes"),
            quiet_until=quiet_until.isoformat("minutes"),
        )

    def set_paperless(self, session_id: str, *, is_paperless: bool) -> Preferences:
        """Bills by text instead of on paper, or on paper again; the office gets the task for its printing."""
        who = self._require_member(session_id)
        with self._db.write() as tx:
            if self._contacts.of(tx, who.account_id).is_paperless != is_paperless:
                self._contacts.change(tx, who.account_id, is_paperless=is_paperless)
                self._note(tx, who, is_paperless=is_paperless)
                # Changed back in one session: the office does what holds now.
                self._handoff.drop_in(tx, session_id=session_id, topic=PAPERLESS_TOPIC)
                self._handoff.ask_in(
                    tx,
                    session_id=session_id,
                    account_id=who.account_id,
                    phone=who.phone,
                    topic=PAPERLESS_TOPIC,
                    summary="Print no more bills." if is_paperless else "Print and post the bills again.",
                )
            return self._contacts.of(tx, who.account_id)

    def _change(self, session_id: str, **values: int | bool | str) -> Preferences:
        who = self._require_member(session_id)
        with self._db.write() as tx:
            self._contacts.change(tx, who.account_id, **values)
            self._note(tx, who, **values)
            return self._contacts.of(tx, who.account_id)

    def _require_member(self, session_id: str) -> Verification:
        who = self._identity.require(session_id, "verified")
        if who.role == "helper":
            raise IdentityRefused("helper_may_not")
        return who

    def _note(self, tx: Session, who: Verification, **values: int | bool | str) -> None:
        audit.record(
            tx,
            at=self._clock.now(),
            actor="member",
            action="preferences_changed",
            account_id=who.account_id,
            session_id=who.session_id,
            **values,
        )
