"""Accounts, bills, payments and autopay in bulk: inserted straight into the tables, thousands in a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from assistant.billing.models import Account, LedgerEntry, Member, Statement
from assistant.db import Base, Database
from assistant.payments.models import Mandate, PaymentMethod, ProcessorCustomer
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment

CENTS = 8420
PHONE = "+17065550111"
_PAGE = 5_000


def add_accounts(
    db: Database, first_id: int, count: int, *, statements: int, today: date, now: datetime
) -> None:
    """Accounts `first_id …`, each with a member and so many monthly statements; all but the last are paid."""
    ids = range(first_id, first_id + count)
    _write(db, Member, (_member(one) for one in ids))
    _write(
        db,
        Account,
        (
            {
                "id": one,
                "account_number": f"{3_000_000_000 + one}",
                "member_id": one,
                "billing_zip": "30601",
                "nickname": "",
                "is_cash_only": False,
            }
            for one in ids
        ),
    )
    dues = [today + timedelta(days=10 - 30 * back) for back in range(statements - 1, -1, -1)]
    _write(db, Statement, (_statement(one, due) for one in ids for due in dues))
    _write(db, LedgerEntry, (entry for one in ids for entry in _entries(one, dues, now)))


def add_due_autopay(db: Database, payers: list[tuple[int, str, str]], *, today: date, now: datetime) -> None:
    """Autopay with a draft due now for `(account_id, customer, method)`, whose statement is number one."""
    _write(
        db,
        ProcessorCustomer,
        ({"account_id": one, "processor_id": customer, "created_at": now} for one, customer, _ in payers),
    )
    _write(db, PaymentMethod, (_method(one, method, now) for one, _, method in payers))
    _write(db, Mandate, (_mandate(one, now) for one, _, _ in payers))
    _write(db, AutopayEnrollment, (_enrollment(one, now) for one, _, _ in payers))
    with db.read() as tx:
        statement_of = dict(tx.query(Statement.account_id, Statement.id).all())
    _write(db, AutopayDraft, (_draft(one, statement_of[one], today, now) for one, _, _ in payers))


def _write(db: Database, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    for page in _pages(iter(rows)):
        with db.write() as tx:
            tx.connection().execute(insert(table), page)


def _pages(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while page := list(islice(rows, _PAGE)):
        yield page


def _member(number: int) -> dict[str, Any]:
    return {"id": number, "member_number": f"M{number}", "name": f"Member {number}", "language": "en"}


def _statement(account_id: int, due: date) -> dict[str, Any]:
    return {
        "statement_number": f"B-{account_id}-{due.isoformat()}",
        "account_id": account_id,
        "amount_cents": CENTS,
        "issued_on": due - timedelta(days=20),
        "due_on": due,
    }


def _entries(account_id: int, dues: list[date], now: datetime) -> Iterator[dict[str, Any]]:
    for due in dues:
        yield {
            "account_id": account_id,
            "book": "member",
            "kind": "charge",
            "amount_cents": CENTS,
            "posted_at": now,
            "effective_on": due - timedelta(days=20),
            "source": f"statement:B-{account_id}-{due.isoformat()}",
            "description": "Electric service",
        }
        if due != dues[-1]:
            yield {
                "account_id": account_id,
                "book": "member",
                "kind": "payment",
                "amount_cents": -CENTS,
                "posted_at": now,
                "effective_on": due,
                "source": f"counter:{account_id}-{due.isoformat()}",
                "description": "Payment",
            }


def _method(account_id: int, processor_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": f"method_{account_id}",
        "account_id": account_id,
        "processor_id": processor_id,
        "kind": "card",
        "brand": "visa",
        "last_four": "4242",
        "expires_month": 12,
        "expires_year": now.year + 4,
        "nickname": "",
        "is_saved": True,
        "is_default": True,
        "added_at": now,
    }


def _mandate(account_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": f"mandate_{account_id}",
        "account_id": account_id,
        "method_id": f"method_{account_id}",
        "purpose": "autopay",
        "words": "Pay every bill with Visa 4242?",
        "language": "en",
        "consent_how": "key",
        "session_id": "session_1",
        "turn_id": "turn_1",
        "given_at": now,
    }


def _enrollment(account_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": f"autopay_{account_id}",
        "account_id": account_id,
        "state": "active",
        "days_before": 10,
        "amount_kind": "full",
        "fee_cents": 0,
        "method_id": f"method_{account_id}",
        "mandate_id": f"mandate_{account_id}",
        "phone": PHONE,
        "language": "en",
        "enrolled_at": now,
        "active_since": now,
    }


def _draft(account_id: int, statement_id: int, today: date, now: datetime) -> dict[str, Any]:
    return {
        "id": f"apd_{account_id}",
        "enrollment_id": f"autopay_{account_id}",
        "account_id": account_id,
        "statement_id": statement_id,
        "due_on": today + timedelta(days=10),
        "planned_cents": CENTS,
        "draft_at": now,
        "state": "planned",
        "reason": "",
        "try_count": 0,
        "uses_backup": False,
        "made_at": now,
    }
