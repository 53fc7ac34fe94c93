"""A process dies before every commit and every vendor call of a payment, and once more after each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.db import Database
from assistant.errors import ProcessorUnreachable
from assistant.payments.gateway import ChargeOutcome
from assistant.payments.lookup import Lookup
from assistant.payments.models import Payment, PaymentDraft
from assistant.payments.risk_models import RiskDecision
from assistant.payments.service import Payments
from assistant.payments.settling import Settling, Verdict
from assistant.payments.taking import Ending, Intent, Order, Taking
from tests.crashing import spare_the_disk
from tests.factories import Factory
from tests.unit.payments.conftest import Desk
from tests.unit.payments.one_payment import OnePayment
from tests.unit.payments.stories import STORIES, Lab, Story, pay_and_get_no_reply

YES, LOST_ANSWER = STORIES["the bank says yes"], STORIES["the answer gets lost"]
on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def lab(desk: Desk, factory: Factory, db: Database) -> Lab:
    spare_the_disk(db)
    return Lab(desk, factory)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_death_anywhere_breaks_no_promise(lab: Lab, story: Story) -> None:
    lab.die_once_anywhere(story)


@pytest.mark.exhaustive
@on_sqlite
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_second_death_anywhere_after_the_first_breaks_no_promise(lab: Lab, story: Story) -> None:
    lab.die_twice_anywhere(story)


@pytest.mark.parametrize("bank", ["ok", "taken", "insufficient_funds"])
def test_news_of_the_processor_in_the_middle_of_a_turn_is_told_once(lab: Lab, bank: str) -> None:
    def news(one: OnePayment) -> None:
        one.tell_by_webhook()
        one.work_a_round()

    lab.work_beside(Story(bank), news)


@pytest.mark.parametrize("bank", ["ok", "lost", "insufficient_funds"])
def test_a_charging_process_that_sleeps_while_others_give_up_breaks_no_promise(lab: Lab, bank: str) -> None:
    def hours(one: OnePayment) -> None:
        payment = one.payment()
        is_charging = payment is None or payment.state == "submitted"
        for _ in range(6 if is_charging else 0):
            one.desk.clock.advance(timedelta(minutes=40))
            one.work_a_round()

    lab.work_beside(Story(bank, pay_and_get_no_reply), hours)


# Planted bugs: each must be found, or the tests above prove nothing.


@on_sqlite
def test_settling_in_two_commits_is_found(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = Settling.apply

    def in_two_commits(self: Settling, *given: Any, **how: Any) -> Verdict:
        postponed: list[dict[str, Any]] = []
        with _instead(self._billing, "post_payment", lambda _tx, **line: postponed.append(line)):
            verdict = settle(self, *given, **how)
        for line in postponed:
            with self._db.write() as tx:
                self._billing.post_payment(tx, **line)
        return verdict

    monkeypatch.setattr(Settling, "apply", in_two_commits)
    with pytest.raises(AssertionError, match="what was charged is not what was posted"):
        lab.die_once_anywhere(YES)


@on_sqlite
def test_charging_an_unknown_payment_again_with_a_new_key_is_found(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def charge_again(self: Lookup, payment: Payment) -> ChargeOutcome:
        sent = next(one for one in lab.desk.gateway.requests.values() if one.payment_id == payment.id)
        return self._gateway.charge(replace(sent, idempotency_key=f"again-{payment.id}"))

    monkeypatch.setattr(Lookup, "find", charge_again)
    with pytest.raises(AssertionError, match="charged twice"):
        lab.die_once_anywhere(LOST_ANSWER)


@on_sqlite
def test_taking_no_answer_for_a_no_is_found(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(self: Taking, intent: Intent, *, is_in_reply: bool) -> Ending:
        payment_id = intent.request.payment_id
        try:
            outcome = self._gateway.charge(intent.request)
        except ProcessorUnreachable:
            outcome = ChargeOutcome("declined", "", intent.request.amount_cents)
        return self._settling.apply(
            payment_id, outcome, attempt_id=intent.attempt_id, is_in_reply=is_in_reply
        )

    monkeypatch.setattr(Taking, "send", send)
    with pytest.raises(AssertionError, match="what was charged is not what was posted"):
        lab.die_once_anywhere(LOST_ANSWER)


@on_sqlite
def test_charging_before_the_intent_is_committed_is_found(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    write_intent = Taking.write_intent

    def charge_at_once(self: Taking, tx: Session, order: Order, decision: RiskDecision) -> Intent:
        intent = write_intent(self, tx, order, decision)
        self._gateway.charge(intent.request)
        return intent

    monkeypatch.setattr(Taking, "write_intent", charge_at_once)
    with pytest.raises(AssertionError, match=r"what was charged is not what was posted|charged twice"):
        lab.die_once_anywhere(YES)


@on_sqlite
def test_charging_an_approval_before_it_is_committed_is_found(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_held = Taking.submit_held

    def charge_at_once(self: Taking, *given: Any, **how: Any) -> Intent:
        intent = submit_held(self, *given, **how)
        self._gateway.charge(replace(intent.request, idempotency_key=f"now-{intent.attempt_id}"))
        return intent

    monkeypatch.setattr(Taking, "submit_held", charge_at_once)
    with pytest.raises(AssertionError, match="charged twice"):
        lab.die_once_anywhere(STORIES["a held payment is approved"])


@on_sqlite
def test_taking_any_reply_for_the_receipt_is_found(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def told_by_any_turn(self: Payments, turn_id: str) -> None:
        with self._db.write() as tx:
            session = select(PaymentDraft.session_id).where(PaymentDraft.consent_turn_id.is_not(None))
            for payment in tx.scalars(select(Payment).where(Payment.session_id.in_(session))):
                self._telling.told_in_reply(tx, payment)

    monkeypatch.setattr(Payments, "told_in_reply", told_by_any_turn)
    with pytest.raises(AssertionError, match="the member was never told"):
        lab.die_once_anywhere(YES)


@contextmanager
def _instead(owner: object, name: str, other: Any) -> Iterator[None]:
    """Within the block, `owner` does something else."""
    setattr(owner, name, other)
    try:
        yield
    finally:
        delattr(owner, name)
