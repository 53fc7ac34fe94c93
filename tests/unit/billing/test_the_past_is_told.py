"""History: pages, months, years, one payment looked for; only what was kept, only to who may know."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from assistant.billing.posting import Cause, post_once
from assistant.billing.service import Billing
from assistant.billing.views import Span, Total
from assistant.clock import FixedClock, local_instant
from assistant.db import Database
from assistant.errors import NotVerified
from tests.factories import Factory
from tests.unit.billing.proofs import MadeProof

YEAR_2025 = Span(date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def billing(db: Database, clock: FixedClock) -> Billing:
    return Billing(db, clock)


def paid(db: Database, clock: FixedClock, account_id: int, cents: int, on: date, number: str = "") -> None:
    """A payment over the counter."""
    cause = Cause(f"office:{on}{number}", account_id, _noon(clock, on), on, "Payment at the office")
    with db.write() as tx:
        post_once(tx, cause, [("member", "payment", -cents)])


def _noon(clock: FixedClock, on: date) -> datetime:
    return local_instant(on, time(12), clock.zone)


def test_payments_come_in_pages_the_newest_first(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made = factory.account()
    for month in range(1, 8):
        paid(db, clock, made.id, month * 1000, date(2026, month, 5))
    first = billing.history.payments(MadeProof(made.id), size=5)
    assert [each.amount_cents for each in first.payments] == [7000, 6000, 5000, 4000, 3000]
    assert first.has_more
    rest = billing.history.payments(MadeProof(made.id), skip=5, size=5)
    assert [(each.amount_cents, each.received_on) for each in rest.payments] == [
        (2000, date(2026, 2, 5)),
        (1000, date(2026, 1, 5)),
    ]
    assert not rest.has_more


def test_what_was_given_back_counts_no_more(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made = factory.account()
    with db.write() as tx:
        for number, cents in (("a", 5000), ("b", 3000)):
            billing.post_payment(
                tx,
                account_id=made.id,
                payment_id=f"pay_{number}",
                amount_cents=cents,
                fee_cents=0,
                at=clock.now(),
            )
        for number, cents in (("a", 5000), ("b", 1000)):
            billing.post_return(
                tx,
                account_id=made.id,
                payment_id=f"pay_{number}",
                source=f"refund:re_{number}",
                description="Payment returned",
                amount_cents=cents,
                at=clock.now(),
            )
    page = billing.history.payments(MadeProof(made.id), size=5)
    assert [each.amount_cents for each in page.payments] == [2000]
    today = Span(clock.today(), clock.today())
    assert billing.history.paid_in(MadeProof(made.id), today) == Total(2000, 1)
    refund = billing.last_refund(made.id)
    assert refund is not None
    assert (refund.amount_cents, refund.payment_id) == (1000, "pay_b")
    assert billing.last_refund(factory.account("1000000002", name="Bob Hale").id) is None


def test_a_year_has_a_total_of_what_was_paid_and_of_what_was_billed(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made, other = factory.account(), factory.account("1000000002", name="Bob Hale")
    for month in (3, 9):
        paid(db, clock, made.id, 4000, date(2025, month, 5))
        factory.statement(made.id, 4500, issued_on=date(2025, month, 1), due_on=date(2025, month, 25))
    paid(db, clock, made.id, 9999, date(2026, 1, 1))
    paid(db, clock, other.id, 7777, date(2025, 5, 5), "other")
    assert billing.history.paid_in(MadeProof(made.id), YEAR_2025) == Total(8000, 2)
    assert billing.history.billed_in(MadeProof(made.id), YEAR_2025) == Total(9000, 2)
    bills = billing.history.bills(MadeProof(made.id), YEAR_2025, size=1)
    assert [bill.issued_on for bill in bills] == [date(2025, 9, 1)]


def test_a_payment_is_found_by_amount_and_by_the_day_it_was_made(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    made = factory.account()
    paid(db, clock, made.id, 5000, date(2026, 10, 7))
    paid(db, clock, made.id, 6000, date(2026, 11, 9))
    proof = MadeProof(made.id, level="recognized")
    found = billing.history.find(proof, amount_cents=5000)
    assert found is not None
    assert found.received_on == date(2026, 10, 7)
    # Put into the mail on the 5th, received on the 7th.
    assert billing.history.find(proof, on=date(2026, 10, 5)) == found
    assert billing.history.find(proof, on=date(2026, 10, 8)) is None
    assert billing.history.find(proof, amount_cents=5000, on=date(2026, 11, 9)) is None


def test_the_past_is_for_verified_members(billing: Billing, factory: Factory) -> None:
    proof = MadeProof(factory.account().id, level="recognized")
    with pytest.raises(NotVerified):
        billing.history.payments(proof, size=5)
    with pytest.raises(NotVerified):
        billing.history.paid_in(proof, YEAR_2025)
    with pytest.raises(NotVerified):
        billing.history.billed_in(proof, YEAR_2025)
    with pytest.raises(NotVerified):
        billing.breakdown(proof)
