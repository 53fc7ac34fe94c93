"""The proof that identity hands out: who a session was found to be, how surely, and until when."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from datetime import timedelta
from typing import Literal, final

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.identity.models import AccountAccess, IdentityClaim, VerificationRecord

Level = Literal["recognized", "verified"]
Role = Literal["member", "helper"]

# Recognized because of the phone itself: worth nothing once that phone's access is gone.
_BY_PHONE = ("enrolled_phone", "callback")
# Known to this module alone, so that nobody else can make a Verification by mistake.
_SEAL = object()


@final
@dataclass(frozen=True)
class Verification:
    """Evidence that a session may act for one account. Services demand it; only identity makes it."""

    session_id: str
    account_id: int
    level: Level
    role: Role
    phone: str
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only identity makes a Verification")


def grant(
    tx: Session,
    clock: Clock,
    *,
    session_id: str,
    account_id: int,
    phone: str,
    level: Level,
    how: str,
    minutes: int,
) -> Verification:
    """Record that the session reached a level for an account, and say so. The caller has the proof."""
    now = clock.now()
    tx.add(
        VerificationRecord(
            session_id=session_id,
            account_id=account_id,
            level=level,
            how=how,
            phone=phone,
            made_at=now,
            expires_at=now + timedelta(minutes=minutes),
        )
    )
    role = tx.scalar(
        select(AccountAccess.role).where(AccountAccess.account_id == account_id, AccountAccess.phone == phone)
    )
    return Verification(session_id, account_id, level, _role(role), phone, _SEAL)


def find_current(tx: Session, clock: Clock, session_id: str) -> Verification | None:
    """The highest live verification for the account that the session claims now, or None."""
    record, access = VerificationRecord, AccountAccess
    rows = tx.execute(
        select(record, access.role, access.revoked_at)
        .join(
            IdentityClaim,
            (IdentityClaim.session_id == record.session_id) & (IdentityClaim.account_id == record.account_id),
        )
        .outerjoin(access, (access.account_id == record.account_id) & (access.phone == record.phone))
        .where(
            record.session_id == session_id,
            record.revoked_at.is_(None),
            record.expires_at > clock.now(),
        )
        .order_by(case((record.level == "verified", 0), else_=1), record.id.desc())
    )
    for row, role, revoked_at in rows:
        is_taken_back = revoked_at is not None and revoked_at >= row.made_at
        if is_taken_back or (role is None and row.how in _BY_PHONE):
            continue
        level: Level = "verified" if row.level == "verified" else "recognized"
        return Verification(row.session_id, row.account_id, level, _role(role), row.phone, _SEAL)
    return None


def revoke(tx: Session, clock: Clock, *, session_id: str = "", account_id: int | None = None) -> None:
    """End the live verifications of a session, or of everybody on an account."""
    mine = (
        VerificationRecord.session_id == session_id
        if account_id is None
        else VerificationRecord.account_id == account_id
    )
    tx.execute(
        update(VerificationRecord)
        .where(mine, VerificationRecord.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def _role(stored: str | None) -> Role:
    # A helper whose access was taken away does not become the member.
    return "helper" if stored == "helper" else "member"
