"""Finds an account's enrollment, and takes back plans that were never tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Update, delete, select, update
from sqlalchemy.orm import Session

from assistant.billing.locks import lock_account
from assistant.errors import PaymentRefused
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment


def find_enrollment(tx: Session, account_id: int) -> AutopayEnrollment | None:
    """The account's enrollment that was not left, or None."""
    return tx.scalar(
        select(AutopayEnrollment).where(
            AutopayEnrollment.account_id == account_id, AutopayEnrollment.state != "left"
        )
    )


def enrollment_on(tx: Session, account_id: int) -> AutopayEnrollment:
    """The same, locked with its account; PaymentRefused autopay_not_on when there is none."""
    lock_account(tx, account_id)
    row = tx.scalar(
        select(AutopayEnrollment)
        .where(AutopayEnrollment.account_id == account_id, AutopayEnrollment.state != "left")
        .with_for_update()
    )
    if row is None:
        raise PaymentRefused("autopay_not_on")
    return row


def plan_anew(tx: Session, row: AutopayEnrollment) -> None:
    """The options changed: plans are made and told again, and a retry goes to the new method."""
    _delete_plans(tx, row)
    tx.execute(_waiting(row).values(uses_backup=False))


def drop_plans(tx: Session, row: AutopayEnrollment, reason: str, at: datetime) -> None:
    """Autopay is switched off: nothing is drafted and nothing is tried again."""
    _delete_plans(tx, row)
    tx.execute(_waiting(row).values(state="skipped", reason=reason, closed_at=at))


def _waiting(row: AutopayEnrollment) -> Update:
    return update(AutopayDraft).where(AutopayDraft.enrollment_id == row.id, AutopayDraft.state == "waiting")


def _delete_plans(tx: Session, row: AutopayEnrollment) -> None:
    """A plan that was never tried is no draft: without it the bill may be planned again."""
    tx.execute(
        delete(AutopayDraft).where(
            AutopayDraft.enrollment_id == row.id,
            AutopayDraft.state == "planned",
            AutopayDraft.try_count == 0,
        )
    )
