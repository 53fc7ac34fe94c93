"""After a day a person says how a payment ended: believed where the processor agrees, and settled once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.audit import AuditEvent
from assistant.errors import PaymentUnknown, ResolveNotPossible
from assistant.handoff.models import HandoffRequest
from assistant.payments.gateway import ProcessorNotice
from assistant.payments.models import Payment
from tests.unit.payments.conftest import Desk

WHO = {"by": "ana", "why": "saw it in the dashboard"}
RECEIPT, NOT_CHARGED = "we received your payment of $84.20", "was not charged"


def pay_into_the_dark(desk: Desk, bank: str = "taken") -> Payment:
    desk.gateway.plan = [bank]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    return desk.only_payment()


def unknown_for_a_day(desk: Desk, bank: str = "taken") -> Payment:
    """The processor cannot be reached until all lookups of the first day are over."""
    pay_into_the_dark(desk, bank)
    desk.gateway.is_down = True
    for _ in range(27):
        desk.clock.advance(timedelta(hours=1))
        desk.payments.sweep()
    desk.gateway.is_down = False
    return desk.only_payment()


def told(desk: Desk, words: str) -> int:
    return sum(words in body for body in desk.queued())


def decisions(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.db.read() as tx:
        events = tx.scalars(select(AuditEvent).where(AuditEvent.action == "payment_resolved"))
        return [(one.actor, one.detail["state"], one.detail["why"]) for one in events]


def open_tasks(desk: Desk) -> list[str]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(HandoffRequest.topic).where(HandoffRequest.state == "open")))


def require_nothing_changed(desk: Desk) -> None:
    assert desk.only_payment().state == "unknown"
    assert desk.balance == 8420
    assert decisions(desk) == []
    assert (told(desk, RECEIPT), told(desk, NOT_CHARGED)) == (0, 0)
    assert open_tasks(desk) == ["payment_unknown"]


def test_a_charge_that_the_processor_confirms_is_posted_told_and_kept_with_the_reason(desk: Desk) -> None:
    payment = unknown_for_a_day(desk)
    assert [one.confirmation_number for one in desk.payments.resolving.listed()] == [
        payment.confirmation_number
    ]
    assert desk.payments.resolving.charged(payment.confirmation_number, "pi_1", **WHO) == "charged"
    assert (desk.only_payment().state, desk.only_payment().processor_id) == ("succeeded", "pi_1")
    assert desk.balance == 0
    assert told(desk, RECEIPT) == 1
    assert decisions(desk) == [("ana", "succeeded", "saw it in the dashboard")]
    assert open_tasks(desk) == []
    assert desk.payments.resolving.listed() == []


def test_what_was_given_back_of_the_charge_is_posted_with_it(desk: Desk) -> None:
    payment = unknown_for_a_day(desk)
    desk.gateway.refund_by_hand("pi_1", 2000)
    desk.payments.resolving.charged(payment.confirmation_number, "pi_1", **WHO)
    assert (desk.only_payment().state, desk.balance) == ("partially_refunded", 2000)


def test_said_twice_or_by_two_clerks_at_once_it_is_posted_once(desk: Desk) -> None:
    payment = unknown_for_a_day(desk)
    gate = threading.Barrier(4)

    def decide(_: int) -> str:
        gate.wait(timeout=30)
        try:
            return desk.payments.resolving.charged(payment.confirmation_number, "pi_1", **WHO)
        except ResolveNotPossible as sentence:
            return str(sentence)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(decide, range(4)))
    assert answers.count("charged") == 1
    assert set(answers) <= {"charged", "already", "It ended meanwhile: the payment is succeeded."}
    assert desk.payments.resolving.charged(payment.confirmation_number, "pi_1", **WHO) == "already"
    assert desk.balance == 0
    assert len(decisions(desk)) == told(desk, RECEIPT) == 1


def test_no_charge_that_the_processor_confirms_is_closed_told_and_can_be_paid_again(desk: Desk) -> None:
    payment = unknown_for_a_day(desk, "lost")
    number = payment.confirmation_number
    assert desk.payments.resolving.not_charged(number, **WHO) == "not_charged"
    assert desk.payments.resolving.not_charged(number, **WHO) == "already"
    assert (desk.only_payment().state, desk.balance) == ("not_charged", 8420)
    assert told(desk, NOT_CHARGED) == 1
    assert decisions(desk) == [("ana", "not_charged", "saw it in the dashboard")]
    with pytest.raises(ResolveNotPossible, match="is not_charged: that does not change"):
        desk.payments.resolving.charged(number, "pi_1", **WHO)
    desk.pay(turn="turn_2")
    assert (desk.balance, desk.gateway.taken_cents) == (0, 8420)


def test_a_charge_that_arrives_after_it_was_closed_by_hand_goes_back(desk: Desk) -> None:
    payment = unknown_for_a_day(desk, "lost")
    desk.payments.resolving.not_charged(payment.confirmation_number, **WHO)
    desk.gateway.arrive_late(payment.id)
    desk.payments.take_notice(
        ProcessorNotice("evt_1", "payment_intent.succeeded", "pi_1", payment.id, "pi_1")
    )
    desk.payments.handle_notices()
    assert (desk.only_payment().state, desk.balance, desk.gateway.taken_cents) == ("not_charged", 8420, 0)


def test_a_declined_charge_is_closed_as_declined_whatever_the_clerk_calls_it(desk: Desk) -> None:
    payment = unknown_for_a_day(desk, "processing")
    desk.gateway.finish_processing(payment.id, "declined")
    assert desk.payments.resolving.not_charged(payment.confirmation_number, **WHO) == "declined"
    assert (desk.only_payment().state, told(desk, "did not go through")) == ("declined", 1)


def charge_of_another(desk: Desk, payment: Payment) -> None:
    [key] = desk.gateway.charges
    desk.gateway.charges[key] = replace(desk.gateway.charges[key], payment_id="pay_of_somebody_else")


def charge_over_another_amount(desk: Desk, payment: Payment) -> None:
    [key] = desk.gateway.charges
    desk.gateway.charges[key] = replace(desk.gateway.charges[key], amount_cents=8421)


def charge_that_failed(desk: Desk, payment: Payment) -> None:
    [key] = desk.gateway.charges
    desk.gateway.charges[key] = replace(desk.gateway.charges[key], state="declined")


def no_such_charge(desk: Desk, payment: Payment) -> None:
    desk.gateway.charges.clear()


def silent_processor(desk: Desk, payment: Payment) -> None:
    desk.gateway.is_down = True


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (charge_of_another, "pi_1 is not payment"),
        (charge_over_another_amount, r"is over \$84.21, payment \d+ over \$84.20"),
        (charge_that_failed, "has taken no money"),
        (no_such_charge, "has no pi_1"),
        (silent_processor, "does not answer"),
    ],
)
def test_a_charge_that_the_processor_does_not_confirm_is_not_believed(
    desk: Desk, spoil: Callable[[Desk, Payment], None], sentence: str
) -> None:
    payment = unknown_for_a_day(desk)
    spoil(desk, payment)
    with pytest.raises(ResolveNotPossible, match=sentence):
        desk.payments.resolving.charged(payment.confirmation_number, "pi_1", **WHO)
    require_nothing_changed(desk)


@pytest.mark.parametrize(
    ("bank", "is_down", "sentence"),
    [
        ("taken", False, r"lists pi_1 over \$84.20 for it"),
        ("processing", False, "still works on pi_1"),
        ("lost", True, "does not answer"),
    ],
)
def test_no_charge_is_not_believed_while_the_processor_lists_one_or_says_nothing(
    desk: Desk, bank: str, is_down: bool, sentence: str
) -> None:
    payment = unknown_for_a_day(desk, bank)
    desk.gateway.is_down = is_down
    with pytest.raises(ResolveNotPossible, match=sentence):
        desk.payments.resolving.not_charged(payment.confirmation_number, **WHO)
    require_nothing_changed(desk)


def test_a_charge_over_a_wrong_amount_can_be_closed_when_all_of_it_went_back(desk: Desk) -> None:
    payment = unknown_for_a_day(desk)
    charge_over_another_amount(desk, payment)
    with pytest.raises(ResolveNotPossible, match="lists pi_1"):
        desk.payments.resolving.not_charged(payment.confirmation_number, **WHO)
    desk.gateway.refund_by_hand("pi_1", 8421)
    assert desk.payments.resolving.not_charged(payment.confirmation_number, **WHO) == "not_charged"
    assert (desk.balance, desk.gateway.taken_cents) == (8420, 0)


def test_a_payment_that_is_still_being_looked_up_is_left_to_the_lookups(desk: Desk) -> None:
    number = pay_into_the_dark(desk).confirmation_number
    assert desk.payments.resolving.listed() == []
    with pytest.raises(ResolveNotPossible, match="still being looked up"):
        desk.payments.resolving.charged(number, "pi_1", **WHO)
    with pytest.raises(ResolveNotPossible, match="still being looked up"):
        desk.payments.resolving.not_charged(number, **WHO)


def test_a_decision_needs_a_payment_a_name_and_a_reason_and_keeps_no_card_number(desk: Desk) -> None:
    payment = unknown_for_a_day(desk)
    number = payment.confirmation_number
    with pytest.raises(ResolveNotPossible, match="There is no payment 00000000"):
        desk.payments.resolving.charged("00000000", "pi_1", **WHO)
    for by, why in (("", "saw it"), ("ana", " ")):
        with pytest.raises(ResolveNotPossible, match="needs a reason"):
            desk.payments.resolving.charged(number, "pi_1", by=by, why=why)
    desk.payments.resolving.charged(number, "pi_1", by="ana", why="her card 4242 4242 4242 4242 shows it")
    assert "4242 4242" not in decisions(desk)[0][2]


def test_news_that_comes_between_the_look_and_the_word_wins(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = unknown_for_a_day(desk)
    listed = desk.payments.lookup.listed

    def look_and_be_overtaken(row: Payment) -> None:
        outcome = listed(row)
        assert outcome is not None
        desk.payments.lookup.settle(row.id, outcome, None)

    monkeypatch.setattr(desk.payments.lookup, "listed", look_and_be_overtaken)
    with pytest.raises(ResolveNotPossible, match="It ended meanwhile: the payment is succeeded"):
        desk.payments.resolving.not_charged(payment.confirmation_number, **WHO)
    assert (desk.balance, decisions(desk)) == (0, [])
