"""The order of locks: an account before anything that belongs to it.

A row that names an account makes PostgreSQL lock the account when it is inserted. So a transaction that holds
a payment and then posts to the ledger waits for whoever holds the account; were that one waiting for the
payment, neither would ever end. With the account always first there is no such circle.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.models import Account
from assistant.db import pages


def lock_account(tx: Session, account_id: int) -> None:
    """One payment at a time per account: limits, duplicates and balances are judged behind this lock."""
    # The whole row: whoever judges behind the lock finds it at hand, as it is now.
    tx.get(Account, account_id, with_for_update=True, populate_existing=True)


def lock_accounts(tx: Session, account_ids: Iterable[int]) -> None:
    """Several at once, in one order for everybody."""
    for page in pages(sorted(set(account_ids))):
        tx.execute(select(Account.id).where(Account.id.in_(page)).order_by(Account.id).with_for_update())
