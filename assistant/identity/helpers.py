"""Helpers: phones that a member lets hear the balance and pay, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from assistant import audit
from assistant.billing.locks import lock_account
from assistant.billing.models import Account, Member
from assistant.db import rows_changed
from assistant.errors import IdentityRefused, NotVerified
from assistant.identity.access import enroll_phone, is_enrolled, member_phones
from assistant.identity.limits import is_real_phone
from assistant.identity.models import AccountAccess
from assistant.identity.parts import Parts
from assistant.identity.verification import Verification, find_current
from assistant.ids import new_id
from assistant.money import Language

# More than a family needs, fewer than somebody who sells access would want.
MOST_HELPERS = 5


@dataclass(frozen=True)
class HelperView:
    """A helper's phone as it may be told to the member: its last four digits."""

    access_id: int
    last_four: str
    since: datetime


def helpers_of(parts: Parts, session_id: str) -> list[HelperView]:
    """The helpers of a verified member's account, oldest first. Raises NotVerified, helper_may_not."""
    with parts.db.read() as tx:
        account_id = _require_member(tx, parts, session_id).account_id
        return [_view(row) for row in tx.scalars(_rows(account_id))]


def name_helper(parts: Parts, session_id: str, phone: str) -> HelperView:
    """Let a phone (ten digits or E.164) hear the balance and pay. Both sides get a text.

    Raises NotVerified, IdentityRefused with helper_may_not, helper_phone_not_usable, helper_named_already
    or helpers_too_many.
    """
    number = as_phone(phone)
    with parts.db.write() as tx:
        who = _require_member(tx, parts, session_id)
        lock_account(tx, who.account_id)
        _require_new_helper(tx, parts, who.account_id, number)
        enroll_phone(
            tx, parts.clock, account_id=who.account_id, phone=number, role="helper", how="named_by_member"
        )
        _tell(tx, parts, who, number)
        _note(tx, parts, "helper_named", who, number)
        return _view(tx.scalars(_rows(who.account_id).where(AccountAccess.phone == number)).one())


def take_helper_away(parts: Parts, session_id: str, access_id: int) -> HelperView:
    """The phone may do nothing for the account from now on, also in a session that runs.

    Raises NotVerified, IdentityRefused with helper_may_not or helper_not_found.
    """
    now = parts.clock.now()
    with parts.db.write() as tx:
        who = _require_member(tx, parts, session_id)
        row = tx.scalar(_rows(who.account_id).where(AccountAccess.id == access_id))
        taken = tx.execute(
            update(AccountAccess)
            .where(
                AccountAccess.id == access_id,
                AccountAccess.account_id == who.account_id,
                AccountAccess.role == "helper",
                AccountAccess.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
        if row is None or rows_changed(taken) == 0:
            raise IdentityRefused("helper_not_found")
        _note(tx, parts, "helper_taken_away", who, row.phone)
        return _view(row)


def as_phone(digits: str) -> str:
    """`7065550177`, `1 706 555 0177` -> `+17065550177`; helper_phone_not_usable for anything else."""
    plain = "".join(char for char in digits if char.isdecimal() and char.isascii())
    ten = plain[1:] if len(plain) == 11 and plain.startswith("1") else plain
    # North American numbers: area and exchange begin with 2 to 9.
    is_possible = len(ten) == 10 and ten[0] not in "01" and ten[3] not in "01"
    if not is_possible or not is_real_phone(f"+1{ten}"):
        raise IdentityRefused("helper_phone_not_usable")
    return f"+1{ten}"


def _require_member(tx: Session, parts: Parts, session_id: str) -> Verification:
    current = find_current(tx, parts.clock, session_id)
    if current is None or current.level != "verified":
        raise NotVerified(needed="verified")
    if current.role == "helper":
        raise IdentityRefused("helper_may_not")
    return current


def _require_new_helper(tx: Session, parts: Parts, account_id: int, number: str) -> None:
    if number in (*member_phones(tx, account_id), parts.settings.twilio_phone_number):
        raise IdentityRefused("helper_phone_not_usable")
    if is_enrolled(tx, number, account_id):
        raise IdentityRefused("helper_named_already")
    count = tx.scalar(select(func.count()).select_from(_rows(account_id).subquery()))
    if int(count or 0) >= MOST_HELPERS:
        raise IdentityRefused("helpers_too_many")


def _rows(account_id: int) -> Select[AccountAccess]:
    return (
        select(AccountAccess)
        .where(
            AccountAccess.account_id == account_id,
            AccountAccess.role == "helper",
            AccountAccess.revoked_at.is_(None),
        )
        .order_by(AccountAccess.enrolled_at, AccountAccess.id)
    )


def _tell(tx: Session, parts: Parts, who: Verification, number: str) -> None:
    """The helper learns what the phone may do now; the member's phones learn of it, should it be a thief."""
    row = tx.execute(
        select(Account.account_number, Member.language)
        .join(Member, Member.id == Account.member_id)
        .where(Account.id == who.account_id)
    ).one()
    language: Language = "es" if row.language == "es" else "en"
    event_id = new_id("helper")
    blanks = {"last_four": row.account_number[-4:], "office_phone": parts.settings.office_phone_written}
    parts.outbox.queue_text(
        tx,
        phone=number,
        body=parts.words.text("helper_welcome", language, **blanks),
        dedupe_key=f"{event_id}:{number}",
    )
    for phone in member_phones(tx, who.account_id):
        parts.outbox.queue_text(
            tx,
            phone=phone,
            body=parts.words.text("helper_added", language, helper=number[-4:], **blanks),
            dedupe_key=f"{event_id}:{phone}",
        )


def _view(row: AccountAccess) -> HelperView:
    return HelperView(row.id, row.phone[-4:], row.enrolled_at)


def _note(tx: Session, parts: Parts, action: str, who: Verification, number: str) -> None:
    audit.record(
        tx,
        at=parts.clock.now(),
        actor="member",
        action=action,
        account_id=who.account_id,
        session_id=who.session_id,
        helper_phone=number,
    )
