"""Counts tries before they are evaluated, in SQL, so that parallel requests and restarts gain none.

A try is reserved in a committed transaction of its own; only then is the proof looked at, with no
transaction open. A right proof gives its try back, a wrong one just stays counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, literal, select, update
from sqlalchemy.orm import Session

from assistant.db import UtcDateTime, insert_once
from assistant.errors import IdentityRefused
from assistant.identity.models import IdentityLimit

_PHONE_TRIES = 20
# Callers who withhold their number share one count, so it is wider.
_WITHHELD_TRIES = 100
_HOUR = timedelta(hours=1)
# Stands for every caller whose number is not known.
WITHHELD = "withheld"
_E164 = re.compile(r"\+[1-9]\d{7,14}")
# What Twilio sends for a withheld number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on a dial pad.
_SPELLED_OUT = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})


@dataclass(frozen=True)
class Limit:
    """`tries` against `key`, then a pause; `tries_until_agent` in all, then only a person helps.

    With a `window`, counting starts anew after it. `refusal` is the code of the answer during a pause.
    """

    key: str
    tries: int
    pause: timedelta
    tries_until_agent: int | None = None
    window: timedelta | None = None
    refusal: str = "identity_locked"


@dataclass(frozen=True)
class ReservedTry:
    """A try that was counted: how many are left before the pause, and the pause it has begun if it fails."""

    key: str
    tries_left: int
    locked_until: datetime | None
    needs_agent: bool

    def refuse(self, code: str) -> IdentityRefused:
        """The answer if this try was wrong: what it began (a pause, a person), or `code`."""
        if self.needs_agent:
            return IdentityRefused("identity_agent_needed")
        if self.locked_until is not None:
            return IdentityRefused("identity_locked", until=self.locked_until)
        return IdentityRefused(code, tries_left=self.tries_left)


def is_real_phone(phone: str) -> bool:
    """Whether this is a number in E.164; a withheld caller id is not."""
    return _E164.fullmatch(phone) is not None and phone not in _SPELLED_OUT


def by_phone(purpose: str, phone: str, tries: int = _PHONE_TRIES, refusal: str = "identity_locked") -> Limit:
    """Tries from one phone in an hour, over all accounts."""
    if is_real_phone(phone):
        return Limit(f"{purpose}:phone:{phone}", tries, _HOUR, window=_HOUR, refusal=refusal)
    return Limit(f"{purpose}:phone:{WITHHELD}", _WITHHELD_TRIES, _HOUR, window=_HOUR, refusal=refusal)


def by_session(purpose: str, session_id: str, tries: int, refusal: str = "identity_locked") -> Limit:
    """Tries in one thread or call in an hour, over all accounts."""
    return Limit(f"{purpose}:session:{session_id}", tries, _HOUR, window=_HOUR, refusal=refusal)


def reserve(tx: Session, now: datetime, limits: Iterable[Limit]) -> list[ReservedTry]:
    """Count one try against every limit, or against none: raises IdentityRefused while one is in a pause.

    The caller commits before it looks at the proof. Keys are taken in order, so that two requests never
    wait for each other.
    """
    return [_reserve_one(tx, now, limit) for limit in sorted(limits, key=lambda limit: limit.key)]


def give_back(tx: Session, tries: Iterable[ReservedTry]) -> None:
    """Uncount tries that turned out right, and undo the pause that they would have begun."""
    for key in sorted(reserved.key for reserved in tries):
        tx.execute(
            update(IdentityLimit)
            .where(IdentityLimit.key == key, IdentityLimit.failed_count > 0)
            .values(failed_count=IdentityLimit.failed_count - 1, locked_until=None, needs_agent=False)
        )


def clear(tx: Session, key: str) -> None:
    """Forget what was counted against a key."""
    tx.execute(
        update(IdentityLimit)
        .where(IdentityLimit.key == key)
        .values(failed_count=0, locked_until=None, needs_agent=False)
    )


def _reserve_one(tx: Session, now: datetime, limit: Limit) -> ReservedTry:
    insert_once(tx, IdentityLimit, [{"key": limit.key, "failed_count": 0, "window_started_at": now}])
    row = IdentityLimit
    is_over: ColumnElement[bool] = (
        row.window_started_at <= now - limit.window if limit.window is not None else literal(False)
    )
    count = case((is_over, 1), else_=row.failed_count + 1)
    agent_at = limit.tries_until_agent
    # One guarded UPDATE: the database makes competitors wait and then judges them on the new count.
    counted = tx.execute(
        update(row)
        .where(
            row.key == limit.key,
            row.needs_agent.is_(False),
            row.locked_until.is_(None) | (row.locked_until <= now),
        )
        .values(
            failed_count=count,
            window_started_at=case((is_over, literal(now, UtcDateTime)), else_=row.window_started_at),
            locked_until=case(
                (count % limit.tries == 0, literal(now + limit.pause, UtcDateTime)), else_=None
            ),
            needs_agent=literal(False) if agent_at is None else count >= agent_at,
        )
        .returning(row.failed_count, row.locked_until, row.needs_agent)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if counted is None:
        raise _refusal(tx, limit)
    failed_count, locked_until, needs_agent = counted
    return ReservedTry(limit.key, -failed_count % limit.tries, locked_until, needs_agent)


def _refusal(tx: Session, limit: Limit) -> IdentityRefused:
    until, needs_agent = tx.execute(
        select(IdentityLimit.locked_until, IdentityLimit.needs_agent).where(IdentityLimit.key == limit.key)
    ).one()
    if needs_agent:
        return IdentityRefused("identity_agent_needed")
    return IdentityRefused(limit.refusal, until=until)
