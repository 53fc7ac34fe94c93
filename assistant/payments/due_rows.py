"""Pages through the rows whose draft time has come, round and round."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select

from assistant.clock import Clock
from assistant.db import Database
from assistant.payments.scheduling_models import AutopayDraft, ScheduledPayment


class DueRows:
    """Each page goes on behind the last one, so that rows which must wait hold up no others."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        table: type[ScheduledPayment] | type[AutopayDraft],
        states: tuple[str, ...],
    ) -> None:
        self._db = db
        self._clock = clock
        self._table = table
        self._states = states
        self._after: tuple[datetime, str] | None = None

    def next_page(self, limit: int) -> list[tuple[str, int]]:
        """`(id, account_id)` of at most `limit` due rows, the longest due first; then from the top again."""
        table = self._table
        due = (
            select(table.id, table.account_id, table.draft_at)
            .where(table.state.in_(self._states), table.draft_at <= self._clock.now())
            .order_by(table.draft_at, table.id)
            .limit(limit)
        )
        if self._after is not None:
            draft_at, row_id = self._after
            due = due.where(
                or_(table.draft_at > draft_at, and_(table.draft_at == draft_at, table.id > row_id))
            )
        with self._db.read() as tx:
            rows = tx.execute(due).all()
        self._after = (rows[-1].draft_at, rows[-1].id) if len(rows) == limit else None
        return [(row.id, row.account_id) for row in rows]
