"""Enrolling a phone and choosing a PIN, with the code on the paper bill or one sent to the phone on file."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from assistant import audit
from assistant.db import insert_once
from assistant.errors import IdentityRefused
from assistant.identity.claims import Claim, require_claim
from assistant.identity.hashing import ENROLLMENT_CODE_HASHER, NO_ENROLLMENT_CODE, is_match
from assistant.identity.limits import Limit, by_phone, by_session, give_back, reserve
from assistant.identity.models import AccountSecret, EnrollmentTicket
from assistant.identity.parts import Parts


def check_enrollment_code(parts: Parts, session_id: str, phone: str, code: str) -> None:
    """Let the session choose a PIN for its claimed account if the code is the one on the paper bill.

    Raises IdentityRefused with identity_not_matched (also when there is no such account), identity_locked
    or enrollment_code_used (told only to who has the right code), and AccountNotChosen.
    """
    with parts.db.write() as tx:
        claim = require_claim(tx, session_id)
        tries = reserve(tx, parts.clock.now(), _limits(parts, claim, phone))
        _note(tx, parts, "enrollment_code_tried", claim, phone)
    with parts.db.read() as tx:
        stored = tx.scalar(
            select(AccountSecret.enrollment_code_hash).where(AccountSecret.account_id == claim.account_id)
        )
    is_right = is_match(ENROLLMENT_CODE_HASHER, stored or NO_ENROLLMENT_CODE, code)
    if not is_right or claim.account_id is None:
        refusal = next(t for t in tries if t.key.startswith("enroll:account:")).refuse("identity_not_matched")
        with parts.db.write() as tx:
            _note(tx, parts, "enrollment_code_wrong", claim, phone)
        raise refusal
    with parts.db.write() as tx:
        give_back(tx, tries)
        if not _is_unused(tx, claim.account_id):
            raise IdentityRefused("enrollment_code_used")
        give_ticket(tx, parts, session_id, claim.account_id, "enrollment_code")
        _note(tx, parts, "enrollment_code_right", claim, phone)


def give_ticket(tx: Session, parts: Parts, session_id: str, account_id: int, how: str) -> None:
    """Remember that the session may choose a PIN and enroll its phone for the account."""
    tx.execute(delete(EnrollmentTicket).where(EnrollmentTicket.session_id == session_id))
    insert_once(
        tx,
        EnrollmentTicket,
        [
            {
                "session_id": session_id,
                "account_id": account_id,
                "how": how,
                "expires_at": parts.clock.now() + timedelta(minutes=parts.settings.verification_minutes),
            }
        ],
    )


def take_ticket(tx: Session, parts: Parts, session_id: str, account_id: int) -> str | None:
    """Use up the session's ticket for the account: how it was earned, or None.

    Raises IdentityRefused("enrollment_code_used") when another session was faster with the same code.
    """
    how = tx.scalar(
        delete(EnrollmentTicket)
        .where(
            EnrollmentTicket.session_id == session_id,
            EnrollmentTicket.account_id == account_id,
            EnrollmentTicket.expires_at > parts.clock.now(),
        )
        .returning(EnrollmentTicket.how)
    )
    if how == "enrollment_code" and not _use_enrollment_code(tx, parts, account_id):
        raise IdentityRefused("enrollment_code_used")
    return how


def has_ticket(tx: Session, parts: Parts, session_id: str, account_id: int | None) -> bool:
    """Whether the session may choose a PIN for the account by what it proved."""
    return (
        tx.scalar(
            select(EnrollmentTicket.session_id).where(
                EnrollmentTicket.session_id == session_id,
                EnrollmentTicket.account_id == account_id,
                EnrollmentTicket.expires_at > parts.clock.now(),
            )
        )
        is not None
    )


def drop_ticket(tx: Session, session_id: str) -> None:
    """Forget what the session proved."""
    tx.execute(delete(EnrollmentTicket).where(EnrollmentTicket.session_id == session_id))


def _limits(parts: Parts, claim: Claim, phone: str) -> list[Limit]:
    rules = parts.settings
    pause = timedelta(minutes=rules.lock_minutes)
    return [
        Limit(f"enroll:account:{claim.limit_key}", rules.pin_tries, pause),
        by_phone("enroll", phone),
        by_session("enroll", claim.session_id, 2 * rules.pin_tries),
    ]


def _is_unused(tx: Session, account_id: int) -> bool:
    secret = tx.get_one(AccountSecret, account_id)
    return secret.enrollment_code_used_at is None


def _use_enrollment_code(tx: Session, parts: Parts, account_id: int) -> bool:
    used = tx.scalar(
        update(AccountSecret)
        .where(AccountSecret.account_id == account_id, AccountSecret.enrollment_code_used_at.is_(None))
        .values(enrollment_code_used_at=parts.clock.now())
        .returning(AccountSecret.account_id)
    )
    return used is not None


def _note(tx: Session, parts: Parts, action: str, claim: Claim, phone: str) -> None:
    audit.record(
        tx,
        at=parts.clock.now(),
        actor="member",
        action=action,
        account_id=claim.account_id,
        session_id=claim.session_id,
        phone=phone,
    )
