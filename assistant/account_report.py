"""What the office sees of one account: what is owed, the ledger, payments made and payments to come."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from assistant.billing.arrangement_models import Arrangement
from assistant.billing.letter_models import Letter
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Base, Database
from assistant.payments.models import Payment
from assistant.payments.return_models import Dispute, Refund
from assistant.payments.risk_models import PaymentReview, RiskDecision
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment, ScheduledPayment

LEDGER_LINES = 200
_PAYMENT_FIELDS = (
    "confirmation_number",
    "state",
    "amount_cents",
    "fee_cents",
    "refunded_cents",
    "disputed_cents",
    "origin",
    "decline_code",
    "created_at",
    "settled_at",
)
_REFUND_FIELDS = (
    "payment_id",
    "state",
    "amount_cents",
    "origin",
    "reason",
    "asked_by",
    "failure_code",
    "asked_at",
    "settled_at",
)
_DISPUTE_FIELDS = (
    "payment_id",
    "state",
    "is_bank_return",
    "reason",
    "amount_cents",
    "withdrawn_cents",
    "opened_at",
    "respond_by_at",
    "closed_at",
)
_RISK_FIELDS = ("payment_id", "at", "outcome", "amount_cents", "reasons")
_REVIEW_FIELDS = ("payment_id", "state", "held_at", "expires_at", "decided_at", "decided_by", "why")
_SCHEDULED_FIELDS = (
    "confirmation_number",
    "state",
    "reason",
    "amount_cents",
    "fee_cents",
    "pay_on",
    "made_at",
)
_AUTOPAY_FIELDS = ("state", "days_before", "amount_kind", "amount_cents", "enrolled_at", "left_at")
_ARRANGEMENT_FIELDS = (
    "state",
    "first_cents",
    "first_due_on",
    "rest_cents",
    "rest_due_on",
    "agreed_at",
    "consent_how",
    "words",
)
_LETTER_FIELDS = ("kind", "state", "as_of", "printed_at")
_DRAFT_FIELDS = ("state", "reason", "due_on", "planned_cents", "draft_at", "try_count")


def report_account(db: Database, clock: Clock, account_number: str) -> dict[str, Any] | None:
    """The account as plain JSON values, newest lines first; None when there is no such account.

    Amounts are int cents, dates and times ISO strings. No token, phone or secret is part of it.
    """
    billing = Billing(db, clock)
    account_id = billing.id_of(account_number)
    if account_id is None:
        return None
    return {
        **_plain(asdict(billing.summary(account_id))),
        "ledger": [_plain(asdict(line)) for line in billing.ledger(account_id, LEDGER_LINES)],
        "payments": _payments(db, account_id),
        "refunds": _rows(db, Refund, account_id, "asked_at", _REFUND_FIELDS),
        "disputes": _rows(db, Dispute, account_id, "opened_at", _DISPUTE_FIELDS),
        "risk_decisions": _rows(db, RiskDecision, account_id, "at", _RISK_FIELDS),
        "reviews": _reviews(db, account_id),
        "scheduled_payments": _rows(db, ScheduledPayment, account_id, "made_at", _SCHEDULED_FIELDS),
        "autopay": _rows(db, AutopayEnrollment, account_id, "enrolled_at", _AUTOPAY_FIELDS),
        "arrangements": _rows(db, Arrangement, account_id, "offered_at", _ARRANGEMENT_FIELDS),
        "letters": _rows(db, Letter, account_id, "asked_at", _LETTER_FIELDS),
        "autopay_drafts": _rows(db, AutopayDraft, account_id, "made_at", _DRAFT_FIELDS),
    }


def _payments(db: Database, account_id: int) -> list[dict[str, Any]]:
    named = ("id", *_PAYMENT_FIELDS)
    rows = _rows(db, Payment, account_id, "created_at", named)
    return [{"payment_id": row.pop("id"), **row} for row in rows]


def _reviews(db: Database, account_id: int) -> list[dict[str, Any]]:
    columns = PaymentReview.__table__.columns
    query = (
        select(*(columns[name] for name in _REVIEW_FIELDS))
        .join(Payment, Payment.id == PaymentReview.payment_id)
        .where(Payment.account_id == account_id)
        .order_by(PaymentReview.held_at.desc(), PaymentReview.payment_id)
    )
    with db.read() as tx:
        return [_plain(dict(zip(_REVIEW_FIELDS, row, strict=True))) for row in tx.execute(query)]


def _rows(
    db: Database, table: type[Base], account_id: int, newest_by: str, fields: tuple[str, ...]
) -> list[dict[str, Any]]:
    columns = table.__table__.columns
    query = select(*(columns[name] for name in fields)).where(columns["account_id"] == account_id)
    with db.read() as tx:
        rows = tx.execute(query.order_by(columns[newest_by].desc(), columns["id"])).all()
    return [_plain(dict(zip(fields, row, strict=True))) for row in rows]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in values.items()
    }
