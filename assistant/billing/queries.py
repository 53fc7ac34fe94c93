"""The reads behind an account: balance, newest lines, and what its statements still leave unpaid."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import aliased

from assistant.billing.models import LedgerEntry, Statement


def balance_of(account_id: int) -> ColumnElement[int]:
    """The sum of the member's rows, 0 for an account without any."""
    return (
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
        .where(LedgerEntry.account_id == account_id, LedgerEntry.book == "member")
        .scalar_subquery()
    )


def newest_first(account_id: int) -> Select[LedgerEntry]:
    """The member's ledger lines, the newest day first: a line may be posted later than it counts."""
    return (
        select(LedgerEntry)
        .where(LedgerEntry.account_id == account_id, LedgerEntry.book == "member")
        .order_by(LedgerEntry.effective_on.desc(), LedgerEntry.posted_at.desc(), LedgerEntry.id.desc())
    )


def newest_kept_payment(account_id: int) -> Select[LedgerEntry]:
    """The newest payment that was not given back in full."""
    reversal = aliased(LedgerEntry)
    given_back = (
        select(func.coalesce(func.sum(reversal.amount_cents), 0))
        .where(
            reversal.account_id == account_id,
            reversal.book == "member",
            reversal.kind == "reversal",
            reversal.payment_id == LedgerEntry.payment_id,
        )
        .scalar_subquery()
    )
    return (
        newest_first(account_id)
        .where(LedgerEntry.kind == "payment", LedgerEntry.amount_cents + given_back < 0)
        .limit(1)
    )


def unpaid_statements(account_id: int, balance_cents: int) -> Select[date, int, int]:
    """`(due_on, amount_cents, sum of newer amounts)` of the statements that the balance still covers.

    Payments pay the oldest statement first, so what is owed is the newest statements up to the balance.
    """
    statements = _with_newer_sum(account_id)
    return select(statements.c.due_on, statements.c.amount_cents, statements.c.newer_cents).where(
        statements.c.newer_cents < balance_cents, statements.c.amount_cents > 0
    )


def newer_than(account_id: int, statement_id: int) -> Select[int]:
    """The sum of the statements that fall due after this one."""
    this = select(Statement.due_on).where(Statement.id == statement_id).scalar_subquery()
    is_newer = (Statement.due_on > this) | ((Statement.due_on == this) & (Statement.id > statement_id))
    return select(func.coalesce(func.sum(Statement.amount_cents), 0)).where(
        Statement.account_id == account_id, is_newer
    )


def due_from(account_id: int, day: date) -> Select[Statement]:
    """The statements due on this day or later, the first due first."""
    return (
        select(Statement)
        .where(Statement.account_id == account_id, Statement.due_on >= day)
        .order_by(Statement.due_on, Statement.id)
    )


def _with_newer_sum(account_id: int) -> Subquery:
    up_to_here = func.sum(Statement.amount_cents).over(
        order_by=(Statement.due_on.desc(), Statement.id.desc()), rows=(None, 0)
    )
    return (
        select(
            Statement.due_on,
            Statement.amount_cents,
            (up_to_here - Statement.amount_cents).label("newer_cents"),
        )
        .where(Statement.account_id == account_id)
        .subquery()
    )
