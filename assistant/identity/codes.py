"""Checking and reading out one-time codes: good once, for a few minutes and a few tries."""

from __future__ import annotations

import hmac

from sqlalchemy import update
from sqlalchemy.orm import Session

from assistant import audit
from assistant.errors import IdentityRefused
from assistant.identity.access import member_phones
from assistant.identity.claims import Claim, require_claim
from assistant.identity.code_digits import digits_of
from assistant.identity.enrollment import give_ticket
from assistant.identity.limits import ReservedTry, by_phone, by_session, give_back, reserve
from assistant.identity.models import OneTimeCode
from assistant.identity.parts import Parts
from assistant.identity.verification import Verification, grant

# Five codes of five tries each would be too many in one thread or call.
_TRIES_PER_SESSION = 10


def code_to_speak(parts: Parts, code_id: str, call_phone: str) -> str | None:
    """The digits, for the call that we placed to the phone on file: once, and while the code is good.

    None means that there is nothing to say: spoken before, used, expired, or another phone.
    """
    now = parts.clock.now()
    with parts.db.write() as tx:
        spoken = tx.scalar(
            update(OneTimeCode)
            .where(
                OneTimeCode.id == code_id,
                OneTimeCode.phone == call_phone,
                OneTimeCode.account_id.is_not(None),
                OneTimeCode.spoken_at.is_(None),
                OneTimeCode.used_at.is_(None),
                OneTimeCode.expires_at > now,
            )
            .values(spoken_at=now)
            .returning(OneTimeCode.id)
        )
    return None if spoken is None else digits_of(parts, code_id)


def check_code(parts: Parts, session_id: str, phone: str, code: str) -> Verification:
    """Verify the session by the newest code that it asked for its claimed account.

    Raises IdentityRefused with code_wrong(tries_left), code_expired (none asked for, too old, used, or no
    tries left) or identity_locked, and AccountNotChosen.
    """
    limits = [by_phone("code", phone), by_session("code", session_id, _TRIES_PER_SESSION)]
    with parts.db.write() as tx:
        claim = require_claim(tx, session_id)
        asked = _take_try(tx, parts, claim)
        tries = reserve(tx, parts.clock.now(), limits)
    is_right = hmac.compare_digest(digits_of(parts, asked.id).encode(), code.encode())
    # A code that went nowhere belongs to no account, and nobody can be right about it.
    if not is_right or asked.account_id is None:
        _note_wrong(parts, claim, phone)
        raise IdentityRefused("code_wrong", tries_left=asked.tries_left)
    return _settle_right(parts, asked.account_id, session_id, phone, asked.id, tries)


def _settle_right(
    parts: Parts, account_id: int, session_id: str, phone: str, code_id: str, tries: list[ReservedTry]
) -> Verification:
    with parts.db.write() as tx:
        sent_to = tx.scalar(
            update(OneTimeCode)
            .where(OneTimeCode.id == code_id, OneTimeCode.used_at.is_(None))
            .values(used_at=parts.clock.now())
            .returning(OneTimeCode.phone)
        )
        if sent_to is None:
            raise IdentityRefused("code_expired")
        give_back(tx, tries)
        # A helper's phone can be shown to be at hand, but that does not let the helper choose a PIN.
        if sent_to in member_phones(tx, account_id):
            give_ticket(tx, parts, session_id, account_id, "one_time_code")
        audit.record(
            tx,
            at=parts.clock.now(),
            actor="member",
            action="verified",
            account_id=account_id,
            session_id=session_id,
            how="one_time_code",
            phone=phone,
        )
        return grant(
            tx,
            parts.clock,
            session_id=session_id,
            account_id=account_id,
            phone=phone,
            level="verified",
            how="one_time_code",
            minutes=parts.settings.verification_minutes,
        )


def _note_wrong(parts: Parts, claim: Claim, phone: str) -> None:
    with parts.db.write() as tx:
        audit.record(
            tx,
            at=parts.clock.now(),
            actor="member",
            action="code_wrong",
            account_id=claim.account_id,
            session_id=claim.session_id,
            phone=phone,
        )


def _take_try(tx: Session, parts: Parts, claim: Claim) -> OneTimeCode:
    """Use up one try of the session's newest code, before it is looked at."""
    code = tx.scalar(
        update(OneTimeCode)
        .where(
            OneTimeCode.session_id == claim.session_id,
            OneTimeCode.account_number == claim.account_number,
            OneTimeCode.tries_left > 0,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > parts.clock.now(),
        )
        .values(tries_left=OneTimeCode.tries_left - 1)
        .returning(OneTimeCode)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if code is None:
        raise IdentityRefused("code_expired")
    return code
