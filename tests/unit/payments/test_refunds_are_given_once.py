"""Refunds on the office's word: given once, posted once, told once, and put back when they come back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.audit import AuditEvent
from assistant.errors import PaymentUnknown, RefundNotPossible
from assistant.handoff.models import HandoffRequest
from assistant.payments.gateway import ProcessorNotice
from assistant.payments.refunding import RefundView
from assistant.payments.return_models import Refund
from tests.unit.payments.conftest import Desk


def give_back(desk: Desk, number: str, cents: int | None = None, *, again: bool = False) -> RefundView:
    return desk.payments.refunding.give_back(
        number, amount_cents=cents, reason="paid twice", by="ana", is_again=again
    )


def number_of_paid(desk: Desk, cents: int = 8420) -> str:
    return desk.pay(cents).confirmation_number


def told(desk: Desk, words: str) -> int:
    return sum(words in body for body in desk.queued())


def tasks(desk: Desk) -> list[str]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(HandoffRequest.topic).where(HandoffRequest.state == "open")))


def news_of(desk: Desk, kind: str, event_id: str = "evt_1") -> None:
    desk.payments.take_notice(ProcessorNotice(event_id, kind, "re_1", desk.only_payment().id, "pi_1"))
    desk.payments.handle_notices()


def test_a_part_is_given_back_posted_and_told(desk: Desk) -> None:
    view = give_back(desk, number_of_paid(desk), 2000)
    assert (view.state, view.amount_cents, view.left_cents) == ("succeeded", 2000, 6420)
    assert desk.balance == 2000
    payment = desk.only_payment()
    assert (payment.state, payment.refunded_cents) == ("partially_refunded", 2000)
    assert desk.ledger_sum(f"refund:{view.id}") == 0
    assert told(desk, "$20.00 of your payment") == 1
    news_of(desk, "charge.refunded")
    assert desk.balance == 2000
    assert told(desk, "was given back") == 1


def test_without_an_amount_all_that_is_left_goes_back(desk: Desk) -> None:
    number = number_of_paid(desk)
    give_back(desk, number, 2000)
    assert give_back(desk, number).amount_cents == 6420
    assert desk.only_payment().state == "refunded"
    assert desk.balance == 8420
    with pytest.raises(RefundNotPossible, match="given back already"):
        give_back(desk, number)


def test_who_gives_back_and_why_is_on_record(desk: Desk) -> None:
    view = give_back(desk, number_of_paid(desk))
    with desk.db.read() as tx:
        row = tx.get_one(Refund, view.id)
        [asked] = tx.scalars(select(AuditEvent).where(AuditEvent.action == "refund_asked"))
    assert (row.reason, row.asked_by, asked.actor) == ("paid twice", "ana", "ana")
    with pytest.raises(RefundNotPossible, match="a reason and the name"):
        desk.payments.refunding.give_back("12345678", amount_cents=None, reason=" ", by="ana")


def test_the_same_amount_within_a_day_wants_to_be_meant(desk: Desk) -> None:
    number = number_of_paid(desk)
    give_back(desk, number, 2000)
    with pytest.raises(RefundNotPossible, match=r"\$20.00 of payment \d+ was given back .* by ana"):
        give_back(desk, number, 2000)
    assert give_back(desk, number, 2000, again=True).left_cents == 4420
    desk.clock.advance(timedelta(hours=25))
    assert give_back(desk, number, 2000).left_cents == 2420


@pytest.mark.parametrize("cents", [0, -1, 8421])
def test_no_more_than_was_paid_and_no_less_than_a_cent(desk: Desk, cents: int) -> None:
    number = number_of_paid(desk)
    with pytest.raises(RefundNotPossible, match=r"Of payment \d+ \$84.20 can be given back"):
        give_back(desk, number, cents)
    assert desk.gateway.refunds == {}


def test_money_that_was_not_taken_cannot_go_back(desk: Desk) -> None:
    desk.gateway.plan = ["taken"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    with pytest.raises(RefundNotPossible, match="no money was taken"):
        give_back(desk, desk.only_payment().confirmation_number)
    with pytest.raises(RefundNotPossible, match="There is no payment 00000000"):
        give_back(desk, "00000000")


def test_a_payment_that_the_bank_asks_back_is_not_given_back_too(desk: Desk) -> None:
    number = number_of_paid(desk)
    desk.gateway.dispute("pi_1", "open")
    news_of(desk, "charge.dispute.created")
    with pytest.raises(RefundNotPossible, match="asks payment"):
        give_back(desk, number)


def test_a_refund_that_a_clock_ahead_put_off_for_a_year_is_finished_when_the_clock_is_right(
    desk: Desk,
) -> None:
    number = number_of_paid(desk)
    desk.clock.jump(timedelta(days=400))
    desk.gateway.refund_plan = ["taken"]
    assert give_back(desk, number, 2000).state == "unknown"
    desk.clock.jump(timedelta(days=-400))
    desk.clock.advance(timedelta(minutes=2))
    assert desk.payments.refunding.finish_due() == 1
    assert (desk.balance, len(desk.gateway.refunds)) == (2000, 1)
    assert desk.payments.refunding.finish_due() == 0


def test_an_answer_that_was_lost_is_found_and_not_given_twice(desk: Desk) -> None:
    number = number_of_paid(desk)
    desk.gateway.refund_plan = ["taken"]
    assert give_back(desk, number, 2000).state == "unknown"
    # Asked again at once: it is under way.
    assert give_back(desk, number, 2000).state == "unknown"
    with pytest.raises(RefundNotPossible, match="still under way"):
        give_back(desk, number, 1000)
    desk.clock.advance(timedelta(minutes=2))
    assert desk.payments.refunding.finish_due() == 1
    assert desk.balance == 2000
    assert len(desk.gateway.refunds) == 1
    assert desk.payments.refunding.finish_due() == 0


def test_a_refund_that_never_arrived_is_sent_again_with_the_same_key(desk: Desk) -> None:
    number = number_of_paid(desk)
    desk.gateway.refund_plan = ["lost"]
    first = give_back(desk, number, 2000)
    desk.clock.advance(timedelta(minutes=2))
    again = give_back(desk, number, 2000)
    assert (again.id, again.state) == (first.id, "succeeded")
    assert list(desk.gateway.refunds) == [f"porchlight-{first.id}"]


def test_after_a_day_nothing_is_sent_any_more_and_a_person_knows(desk: Desk) -> None:
    number = number_of_paid(desk)
    desk.gateway.refund_plan = ["lost"]
    view = give_back(desk, number, 2000)
    desk.gateway.is_down = True
    desk.clock.advance(timedelta(hours=21))
    desk.payments.refunding.finish_due()
    assert desk.payments.refunding.view(view.id).state == "unknown"
    desk.gateway.is_down = False
    desk.clock.advance(timedelta(hours=6))
    desk.payments.refunding.finish_due()
    assert desk.payments.refunding.view(view.id).state == "not_made"
    assert desk.gateway.refunds == {}
    assert tasks(desk) == ["refund_not_made"]
    assert desk.balance == 0
    # What turns up after all is posted all the same.
    desk.gateway.refund_by_hand("pi_1", 2000)
    news_of(desk, "refund.created")
    assert desk.balance == 2000


def test_a_refund_that_the_processor_refuses_moves_nothing(desk: Desk) -> None:
    number = number_of_paid(desk)
    desk.gateway.refuses_refunds = True
    assert give_back(desk, number).state == "refused"
    assert desk.balance == 0
    desk.gateway.refuses_refunds = False
    assert give_back(desk, number).state == "succeeded"


def test_a_refund_that_comes_back_later_counts_as_paid_again_and_is_told(desk: Desk) -> None:
    view = give_back(desk, number_of_paid(desk), 2000)
    desk.gateway.move_refund("re_1", "failed")
    for event in ("evt_1", "evt_2"):
        news_of(desk, "refund.failed", event)
    assert desk.balance == 0
    assert (desk.only_payment().state, desk.only_payment().refunded_cents) == ("succeeded", 0)
    assert desk.payments.refunding.view(view.id).state == "failed"
    assert told(desk, "your bank did not take it") == 1
    assert tasks(desk) == ["refund_failed"]
    assert desk.books() == {"member": 0, "clearing": 8420}


def test_a_refund_that_waits_is_posted_and_looked_at_without_a_webhook(desk: Desk) -> None:
    desk.gateway.refund_plan = ["pending"]
    view = give_back(desk, number_of_paid(desk), 2000)
    assert view.state == "pending"
    assert desk.balance == 2000
    desk.gateway.move_refund("re_1", "succeeded")
    desk.clock.advance(timedelta(days=1, minutes=1))
    assert desk.payments.refunding.finish_due() == 1
    assert desk.payments.refunding.view(view.id).state == "succeeded"
    assert desk.balance == 2000
    assert told(desk, "was given back") == 1


def test_of_two_clerks_at_once_one_gives_the_money(desk: Desk) -> None:
    number = number_of_paid(desk)
    with ThreadPoolExecutor(4) as pool:
        views = list(pool.map(lambda _: _ask(desk, number), range(4)))
    assert len(desk.gateway.refunds) == 1
    assert desk.balance == 8420
    assert {view.id for view in views if view is not None} == {desk_refund(desk)}


def _ask(desk: Desk, number: str) -> RefundView | None:
    try:
        return give_back(desk, number)
    except RefundNotPossible:
        return None


def desk_refund(desk: Desk) -> str:
    with desk.db.read() as tx:
        return tx.scalars(select(Refund.id)).one()


def test_a_fee_goes_back_last_and_is_never_owed(desk: Desk) -> None:
    desk.settings.fee_cents = 250
    number = number_of_paid(desk)
    give_back(desk, number, 8500)
    assert desk.books() == {"member": 8420, "clearing": 170, "income": -170}
    assert give_back(desk, number).amount_cents == 170
    assert desk.books() == {"member": 8420, "clearing": 0, "income": 0}
