"""The judge of locks finds each circle that was found in the product, and lets the right order pass."""

from __future__ import annotations

import pytest

from tests.judges.lock_order import LockOrder

LOCK_ACCOUNT = "SELECT accounts.id FROM accounts WHERE accounts.id = %s FOR UPDATE"
LOCK_PAYMENT = "SELECT payments.id, payments.state FROM payments WHERE payments.id = %s FOR UPDATE"
POST = "INSERT INTO ledger_entries (account_id) VALUES (%s)"
REPLACE_DRAFT = "UPDATE payment_drafts SET replaced_at=%s WHERE payment_drafts.session_id = %s"
WRITE_DRAFT = "INSERT INTO payment_drafts (id, account_id) VALUES (%s, %s)"


def found(*statements: str) -> list[str]:
    order = LockOrder()
    return [wrong for statement in statements if (wrong := order.see(statement))]


@pytest.mark.parametrize(
    "statements",
    [
        (LOCK_PAYMENT, POST),
        (LOCK_PAYMENT, LOCK_ACCOUNT),
        (REPLACE_DRAFT, WRITE_DRAFT),
        (POST, LOCK_ACCOUNT),
    ],
)
def test_what_belongs_to_an_account_before_the_account_is_wrong(statements: tuple[str, ...]) -> None:
    assert len(found(*statements)) == 1


@pytest.mark.parametrize(
    "statements",
    [
        (LOCK_ACCOUNT, LOCK_PAYMENT, POST),
        (LOCK_ACCOUNT, REPLACE_DRAFT, WRITE_DRAFT, LOCK_ACCOUNT),
        (WRITE_DRAFT, REPLACE_DRAFT, POST),
        (LOCK_PAYMENT, "UPDATE payments SET state=%s", "INSERT INTO audit_events (action) VALUES (%s)"),
        ("SELECT payments.id FROM payments WHERE payments.id = %s", POST),
    ],
)
def test_the_account_first_or_no_account_at_all_is_right(statements: tuple[str, ...]) -> None:
    assert found(*statements) == []
