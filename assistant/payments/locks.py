"""A payment's lock, which begins with its account's: see `assistant.billing.locks`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.locks import lock_account
from assistant.payments.models import Payment


def lock_payment(tx: Session, payment_id: str) -> Payment:
    """The payment as it is now, locked, and its account before it. Raises NoResultFound."""
    # A payment stays with its account for ever, so that may be read before the lock.
    account_id = tx.scalars(select(Payment.account_id).where(Payment.id == payment_id)).one()
    lock_account(tx, account_id)
    return tx.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
