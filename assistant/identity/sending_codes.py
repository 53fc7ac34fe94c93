"""Sending a one-time code to the phone on file, or seeming to: the answers look the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant import audit
from assistant.billing.models import Account, Member
from assistant.identity.access import is_enrolled, member_phones
from assistant.identity.claims import Claim, require_claim
from assistant.identity.code_digits import digits_of, made_up_hint
from assistant.identity.limits import Limit, reserve
from assistant.identity.models import OneTimeCode
from assistant.identity.parts import Parts
from assistant.identity.verification import find_current
from assistant.ids import new_id

# The path below our public URL that reads a code out to the phone that was rung.
SPOKEN_CODE_PATH = "/twilio/voice/code/{code_id}"

_HOUR = timedelta(hours=1)


def send_code(parts: Parts, session_id: str, how: Literal["text", "call"]) -> str:
    """Send a code to the phone on file of the claimed account; returns the last two digits of that phone.

    Where there is no account, or no phone on file, two digits are made up (the same ones every time) and
    nothing is sent. Raises IdentityRefused("code_limit_reached") and AccountNotChosen.
    """
    code_id = new_id("code")
    with parts.db.write() as tx:
        claim = require_claim(tx, session_id)
        phone = _phone_on_file(tx, parts, claim)
        reserve(tx, parts.clock.now(), _sending_limits(parts, claim, phone))
        _keep(tx, parts, claim, code_id, phone)
        if phone:
            _queue(tx, parts, claim, code_id, phone, how)
        audit.record(
            tx,
            at=parts.clock.now(),
            actor="member",
            action="code_asked",
            account_id=claim.account_id,
            session_id=session_id,
            how=how,
            code_id=code_id,
        )
    return phone[-2:] if phone else made_up_hint(parts, claim.account_number)


def _phone_on_file(tx: Session, parts: Parts, claim: Claim) -> str:
    """The member's own phone that this session was recognized by, else the member's newest, else "".

    A helper's phone gets no code: with one it could set the member's PIN.
    """
    current = find_current(tx, parts.clock, claim.session_id)
    is_members_own = current is not None and current.role == "member"
    if current is not None and is_members_own and is_enrolled(tx, current.phone, claim.account_id):
        return current.phone
    return next(iter(member_phones(tx, claim.account_id)), "")


def _sending_limits(parts: Parts, claim: Claim, phone: str) -> list[Limit]:
    most = parts.settings.codes_per_hour
    keys = [f"codes:account:{claim.limit_key}", f"codes:session:{claim.session_id}"]
    if phone:
        keys.append(f"codes:phone:{phone}")
    return [Limit(key, most, _HOUR, window=_HOUR, refusal="code_limit_reached") for key in keys]


def _keep(tx: Session, parts: Parts, claim: Claim, code_id: str, phone: str) -> None:
    """Keep the new code; an older one of this session is over, so that one code is open at most."""
    now = parts.clock.now()
    tx.execute(
        update(OneTimeCode)
        .where(OneTimeCode.session_id == claim.session_id, OneTimeCode.expires_at > now)
        .values(expires_at=now)
    )
    tx.add(
        OneTimeCode(
            id=code_id,
            session_id=claim.session_id,
            account_number=claim.account_number,
            account_id=claim.account_id if phone else None,
            phone=phone,
            sent_at=now,
            expires_at=now + timedelta(minutes=parts.settings.code_minutes),
            tries_left=parts.settings.code_tries,
        )
    )


def _queue(tx: Session, parts: Parts, claim: Claim, code_id: str, phone: str, how: str) -> None:
    if how == "call":
        parts.outbox.queue_call(
            tx, phone=phone, path=SPOKEN_CODE_PATH.format(code_id=code_id), dedupe_key=code_id
        )
        return
    language = tx.scalar(
        select(Member.language)
        .join(Account, Account.member_id == Member.id)
        .where(Account.id == claim.account_id)
    )
    body = parts.words.text(
        "one_time_code",
        "es" if language == "es" else "en",
        code=digits_of(parts, code_id),
        minutes=str(parts.settings.code_minutes),
    )
    parts.outbox.queue_text(tx, phone=phone, body=body, dedupe_key=code_id, holds_secret=True)
