"""Arrangements: offered inside the band, agreed to once by the turn that said yes, then kept or broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from assistant.audit import AuditEvent
from assistant.billing.arrangement_models import Arrangement
from assistant.billing.arrangement_rules import ArrangementPolicy
from assistant.billing.arrangements import ArrangementView
from assistant.billing.models import Account, PrepaidAccount
from assistant.billing.service import Billing
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import ArrangementRefused, DraftRefused, NotVerified
from tests.factories import Factory, MadeAccount
from tests.unit.billing.proofs import MadeProof

TODAY = date(2026, 11, 23)
LATEST = date(2026, 12, 14)
WORDS = "Pay $24.10 by tomorrow and $72.30 by Dec 14. Is that right?"


@pytest.fixture
def billing(db: Database, clock: FixedClock) -> Billing:
    return Billing(db, clock, ArrangementPolicy())


@pytest.fixture
def behind(factory: Factory) -> MadeAccount:
    """$96.40 past due and $50.00 not due yet."""
    made = factory.account(balance_cents=9640, due_on=TODAY - timedelta(days=20))
    factory.statement(made.id, 5000, due_on=TODAY + timedelta(days=10))
    return made


def agree(
    billing: Billing, proof: MadeProof, on: date | None = None, turn: str = "turn_1"
) -> ArrangementView:
    offer = billing.arrangements.offer(proof, on)
    assert billing.arrangements.record_consent(
        session_id=proof.session_id, arrangement_id=offer.id, turn_id=turn, how="word"
    )
    return billing.arrangements.agree(proof, turn_id=turn, words=WORDS, language="en")


def pay(db: Database, billing: Billing, clock: FixedClock, account_id: int, cents: int) -> None:
    with db.write() as tx:
        billing.post_payment(
            tx,
            account_id=account_id,
            payment_id=f"pay_{clock.now().isoformat()}_{cents}",
            amount_cents=cents,
            fee_cents=0,
            at=clock.now(),
        )


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[ArrangementRefused]]:
    with pytest.raises(ArrangementRefused) as refusal:
        yield refusal
    assert refusal.value.code == code


def test_a_quarter_of_what_is_past_due_first_and_the_rest_by_the_latest_day(
    billing: Billing, behind: MadeAccount
) -> None:
    terms = billing.arrangements.offer(MadeProof(behind.id)).terms
    assert (terms.first_cents, terms.rest_cents) == (2410, 7230)
    assert (terms.first_due_on, terms.rest_due_on, terms.latest_on) == (
        TODAY + timedelta(days=1),
        LATEST,
        LATEST,
    )


def test_a_bill_that_is_not_past_due_is_arranged_as_a_whole(billing: Billing, factory: Factory) -> None:
    made = factory.account(balance_cents=8421)
    terms = billing.arrangements.offer(MadeProof(made.id), date(2026, 12, 7)).terms
    assert (terms.first_cents, terms.rest_cents, terms.rest_due_on) == (2106, 6315, date(2026, 12, 7))


def test_a_day_outside_the_band_is_told_with_the_latest_day(billing: Billing, behind: MadeAccount) -> None:
    with refused("arrangement_day_too_late") as late:
        billing.arrangements.offer(MadeProof(behind.id), LATEST + timedelta(days=1))
    assert late.value.params == {"latest_on": LATEST}
    with refused("arrangement_day_too_soon"):
        billing.arrangements.offer(MadeProof(behind.id), TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    "values",
    [{"is_cash_only": True}, {"disconnect_on": TODAY}, {"disconnect_on": TODAY - timedelta(days=1)}],
    ids=["cash only", "power goes off today", "power may be off"],
)
def test_a_person_decides_outside_of_the_band(
    db: Database, billing: Billing, behind: MadeAccount, values: dict[str, Any]
) -> None:
    with db.write() as tx:
        tx.execute(update(Account).where(Account.id == behind.id).values(**values))
    with refused("arrangement_needs_person"):
        billing.arrangements.offer(MadeProof(behind.id))


def test_more_than_the_limit_nothing_and_prepaid_are_not_arranged(
    db: Database, clock: FixedClock, billing: Billing, factory: Factory
) -> None:
    with refused("arrangement_needs_person"):
        billing.arrangements.offer(MadeProof(factory.account(balance_cents=60_001).id))
    with refused("arrangement_nothing_owed"):
        billing.arrangements.offer(MadeProof(factory.account("1000000002", balance_cents=0).id))
    prepaid = factory.account("1000000003", balance_cents=500)
    with db.write() as tx:
        tx.add(PrepaidAccount(account_id=prepaid.id, told_at=clock.now()))
    with refused("arrangement_needs_person"):
        billing.arrangements.offer(MadeProof(prepaid.id))


def test_the_first_part_comes_before_the_day_the_power_may_go_off(
    db: Database, clock: FixedClock, behind: MadeAccount
) -> None:
    with db.write() as tx:
        tx.execute(
            update(Account).where(Account.id == behind.id).values(disconnect_on=TODAY + timedelta(days=3))
        )
    slow = Billing(db, clock, ArrangementPolicy(first_days=7))
    assert slow.arrangements.offer(MadeProof(behind.id)).terms.first_due_on == TODAY + timedelta(days=2)


def test_only_a_verified_member_agrees(billing: Billing, behind: MadeAccount) -> None:
    with pytest.raises(NotVerified):
        billing.arrangements.offer(MadeProof(behind.id, level="recognized"))
    with refused("only_member_may_change"):
        billing.arrangements.offer(MadeProof(behind.id, role="helper"))


def test_an_agreement_keeps_its_evidence(db: Database, billing: Billing, behind: MadeAccount) -> None:
    made = agree(billing, MadeProof(behind.id))
    assert billing.arrangements.open_one(behind.id) == made
    with db.read() as tx:
        row = tx.scalars(select(Arrangement)).one()
        assert (row.state, row.words, row.language, row.consent_how, row.consent_turn_id) == (
            "open",
            WORDS,
            "en",
            "word",
            "turn_1",
        )
        assert [event.action for event in tx.scalars(select(AuditEvent))] == ["arrangement_agreed"]


def test_a_yes_of_another_turn_or_to_an_old_offer_agrees_to_nothing(
    clock: FixedClock, billing: Billing, behind: MadeAccount
) -> None:
    proof = MadeProof(behind.id)
    old = billing.arrangements.offer(proof)
    new = billing.arrangements.offer(proof, date(2026, 12, 7))

    def says_yes(to: ArrangementView, turn: str, session: str = proof.session_id) -> bool:
        return billing.arrangements.record_consent(
            session_id=session, arrangement_id=to.id, turn_id=turn, how="word"
        )

    assert not says_yes(old, "turn_1")
    assert not says_yes(new, "turn_1", session="session_2")
    assert says_yes(new, "turn_1")
    with pytest.raises(DraftRefused, match="draft_not_confirmed"):
        billing.arrangements.agree(proof, turn_id="turn_2", words=WORDS, language="en")
    clock.advance(timedelta(minutes=11))
    with pytest.raises(DraftRefused, match="draft_expired"):
        billing.arrangements.agree(proof, turn_id="turn_1", words=WORDS, language="en")


def test_what_was_paid_in_between_is_read_back_again(
    db: Database, clock: FixedClock, billing: Billing, behind: MadeAccount
) -> None:
    proof = MadeProof(behind.id)
    offer = billing.arrangements.offer(proof)
    billing.arrangements.record_consent(
        session_id=proof.session_id, arrangement_id=offer.id, turn_id="turn_1", how="word"
    )
    pay(db, billing, clock, behind.id, 1000)
    with pytest.raises(DraftRefused, match="draft_expired"):
        billing.arrangements.agree(proof, turn_id="turn_1", words=WORDS, language="en")


def test_an_account_has_one_open_arrangement(billing: Billing, behind: MadeAccount) -> None:
    agree(billing, MadeProof(behind.id))
    with refused("arrangement_already_open") as again:
        billing.arrangements.offer(MadeProof(behind.id, session_id="session_2"))
    assert again.value.params == {
        "next_cents": 2410,
        "next_on": date(2026, 11, 24),
        "left_cents": 9640,
        "rest_due_on": LATEST,
    }


def test_payments_count_first_for_the_first_part(
    db: Database, clock: FixedClock, billing: Billing, behind: MadeAccount
) -> None:
    agree(billing, MadeProof(behind.id))
    pay(db, billing, clock, behind.id, 1000)
    now = billing.arrangements.open_one(behind.id)
    assert now is not None
    assert (now.next_cents, now.next_on) == (1410, TODAY + timedelta(days=1))
    pay(db, billing, clock, behind.id, 2000)
    now = billing.arrangements.open_one(behind.id)
    assert now is not None
    assert (now.next_cents, now.next_on) == (6640, LATEST)


def state_of(db: Database) -> str:
    with db.read() as tx:
        return tx.scalars(select(Arrangement)).one().state


def test_it_is_kept_when_all_came_in_and_then_a_new_one_may_follow(
    db: Database, clock: FixedClock, billing: Billing, behind: MadeAccount
) -> None:
    agree(billing, MadeProof(behind.id))
    pay(db, billing, clock, behind.id, 9640)
    assert billing.arrangements.open_one(behind.id) is None
    assert billing.arrangements.close_ended() == 1
    assert billing.arrangements.close_ended() == 0
    assert state_of(db) == "kept"
    assert billing.arrangements.offer(MadeProof(behind.id)).terms.total_cents == 5000


@pytest.mark.parametrize(("paid_cents", "days"), [(0, 4), (2410, 24)], ids=["first part", "rest"])
def test_it_is_broken_after_some_days_of_grace_and_then_a_person_decides(
    db: Database, clock: FixedClock, billing: Billing, behind: MadeAccount, paid_cents: int, days: int
) -> None:
    agree(billing, MadeProof(behind.id))
    if paid_cents:
        pay(db, billing, clock, behind.id, paid_cents)
    clock.advance(timedelta(days=days - 1))
    assert billing.arrangements.close_ended() == 0
    clock.advance(timedelta(days=1))
    assert billing.arrangements.open_one(behind.id) is None
    assert billing.arrangements.close_ended() == 1
    assert state_of(db) == "broken"
    with refused("arrangement_needs_person"):
        billing.arrangements.offer(MadeProof(behind.id))
