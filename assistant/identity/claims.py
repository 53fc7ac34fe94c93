"""What a session says it is about: an account number or an account picked. A claim is not evidence."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.billing.models import Account
from assistant.db import insert_once
from assistant.errors import AccountNotChosen
from assistant.identity.limits import by_session, reserve
from assistant.identity.models import IdentityClaim
from assistant.identity.parts import Parts

# Different account numbers that one thread or call may claim in an hour.
_CLAIMS_PER_SESSION = 10


@dataclass(frozen=True)
class Claim:
    """The claimed number, and the account behind it if there is one."""

    session_id: str
    account_number: str
    account_id: int | None

    @property
    def limit_key(self) -> str:
        """What tries are counted against: the number, whether or not an account has it."""
        return self.account_number or f"none:{self.session_id}"


def claim_number(parts: Parts, session_id: str, account_number: str) -> None:
    """Remember the claimed number. Says nothing about whether it exists. Raises IdentityRefused."""
    # Anything else that was typed (perhaps a PIN) is not worth keeping.
    is_possible = account_number.isdecimal() and len(account_number) == parts.settings.account_number_length
    number = account_number if is_possible else ""
    with parts.db.write() as tx:
        reserve(tx, parts.clock.now(), [by_session("claim", session_id, _CLAIMS_PER_SESSION)])
        account_id = tx.scalar(select(Account.id).where(Account.account_number == number))
        _keep(tx, parts, session_id, number, account_id)


def claim_account(parts: Parts, session_id: str, account_id: int) -> None:
    """Remember an account that was picked from those of a phone. Raises LookupError for an unknown id."""
    with parts.db.write() as tx:
        number = tx.scalar(select(Account.account_number).where(Account.id == account_id))
        if number is None:
            raise LookupError(f"no account has the id {account_id}")
        _keep(tx, parts, session_id, number, account_id)


def find_claim(tx: Session, session_id: str) -> Claim | None:
    """What the session claims now."""
    row = tx.get(IdentityClaim, session_id)
    return None if row is None else Claim(session_id, row.account_number, row.account_id)


def require_claim(tx: Session, session_id: str) -> Claim:
    """What the session claims now. Raises AccountNotChosen when it claims nothing."""
    claim = find_claim(tx, session_id)
    if claim is None:
        raise AccountNotChosen
    return claim


def _keep(tx: Session, parts: Parts, session_id: str, number: str, account_id: int | None) -> None:
    values = {"account_number": number, "account_id": account_id, "at": parts.clock.now()}
    if not insert_once(tx, IdentityClaim, [{"session_id": session_id, **values}]):
        tx.execute(update(IdentityClaim).where(IdentityClaim.session_id == session_id).values(**values))
