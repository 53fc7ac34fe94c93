"""The parts of a balance add up to it, whatever came in which order."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from assistant.billing.models import LedgerEntry, Statement
from assistant.billing.posting import Cause, post_once
from assistant.billing.service import Billing
from assistant.clock import FixedClock
from assistant.db import Database
from tests.factories import Factory
from tests.unit.billing.proofs import MadeProof

ISSUED = date(2026, 11, 3)


@pytest.fixture
def billing(db: Database, clock: FixedClock) -> Billing:
    return Billing(db, clock)


def post(
    db: Database, clock: FixedClock, account_id: int, kind: str, cents: int, on: date, name: str
) -> None:
    with db.write() as tx:
        post_once(tx, Cause(name, account_id, clock.now(), on, "x"), [("member", kind, cents)])


def test_the_bill_what_was_before_and_what_came_since(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made = factory.account(balance_cents=0)
    factory.statement(made.id, 5000, issued_on=date(2026, 10, 3), due_on=date(2026, 11, 3), number="S-1")
    factory.statement(made.id, 8420, issued_on=ISSUED, due_on=date(2026, 12, 3), number="S-2")
    post(db, clock, made.id, "payment", -3000, date(2026, 10, 20), "p1")
    post(db, clock, made.id, "payment", -1000, date(2026, 11, 10), "p2")
    post(db, clock, made.id, "fee", 500, date(2026, 11, 11), "f1")
    post(db, clock, made.id, "adjustment", -200, date(2026, 11, 12), "a1")
    # A correction of the bill itself is part of the bill: its row has the new amount already.
    with db.write() as tx:
        tx.query(Statement).filter_by(statement_number="S-2").update({"amount_cents": 8000})
    post(db, clock, made.id, "adjustment", -420, date(2026, 11, 13), "statement:S-2:import_1")
    parts = billing.breakdown(MadeProof(made.id))
    assert (parts.before_cents, parts.bill_cents, parts.paid_cents) == (2000, 8000, 1000)
    assert (parts.fee_cents, parts.adjusted_cents, parts.balance_cents) == (500, -200, 9300)
    assert (parts.issued_on, parts.due_on) == (ISSUED, date(2026, 12, 3))


def test_without_a_bill_all_is_from_before(billing: Billing, factory: Factory) -> None:
    made = factory.account(balance_cents=-500)
    parts = billing.breakdown(MadeProof(made.id))
    assert (parts.balance_cents, parts.before_cents, parts.issued_on) == (-500, -500, None)


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["payment", "fee", "adjustment", "reversal", "charge"]),
        st.integers(-9000, 9000).filter(bool),
        st.integers(-40, 20),
    ),
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=ENTRIES)
def test_the_parts_always_add_up(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory, entries: list[tuple[str, int, int]]
) -> None:
    with db.write() as tx:
        tx.execute(delete(LedgerEntry))
        tx.execute(delete(Statement))
    account_id = billing.id_of("1000000001") or factory.account(balance_cents=0).id
    factory.statement(account_id, 8420, issued_on=ISSUED, due_on=date(2026, 12, 3), number="S-2")
    for place, (kind, cents, days) in enumerate(entries):
        post(db, clock, account_id, kind, cents, ISSUED + timedelta(days=days), f"e{place}")
    parts = billing.breakdown(MadeProof(account_id))
    assert parts.balance_cents == 8420 + sum(cents for _, cents, _ in entries)
    assert parts.balance_cents == (
        parts.before_cents + parts.bill_cents - parts.paid_cents + parts.fee_cents + parts.adjusted_cents
    )
    assert parts.before_cents == sum(cents for _, cents, days in entries if days < 0)
