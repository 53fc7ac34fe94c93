"""Sessions: found or opened by phone or call, taken one turn at a time, and closed when they grow cold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar, cast
from weakref import WeakValueDictionary

from sqlalchemy import Select, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from assistant.billing.models import Account, Member
from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.dialogue.expecting import from_json
from assistant.dialogue.models import DialogueSession
from assistant.dialogue.turn import Channel, Expectation, Language, SessionView
from assistant.identity.models import AccountAccess
from assistant.ids import new_id
from assistant.notifications.phones import language_of_phone
from assistant.settings import Settings

# Longer than the longest turn; a replica that died in the middle blocks its session no longer than this.
LEASE = timedelta(seconds=45)
_WAIT_FOR_THE_DEAD = LEASE + timedelta(seconds=2)
_POLL_SECONDS = 0.03

T = TypeVar("T")


class SessionBusy(Exception):
    """Another turn of the same session did not end in time."""


class _SessionLock:
    """One lock that can be referred to weakly."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


@dataclass(frozen=True)
class OpenSession:
    """A session as a turn works with it. `is_long`: what was said before is to be forgotten by the engine."""

    id: str
    channel: Channel
    phone: str
    language: Language
    engine_conversation: str
    turn_count: int
    speech_rate: int
    expectation: Expectation
    is_long: bool = False


class HeldTurn:
    """A session held for one turn, and what is to be written when it is let go."""

    def __init__(self, session: OpenSession) -> None:
        self.session = session
        self.last_writes: list[Callable[[Session], None]] = []

    def at_end(self, write: Callable[[Session], None]) -> None:
        """Run `write` in the transaction that ends the turn."""
        self.last_writes.append(write)


class Sessions:
    """Reads and writes session rows."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        # Locks live as long as somebody uses them.
        self._locks: WeakValueDictionary[str, _SessionLock] = WeakValueDictionary()
        self._locks_guard = threading.Lock()

    def open_text(self, phone: str) -> SessionView:
        """The phone's running text session, or a new one after `session_minutes` without a word."""
        # Nearly always there is one: found without waiting for the writer.
        with self._db.read() as tx:
            row = self._newest_text(tx, phone)
            if row is not None and self._is_live(row):
                return _view(row, is_new=False)
        with self._db.write() as tx:
            _one_at_a_time(tx, self._db, phone)
            row = self._newest_text(tx, phone)
            if row is not None and self._is_live(row):
                return _view(row, is_new=False)
            if row is not None and row.ended_at is None:
                row.ended_at = self._clock.now()
            return _view(self._add(tx, "sms", phone, _language_of(tx, phone)), is_new=True)

    def open_call(self, call_id: str, phone: str) -> SessionView:
        """The session of a call; the same call is never opened twice."""
        with self._db.write() as tx:
            _one_at_a_time(tx, self._db, call_id)
            row = tx.scalar(select(DialogueSession).where(DialogueSession.call_id == call_id))
            if row is not None:
                return _view(row, is_new=False)
            row = self._add(tx, "voice", phone, _language_of(tx, phone), call_id)
            return _view(row, is_new=True)

    def find_call(self, call_id: str) -> SessionView | None:
        with self._db.read() as tx:
            row = tx.scalar(select(DialogueSession).where(DialogueSession.call_id == call_id))
            return None if row is None else _view(row, is_new=False)

    def get(self, session_id: str) -> OpenSession:
        """The session now. Raises LookupError when there is none."""
        with self._db.read() as tx:
            row = tx.get(DialogueSession, session_id)
            if row is None:
                raise LookupError(f"no session {session_id}")
            return _open(row)

    @contextmanager
    def turn(self, session_id: str, wait_seconds: float) -> Iterator[HeldTurn]:
        """Hold the session for one turn: in order in this process, by a lease across replicas.

        What the turn leaves to `HeldTurn.at_end` is written in the commit that lets the session go.
        Raises SessionBusy when the turn before it does not end within `wait_seconds`; the lease of a process
        that died is waited for to its end, so that a member who writes again gets an answer.
        """
        deadline = time.monotonic() + max(wait_seconds, _WAIT_FOR_THE_DEAD.total_seconds())
        with self._locks_guard:
            own = self._locks.setdefault(session_id, _SessionLock())
        if not own.lock.acquire(timeout=wait_seconds):
            raise SessionBusy(session_id)
        owner = new_id("lease")
        try:
            held = HeldTurn(self._lease(session_id, owner, deadline))
            try:
                yield held
            finally:
                self._release(session_id, owner, held)
        finally:
            own.lock.release()

    def end(self, session_id: str) -> None:
        with self._db.write() as tx:
            tx.execute(
                update(DialogueSession)
                .where(DialogueSession.id == session_id, DialogueSession.ended_at.is_(None))
                .values(ended_at=self._clock.now())
            )

    def set_language(self, session_id: str, language: Language) -> None:
        self._set(session_id, language=language)

    def set_account(self, session_id: str, account_id: int) -> None:
        self._set(session_id, account_id=account_id)

    def set_speech_rate(self, session_id: str, percent: int) -> None:
        self._set(session_id, speech_rate=percent)

    def start_engine_afresh(self, session_id: str) -> str:
        """Give the session a new engine conversation; returns its id. What was said before is forgotten."""
        conversation = new_id("talk")
        self._set(session_id, engine_conversation=conversation, turn_count=0, expectation={})
        return conversation

    def _set(self, session_id: str, **values: object) -> None:
        with self._db.write() as tx:
            tx.execute(update(DialogueSession).where(DialogueSession.id == session_id).values(**values))

    def _lease(self, session_id: str, owner: str, deadline: float) -> OpenSession:
        while True:
            now = self._clock.now()
            with self._db.write() as tx:
                taken = tx.execute(
                    update(DialogueSession)
                    .where(
                        DialogueSession.id == session_id,
                        or_(DialogueSession.lease_until.is_(None), DialogueSession.lease_until < now),
                    )
                    .values(lease_owner=owner, lease_until=now + LEASE, last_turn_at=now)
                )
                row = tx.get(DialogueSession, session_id)
                if row is None:
                    raise LookupError(f"no session {session_id}")
                if rows_changed(taken) == 1:
                    return self._counted(row)
            if time.monotonic() > deadline:
                raise SessionBusy(session_id)
            time.sleep(_POLL_SECONDS)

    def _counted(self, row: DialogueSession) -> OpenSession:
        """Count the turn. A turn's cost grows with the engine's conversation, so of a long one only where it
        stands is kept: who changes an amount for the fifteenth time is still paying."""
        is_long = row.turn_count >= self._settings.session_turns
        row.turn_count = 1 if is_long else row.turn_count + 1
        return replace(_open(row), is_long=is_long)

    def _release(self, session_id: str, owner: str, held: HeldTurn) -> None:
        with self._db.write() as tx:
            for write in held.last_writes:
                write(tx)
            tx.execute(
                update(DialogueSession)
                .where(DialogueSession.id == session_id, DialogueSession.lease_owner == owner)
                .values(lease_owner=None, lease_until=None)
            )

    def _newest_text(self, tx: Session, phone: str) -> DialogueSession | None:
        return tx.scalar(
            select(DialogueSession)
            .where(DialogueSession.phone == phone, DialogueSession.channel == "sms")
            .order_by(DialogueSession.last_turn_at.desc())
            .limit(1)
        )

    def _is_live(self, row: DialogueSession) -> bool:
        cold_at = self._clock.now() - timedelta(minutes=self._settings.session_minutes)
        return row.ended_at is None and row.last_turn_at >= cold_at

    def _add(
        self, tx: Session, channel: str, phone: str, language: str, call_id: str | None = None
    ) -> DialogueSession:
        now = self._clock.now()
        row = DialogueSession(
            id=new_id("session"),
            channel=channel,
            phone=phone,
            call_id=call_id,
            language=language,
            speech_rate=_speech_rate_of(tx, phone) if channel == "voice" else 100,
            engine_conversation=new_id("talk"),
            turn_count=0,
            expectation={},
            started_at=now,
            last_turn_at=now,
        )
        tx.add(row)
        tx.flush()
        return row


