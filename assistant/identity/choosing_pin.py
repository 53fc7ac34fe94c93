"""Choosing a PIN: who may, which are refused, and what changes with it, in one commit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant import audit
from assistant.billing.models import Account, Member
from assistant.db import insert_once
from assistant.errors import IdentityRefused, NotVerified
from assistant.identity.access import enroll_phone, member_phones
from assistant.identity.claims import Claim, require_claim
from assistant.identity.enrollment import has_ticket, take_ticket
from assistant.identity.limits import clear, is_real_phone
from assistant.identity.models import AccountSecret
from assistant.identity.parts import Parts
from assistant.identity.pins import pin_limit
from assistant.identity.verification import Verification, find_current, grant, revoke
from assistant.identity.weak_pins import weakness_of
from assistant.ids import new_id


@dataclass(frozen=True)
class _Owner:
    """The account whose PIN is chosen, and what others may know of it."""

    account_id: int
    account_number: str
    language: str
    own_numbers: tuple[str, ...]


def choose_pin(parts: Parts, session_id: str, phone: str, pin: str) -> Verification:
    """Set the account's PIN, enroll the phone, forget wrong tries, and verify the session.

    Allowed after a right enrollment or one-time code (this enrolls `phone`), and to a verified member (this
    only changes the PIN). Everybody else who was verified for the account has to show the new PIN. Raises
    NotVerified, IdentityRefused with pin_weak(reason), helper_may_not or enrollment_code_used, and
    AccountNotChosen.
    """
    with parts.db.read() as tx:
        claim = require_claim(tx, session_id)
        _require_permission(tx, parts, claim)
        owner = _owner(tx, claim, phone)
    weakness = weakness_of(
        pin, length=parts.settings.pin_length, own_numbers=owner.own_numbers, today=parts.clock.today()
    )
    if weakness:
        raise IdentityRefused("pin_weak", reason=weakness)
    pin_hash = parts.hasher.hash(pin)
    with parts.db.write() as tx:
        how = take_ticket(tx, parts, session_id, owner.account_id)
        if how is None:
            # The ticket is gone or was never there: then only a live verification counts, looked up again.
            _require_verified_member(tx, parts, session_id)
        _keep_pin(tx, parts, owner.account_id, pin_hash)
        revoke(tx, parts.clock, account_id=owner.account_id)
        clear(tx, pin_limit(parts, owner.account_number).key)
        if how is not None and is_real_phone(phone):
            _enroll(tx, parts, owner, phone, how)
        _note(tx, parts, "pin_chosen", owner.account_id, session_id, how or "verified")
        return grant(
            tx,
            parts.clock,
            session_id=session_id,
            account_id=owner.account_id,
            phone=phone,
            level="verified",
            how="new_pin",
            minutes=parts.settings.verification_minutes,
        )


def _require_permission(tx: Session, parts: Parts, claim: Claim) -> None:
    if not has_ticket(tx, parts, claim.session_id, claim.account_id):
        _require_verified_member(tx, parts, claim.session_id)


def _require_verified_member(tx: Session, parts: Parts, session_id: str) -> None:
    current = find_current(tx, parts.clock, session_id)
    if current is None or current.level != "verified":
        raise NotVerified(needed="verified")
    if current.role == "helper":
        raise IdentityRefused("helper_may_not")


def _owner(tx: Session, claim: Claim, phone: str) -> _Owner:
    account, language = tx.execute(
        select(Account, Member.language)
        .join(Member, Member.id == Account.member_id)
        .where(Account.id == claim.account_id)
    ).one()
    phones = {phone, *member_phones(tx, account.id)}
    return _Owner(
        account.id,
        account.account_number,
        language,
        (account.account_number, account.billing_zip, *sorted(phones)),
    )


def _keep_pin(tx: Session, parts: Parts, account_id: int, pin_hash: str) -> None:
    values = {"pin_hash": pin_hash, "pin_set_at": parts.clock.now()}
    if not insert_once(tx, AccountSecret, [{"account_id": account_id, **values}]):
        tx.execute(update(AccountSecret).where(AccountSecret.account_id == account_id).values(**values))


def _enroll(tx: Session, parts: Parts, owner: _Owner, phone: str, how: str) -> None:
    """Enroll the phone, and tell the phones that were on file before: a thief could have done this."""
    older_phones = [other for other in member_phones(tx, owner.account_id) if other != phone]
    if not enroll_phone(tx, parts.clock, account_id=owner.account_id, phone=phone, role="member", how=how):
        return
    body = parts.words.text(
        "phone_added",
        "es" if owner.language == "es" else "en",
        last_four=owner.account_number[-4:],
        office_phone=parts.settings.office_phone_written,
    )
    event_id = new_id("enrolled")
    for other in older_phones:
        parts.outbox.queue_text(tx, phone=other, body=body, dedupe_key=f"{event_id}:{other}")


def _note(tx: Session, parts: Parts, action: str, account_id: int, session_id: str, how: str) -> None:
    audit.record(
        tx,
        at=parts.clock.now(),
        actor="member",
        action=action,
        account_id=account_id,
        session_id=session_id,
        how=how,
    )
