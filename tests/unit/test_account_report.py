"""The office's report of an account is plain JSON, in cents, and holds no token."""

from __future__ import annotations

import json
from datetime import timedelta

from assistant.account_report import report_account
from assistant.billing.service import Billing
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.payments.models import Payment, PaymentMethod
from tests.factories import Factory


def add_payment(db: Database, clock: FixedClock, account_id: int, amount_cents: int, state: str) -> str:
    """A payment row of that state, with a method behind it."""
    name = f"{state}_{amount_cents}"
    with db.write() as tx:
        tx.add(
            PaymentMethod(
                id=f"method_{name}",
                account_id=account_id,
                processor_id=f"pm_token_{name}",
                kind="card",
                brand="visa",
                last_four="4242",
                added_at=clock.now(),
            )
        )
        tx.flush()
        tx.add(
            Payment(
                id=f"pay_{name}",
                account_id=account_id,
                method_id=f"method_{name}",
                confirmation_number=f"{amount_cents:08d}",
                idempotency_key=f"key_{name}",
                amount_cents=amount_cents,
                state=state,
                origin="sms",
                created_at=clock.now(),
                processor_id=f"pi_{name}" if state == "succeeded" else None,
            )
        )
    return f"pay_{name}"


def test_the_report_tells_balance_ledger_and_payments(
    db: Database, clock: FixedClock, factory: Factory
) -> None:
    made = factory.account()
    add_payment(db, clock, made.id, 4000, "declined")
    clock.advance(timedelta(minutes=1))
    paid = add_payment(db, clock, made.id, 5000, "succeeded")
    with db.write() as tx:
        Billing(db, clock).post_payment(
            tx, account_id=made.id, payment_id=paid, amount_cents=5000, fee_cents=0, at=clock.now()
        )
    report = report_account(db, clock, "1000000001")
    assert report is not None
    assert (report["balance_cents"], report["amount_due_cents"]) == (3420, 3420)
    assert report["due_on"] == "2026-12-03"
    assert [line["amount_cents"] for line in report["ledger"]] == [-5000, 8420]
    assert sum(line["amount_cents"] for line in report["ledger"]) == report["balance_cents"]
    assert [(one["state"], one["amount_cents"]) for one in report["payments"]] == [
        ("succeeded", 5000),
        ("declined", 4000),
    ]
    written = json.dumps(report)
    assert "pm_token" not in written
    assert made.phone not in written


def test_an_unknown_account_has_no_report(db: Database, clock: FixedClock) -> None:
    assert report_account(db, clock, "9999999999") is None
