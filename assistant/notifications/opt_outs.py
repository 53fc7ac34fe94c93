"""Phones that asked us to stop texting: kept by phone, honoured by the outbox, undone only by the member."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assistant.db import insert_once
from assistant.notifications.models import OptOut

# carrier_word: STOP and its like, taken by the carrier · own_words: "quit texting me" · carrier: the carrier
# told us when we tried to send.
OptOutHow = Literal["carrier_word", "own_words", "carrier"]


def record_opt_out(tx: Session, *, phone: str, how: OptOutHow, at: datetime) -> None:
    """Remember that this phone wants no texts from us. The first time stays on record."""
    insert_once(tx, OptOut, [{"phone": phone, "how": how, "at": at}])


def remove_opt_out(tx: Session, *, phone: str) -> None:
    """The member asked for texts again."""
    tx.execute(delete(OptOut).where(OptOut.phone == phone))


def has_opted_out(tx: Session, phone: str, how: OptOutHow | None = None) -> bool:
    """Whether this phone wants no texts from us (and said so in this way)."""
    stored = tx.scalar(select(OptOut.how).where(OptOut.phone == phone))
    return stored is not None and how in (None, stored)
