"""A payment set for a later day is made on that day, once, and can be changed until a day before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from assistant.billing.models import Account
from assistant.errors import DraftRefused, NotVerified, PaymentRefused, Refusal
from assistant.handoff.models import HandoffRequest
from assistant.payments.models import ProcessorCustomer
from assistant.payments.scheduled import ScheduledView
from tests.factories import Factory
from tests.unit.payments.conftest import Desk
from tests.unit.payments.later_steps import (
    WORDS,
    card,
    confirm,
    expire,
    forget_phone,
    go_to,
    local,
    make_helper,
    mandates,
    payments,
    rounds,
    schedule,
    scheduled_row,
)

DEC_1, DEC_2, DUE_ON = date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3)


def refused(desk: Desk, day: date, cents: int = 8420) -> Refusal:
    with pytest.raises(PaymentRefused) as told:
        schedule(desk, day, cents)
    assert desk.payments.scheduled.upcoming(desk.identity.require(desk.session, "verified")) == []
    return told.value


def test_it_is_charged_at_nine_on_its_day_and_not_before(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    assert len(made.confirmation_number) == 8
    assert desk.gateway.charges == {}
    go_to(desk, DEC_1, 8, 59)
    rounds(desk)
    assert desk.gateway.charges == {}
    go_to(desk, DEC_1)
    rounds(desk)
    [payment] = payments(desk)
    assert (payment.state, payment.origin, payment.amount_cents) == ("succeeded", "scheduled", 8420)
    assert payment.confirmation_number == made.confirmation_number
    assert desk.balance == 0
    [request] = desk.gateway.requests.values()
    assert not request.is_member_present
    assert any("we received your payment of $84.20" in body for body in desk.queued())


def test_the_permission_is_kept_with_the_words_and_the_way_of_the_yes(desk: Desk) -> None:
    schedule(desk, DEC_1)
    [mandate] = mandates(desk)
    assert (mandate.purpose, mandate.words, mandate.consent_how) == ("scheduled", WORDS, "key")
    assert (mandate.session_id, mandate.turn_id) == (desk.session, "turn_s")


def test_without_a_yes_nothing_is_set(desk: Desk) -> None:
    desk.verify()
    desk.payments.draft(
        session_id=desk.session,
        account_id=desk.account.id,
        amount_cents=8420,
        method_id=card(desk),
        pay_on=DEC_1,
    )
    with pytest.raises(DraftRefused, match="draft_not_confirmed"):
        confirm(desk, "draft_of_somebody", "turn_1")


def test_one_yes_sets_one_payment(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    with pytest.raises(DraftRefused, match="draft_used"):
        confirm(desk, made.id, "turn_s")


def test_a_draft_with_a_day_is_never_charged_at_once(desk: Desk) -> None:
    desk.verify()
    draft = desk.payments.draft(
        session_id=desk.session,
        account_id=desk.account.id,
        amount_cents=8420,
        method_id=card(desk),
        pay_on=DEC_1,
    )
    desk.say_yes(draft)
    with pytest.raises(ValueError, match="Scheduled"):
        desk.confirm()
    assert desk.gateway.charges == {}


def test_a_draft_for_today_is_an_ordinary_one(desk: Desk) -> None:
    desk.verify()
    draft = desk.payments.draft(
        session_id=desk.session,
        account_id=desk.account.id,
        amount_cents=8420,
        method_id=card(desk),
        pay_on=desk.clock.today(),
    )
    assert draft.pay_on is None
    desk.say_yes(draft)
    assert desk.confirm().balance_cents == 0


def test_a_recognized_session_cannot_set_a_payment(desk: Desk) -> None:
    desk.recognize()
    with pytest.raises(NotVerified):
        desk.payments.draft(
            session_id=desk.session,
            account_id=desk.account.id,
            amount_cents=8420,
            method_id=card(desk),
            pay_on=DEC_1,
        )


def test_a_day_that_has_passed_is_refused_with_the_first_one_that_can_be(desk: Desk) -> None:
    assert refused(desk, date(2026, 11, 22)).code == "schedule_in_past"
    assert refused(desk, date(2026, 11, 22)).params["first_on"] == date(2026, 11, 24)


def test_no_day_after_the_due_date(desk: Desk) -> None:
    assert refused(desk, date(2026, 12, 4)).params == {"due_on": DUE_ON}
    assert schedule(desk, DUE_ON).pay_on == DUE_ON


def test_past_due_means_today(desk: Desk, factory: Factory) -> None:
    factory.statement(desk.account.id, 5000, due_on=date(2026, 11, 20))
    told = refused(desk, DEC_1)
    assert (told.code, told.params) == ("schedule_past_due", {"past_due_cents": 5000})


def test_two_open_bills_bound_the_day_by_the_older_one(desk: Desk, factory: Factory) -> None:
    factory.statement(desk.account.id, 3000, due_on=date(2027, 1, 4), issued_on=date(2026, 11, 22))
    assert refused(desk, date(2026, 12, 20), 3000).params == {"due_on": DUE_ON}


def test_never_more_than_is_owed_and_nothing_for_nothing(desk: Desk) -> None:
    assert refused(desk, DEC_1, 9000).params == {"maximum_cents": 8420}
    desk.pay(8420)
    assert refused(desk, DEC_1, 1000).code == "nothing_due"


def test_a_card_that_runs_out_before_the_day_is_told(desk: Desk) -> None:
    expire(desk, card(desk), 2026, 11)
    told = refused(desk, DEC_1)
    assert told.code == "method_expires_first"
    assert told.params["method"].last_four == "4242"
    assert schedule(desk, date(2026, 11, 30)).pay_on == date(2026, 11, 30)


def test_a_payment_that_would_come_twice_is_asked_about_first(desk: Desk) -> None:
    first = schedule(desk, DEC_1)
    with pytest.raises(PaymentRefused) as told:
        schedule(desk, DEC_2, turn="turn_2")
    assert told.value.code == "already_scheduled"
    assert told.value.params["confirmation_number"] == first.confirmation_number
    assert schedule(desk, DEC_2, turn="turn_3", one_more=True).pay_on == DEC_2


def test_parts_of_a_bill_are_set_without_a_question(desk: Desk) -> None:
    schedule(desk, DEC_1, 4000)
    schedule(desk, DEC_2, 4420, turn="turn_2")
    assert [one.amount_cents for one in upcoming(desk)] == [4000, 4420]


def test_amount_day_and_method_are_changed_with_a_new_read_back(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    other = desk.payments.saved_methods.save(desk.account.id, "pm_other").id
    draft = desk.payments.scheduled.redraft(
        session_id=desk.session, scheduled_id=made.id, amount_cents=5000, pay_on=DEC_2, method_id=other
    )
    assert (draft.total_cents, draft.pay_on, draft.scheduled_id) == (5000, DEC_2, made.id)
    changed = confirm(desk, draft.id, "turn_c")
    assert changed.confirmation_number == made.confirmation_number
    assert [one.id for one in upcoming(desk)] == [made.id]
    assert sorted(one.revoked_at is None for one in mandates(desk)) == [False, True]

    go_to(desk, DEC_1)
    rounds(desk)
    assert payments(desk) == []
    go_to(desk, DEC_2)
    rounds(desk)
    [payment] = payments(desk)
    assert (payment.amount_cents, payment.method_id) == (5000, other)


def test_a_change_that_was_not_confirmed_changes_nothing(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    desk.payments.scheduled.redraft(session_id=desk.session, scheduled_id=made.id, amount_cents=5000)
    assert [one.amount_cents for one in upcoming(desk)] == [8420]


def test_it_can_be_canceled_until_a_day_before_and_no_later(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    assert local(made.changes_until, desk).isoformat() == "2026-11-30T09:00:00-05:00"
    go_to(desk, date(2026, 11, 30), 9, 1)
    desk.verify()
    for attempt in (
        lambda: desk.payments.scheduled.cancel(session_id=desk.session, scheduled_id=made.id),
        lambda: desk.payments.scheduled.redraft(
            session_id=desk.session, scheduled_id=made.id, amount_cents=5000
        ),
    ):
        with pytest.raises(PaymentRefused, match="schedule_too_late") as told:
            attempt()
        assert told.value.params == {"pay_on": DEC_1, "until": made.changes_until}
    assert not upcoming(desk)[0].is_changeable


def test_a_canceled_payment_is_not_made(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    go_to(desk, date(2026, 11, 30))
    desk.verify()
    desk.payments.scheduled.cancel(session_id=desk.session, scheduled_id=made.id)
    assert upcoming(desk) == []
    assert mandates(desk)[0].revoked_at is not None
    with pytest.raises(PaymentRefused, match="schedule_not_found"):
        desk.payments.scheduled.cancel(session_id=desk.session, scheduled_id=made.id)
    go_to(desk, DEC_1)
    rounds(desk)
    assert desk.gateway.charges == {}


def test_a_change_that_was_read_back_in_time_and_confirmed_too_late_is_refused(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    go_to(desk, date(2026, 11, 30), 8, 55)
    desk.verify()
    draft = desk.payments.scheduled.redraft(session_id=desk.session, scheduled_id=made.id, amount_cents=5000)
    go_to(desk, date(2026, 11, 30), 9, 1)
    with pytest.raises(PaymentRefused, match="schedule_too_late"):
        confirm(desk, draft.id, "turn_c")
    assert upcoming(desk)[0].amount_cents == 8420


def test_another_accounts_payment_is_not_found(desk: Desk, factory: Factory) -> None:
    made = schedule(desk, DEC_1)
    other = factory.account("1000000002", name="Bo Hill", phone="+17065550112", pin="5937")
    desk.identity.recognize_by_phone("session_2", "+17065550112")
    desk.identity.check_pin("session_2", "+17065550112", other.pin)
    with pytest.raises(PaymentRefused, match="schedule_not_found"):
        desk.payments.scheduled.cancel(session_id="session_2", scheduled_id=made.id)


def test_a_helper_may_set_a_payment_but_not_touch_the_members_own(desk: Desk) -> None:
    made = schedule(desk, DEC_1, 4000)
    row = scheduled_row(desk, made.id)
    with desk.db.write() as tx:
        tx.merge(row).phone = "+17065550199"
    make_helper(desk)
    with pytest.raises(PaymentRefused, match="only_member_may_change"):
        desk.payments.scheduled.cancel(session_id=desk.session, scheduled_id=made.id)
    own = schedule(desk, DEC_2, 4000, turn="turn_2")
    assert desk.payments.scheduled.cancel(session_id=desk.session, scheduled_id=own.id).pay_on == DEC_2


def test_a_bill_that_was_paid_meanwhile_is_not_charged_again(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    desk.pay(8420)
    go_to(desk, DEC_1)
    rounds(desk)
    assert len(desk.gateway.charges) == 1
    assert (scheduled_row(desk, made.id).state, scheduled_row(desk, made.id).reason) == (
        "canceled",
        "already_paid",
    )
    assert any("already paid, so we did not take the $84.20" in body for body in desk.queued())


def test_only_what_is_still_owed_is_charged_and_told(desk: Desk) -> None:
    schedule(desk, DEC_1)
    desk.pay(3000)
    go_to(desk, DEC_1)
    rounds(desk)
    assert [one.amount_cents for one in payments(desk)] == [3000, 5420]
    assert desk.balance == 0
    assert any("today's payment is $54.20, not $84.20" in body for body in desk.queued())


def test_it_waits_while_it_is_not_known_what_is_owed(desk: Desk) -> None:
    schedule(desk, DEC_1)
    go_to(desk, DEC_1, 8, 59)
    desk.gateway.plan = ["taken"]
    with pytest.raises(Refusal, match="payment_unknown"):
        desk.pay(8420)
    desk.clock.advance(timedelta(seconds=50))
    desk.payments.scheduled_drafting.draft_due()
    go_to(desk, DEC_1, 9, 0)
    assert desk.payments.scheduled_drafting.draft_due() == 0
    go_to(desk, DEC_1, 9, 5)
    rounds(desk)
    assert len(desk.gateway.charges) == 1
    assert desk.balance == 0


def test_two_workers_and_ten_rounds_make_one_payment(desk: Desk) -> None:
    schedule(desk, DEC_1)
    go_to(desk, DEC_1)
    with ThreadPoolExecutor(2) as workers:
        moved = list(workers.map(lambda _: desk.payments.scheduled_drafting.draft_due(), range(10)))
    assert sum(moved) == 1
    assert len(payments(desk)) == len(desk.gateway.charges) == 1


def test_a_crash_after_the_charge_ends_in_one_charge_told_once(desk: Desk) -> None:
    schedule(desk, DEC_1)
    desk.gateway.plan = ["taken"]
    go_to(desk, DEC_1)
    rounds(desk)
    assert payments(desk)[0].state == "unknown"
    for _ in range(3):
        desk.clock.advance(timedelta(minutes=2))
        rounds(desk)
    assert payments(desk)[0].state == "succeeded"
    assert len(desk.gateway.charges) == 1
    assert sum("we received your payment" in body for body in desk.queued()) == 1


@pytest.mark.parametrize("days_late", [0, 1], ids=["on its day", "a day late, when no worker ran"])
def test_a_decline_is_told_with_a_way_forward_and_not_tried_again(desk: Desk, days_late: int) -> None:
    made = schedule(desk, DEC_1)
    desk.gateway.plan = ["insufficient_funds"]
    go_to(desk, DEC_1 + timedelta(days=days_late))
    rounds(desk)
    rounds(desk)
    assert [one.state for one in payments(desk)] == ["declined"]
    [told] = desk.queued()
    assert "that you set up did not go through" in told
    assert "today" not in told
    assert made.confirmation_number in told
    assert "Reply PAY" in told


@pytest.mark.parametrize("trouble", ["cash only", "card gone", "long after"])
def test_what_cannot_be_made_any_more_is_told(desk: Desk, trouble: str) -> None:
    made = schedule(desk, DEC_1)
    go_to(desk, DEC_1)
    if trouble == "cash only":
        with desk.db.write() as tx:
            tx.get_one(Account, desk.account.id).is_cash_only = True
    elif trouble == "card gone":
        expire(desk, card(desk), 2026, 11)
    else:
        go_to(desk, date(2026, 12, 4), 9, 1)
    rounds(desk)
    assert desk.gateway.charges == {}
    assert scheduled_row(desk, made.id).state == "canceled"
    [told] = desk.queued()
    assert "we could not make your payment of $84.20 that was set for Dec 1" in told


def test_a_worker_that_comes_back_the_next_day_makes_the_payment_in_daytime(desk: Desk) -> None:
    schedule(desk, DEC_1)
    go_to(desk, DEC_2, 3)
    rounds(desk)
    assert desk.gateway.charges == {}
    go_to(desk, DEC_2)
    rounds(desk)
    assert desk.balance == 0


def test_a_processor_that_is_down_at_nine_holds_up_nothing_for_good(desk: Desk) -> None:
    schedule(desk, DEC_1)
    go_to(desk, DEC_1)
    desk.gateway.is_down = True
    desk.gateway.customers.clear()
    with desk.db.write() as tx:
        tx.execute(delete(ProcessorCustomer))
    assert desk.payments.scheduled_drafting.draft_due() == 0
    desk.gateway.is_down = False
    rounds(desk)
    assert desk.balance == 0


def test_after_a_call_a_copy_goes_by_text(desk: Desk) -> None:
    made = schedule(desk, DEC_1, channel="voice")
    [copy] = desk.queued()
    assert "is set for Dec 1 with Visa 4242" in copy
    assert made.confirmation_number in copy


def test_without_a_phone_on_file_the_office_writes_a_letter(desk: Desk) -> None:
    schedule(desk, DEC_1)
    desk.pay(8420)
    forget_phone(desk)
    go_to(desk, DEC_1)
    rounds(desk)
    with desk.db.read() as tx:
        letter = tx.scalars(select(HandoffRequest).where(HandoffRequest.topic == "post_to_member")).one()
    assert "already paid" in letter.summary


def test_its_number_tells_anyone_that_nothing_is_posted_yet(desk: Desk) -> None:
    made = schedule(desk, DEC_1)
    status = desk.payments.status_by_confirmation(
        made.confirmation_number, session_id="s", phone="+17065550111"
    )
    assert status is not None
    assert not status.is_posted
    go_to(desk, DEC_1)
    rounds(desk)
    status = desk.payments.status_by_confirmation(
        made.confirmation_number, session_id="s", phone="+17065550111"
    )
    assert status is not None
    assert status.posted_on == DEC_1


def test_the_fee_that_was_agreed_to_is_the_fee_that_is_charged(desk: Desk) -> None:
    desk.settings.fee_cents = 250
    assert schedule(desk, DEC_1).total_cents == 8670
    desk.settings.fee_cents = 400
    go_to(desk, DEC_1)
    rounds(desk)
    assert desk.gateway.taken_cents == 8670
    assert desk.balance == 0


def upcoming(desk: Desk) -> list[ScheduledView]:
    return desk.payments.scheduled.upcoming(desk.identity.require(desk.session, "verified"))
