"""What was paid and billed in the past: pages of payments, totals of a span, one payment looked for."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from assistant.billing.models import LedgerEntry, Statement
from assistant.billing.views import Bill, PastPayment, PaymentPage, Proof, Span, Total, require_verified
from assistant.db import Database

# A payment by mail or at a store is posted some days after the member counts it as paid.
_DAYS_AROUND = 5


class History:
    """Reads one account's past, flat in the number of accounts: every read goes by the account's index."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def payments(self, proof: Proof, span: Span | None = None, *, skip: int = 0, size: int) -> PaymentPage:
        """The kept payments of a span (or all), newest first. Raises NotVerified."""
        query = _kept(require_verified(proof), span).offset(skip).limit(size + 1)
        found = self._read(query)
        return PaymentPage(tuple(found[:size]), len(found) > size)

    def paid_in(self, proof: Proof, span: Span) -> Total:
        """What was paid and kept in a span. Raises NotVerified."""
        kept = _kept(require_verified(proof), span).order_by(None).subquery()
        return self._total(
            select(func.coalesce(func.sum(kept.c.amount_cents), 0), func.count()).select_from(kept)
        )

    def billed_in(self, proof: Proof, span: Span) -> Total:
        """What the bills made in a span add up to. Raises NotVerified."""
        return self._total(
            select(func.coalesce(func.sum(Statement.amount_cents), 0), func.count()).where(
                Statement.account_id == require_verified(proof),
                Statement.issued_on.between(span.first, span.last),
            )
        )

    def bills(self, proof: Proof, span: Span, *, size: int) -> list[Bill]:
        """The bills made in a span, newest first. Raises NotVerified."""
        query = (
            select(Statement)
            .where(
                Statement.account_id == require_verified(proof),
                Statement.issued_on.between(span.first, span.last),
            )
            .order_by(Statement.issued_on.desc(), Statement.id.desc())
            .limit(size)
        )
        with self._db.read() as tx:
            return [Bill(row.id, row.amount_cents, row.issued_on, row.due_on) for row in tx.scalars(query)]

    def find(
        self, proof: Proof, *, amount_cents: int | None = None, on: date | None = None
    ) -> PastPayment | None:
        """The newest kept payment of this amount, or received on or soon after this day.

        For who is recognized: it only says whether what the asker knows came in.
        """
        query = _kept(proof.account_id, None)
        if amount_cents is not None:
            query = query.where(_net() == amount_cents)
        if on is not None:
            last = date.fromordinal(on.toordinal() + _DAYS_AROUND)
            # Looked for forward: the payment that the day began.
            query = query.where(LedgerEntry.effective_on.between(on, last)).order_by(None)
            query = query.order_by(LedgerEntry.effective_on, LedgerEntry.id)
        found = self._read(query.limit(1))
        return found[0] if found else None

    def _read(self, query: Select[int, date, str | None]) -> list[PastPayment]:
        with self._db.read() as tx:
            return [PastPayment(int(cents), day, payment_id) for cents, day, payment_id in tx.execute(query)]

    def _total(self, query: Select[int, int]) -> Total:
        with self._db.read() as tx:
            cents, count = tx.execute(query).one()
            return Total(int(cents), int(count))


def _net() -> ColumnElement[int]:
    """What is left of a payment line after its reversals, positive."""
    reversal = aliased(LedgerEntry)
    given_back = (
        select(func.coalesce(func.sum(reversal.amount_cents), 0))
        .where(
            reversal.account_id == LedgerEntry.account_id,
            reversal.book == "member",
            reversal.kind == "reversal",
            reversal.payment_id == LedgerEntry.payment_id,
        )
        .scalar_subquery()
    )
    return -(LedgerEntry.amount_cents + given_back)


def _kept(account_id: int, span: Span | None) -> Select[int, date, str | None]:
    net = _net().label("amount_cents")
    query = select(net, LedgerEntry.effective_on, LedgerEntry.payment_id).where(
        LedgerEntry.account_id == account_id,
        LedgerEntry.book == "member",
        LedgerEntry.kind == "payment",
        net > 0,
    )
    if span is not None:
        query = query.where(LedgerEntry.effective_on.between(span.first, span.last))
    return query.order_by(
        LedgerEntry.effective_on.desc(), LedgerEntry.posted_at.desc(), LedgerEntry.id.desc()
    )
