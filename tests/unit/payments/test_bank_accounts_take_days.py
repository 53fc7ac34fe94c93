"""A payment from a bank account is pending for days: told apart from paid, and paid or refused later."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant.errors import (
    PaymentDeclined,
    PaymentPending,
    PaymentRefused,
    PaymentUnknown,
    ProcessorUnreachable,
)
from assistant.handoff.models import HandoffRequest
from assistant.payments.autopay_views import AutopayOptions
from assistant.payments.gateway import ChargeOutcome, ChargeRequest, ProcessorNotice
from assistant.payments.models import Payment
from tests.unit.payments.conftest import Desk
from tests.unit.payments.later_steps import (
    autopay_rows,
    day_by_day,
    enroll,
    go_to,
    payments,
    rounds,
    schedule,
    scheduled_row,
)

DUE_ON = date(2026, 12, 3)


@pytest.fixture
def bank_desk(desk: Desk, tmp_path: Path) -> Desk:
    """A member with a bank account on file, at a bank that takes its days."""
    desk.bank_account(tmp_path)
    desk.gateway.without_plan = lambda _request: "processing"
    return desk


def bank_of(desk: Desk) -> str:
    return desk.payments.saved_methods.saved(desk.account.id)[0].id


def send(desk: Desk, turn: str = "turn_1") -> Payment:
    with pytest.raises(PaymentPending):
        desk.pay(turn=turn)
    return desk.only_payment()


def news(desk: Desk, state: str, *, code: str = "", event: str = "evt_bank") -> None:
    """The bank made up its mind about the first payment, and the processor tells."""
    payment = payments(desk)[0]
    desk.gateway.finish_processing(payment.id, state, code)
    kind = {"succeeded": "succeeded", "declined": "payment_failed"}[state]
    intent = str(payment.processor_id)
    desk.payments.take_notice(ProcessorNotice(event, f"payment_intent.{kind}", intent, payment.id, intent))
    desk.payments.handle_notices()


def told(desk: Desk, words: str) -> int:
    return sum(words in body for body in desk.queued())


def test_a_bank_payment_is_pending_and_not_in_the_balance(bank_desk: Desk) -> None:
    with pytest.raises(PaymentPending) as pending:
        bank_desk.pay()
    payment = bank_desk.only_payment()
    assert payment.state == "pending"
    assert pending.value.params["amount_cents"] == 8420
    assert pending.value.params["confirmation_number"] == payment.confirmation_number
    assert pending.value.params["method"].last_four == "6789"
    assert bank_desk.balance == 8420
    assert bank_desk.ledger_sum(f"payment:{payment.id}") == 0
    status = bank_desk.payments.last_status(bank_desk.account.id)
    assert status is not None
    assert status.state == "pending"


def test_it_is_charged_to_the_customer_that_the_mandate_came_with(bank_desk: Desk) -> None:
    send(bank_desk)
    [request] = bank_desk.gateway.requests.values()
    assert (request.customer_id, request.method_id) == ("cus_bank", "pm_bank")


def test_the_member_hears_of_the_days_once_and_by_reply_or_by_text(bank_desk: Desk) -> None:
    send(bank_desk)
    assert told(bank_desk, "on its way") == 1
    bank_desk.payments.told_in_reply("turn_1")
    assert told(bank_desk, "on its way") == 0
    assert bank_desk.only_payment().told_at is None, "how it ends is still to be told"


def test_when_the_bank_pays_it_is_posted_once_and_the_receipt_goes_out(bank_desk: Desk) -> None:
    payment = send(bank_desk)
    bank_desk.payments.told_in_reply("turn_1")
    bank_desk.clock.advance(timedelta(days=4))
    news(bank_desk, "succeeded")
    news(bank_desk, "succeeded", event="evt_again")
    assert bank_desk.only_payment().state == "succeeded"
    assert bank_desk.balance == 0
    assert bank_desk.ledger_sum(f"payment:{payment.id}") == 0, "two rows that sum to zero"
    assert told(bank_desk, "we received your payment of $84.20") == 1


def test_when_the_bank_says_no_nothing_is_posted_and_the_member_is_told_of_the_bank(bank_desk: Desk) -> None:
    send(bank_desk)
    bank_desk.clock.advance(timedelta(days=3))
    news(bank_desk, "declined")
    assert bank_desk.only_payment().state == "declined"
    assert bank_desk.balance == 8420
    assert told(bank_desk, "your bank did not pay") == 1
    assert not [body for body in bank_desk.queued() if "card" in body]


def test_without_any_webhook_the_bank_is_asked_once_a_day(bank_desk: Desk) -> None:
    send(bank_desk)
    for _ in range(2):
        bank_desk.clock.advance(timedelta(hours=1))
        assert bank_desk.payments.sweep() == 0
        bank_desk.clock.advance(timedelta(hours=23))
        assert bank_desk.payments.sweep() == 1
        assert bank_desk.only_payment().state == "pending"
    bank_desk.gateway.finish_processing(bank_desk.only_payment().id, "succeeded")
    bank_desk.clock.advance(timedelta(days=1))
    bank_desk.payments.sweep()
    assert bank_desk.only_payment().state == "succeeded"


def test_nobody_is_promised_an_answer_within_the_hour_nor_called_after_a_day(bank_desk: Desk) -> None:
    send(bank_desk)
    bank_desk.payments.told_in_reply("turn_1")
    for hours in (1, 5, 18, 24):
        bank_desk.clock.advance(timedelta(hours=hours))
        bank_desk.payments.sweep()
    assert bank_desk.queued() == []
    with bank_desk.db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(HandoffRequest)) == 0


def test_a_debit_that_never_ends_is_given_to_a_person_after_two_weeks(bank_desk: Desk) -> None:
    send(bank_desk)
    for _ in range(5):
        bank_desk.clock.advance(timedelta(days=4))
        bank_desk.payments.sweep()
    assert bank_desk.only_payment().state == "pending"
    with bank_desk.db.read() as tx:
        [task] = tx.scalars(select(HandoffRequest))
    assert "still with the bank after 14 days" in task.summary


def test_a_crash_behind_the_call_is_found_and_becomes_pending(bank_desk: Desk) -> None:
    charge = bank_desk.gateway.charge

    def die(request: ChargeRequest) -> ChargeOutcome:
        charge(request)
        raise ProcessorUnreachable("the answer was lost")

    bank_desk.gateway.charge = die  # type: ignore[method-assign]
    with pytest.raises(PaymentUnknown):
        bank_desk.pay()
    bank_desk.clock.advance(timedelta(minutes=2))
    bank_desk.payments.sweep()
    assert bank_desk.only_payment().state == "pending"
    assert told(bank_desk, "on its way") == 1


def test_another_payment_is_asked_about_first_while_one_is_pending(bank_desk: Desk) -> None:
    send(bank_desk)
    with pytest.raises(PaymentRefused, match="duplicate_of_pending") as asked:
        bank_desk.draft(5000)
    assert asked.value.params["pending_cents"] == 8420
    bank_desk.draft(5000, twice_is_fine=True)


def test_a_bank_that_says_no_at_once_is_a_decline(bank_desk: Desk) -> None:
    bank_desk.gateway.plan = ["account_closed"]
    with pytest.raises(PaymentDeclined, match="payment_declined_details"):
        bank_desk.pay()


def test_a_scheduled_payment_from_a_bank_account_is_pending_and_then_paid(bank_desk: Desk) -> None:
    set_for = schedule(bank_desk, date(2026, 11, 30), method_id=bank_of(bank_desk))
    go_to(bank_desk, date(2026, 11, 30))
    rounds(bank_desk)
    assert scheduled_row(bank_desk, set_for.id).state == "drafted"
    assert bank_desk.only_payment().state == "pending"
    assert told(bank_desk, "on its way") == 1
    news(bank_desk, "succeeded")
    assert (bank_desk.balance, bank_desk.only_payment().state) == (0, "succeeded")


def autopay_states(desk: Desk) -> list[str]:
    return [row.state for row in autopay_rows(desk)]


def test_autopay_from_a_bank_account_waits_for_the_bank_and_is_paid_then(bank_desk: Desk) -> None:
    enroll(bank_desk, method_id=bank_of(bank_desk))
    rounds(bank_desk)
    assert told(bank_desk, "autopay will pay $84.20 with bank account 6789") == 1
    go_to(bank_desk, DUE_ON)
    rounds(bank_desk)
    assert (bank_desk.only_payment().state, autopay_states(bank_desk)) == ("pending", ["sent"])
    day_by_day(bank_desk, DUE_ON + timedelta(days=3))
    assert autopay_states(bank_desk) == ["sent"]
    news(bank_desk, "succeeded")
    rounds(bank_desk)
    assert (autopay_states(bank_desk), bank_desk.balance) == (["paid"], 0)


def test_autopay_from_an_account_that_is_closed_is_not_tried_again(bank_desk: Desk) -> None:
    enroll(bank_desk, method_id=bank_of(bank_desk))
    rounds(bank_desk)
    go_to(bank_desk, DUE_ON)
    rounds(bank_desk)
    news(bank_desk, "declined", code="account_closed")
    day_by_day(bank_desk, DUE_ON + timedelta(days=5))
    assert (bank_desk.only_payment().state, autopay_states(bank_desk)) == ("declined", ["failed"])


def test_autopay_takes_nothing_while_the_same_bill_is_being_paid_from_the_bank(bank_desk: Desk) -> None:
    enroll(bank_desk, method_id=bank_of(bank_desk))
    rounds(bank_desk)
    go_to(bank_desk, DUE_ON - timedelta(days=1))
    send(bank_desk)
    day_by_day(bank_desk, DUE_ON + timedelta(days=10))
    assert bank_desk.only_payment().state == "pending", "nothing was taken twice"
    assert autopay_states(bank_desk) == ["skipped"]
    assert told(bank_desk, "autopay could not pay") == 0


def test_autopay_takes_what_a_smaller_bank_payment_leaves(bank_desk: Desk) -> None:
    enroll(bank_desk, method_id=bank_of(bank_desk))
    rounds(bank_desk)
    go_to(bank_desk, DUE_ON - timedelta(days=1))
    with pytest.raises(PaymentPending):
        bank_desk.pay(5000)
    go_to(bank_desk, DUE_ON)
    rounds(bank_desk)
    assert sorted(one.amount_cents for one in payments(bank_desk)) == [3420, 5000]


def test_a_scheduled_payment_waits_for_what_is_on_its_way(bank_desk: Desk) -> None:
    set_for = schedule(bank_desk, date(2026, 11, 30), method_id=bank_of(bank_desk))
    send(bank_desk, turn="turn_now")
    go_to(bank_desk, date(2026, 11, 30))
    rounds(bank_desk)
    assert scheduled_row(bank_desk, set_for.id).state == "scheduled"
    news(bank_desk, "declined", code="insufficient_funds")
    rounds(bank_desk)
    assert scheduled_row(bank_desk, set_for.id).state == "drafted"


@pytest.mark.parametrize(("paid_cents", "first_cents"), [(8420, None), (5000, 3420)])
def test_autopay_is_read_back_without_what_the_bank_is_collecting(
    bank_desk: Desk, paid_cents: int, first_cents: int | None
) -> None:
    with pytest.raises(PaymentPending):
        bank_desk.pay(paid_cents)
    options = AutopayOptions(bank_of(bank_desk))
    first = bank_desk.payments.autopay.offer(session_id=bank_desk.session, options=options).first
    assert (first.amount_cents if first else None) == first_cents