def _one_at_a_time(tx: Session, db: Database, key: str) -> None:
    """Two first messages of one phone must not open two sessions; SQLite's writer is alone anyway."""
    if not db.is_sqlite:
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def _language_of(tx: Session, phone: str) -> str:
    """The language that this phone last talked to us in, on either channel; else the member's on file."""
    newest = tx.scalar(_newest(DialogueSession.language, phone)) if phone else None
    return newest or _language_on_file(tx, phone)


def _speech_rate_of(tx: Session, phone: str) -> int:
    """The speed that this phone's last call ended with."""
    newest = _newest(DialogueSession.speech_rate, phone).where(DialogueSession.channel == "voice")
    # A withheld number is nobody's.
    return (tx.scalar(newest) if phone else None) or 100


def _newest(column: InstrumentedAttribute[T], phone: str) -> Select[T]:
    return (
        select(column)
        .where(DialogueSession.phone == phone)
        .order_by(DialogueSession.last_turn_at.desc(), DialogueSession.started_at.desc())
        .limit(1)
    )


def _language_on_file(tx: Session, phone: str) -> str:
    """The language that was asked for on this phone, else its member's."""
    chosen = language_of_phone(tx, phone)
    if chosen is not None:
        return chosen
    language = tx.scalar(
        select(Member.language)
        .join(Account, Account.member_id == Member.id)
        .join(AccountAccess, AccountAccess.account_id == Account.id)
        .where(AccountAccess.phone == phone, AccountAccess.revoked_at.is_(None))
        .limit(1)
    )
    return language or "en"


def _view(row: DialogueSession, *, is_new: bool) -> SessionView:
    return SessionView(
        id=row.id,
        channel=cast("Channel", row.channel),
        phone=row.phone,
        language=cast("Language", row.language),
        is_new=is_new,
        expectation=from_json(row.expectation),
        speech_rate=row.speech_rate,
    )


def _open(row: DialogueSession) -> OpenSession:
    return OpenSession(
        id=row.id,
        channel=cast("Channel", row.channel),
        phone=row.phone,
        language=cast("Language", row.language),
        engine_conversation=row.engine_conversation,
        turn_count=row.turn_count,
        speech_rate=row.speech_rate,
        expectation=from_json(row.expectation),
    )
