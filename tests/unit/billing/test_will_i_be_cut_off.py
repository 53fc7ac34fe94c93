"""The least to pay and by when: notice, payments since, arrangement, past due, prepaid."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from assistant.billing.models import Account, PrepaidAccount
from assistant.billing.service import Billing
from assistant.billing.standing import Prepaid
from assistant.clock import FixedClock
from assistant.db import Database
from tests.factories import Factory
from tests.unit.billing.proofs import MadeProof
from tests.unit.billing.test_more_time_is_agreed_to import agree, pay

TODAY = date(2026, 11, 23)
CUT_ON = TODAY + timedelta(days=4)


@pytest.fixture
def billing(db: Database, clock: FixedClock) -> Billing:
    return Billing(db, clock)


def notice(db: Database, clock: FixedClock, account_id: int, on: date, minimum: int | None) -> None:
    with db.write() as tx:
        tx.execute(
            update(Account)
            .where(Account.id == account_id)
            .values(disconnect_on=on, disconnect_minimum_cents=minimum, disconnect_noted_at=clock.now())
        )


def test_a_notice_asks_for_its_minimum_less_what_came_in_since(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made = factory.account(balance_cents=9640, due_on=TODAY - timedelta(days=20))
    pay(db, billing, clock, made.id, 640)
    clock.advance(timedelta(minutes=1))
    notice(db, clock, made.id, CUT_ON, 5000)
    now = billing.standing(made.id)
    assert (now.reason, now.least_cents, now.by) == ("notice", 5000, CUT_ON)
    pay(db, billing, clock, made.id, 3000)
    assert billing.standing(made.id).least_cents == 2000
    pay(db, billing, clock, made.id, 2000)
    now = billing.standing(made.id)
    assert (now.reason, now.least_cents, now.disconnect_on) == ("notice_met", 0, CUT_ON)


def test_without_a_minimum_the_past_due_part_is_the_least(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made = factory.account(balance_cents=9640, due_on=TODAY - timedelta(days=20))
    factory.statement(made.id, 5000, due_on=TODAY + timedelta(days=10))
    notice(db, clock, made.id, CUT_ON, None)
    assert billing.standing(made.id).least_cents == 9640


def test_a_notice_whose_day_has_passed_is_told_as_such(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made = factory.account(balance_cents=9640, due_on=TODAY - timedelta(days=30))
    notice(db, clock, made.id, TODAY - timedelta(days=1), 9640)
    assert billing.standing(made.id).reason == "notice_passed"


def test_an_open_arrangement_decides_what_is_next(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made = factory.account(balance_cents=9640, due_on=TODAY - timedelta(days=20))
    notice(db, clock, made.id, CUT_ON, 9640)
    agree(billing, MadeProof(made.id))
    now = billing.standing(made.id)
    assert (now.reason, now.least_cents, now.by) == ("arrangement", 2410, TODAY + timedelta(days=1))
    # Broken: the notice counts again.
    clock.advance(timedelta(days=4))
    assert billing.standing(made.id).reason == "notice"


def test_without_a_notice_what_is_past_due_or_due_or_nothing(billing: Billing, factory: Factory) -> None:
    late = factory.account(balance_cents=9640, due_on=TODAY - timedelta(days=2))
    assert (billing.standing(late.id).reason, billing.standing(late.id).least_cents) == ("past_due", 9640)
    due = factory.account("1000000002", due_on=date(2026, 12, 3))
    assert (billing.standing(due.id).reason, billing.standing(due.id).by) == ("due", date(2026, 12, 3))
    paid = factory.account("1000000003", balance_cents=-500)
    assert (billing.standing(paid.id).reason, billing.standing(paid.id).least_cents) == ("nothing", 0)


@pytest.mark.parametrize(("daily", "days"), [(420, 5), (None, None)])
def test_prepaid_tells_what_is_left_and_the_days_where_use_is_known(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory, daily: int | None, days: int | None
) -> None:
    made = factory.account(balance_cents=-2340)
    with db.write() as tx:
        tx.add(PrepaidAccount(account_id=made.id, daily_use_cents=daily, told_at=clock.now()))
    now = billing.standing(made.id)
    assert (now.reason, now.prepaid) == ("prepaid", Prepaid(2340, days))
