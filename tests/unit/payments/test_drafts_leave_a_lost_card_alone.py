"""A card that a bank called lost or stolen is not drafted again; nothing else holds a draft up."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from sqlalchemy import select

from assistant.errors import PaymentDeclined, PaymentRefused
from assistant.payments.risk_models import RiskDecision
from tests.unit.payments.conftest import Desk
from tests.unit.payments.later_steps import (
    autopay_rows,
    card,
    day_by_day,
    enroll,
    go_to,
    payments,
    rounds,
    schedule,
    scheduled_row,
)

DUE_ON = date(2026, 12, 3)


def learn_that_the_card_is_stolen(desk: Desk) -> None:
    """The member pays a little with the saved card, and the bank says what became of it."""
    card(desk)
    desk.gateway.plan = ["stolen_card"]
    with suppress(PaymentDeclined):
        desk.pay(2000, turn="turn_stolen")


def told(desk: Desk, words: str) -> int:
    return sum(words in body for body in desk.queued())


def outcomes(desk: Desk) -> list[str]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(RiskDecision.outcome).order_by(RiskDecision.id)))


def test_a_scheduled_payment_with_a_stolen_card_is_not_sent_and_is_told(desk: Desk) -> None:
    made = schedule(desk, date(2026, 12, 1))
    learn_that_the_card_is_stolen(desk)
    go_to(desk, date(2026, 12, 1))
    rounds(desk)
    row = scheduled_row(desk, made.id)
    assert (row.state, row.reason) == ("canceled", "method_not_usable")
    assert len(desk.gateway.charges) == 1, "only the try that told us"
    assert told(desk, "could not make your payment of $84.20") == 1
    assert outcomes(desk) == ["allow", "refuse"]


def test_autopay_takes_the_backup_in_place_of_a_stolen_card(desk: Desk) -> None:
    spare = desk.payments.saved_methods.save(desk.account.id, "pm_backup").id
    enroll(desk, backup_method_id=spare)
    learn_that_the_card_is_stolen(desk)
    day_by_day(desk, DUE_ON)
    assert [(one.method_id, one.state) for one in payments(desk)][1:] == [(spare, "succeeded")]
    assert autopay_rows(desk)[0].state == "paid"
    assert desk.balance == 0


def test_autopay_without_a_backup_leaves_a_stolen_card_alone_and_says_so(desk: Desk) -> None:
    enroll(desk)
    learn_that_the_card_is_stolen(desk)
    day_by_day(desk, DUE_ON)
    assert len(desk.gateway.charges) == 1
    assert (autopay_rows(desk)[0].state, autopay_rows(desk)[0].reason) == ("skipped", "method_not_usable")
    assert told(desk, "autopay could not pay your bill of $84.20") == 1


def test_autopay_pays_beside_a_held_payment_which_then_is_not_approved_any_more(desk: Desk) -> None:
    enroll(desk)
    desk.settings.risk_account_cards = 0
    with suppress(PaymentRefused):
        desk.pay(8420, turn="turn_held")
    day_by_day(desk, DUE_ON)
    assert {one.origin: one.state for one in payments(desk)} == {"sms": "held", "autopay": "succeeded"}
    assert desk.balance == 0
