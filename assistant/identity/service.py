"""Identity: who a session is, how sure we are, and the only maker of a Verification."""

from __future__ import annotations

from typing import Literal

from argon2 import PasswordHasher
from sqlalchemy import delete
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import NotVerified
from assistant.identity import (
    choosing_pin,
    claims,
    codes,
    enrollment,
    helpers,
    pins,
    recognition,
    sending_codes,
)
from assistant.identity.access import AccountChoice, accounts_of
from assistant.identity.hashing import PIN_HASHER
from assistant.identity.helpers import HelperView
from assistant.identity.models import IdentityClaim
from assistant.identity.parts import CodeSender, Parts
from assistant.identity.verification import Level, Role, Verification, find_current, revoke
from assistant.notifications.words import Words
from assistant.settings import Settings

__all__ = ["AccountChoice", "HelperView", "Identity", "Level", "Role", "Verification"]


class Identity:
    """Answers every question about who somebody is. A claim, a caller id or a slot is never evidence.

    Refusals are IdentityRefused (with `tries_left`, or an aware UTC `until`), NotVerified (with `needed`) and
    AccountNotChosen. No answer tells whether an account exists.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        outbox: CodeSender,
        *,
        hasher: PasswordHasher = PIN_HASHER,
    ) -> None:
        self._parts = Parts(db, clock, settings, outbox, Words(settings.coop_short_name), hasher)

    def accounts_of_phone(self, phone: str) -> list[AccountChoice]:
        """The accounts of an enrolled phone. Not to be told to a caller: a caller id is not evidence."""
        with self._parts.db.read() as tx:
            return accounts_of(tx, phone)

    def claim(self, session_id: str, account_number: str) -> None:
        """Remember which account the session says it is about; identity_locked after too many numbers."""
        claims.claim_number(self._parts, session_id, account_number)

    def claim_account(self, session_id: str, account_id: int) -> None:
        """Remember an account picked from `accounts_of_phone`."""
        claims.claim_account(self._parts, session_id, account_id)

    def recognize_by_phone(self, session_id: str, phone: str) -> Verification:
        """Recognize a text from an enrolled phone; phone_not_enrolled, or AccountNotChosen for several."""
        return recognition.recognize_enrolled_phone(self._parts, session_id, phone)

    def recognize_by_zip(self, session_id: str, phone: str, zip_code: str) -> Verification:
        """Recognize a caller by the claimed number and its ZIP; identity_not_matched, identity_locked."""
        return recognition.recognize_zip(self._parts, session_id, phone, zip_code)

    def recognize_by_callback(self, session_id: str, phone: str, account_id: int) -> Verification:
        """Recognize a call that we placed to a phone on file; phone_not_enrolled."""
        return recognition.recognize_callback(self._parts, session_id, phone, account_id)

    def check_pin(self, session_id: str, phone: str, pin: str) -> Verification:
        """Verify a recognized session; pin_wrong, identity_locked, identity_agent_needed, pin_not_set."""
        return pins.check_pin(self._parts, session_id, phone, pin)

    def send_code(self, session_id: str, how: Literal["text", "call"]) -> str:
        """Send a one-time code to the phone on file; returns that phone's last two digits."""
        return sending_codes.send_code(self._parts, session_id, how)

    def check_code(self, session_id: str, phone: str, code: str) -> Verification:
        """Verify by the code that was sent; code_wrong, code_expired, identity_locked."""
        return codes.check_code(self._parts, session_id, phone, code)

    def code_to_speak(self, code_id: str, call_phone: str) -> str | None:
        """The digits to read out, once, on the call placed to `call_phone`; None: there is nothing to say."""
        return codes.code_to_speak(self._parts, code_id, call_phone)

    def check_enrollment_code(self, session_id: str, phone: str, code: str) -> None:
        """Allow the session to choose a PIN; identity_not_matched, enrollment_code_used, identity_locked."""
        enrollment.check_enrollment_code(self._parts, session_id, phone, code)

    def choose_pin(self, session_id: str, phone: str, pin: str) -> Verification:
        """Set the PIN, enroll the phone, verify; pin_weak, helper_may_not, enrollment_code_used."""
        return choosing_pin.choose_pin(self._parts, session_id, phone, pin)

    def helpers(self, session_id: str) -> list[HelperView]:
        """The helpers' phones of a verified member's account; helper_may_not."""
        return helpers.helpers_of(self._parts, session_id)

    def name_helper(self, session_id: str, phone: str) -> HelperView:
        """Let a phone hear the balance and pay; helper_phone_not_usable, helper_named_already, …"""
        return helpers.name_helper(self._parts, session_id, phone)

    def take_helper_away(self, session_id: str, access_id: int) -> HelperView:
        """End a helper's access at once; helper_not_found."""
        return helpers.take_helper_away(self._parts, session_id, access_id)

    def current(self, session_id: str) -> Verification | None:
        """The highest live verification for the account the session claims, or None."""
        with self._parts.db.read() as tx:
            return find_current(tx, self._parts.clock, session_id)

    def require(self, session_id: str, level: Level) -> Verification:
        """The live verification, at least at `level`. Raises NotVerified(needed=level)."""
        with self._parts.db.read() as tx:
            return self.require_in(tx, session_id, level)

    def require_in(self, tx: Session, session_id: str, level: Level) -> Verification:
        """The same in the caller's transaction: one that writes must not wait for a second connection."""
        current = find_current(tx, self._parts.clock, session_id)
        if current is None or (level == "verified" and current.level != "verified"):
            raise NotVerified(needed=level)
        return current

    def forget(self, session_id: str) -> None:
        """End what the session proved and claimed. Counted tries stay."""
        with self._parts.db.write() as tx:
            # In the order of choosing a PIN: the ticket before the verification.
            enrollment.drop_ticket(tx, session_id)
            revoke(tx, self._parts.clock, session_id=session_id)
            tx.execute(delete(IdentityClaim).where(IdentityClaim.session_id == session_id))
