"""Handoffs: somebody wants a person. Each request is written down with a time that we can keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from assistant import audit
from assistant.clock import Clock
from assistant.db import Database, insert_once
from assistant.handoff.models import HandoffRequest
from assistant.handoff.office_hours import OfficeHours
from assistant.ids import new_id
from assistant.redaction import mask_card_numbers
from assistant.settings import Settings

SCAM_REPORT = "scam_report"

_TOPIC_LENGTH = 40
_SUMMARY_LENGTH = 500


@dataclass(frozen=True)
class HandoffAnswer:
    """What may be told: whether the office is open now, by when it calls back (aware, UTC), and on a call in
    office hours the number to dial."""

    is_open: bool
    promised_by_at: datetime
    transfer_phone: str | None


@dataclass(frozen=True)
class HandoffView:
    """One request, as the office sees it. `state` is open, transferred or done."""

    id: str
    session_id: str | None
    account_id: int | None
    phone: str
    topic: str
    summary: str
    state: str
    asked_at: datetime
    promised_by_at: datetime


# Tasks about money that payments give the office; a talk with the member does not do them.
TELLING_TOPIC = "tell_payment_outcome"
OFFICE_TOPICS = (
    TELLING_TOPIC,
    "payment_amount_differs",
    "payment_unknown",
    "stray_charge",
    "payment_disputed",
    "payment_returned",
    "refund_failed",
    "refund_not_made",
    "returned_twice",
)


class Handoff:
    """Takes requests for a person and lets the office work them off."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._hours = OfficeHours(settings, clock)

    def ask(
        self,
        *,
        session_id: str | None,
        account_id: int | None,
        phone: str,
        topic: str,
        summary: str,
        channel: Literal["sms", "voice"],
    ) -> HandoffAnswer:
        """Write down that somebody wants a person. Asking again in a session keeps the first promise."""
        with self._db.write() as tx:
            return self.ask_in(
                tx,
                session_id=session_id,
                account_id=account_id,
                phone=phone,
                topic=topic,
                summary=summary,
                channel=channel,
            )

    def report_scam(
        self,
        *,
        session_id: str | None,
        account_id: int | None,
        phone: str,
        summary: str,
        channel: Literal["sms", "voice"],
        topic: str = SCAM_REPORT,
    ) -> HandoffAnswer:
        """Write down that somebody asked for money or secrets in our name."""
        return self.ask(
            session_id=session_id,
            account_id=account_id,
            phone=phone,
            topic=topic,
            summary=summary,
            channel=channel,
        )

    def ask_in(
        self,
        tx: Session,
        *,
        session_id: str | None,
        account_id: int | None,
        phone: str,
        topic: str,
        summary: str,
        channel: Literal["sms", "voice"] = "sms",
    ) -> HandoffAnswer:
        """The same inside the caller's transaction, so that the request stands or falls with its cause."""
        now, topic = self._clock.now(), topic[:_TOPIC_LENGTH]
        handoff_id = new_id("handoff")
        is_new = insert_once(
            tx,
            HandoffRequest,
            [
                {
                    "id": handoff_id,
                    "session_id": session_id,
                    "account_id": account_id,
                    "phone": phone,
                    "topic": topic,
                    # Masked before, by the channel; a request is read by people, so once more.
                    "summary": mask_card_numbers(summary)[:_SUMMARY_LENGTH],
                    "state": "open",
                    "asked_at": now,
                    "promised_by_at": self._hours.call_back_by(),
                }
            ],
        )
        if is_new:
            self._note(tx, "handoff_asked", handoff_id, account_id, session_id, actor="member", topic=topic)
        return self._answer(tx, handoff_id if is_new else None, session_id, topic, channel)

    def transferred(self, session_id: str) -> None:
        """A call was put through and answered: nobody needs to be called back about it.

        What the office itself has to find out about a payment stays open.
        """
        with self._db.write() as tx:
            tx.execute(
                update(HandoffRequest)
                .where(
                    HandoffRequest.session_id == session_id,
                    HandoffRequest.state == "open",
                    HandoffRequest.topic.not_in(OFFICE_TOPICS),
                )
                .values(state="transferred")
            )

    def drop_in(self, tx: Session, *, session_id: str, topic: str) -> None:
        """The session itself did what a person was asked to do; in the caller's transaction."""
        self._drop(tx, (HandoffRequest.session_id == session_id) & (HandoffRequest.topic == topic))

    def drop_task(self, tx: Session, *, topic: str, summary: str) -> None:
        """What a person was asked to do in these very words was done; in the caller's transaction."""
        self._drop(tx, (HandoffRequest.topic == topic) & (HandoffRequest.summary == summary))

    def was_asked(self, tx: Session, *, topic: str, summary: str) -> bool:
        """Whether a person was asked to do this in these very words before, be it done or not."""
        same = (HandoffRequest.topic == topic) & (HandoffRequest.summary == summary)
        return tx.scalar(select(HandoffRequest.id).where(same).limit(1)) is not None

    def _drop(self, tx: Session, which: ColumnElement[bool]) -> None:
        tx.execute(update(HandoffRequest).where(which, HandoffRequest.state == "open").values(state="done"))

    def open_requests(self, limit: int = 100) -> list[HandoffView]:
        """What the office has to do, the earliest promise first."""
        with self._db.read() as tx:
            rows = tx.scalars(
                select(HandoffRequest)
                .where(HandoffRequest.state == "open")
                .order_by(HandoffRequest.promised_by_at, HandoffRequest.id)
                .limit(limit)
            )
            return [_view(row) for row in rows]

    def complete(self, handoff_id: str, *, by: str) -> bool:
        """A clerk is done with it; False when it was done before or never was."""
        with self._db.write() as tx:
            done = tx.execute(
                update(HandoffRequest)
                .where(HandoffRequest.id == handoff_id, HandoffRequest.state != "done")
                .values(state="done")
                .returning(HandoffRequest.account_id, HandoffRequest.session_id)
            ).one_or_none()
            if done is not None:
                self._note(tx, "handoff_done", handoff_id, done.account_id, done.session_id, actor=by)
            return done is not None

    def _answer(
        self, tx: Session, handoff_id: str | None, session_id: str | None, topic: str, channel: str
    ) -> HandoffAnswer:
        mine = (
            HandoffRequest.id == handoff_id
            if handoff_id is not None
            else (HandoffRequest.session_id == session_id) & (HandoffRequest.topic == topic)
        )
        promised_by_at = tx.scalar(
            select(HandoffRequest.promised_by_at).where(mine, HandoffRequest.state == "open")
        )
        if promised_by_at is None or promised_by_at <= self._clock.now():
            # The office is late, or was done just now: a time in the past is no promise.
            promised_by_at = self._hours.call_back_by()
        is_open = self._hours.is_open()
        return HandoffAnswer(
            is_open,
            promised_by_at,
            self._settings.office_phone if is_open and channel == "voice" else None,
        )

    def _note(
        self,
        tx: Session,
        action: str,
        handoff_id: str,
        account_id: int | None,
        session_id: str | None,
        *,
        actor: str,
        **detail: str,
    ) -> None:
        audit.record(
            tx,
            at=self._clock.now(),
            actor=actor,
            action=action,
            account_id=account_id,
            session_id=session_id,
            handoff_id=handoff_id,
            **detail,
        )


def _view(row: HandoffRequest) -> HandoffView:
    return HandoffView(
        id=row.id,
        session_id=row.session_id,
        account_id=row.account_id,
        phone=row.phone,
        topic=row.topic,
        summary=row.summary,
        state=row.state,
        asked_at=row.asked_at,
        promised_by_at=row.promised_by_at,
    )
