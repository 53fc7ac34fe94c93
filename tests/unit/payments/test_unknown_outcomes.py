"""Payments whose outcome is not known: looked up on time, told when promised, whatever clocks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from assistant.clock import SystemClock
from assistant.errors import PaymentRefused, PaymentUnknown
from assistant.handoff.models import HandoffRequest
from assistant.observability import done_one_by_one
from assistant.payments.gateway import ProcessorNotice
from assistant.payments.lookup_times import LOOKUP_AFTER, next_lookup
from assistant.payments.models import Payment, PaymentAttempt
from tests.factories import Factory
from tests.fake_gateway import OneKeyTwoRequests
from tests.unit.payments.conftest import Desk

HOURS_25 = 25 * 60


def pay_into_the_dark(desk: Desk, bank: str = "lost") -> datetime:
    """A charge without an answer; returns when the member was promised word."""
    desk.gateway.plan = [bank]
    with pytest.raises(PaymentUnknown) as told:
        desk.pay()
    promised: datetime = told.value.params["told_by"]
    return promised


def pass_minutes(desk: Desk, minutes: int, step: int = 1) -> None:
    for _ in range(0, minutes, step):
        desk.clock.advance(timedelta(minutes=step))
        desk.payments.sweep()


def lookups(desk: Desk) -> list[datetime]:
    with desk.db.read() as tx:
        kind = PaymentAttempt.kind == "lookup"
        return list(tx.scalars(select(PaymentAttempt.started_at).where(kind).order_by(PaymentAttempt.id)))


def topics(desk: Desk) -> list[str]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(HandoffRequest.topic).where(HandoffRequest.state == "open")))


def told(desk: Desk, words: str) -> int:
    return sum(words in body for body in desk.queued())


def test_lookups_follow_the_schedule_and_then_come_daily(desk: Desk) -> None:
    started = desk.clock.now()
    pay_into_the_dark(desk)
    desk.gateway.is_down = True
    pass_minutes(desk, 6 * 60 + 1)
    pass_minutes(desk, 3 * HOURS_25, step=60)
    after = [moment - started for moment in lookups(desk)]
    assert after[:5] == list(LOOKUP_AFTER[:5])
    assert after[5] - LOOKUP_AFTER[5] < timedelta(minutes=60)
    assert [round((later - earlier) / timedelta(days=1)) for earlier, later in pairwise(after[5:])] == [1, 1]
    assert topics(desk) == ["payment_unknown"]
    assert told(desk, "Our office now asks the bank and will call you by Nov 24") == 1


def test_two_accounts_paid_into_the_dark_in_one_session_are_two_tasks(desk: Desk, factory: Factory) -> None:
    other = factory.account("1000000002", phone="")
    pay_into_the_dark(desk)
    first_id = desk.only_payment().id
    with desk.db.write() as tx:
        payment = tx.get_one(Payment, first_id)
        copied = {
            column.key: getattr(payment, column.key)
            for column in Payment.__table__.columns
            if column.key not in ("draft_id", "id")
        }
        changes = {"account_id": other.id, "confirmation_number": "12345678", "idempotency_key": "key_2"}
        tx.add(Payment(**copied | changes, id="pay_2"))
    desk.gateway.is_down = True
    pass_minutes(desk, 2 * HOURS_25, step=60)
    assert topics(desk).count("payment_unknown") == 2


def test_a_differing_amount_is_asked_about_once_and_blocks_no_longer(desk: Desk) -> None:
    pay_into_the_dark(desk, "taken")
    payment = desk.only_payment()
    [key] = desk.gateway.charges
    desk.gateway.charges[key] = replace(desk.gateway.charges[key], amount_cents=8000)
    for count in range(2):
        desk.payments.take_notice(
            ProcessorNotice(f"evt_{count}", "payment_intent.succeeded", "pi_1", payment.id, "pi_1")
        )
        desk.payments.handle_notices()
    with desk.db.read() as tx:
        [task] = tx.scalars(select(HandoffRequest))
    assert (task.topic, task.session_id) == ("payment_amount_differs", None)
    desk.verify()
    method_id = desk.payments.saved_methods.saved(desk.account.id)[0].id
    assert desk.draft(5000, method_id=method_id).amount_cents == 5000


def test_the_member_is_told_at_the_promised_minute_also_when_it_is_still_not_known(desk: Desk) -> None:
    promised = pay_into_the_dark(desk)
    desk.gateway.is_down = True
    while desk.clock.now() < promised - timedelta(minutes=1):
        pass_minutes(desk, 1)
    assert told(desk, "we still do not know") == 0
    pass_minutes(desk, 1)
    assert desk.clock.now() == promised
    assert told(desk, "we still do not know if your payment of $84.20 went through") == 1
    pass_minutes(desk, 120)
    assert told(desk, "we still do not know") == 1
    desk.gateway.is_down = False
    pass_minutes(desk, 2 * HOURS_25, step=60)
    assert told(desk, "was not charged") == 1


def test_who_knows_in_time_is_told_once_and_no_later_word_follows(desk: Desk) -> None:
    pay_into_the_dark(desk, "taken")
    pass_minutes(desk, 120)
    assert told(desk, "we received your payment") == 1
    assert told(desk, "we still do not know") == 0


def test_a_bank_that_stays_undecided_is_looked_up_without_a_webhook_and_blocks_for_a_day_only(
    desk: Desk,
) -> None:
    pay_into_the_dark(desk, "processing")
    method_id = desk.payments.saved_methods.saved(desk.account.id)[0].id
    with pytest.raises(PaymentRefused, match="payment_in_progress"):
        desk.draft(5000, method_id=method_id)
    pass_minutes(desk, HOURS_25, step=30)
    assert topics(desk) == ["payment_unknown"]
    desk.verify()
    # The same amount may be the same bill: it is asked about, however old the first one is.
    desk.clock.advance(timedelta(days=3))
    desk.verify()
    with pytest.raises(PaymentRefused, match="duplicate_payment"):
        desk.draft(8420, method_id=method_id)
    assert desk.draft(5000, method_id=method_id).amount_cents == 5000
    desk.gateway.finish_processing(desk.only_payment().id, "succeeded")
    pass_minutes(desk, HOURS_25, step=60)
    assert desk.balance == 0
    assert len(desk.gateway.charges) == 1


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=30), timedelta(days=400)])
def test_a_clock_that_jumps_ahead_shortens_no_quiet_period(desk: Desk, jump: timedelta) -> None:
    """The charge is on its way for ten minutes; only then does the bank hear of it."""
    pay_into_the_dark(desk)
    payment_id = desk.only_payment().id
    for minute in range(10):
        desk.clock.jump(jump if minute == 0 else timedelta(hours=2))
        pass_minutes(desk, 1)
        assert desk.only_payment().state == "unknown"
    desk.gateway.arrive_late(payment_id)
    pass_minutes(desk, 26 * 60, step=10)
    assert desk.only_payment().state == "succeeded"
    assert desk.gateway.taken_cents == 8420
    assert desk.balance == 0


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-3), timedelta(days=-400)])
def test_a_clock_that_is_set_back_strands_no_payment(desk: Desk, jump: timedelta) -> None:
    pay_into_the_dark(desk)
    desk.clock.jump(jump)
    pass_minutes(desk, 4 * 60, step=5)
    assert desk.only_payment().state == "not_charged"
    assert desk.gateway.charges == {}


@pytest.mark.parametrize("ahead", [timedelta(minutes=30), timedelta(hours=2), timedelta(days=20)])
def test_a_charge_sent_while_our_clock_ran_ahead_is_found_by_the_processors_time(
    desk: Desk, ahead: timedelta
) -> None:
    """Our time of submission is later than the charge; asking for later ones only would find none."""
    pay_into_the_dark(desk, "taken")
    [key] = desk.gateway.charges
    made_at = desk.clock.now() - ahead
    desk.gateway.charges[key] = replace(desk.gateway.charges[key], created_at=made_at)
    pass_minutes(desk, 60)
    assert desk.only_payment().state == "succeeded"
    assert desk.balance == 0


def test_a_quiet_period_is_counted_anew_where_ticks_cannot_be_compared(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine, or this one started again: its own lookups must span the quiet period."""
    pay_into_the_dark(desk)
    ticks = desk.clock.ticks
    monkeypatch.setattr(desk.clock, "ticks", lambda: type(ticks())("another", ticks().ms + 10**9))
    pass_minutes(desk, 16)
    assert desk.only_payment().state == "unknown"
    pass_minutes(desk, 60)
    assert desk.only_payment().state == "not_charged"


