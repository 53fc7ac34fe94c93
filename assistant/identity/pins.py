"""Checking a PIN: the try is counted first, the hash is looked at outside any transaction."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant import audit
from assistant.errors import IdentityRefused, NotVerified
from assistant.identity.claims import Claim, require_claim
from assistant.identity.hashing import is_match
from assistant.identity.limits import Limit, ReservedTry, by_phone, clear, give_back, reserve
from assistant.identity.models import AccountSecret
from assistant.identity.parts import Parts
from assistant.identity.verification import Verification, find_current, grant


def pin_limit(parts: Parts, account_number: str) -> Limit:
    """Wrong PINs on one account, whoever tries them."""
    rules = parts.settings
    return Limit(
        f"pin:account:{account_number}",
        rules.pin_tries,
        timedelta(minutes=rules.lock_minutes),
        tries_until_agent=rules.pin_tries_until_agent,
    )


def check_pin(parts: Parts, session_id: str, phone: str, pin: str) -> Verification:
    """Raise a recognized session to verified.

    Raises NotVerified when the session is not recognized for its account (so a PIN can be tried on no
    account that was only claimed), IdentityRefused with pin_not_set, pin_wrong, identity_locked or
    identity_agent_needed.
    """
    with parts.db.write() as tx:
        claim = require_claim(tx, session_id)
        current = find_current(tx, parts.clock, session_id)
        if current is None:
            raise NotVerified(needed="recognized")
        pin_hash = _pin_hash(tx, current.account_id)
        if pin_hash is None:
            raise IdentityRefused("pin_not_set")
        tries = reserve(
            tx, parts.clock.now(), [pin_limit(parts, claim.account_number), by_phone("pin", phone)]
        )
        _note(tx, parts, "pin_tried", claim, phone)
    if is_match(parts.hasher, pin_hash, pin):
        verified = _settle_right(parts, claim, current, pin_hash, tries)
        if verified is not None:
            return verified
    raise _settle_wrong(parts, claim, phone, tries)


def _settle_right(
    parts: Parts, claim: Claim, current: Verification, pin_hash: str, tries: list[ReservedTry]
) -> Verification | None:
    """Verified, unless the PIN was changed while we looked at it."""
    with parts.db.write() as tx:
        if _pin_hash(tx, current.account_id, is_locked=True) != pin_hash:
            return None
        give_back(tx, tries)
        clear(tx, pin_limit(parts, claim.account_number).key)
        _note(tx, parts, "verified", claim, current.phone)
        return grant(
            tx,
            parts.clock,
            session_id=current.session_id,
            account_id=current.account_id,
            phone=current.phone,
            level="verified",
            how="pin",
            minutes=parts.settings.verification_minutes,
        )


def _settle_wrong(parts: Parts, claim: Claim, phone: str, tries: list[ReservedTry]) -> IdentityRefused:
    on_account = next(reserved for reserved in tries if reserved.key.startswith("pin:account:"))
    refusal = on_account.refuse("pin_wrong")
    with parts.db.write() as tx:
        _note(tx, parts, refusal.code, claim, phone)
    return refusal


def _pin_hash(tx: Session, account_id: int, *, is_locked: bool = False) -> str | None:
    query = select(AccountSecret.pin_hash).where(AccountSecret.account_id == account_id)
    return tx.scalar(query.with_for_update() if is_locked else query)


def _note(tx: Session, parts: Parts, action: str, claim: Claim, phone: str) -> None:
    audit.record(
        tx,
        at=parts.clock.now(),
        actor="member",
        action=action,
        account_id=claim.account_id,
        session_id=claim.session_id,
        how="pin",
        phone=phone,
    )
