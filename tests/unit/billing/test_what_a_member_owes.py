"""The balance is the sum of the ledger, and past due is what the oldest unpaid statements leave."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event

from assistant.billing.models import Account, LedgerEntry, Statement
from assistant.billing.service import Billing
from assistant.clock import FixedClock
from assistant.db import Database
from tests.factories import Factory

TODAY = date(2026, 11, 23)


@pytest.fixture
def billing(db: Database, clock: FixedClock) -> Billing:
    return Billing(db, clock)


def pay(
    db: Database, billing: Billing, clock: FixedClock, account_id: int, cents: int, name: str = "p"
) -> None:
    with db.write() as tx:
        billing.post_payment(
            tx,
            account_id=account_id,
            payment_id=f"pay_{name}",
            amount_cents=cents,
            fee_cents=0,
            at=clock.now(),
        )


def test_a_new_statement_is_owed_by_its_due_date(billing: Billing, factory: Factory) -> None:
    made = factory.account(balance_cents=8420, due_on=date(2026, 12, 3), nickname="Farm")
    summary = billing.summary(made.id)
    assert summary.account_number == "1000000001"
    assert summary.last_four == "0001"
    assert (summary.nickname, summary.member_name, summary.language) == ("Farm", "Ada Miller", "en")
    assert (summary.balance_cents, summary.amount_due_cents, summary.past_due_cents) == (8420, 8420, 0)
    assert summary.due_on == date(2026, 12, 3)


def test_an_account_without_a_ledger_owes_nothing(billing: Billing, factory: Factory) -> None:
    summary = billing.summary(factory.account(balance_cents=0).id)
    assert (summary.balance_cents, summary.amount_due_cents, summary.due_on) == (0, 0, None)


def test_a_credit_is_a_negative_balance_and_nothing_is_due(billing: Billing, factory: Factory) -> None:
    made = factory.account(balance_cents=-500)
    summary = billing.summary(made.id)
    assert (summary.balance_cents, summary.amount_due_cents, summary.past_due_cents) == (-500, 0, 0)
    assert summary.due_on is None


def test_only_the_part_of_statements_due_before_today_is_past_due(billing: Billing, factory: Factory) -> None:
    made = factory.account(balance_cents=3000, due_on=date(2026, 12, 3))
    factory.statement(made.id, 2000, due_on=date(2026, 11, 3))
    factory.statement(made.id, 1000, due_on=TODAY)
    summary = billing.summary(made.id)
    assert (summary.balance_cents, summary.past_due_cents) == (6000, 2000)
    assert summary.due_on == date(2026, 11, 3)


def test_a_payment_pays_the_oldest_statement_first(
    db: Database, billing: Billing, factory: Factory, clock: FixedClock
) -> None:
    made = factory.account(balance_cents=3000, due_on=date(2026, 12, 3))
    factory.statement(made.id, 2000, due_on=date(2026, 11, 3))
    pay(db, billing, clock, made.id, 1500, "a")
    assert billing.summary(made.id).past_due_cents == 500
    pay(db, billing, clock, made.id, 500, "b")
    summary = billing.summary(made.id)
    assert (summary.past_due_cents, summary.due_on) == (0, date(2026, 12, 3))
    pay(db, billing, clock, made.id, 3000, "c")
    assert billing.summary(made.id).due_on is None


def test_the_day_turns_at_midnight_of_the_co_op_not_of_utc(
    billing: Billing, factory: Factory, clock: FixedClock
) -> None:
    made = factory.account(balance_cents=3000, due_on=TODAY)
    # 03:00 UTC on the 24th is still the 23rd in New York.
    clock.advance(timedelta(hours=12))
    assert billing.summary(made.id).past_due_cents == 0
    clock.advance(timedelta(hours=3))
    assert billing.summary(made.id).past_due_cents == 3000


def test_the_disconnect_notice_and_the_cash_only_mark_are_told(
    db: Database, billing: Billing, factory: Factory
) -> None:
    made = factory.account(is_cash_only=True)
    with db.write() as tx:
        account = tx.get_one(Account, made.id)
        account.disconnect_on = date(2026, 12, 9)
        account.disconnect_minimum_cents = 4200
    summary = billing.summary(made.id)
    assert (summary.disconnect_on, summary.disconnect_minimum_cents) == (date(2026, 12, 9), 4200)
    assert summary.is_cash_only


def test_an_unknown_account_is_a_programming_error(billing: Billing) -> None:
    with pytest.raises(LookupError):
        billing.summary(99)
    assert billing.id_of("1000000009") is None


def test_a_summary_takes_two_queries_whatever_the_history(
    db: Database, billing: Billing, factory: Factory
) -> None:
    made = factory.account()
    for month in range(1, 11):
        factory.statement(made.id, 1000, due_on=date(2025, month, 3))
    asked: list[str] = []
    event.listen(db.reader, "before_cursor_execute", lambda *args: asked.append(args[2]))
    billing.summary(made.id)
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    statements=st.lists(st.tuples(st.integers(0, 5000), st.integers(-60, 40)), max_size=6),
    payments=st.lists(st.integers(1, 6000), max_size=4),
)
def test_past_due_agrees_with_paying_statement_by_statement(
    db: Database,
    billing: Billing,
    factory: Factory,
    clock: FixedClock,
    statements: list[tuple[int, int]],
    payments: list[int],
) -> None:
    account_id = billing.id_of("1000000001") or factory.account(balance_cents=0).id
    with db.write() as tx:
        tx.execute(delete(LedgerEntry))
        tx.execute(delete(Statement))
    for index, (cents, days) in enumerate(statements):
        if cents:
            factory.statement(account_id, cents, due_on=TODAY + timedelta(days=days), number=f"S{index}")
    for index, cents in enumerate(payments):
        pay(db, billing, clock, account_id, cents, str(index))

    paid, open_statements = sum(payments), []
    for cents, days in sorted(((c, d) for c, d in statements if c), key=lambda item: item[1]):
        covered = min(paid, cents)
        paid -= covered
        if cents > covered:
            open_statements.append((days, cents - covered))
    summary = billing.summary(account_id)
    assert summary.balance_cents == sum(c for c, _ in statements) - sum(payments)
    assert summary.past_due_cents == sum(cents for days, cents in open_statements if days < 0)
    first = min((days for days, _ in open_statements), default=None)
    assert summary.due_on == (None if first is None else TODAY + timedelta(days=first))