def test_a_lookup_that_came_late_leaves_time_before_the_next() -> None:
    sent = datetime(2026, 11, 23, 15, tzinfo=UTC)
    late = sent + timedelta(days=2)
    assert next_lookup(sent, 1, sent + timedelta(minutes=1)) == sent + timedelta(minutes=5)
    assert next_lookup(sent, 1, late) == late + timedelta(minutes=2)
    assert next_lookup(sent, 6, late) == late + timedelta(days=1)
    assert next_lookup(sent, 20, sent + timedelta(days=14)) is None


def test_ticks_of_one_machine_only_grow() -> None:
    clock = SystemClock("America/New_York")
    first, second = clock.ticks(), clock.ticks()
    assert first.source == second.source != ""
    assert 0 < first.ms <= second.ms


def test_no_round_of_the_worker_passes_over_one_key_with_two_requests(desk: Desk) -> None:
    """The worker goes on behind a row that breaks; a test must not."""
    desk.pay()
    [request] = desk.gateway.requests.values()

    def charge_more(cents: int) -> bool:
        return bool(desk.gateway.charge(replace(request, amount_cents=cents)))

    with pytest.raises(OneKeyTwoRequests):
        done_one_by_one("anything", charge_more, [8421])


def test_a_webhook_ends_the_waiting_and_the_promise(desk: Desk) -> None:
    pay_into_the_dark(desk, "processing")
    payment_id = desk.only_payment().id
    desk.gateway.finish_processing(payment_id, "succeeded")
    desk.payments.take_notice(
        ProcessorNotice("evt_1", "payment_intent.succeeded", "pi_1", payment_id, "pi_1")
    )
    desk.payments.handle_notices()
    pass_minutes(desk, 120)
    assert lookups(desk) == []
    assert told(desk, "we still do not know") == 0
