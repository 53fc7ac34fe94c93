"""A payment and a refund change both books by the same amount, once, in the caller's transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from assistant.billing.models import LedgerEntry
from assistant.billing.service import Billing
from assistant.clock import FixedClock
from assistant.db import Database
from tests.factories import Factory, MadeAccount


@pytest.fixture
def billing(db: Database, clock: FixedClock) -> Billing:
    return Billing(db, clock)


@pytest.fixture
def made(factory: Factory) -> MadeAccount:
    return factory.account(balance_cents=8420)


def books(db: Database) -> dict[str, int]:
    with db.read() as tx:
        rows = tx.execute(
            select(LedgerEntry.book, func.sum(LedgerEntry.amount_cents))
            .where(LedgerEntry.kind != "charge")
            .group_by(LedgerEntry.book)
        )
        return {book: int(total) for book, total in rows}


def test_a_payment_lowers_the_balance_and_the_books_sum_to_zero(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    with db.write() as tx:
        billing.post_payment(
            tx, account_id=made.id, payment_id="pay_1", amount_cents=8000, fee_cents=0, at=clock.now()
        )
        # The caller sees its own posting before the commit.
        assert billing.summary_in(tx, made.id).balance_cents == 420
    assert billing.summary(made.id).balance_cents == 420
    assert books(db) == {"member": -8000, "clearing": 8000}


def test_a_fee_is_owed_by_the_processor_and_never_by_the_member(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    with db.write() as tx:
        billing.post_payment(
            tx, account_id=made.id, payment_id="pay_1", amount_cents=8420, fee_cents=150, at=clock.now()
        )
    assert billing.summary(made.id).balance_cents == 0
    assert books(db) == {"member": -8420, "clearing": 8570, "income": -150}


def test_the_same_payment_again_changes_nothing(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    for _ in range(3):
        with db.write() as tx:
            billing.post_payment(
                tx, account_id=made.id, payment_id="pay_1", amount_cents=100, fee_cents=50, at=clock.now()
            )
    assert books(db) == {"member": -100, "clearing": 150, "income": -50}


def test_eight_at_once_post_one_payment(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    def post(_: int) -> None:
        with db.write() as tx:
            billing.post_payment(
                tx, account_id=made.id, payment_id="pay_1", amount_cents=100, fee_cents=0, at=clock.now()
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post, range(8)))
    assert books(db) == {"member": -100, "clearing": 100}


def test_the_same_payment_with_another_amount_is_refused(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    with db.write() as tx:
        billing.post_payment(
            tx, account_id=made.id, payment_id="pay_1", amount_cents=100, fee_cents=0, at=clock.now()
        )
    with pytest.raises(ValueError, match="posted before"), db.write() as tx:
        billing.post_payment(
            tx, account_id=made.id, payment_id="pay_1", amount_cents=101, fee_cents=0, at=clock.now()
        )
    assert books(db) == {"member": -100, "clearing": 100}


@pytest.mark.parametrize("amount", [0, -1])
def test_a_payment_of_nothing_or_less_is_refused(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock, amount: int
) -> None:
    with pytest.raises(ValueError, match="positive"), db.write() as tx:
        billing.post_payment(
            tx, account_id=made.id, payment_id="pay_1", amount_cents=amount, fee_cents=0, at=clock.now()
        )


def test_money_in_a_float_is_refused(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    with pytest.raises(TypeError), db.write() as tx:
        billing.post_payment(
            tx,
            account_id=made.id,
            payment_id="pay_1",
            amount_cents=84.20,  # type: ignore[arg-type]
            fee_cents=0,
            at=clock.now(),
        )


def test_a_rolled_back_transaction_posts_nothing(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    def post_then_fail() -> None:
        with db.write() as tx:
            billing.post_payment(
                tx, account_id=made.id, payment_id="pay_1", amount_cents=100, fee_cents=0, at=clock.now()
            )
            raise RuntimeError("the settling commit failed")

    with pytest.raises(RuntimeError):
        post_then_fail()
    assert billing.summary(made.id).balance_cents == 8420


def test_a_refund_is_owed_again_and_each_refund_is_posted_once(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    with db.write() as tx:
        billing.post_payment(
            tx, account_id=made.id, payment_id="pay_1", amount_cents=8420, fee_cents=100, at=clock.now()
        )
    for refund_id, cents in [("re_1", 3000), ("re_1", 3000), ("re_2", 5420)]:
        with db.write() as tx:
            billing.post_return(
                tx,
                account_id=made.id,
                payment_id="pay_1",
                source=f"refund:{refund_id}",
                description="Payment returned",
                amount_cents=cents,
                at=clock.now(),
                fee_cents=100 if refund_id == "re_2" else 0,
            )
    assert billing.summary(made.id).balance_cents == 8420
    assert books(db) == {"member": 0, "clearing": 0, "income": 0}


def test_the_last_payment_is_the_newest_that_was_kept(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    assert billing.last_payment(made.id) is None
    for payment_id, cents in [("pay_1", 1000), ("pay_2", 2000)]:
        with db.write() as tx:
            billing.post_payment(
                tx, account_id=made.id, payment_id=payment_id, amount_cents=cents, fee_cents=0, at=clock.now()
            )
    newest = billing.last_payment(made.id)
    assert newest is not None
    assert (newest.payment_id, newest.amount_cents) == ("pay_2", -2000)
    for refund_id, expected in [("re_1", "pay_2"), ("re_2", "pay_1")]:
        with db.write() as tx:
            billing.post_return(
                tx,
                account_id=made.id,
                payment_id="pay_2",
                source=f"refund:{refund_id}",
                description="Payment returned",
                amount_cents=1000,
                at=clock.now(),
            )
        kept = billing.last_payment(made.id)
        assert kept is not None
        assert kept.payment_id == expected


def test_the_ledger_is_told_newest_first_and_only_the_member_book(
    db: Database, billing: Billing, made: MadeAccount, clock: FixedClock
) -> None:
    with db.write() as tx:
        billing.post_payment(
            tx, account_id=made.id, payment_id="pay_1", amount_cents=100, fee_cents=0, at=clock.now()
        )
    lines = billing.ledger(made.id)
    assert [(line.kind, line.amount_cents) for line in lines] == [("payment", -100), ("charge", 8420)]
    assert lines[0].effective_on == clock.today()
    assert len(billing.ledger(made.id, limit=1)) == 1
