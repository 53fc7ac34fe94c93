"""The audit trail: who did what to whose account, and when. Written in the transaction of the act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.db import Base, BigId


class AuditEvent(Base):
    """One act. `detail` holds ids, codes and amounts; no secret, no card number, and
    no free text but the office's own reason (`why`)."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_account", "account_id", "at"), {"sqlite_strict": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[int | None]
    session_id: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(
    tx: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    account_id: int | None = None,
    session_id: str | None = None,
    **detail: Any,
) -> None:
    """Add one audit event to the caller's transaction."""
    tx.add(
        AuditEvent(
            at=at, actor=actor, action=action, account_id=account_id, session_id=session_id, detail=detail
        )
    )
