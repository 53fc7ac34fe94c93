"""What every file of identity works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database
from assistant.notifications.words import Words
from assistant.settings import Settings


class CodeSender(Protocol):
    """The part of the outbox that identity needs: both calls write in the caller's transaction."""

    def queue_text(
        self,
        tx: Session,
        *,
        phone: str,
        body: str,
        dedupe_key: str,
        send_after: datetime | None = None,
        holds_secret: bool = False,
    ) -> None: ...

    def queue_call(self, tx: Session, *, phone: str, path: str, dedupe_key: str) -> None: ...


@dataclass(frozen=True)
class Parts:
    """The ground identity stands on."""

    db: Database
    clock: Clock
    settings: Settings
    outbox: CodeSender
    words: Words
    hasher: PasswordHasher
