"""What a balance is made of: what was owed before, the newest bill, and what came since."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.billing.models import LedgerEntry, Statement
from assistant.billing.queries import balance_of
from assistant.billing.views import Breakdown


def break_down(tx: Session, account_id: int) -> Breakdown:
    """The parts of the balance, in the caller's transaction; without a bill all of it is from before."""
    balance = int(tx.scalar(select(balance_of(account_id))) or 0)
    bill = tx.scalar(
        select(Statement)
        .where(Statement.account_id == account_id)
        .order_by(Statement.issued_on.desc(), Statement.id.desc())
        .limit(1)
    )
    if bill is None:
        return Breakdown(balance, balance, 0, None, None, 0, 0, 0)
    since = _since(tx, bill)
    paid = -(since.get("payment", 0) + since.get("reversal", 0))
    fees, adjusted = since.get("fee", 0), since.get("adjustment", 0) + since.get("charge", 0)
    before = balance - bill.amount_cents + paid - fees - adjusted
    return Breakdown(
        balance_cents=balance,
        before_cents=before,
        bill_cents=bill.amount_cents,
        issued_on=bill.issued_on,
        due_on=bill.due_on,
        paid_cents=paid,
        fee_cents=fees,
        adjusted_cents=adjusted,
    )


def _since(tx: Session, bill: Statement) -> dict[str, int]:
    """Sums by kind of what counts from the bill's day on, but for the bill's own lines and corrections."""
    own = f"statement:{bill.statement_number}"
    rows = tx.execute(
        select(LedgerEntry.kind, func.sum(LedgerEntry.amount_cents))
        .where(
            LedgerEntry.account_id == bill.account_id,
            LedgerEntry.book == "member",
            LedgerEntry.effective_on >= bill.issued_on,
            LedgerEntry.source != own,
            ~LedgerEntry.source.startswith(f"{own}:", autoescape=True),
        )
        .group_by(LedgerEntry.kind)
    )
    return {kind: int(cents) for kind, cents in rows}
