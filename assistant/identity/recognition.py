"""The first level: an enrolled phone that texts, an account number with its ZIP, or a phone we rang."""

from __future__ import annotations

import hmac

from sqlalchemy import select

from assistant import audit
from assistant.billing.models import Account
from assistant.errors import AccountNotChosen, IdentityRefused
from assistant.identity.access import accounts_of, is_enrolled
from assistant.identity.claims import claim_account, find_claim, require_claim
from assistant.identity.limits import by_phone, by_session, give_back, reserve
from assistant.identity.parts import Parts
from assistant.identity.verification import Verification, grant

# Compared where the account does not exist; no ZIP is equal to it.
_NO_ZIP = "none."


def recognize_enrolled_phone(parts: Parts, session_id: str, phone: str) -> Verification:
    """A text from a phone on file, for the claimed account or the only one it has."""
    with parts.db.read() as tx:
        claim = find_claim(tx, session_id)
        if claim is not None:
            account_id = claim.account_id if is_enrolled(tx, phone, claim.account_id) else None
        else:
            choices = accounts_of(tx, phone)
            if len(choices) > 1:
                raise AccountNotChosen
            account_id = choices[0].account_id if choices else None
    if account_id is None:
        raise IdentityRefused("phone_not_enrolled")
    if claim is None:
        claim_account(parts, session_id, account_id)
    return _recognize(parts, session_id, phone, account_id, "enrolled_phone")


def recognize_callback(parts: Parts, session_id: str, phone: str, account_id: int) -> Verification:
    """We rang the phone on file ourselves, so it is not a caller id that somebody made up."""
    with parts.db.read() as tx:
        if not is_enrolled(tx, phone, account_id):
            raise IdentityRefused("phone_not_enrolled")
    claim_account(parts, session_id, account_id)
    return _recognize(parts, session_id, phone, account_id, "callback")


def recognize_zip(parts: Parts, session_id: str, phone: str, zip_code: str) -> Verification:
    """The claimed account number and its billing ZIP. A wrong ZIP and a wrong number are answered alike."""
    limits = [by_phone("zip", phone), by_session("zip", session_id, parts.settings.pin_tries)]
    with parts.db.write() as tx:
        claim = require_claim(tx, session_id)
        tries = reserve(tx, parts.clock.now(), limits)
    with parts.db.read() as tx:
        on_file = tx.scalar(select(Account.billing_zip).where(Account.id == claim.account_id)) or _NO_ZIP
    is_right = hmac.compare_digest(on_file.encode(), zip_code.encode())
    with parts.db.write() as tx:
        if is_right and claim.account_id is not None:
            give_back(tx, tries)
        audit.record(
            tx,
            at=parts.clock.now(),
            actor="member",
            action="zip_right" if is_right else "zip_wrong",
            account_id=claim.account_id,
            session_id=session_id,
            phone=phone,
        )
    if not is_right or claim.account_id is None:
        raise IdentityRefused("identity_not_matched")
    return _recognize(parts, session_id, phone, claim.account_id, "zip")


def _recognize(parts: Parts, session_id: str, phone: str, account_id: int, how: str) -> Verification:
    with parts.db.write() as tx:
        audit.record(
            tx,
            at=parts.clock.now(),
            actor="member",
            action="recognized",
            account_id=account_id,
            session_id=session_id,
            how=how,
            phone=phone,
        )
        return grant(
            tx,
            parts.clock,
            session_id=session_id,
            account_id=account_id,
            phone=phone,
            level="recognized",
            how=how,
            minutes=parts.settings.verification_minutes,
        )
