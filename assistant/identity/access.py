"""Which phones may act for which accounts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.billing.models import Account
from assistant.clock import Clock
from assistant.db import insert_once
from assistant.identity.models import AccountAccess
from assistant.identity.verification import Role


@dataclass(frozen=True)
class AccountChoice:
    """One of the accounts of a phone, as it can be named to pick it."""

    account_id: int
    last_four: str
    nickname: str
    role: str


def accounts_of(tx: Session, phone: str) -> list[AccountChoice]:
    """The accounts that this phone is enrolled for, by account number."""
    rows = tx.execute(
        select(Account.id, Account.account_number, Account.nickname, AccountAccess.role)
        .join(Account, Account.id == AccountAccess.account_id)
        .where(AccountAccess.phone == phone, AccountAccess.revoked_at.is_(None))
        .order_by(Account.account_number)
    )
    return [
        AccountChoice(account_id, number[-4:], nickname, role) for account_id, number, nickname, role in rows
    ]


def is_enrolled(tx: Session, phone: str, account_id: int | None) -> bool:
    """Whether the phone may act for the account now."""
    return (
        tx.scalar(
            select(AccountAccess.id).where(
                AccountAccess.account_id == account_id,
                AccountAccess.phone == phone,
                AccountAccess.revoked_at.is_(None),
            )
        )
        is not None
    )


def member_phones(tx: Session, account_id: int | None) -> list[str]:
    """The member's own phones on file, the newest first; helpers' phones are not among them."""
    return list(
        tx.scalars(
            select(AccountAccess.phone)
            .where(
                AccountAccess.account_id == account_id,
                AccountAccess.revoked_at.is_(None),
                AccountAccess.role == "member",
            )
            .order_by(AccountAccess.enrolled_at.desc(), AccountAccess.id.desc())
        )
    )


def enroll_phone(tx: Session, clock: Clock, *, account_id: int, phone: str, role: Role, how: str) -> bool:
    """Let the phone act for the account from now on; True when it could not before."""
    was_enrolled = is_enrolled(tx, phone, account_id)
    values = {"role": role, "enrolled_at": clock.now(), "enrolled_how": how, "revoked_at": None}
    if not insert_once(tx, AccountAccess, [{"account_id": account_id, "phone": phone, **values}]):
        tx.execute(
            update(AccountAccess)
            .where(AccountAccess.account_id == account_id, AccountAccess.phone == phone)
            .values(**values)
        )
    return not was_enrolled
