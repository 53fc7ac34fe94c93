"""Autopay pays each bill once, tells before and after, and does what the member chose and nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from assistant.account_report import report_account
from assistant.billing.models import Account, Statement
from assistant.errors import DraftRefused, NotVerified, PaymentRefused
from assistant.handoff.models import HandoffRequest
from assistant.payments.autopay_views import AutopayOptions
from tests.factories import Factory
from tests.unit.payments.conftest import Desk
from tests.unit.payments.later_steps import (
    WORDS,
    accept,
    autopay_rows,
    card,
    day_by_day,
    enroll,
    expire,
    forget_phone,
    go_to,
    make_helper,
    mandates,
    payment_days,
    payments,
    rounds,
    schedule,
)

DUE_ON = date(2026, 12, 3)
NEXT_DUE_ON = date(2027, 1, 4)


def backup(desk: Desk) -> str:
    return desk.payments.saved_methods.save(desk.account.id, "pm_backup").id


def told(desk: Desk, words: str) -> int:
    return sum(words in body for body in desk.queued())


def test_a_bill_is_drafted_on_its_due_date_after_a_notice(desk: Desk) -> None:
    enrolled = enroll(desk)
    assert enrolled.next is not None
    assert (enrolled.next.draft_on, enrolled.next.amount_cents) == (DUE_ON, 8420)
    rounds(desk)
    [notice] = desk.queued()
    assert "autopay will pay $84.20 with Visa 4242 on Dec 3" in notice
    day_by_day(desk, date(2026, 12, 2))
    go_to(desk, DUE_ON, 8, 59)
    rounds(desk)
    assert desk.gateway.charges == {}
    go_to(desk, DUE_ON)
    rounds(desk)
    [payment] = payments(desk)
    assert (payment.state, payment.origin, payment.autopay_try) == ("succeeded", "autopay", 1)
    assert desk.balance == 0
    [request] = desk.gateway.requests.values()
    assert not request.is_member_present
    assert told(desk, "we received your payment of $84.20") == 1
    assert autopay_rows(desk)[0].state == "paid"


def test_the_member_may_choose_days_before_the_due_date(desk: Desk) -> None:
    enroll(desk, days_before=5)
    day_by_day(desk, date(2026, 12, 5))
    assert payment_days(desk) == [date(2026, 11, 28)]


def test_a_bill_that_comes_late_is_told_at_once_and_drafted_no_sooner_than_the_next_day(
    desk: Desk, factory: Factory
) -> None:
    desk.pay(8420)
    enroll(desk, days_before=5)
    day_by_day(desk, date(2026, 12, 5))
    factory.statement(desk.account.id, 3000, due_on=date(2026, 12, 8), issued_on=date(2026, 12, 4))
    rounds(desk)
    assert told(desk, "autopay will pay $30.00 with Visa 4242 on Dec 6") == 1
    day_by_day(desk, date(2026, 12, 12))
    assert payment_days(desk) == [date(2026, 11, 23), date(2026, 12, 6)]


def test_a_bill_that_comes_on_its_due_date_is_left_to_the_member_and_told(
    desk: Desk, factory: Factory
) -> None:
    desk.pay(8420)
    enroll(desk)
    go_to(desk, date(2026, 12, 5), 10)
    factory.statement(desk.account.id, 3000, due_on=date(2026, 12, 5))
    rounds(desk)
    day_by_day(desk, date(2026, 12, 8))
    assert told(desk, "autopay could not pay your bill of $30.00 due Dec 5") == 1
    assert len(payments(desk)) == 1


def test_what_is_due_on_the_day_of_enrolling_stays_with_the_member(desk: Desk) -> None:
    go_to(desk, DUE_ON, 10)
    assert enroll(desk).next is None
    day_by_day(desk, date(2026, 12, 8))
    assert desk.gateway.charges == {}
    assert desk.queued() == []


def test_notices_wait_for_the_day(desk: Desk) -> None:
    go_to(desk, date(2026, 11, 23), 23)
    enroll(desk)
    go_to(desk, date(2026, 11, 24), 3)
    rounds(desk)
    assert desk.queued() == []
    go_to(desk, date(2026, 11, 24))
    rounds(desk)
    assert told(desk, "autopay will pay") == 1


def test_the_notice_comes_ten_days_ahead_and_not_earlier(desk: Desk, factory: Factory) -> None:
    desk.pay(8420)
    enroll(desk)
    factory.statement(desk.account.id, 3000, due_on=NEXT_DUE_ON)
    day_by_day(desk, date(2026, 12, 24))
    assert told(desk, "autopay will pay") == 0
    day_by_day(desk, date(2026, 12, 25))
    assert told(desk, "autopay will pay $30.00 with Visa 4242 on Jan 4") == 1


def test_each_bill_is_drafted_once_however_often_the_worker_runs(desk: Desk, factory: Factory) -> None:
    enroll(desk)
    factory.statement(desk.account.id, 3000, due_on=NEXT_DUE_ON)
    day_by_day(desk, date(2027, 1, 20))
    day_by_day(desk, date(2027, 1, 25))
    assert payment_days(desk) == [DUE_ON, NEXT_DUE_ON]
    assert desk.gateway.taken_cents == 11420
    assert desk.balance == 0


def test_two_workers_make_one_plan_and_one_draft(desk: Desk) -> None:
    enroll(desk)
    with ThreadPoolExecutor(2) as workers:
        planned = list(workers.map(lambda _: desk.payments.autopay_planning.plan_due(), range(6)))
    assert sum(planned) == 1
    go_to(desk, DUE_ON)
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda _: desk.payments.autopay_drafting.draft_due(), range(8)))
    assert len(payments(desk)) == len(desk.gateway.charges) == 1
    assert autopay_rows(desk)[0].state == "paid"


def test_a_part_paid_by_hand_is_not_drafted_again(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    desk.pay(3000)
    day_by_day(desk, DUE_ON)
    assert [one.amount_cents for one in payments(desk)] == [3000, 5420]
    assert told(desk, "today's payment is $54.20, not $84.20") == 1
    assert desk.balance == 0


def test_a_bill_paid_by_hand_cancels_the_draft_kindly(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    desk.pay(8420)
    day_by_day(desk, DUE_ON)
    assert len(payments(desk)) == 1
    assert told(desk, "Your bill due Dec 3 is already paid, so autopay will not take anything") == 1


def test_a_bill_paid_by_hand_within_the_hour_of_the_draft_is_not_paid_twice(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    go_to(desk, DUE_ON, 8, 59)
    desk.gateway.plan = ["taken"]
    with pytest.raises(Exception, match="payment_unknown"):
        desk.pay(8420)
    go_to(desk, DUE_ON)
    assert desk.payments.autopay_drafting.draft_due() == 0
    go_to(desk, DUE_ON, 9, 2)
    rounds(desk)
    assert len(desk.gateway.charges) == 1
    assert desk.balance == 0


def test_a_newer_bill_is_not_paid_with_the_older_one(desk: Desk, factory: Factory) -> None:
    enroll(desk)
    factory.statement(desk.account.id, 3000, due_on=NEXT_DUE_ON, issued_on=date(2026, 11, 30))
    day_by_day(desk, DUE_ON)
    assert [one.amount_cents for one in payments(desk)] == [8420]
    assert desk.balance == 3000


def test_the_full_amount_includes_what_was_left_of_older_bills(desk: Desk, factory: Factory) -> None:
    factory.statement(desk.account.id, 1500, due_on=date(2026, 11, 10))
    enroll(desk)
    day_by_day(desk, DUE_ON)
    assert [one.amount_cents for one in payments(desk)] == [9920]


def test_never_more_than_the_notice_said(desk: Desk, factory: Factory) -> None:
    enroll(desk)
    rounds(desk)
    factory.statement(desk.account.id, 2500, due_on=date(2026, 12, 1), number="correction")
    go_to(desk, DUE_ON)
    desk.payments.autopay_drafting.draft_due()
    assert [one.amount_cents for one in payments(desk)] == [8420]


def test_a_bill_above_the_cap_is_not_drafted_but_told(desk: Desk) -> None:
    enrolled = enroll(desk, amount_kind="capped", amount_cents=8000)
    assert enrolled.next is not None
    assert enrolled.next.is_over_limit
    day_by_day(desk, date(2026, 12, 8))
    assert desk.gateway.charges == {}
    assert told(desk, "That is more than the $80.00 you set") == 1
    assert desk.pay(8420).balance_cents == 0


def test_a_bill_within_the_cap_is_drafted(desk: Desk) -> None:
    enroll(desk, amount_kind="capped", amount_cents=8420)
    day_by_day(desk, DUE_ON)
    assert desk.balance == 0


def test_a_fixed_amount_is_paid_whatever_the_bill_and_never_makes_a_credit(
    desk: Desk, factory: Factory
) -> None:
    enroll(desk, amount_kind="fixed", amount_cents=5000)
    day_by_day(desk, DUE_ON)
    assert desk.balance == 3420
    desk.pay(3420)
    factory.statement(desk.account.id, 3000, due_on=NEXT_DUE_ON)
    day_by_day(desk, NEXT_DUE_ON)
    assert sorted(one.amount_cents for one in payments(desk)) == [3000, 3420, 5000]
    assert desk.balance == 0


def test_a_bill_above_the_card_limit_is_told_ahead(desk: Desk, factory: Factory) -> None:
    enroll(desk)
    factory.statement(desk.account.id, 60_001, due_on=NEXT_DUE_ON)
    day_by_day(desk, NEXT_DUE_ON)
    assert payment_days(desk) == [DUE_ON]
    assert told(desk, "autopay could not pay your bill of $600.01 due Jan 4") == 1


def test_two_bills_that_overlap_are_told_and_drafted_each_for_itself(desk: Desk, factory: Factory) -> None:
    enroll(desk)
    factory.statement(desk.account.id, 3000, due_on=date(2026, 12, 10), issued_on=date(2026, 11, 30))
    day_by_day(desk, date(2026, 12, 12))
    assert [one.amount_cents for one in payments(desk)] == [8420, 3000]
    assert told(desk, "autopay will pay $84.20") == told(desk, "autopay will pay $30.00") == 1
    assert told(desk, "you owe less") == 0


def test_short_funds_are_tried_again_after_three_days(desk: Desk) -> None:
    enroll(desk)
    desk.gateway.plan = ["insufficient_funds"]
    day_by_day(desk, date(2026, 12, 10))
    assert payment_days(desk) == [DUE_ON, date(2026, 12, 6)]
    assert [one.state for one in payments(desk)] == ["declined", "succeeded"]
    assert told(desk, "We will try again on Dec 6") == 1
    assert desk.balance == 0
    assert len({one.idempotency_key for one in payments(desk)}) == 2


def test_after_the_retries_the_backup_is_used_once_and_then_we_stop(desk: Desk) -> None:
    enroll(desk, backup_method_id=backup(desk))
    desk.gateway.plan = ["insufficient_funds"] * 9
    day_by_day(desk, date(2026, 12, 20))
    made = payments(desk)
    assert payment_days(desk) == [DUE_ON, date(2026, 12, 6), date(2026, 12, 7)]
    assert [one.method_id == made[0].method_id for one in made] == [True, True, False]
    assert [one.autopay_try for one in made] == [1, 2, 3]
    assert told(desk, "Now we use your backup, Visa 4242") == 1
    assert told(desk, "we will not try again for this bill") == 1
    assert autopay_rows(desk)[0].state == "failed"
    assert desk.balance == 8420


def test_a_lost_card_is_not_tried_again_but_the_backup_pays_the_same_day(desk: Desk) -> None:
    enroll(desk, backup_method_id=backup(desk))
    desk.gateway.plan = ["lost_card"]
    rounds(desk)
    go_to(desk, DUE_ON)
    rounds(desk)
    rounds(desk)
    assert payment_days(desk) == [DUE_ON, DUE_ON]
    assert desk.balance == 0


def test_a_lost_card_without_a_backup_stops_and_says_how_to_pay(desk: Desk) -> None:
    enroll(desk)
    desk.gateway.plan = ["stolen_card"]
    day_by_day(desk, date(2026, 12, 20))
    assert len(payments(desk)) == 1
    assert told(desk, "we will not try again for this bill. Reply PAY") == 1


def test_a_decline_found_out_later_by_a_lookup_is_followed_up_too(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    desk.gateway.plan = ["processing"]
    go_to(desk, DUE_ON)
    rounds(desk)
    assert autopay_rows(desk)[0].state == "sent"
    desk.gateway.finish_processing(payments(desk)[0].id, "declined")
    desk.clock.advance(timedelta(minutes=2))
    rounds(desk)
    assert autopay_rows(desk)[0].state == "waiting"
    assert told(desk, "We will try again on Dec 4") == 1


def test_a_crash_after_the_charge_ends_in_one_charge_told_once(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    desk.gateway.plan = ["taken"]
    go_to(desk, DUE_ON)
    rounds(desk)
    assert (payments(desk)[0].state, autopay_rows(desk)[0].state) == ("unknown", "sent")
    for _ in range(4):
        desk.clock.advance(timedelta(minutes=2))
        rounds(desk)
    assert (payments(desk)[0].state, autopay_rows(desk)[0].state) == ("succeeded", "paid")
    assert len(desk.gateway.charges) == 1
    assert told(desk, "we received your payment") == 1


def test_a_charge_that_never_arrived_is_made_again_the_next_day(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    desk.gateway.plan = ["lost"]
    go_to(desk, DUE_ON)
    rounds(desk)
    for _ in range(12):
        desk.clock.advance(timedelta(minutes=10))
        rounds(desk)
    assert payments(desk)[0].state == "not_charged"
    day_by_day(desk, date(2026, 12, 6))
    assert [one.state for one in payments(desk)] == ["not_charged", "succeeded"]
    assert payment_days(desk) == [DUE_ON, date(2026, 12, 4)]
    assert desk.gateway.taken_cents == 8420


def test_a_draft_that_was_missed_for_days_is_left_to_the_member(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    go_to(desk, date(2026, 12, 6), 9, 1)
    rounds(desk)
    assert desk.gateway.charges == {}
    assert told(desk, "autopay could not pay your bill of $84.20 due Dec 3") == 1


def test_a_card_that_ran_out_is_replaced_by_the_backup_or_told(desk: Desk) -> None:
    spare = backup(desk)
    enroll(desk, backup_method_id=spare)
    expire(desk, card(desk), 2026, 11)
    day_by_day(desk, DUE_ON)
    assert [one.method_id for one in payments(desk)] == [spare]


def test_a_card_that_ran_out_without_a_backup_is_told_ahead(desk: Desk) -> None:
    enroll(desk)
    expire(desk, card(desk), 2026, 11)
    day_by_day(desk, DUE_ON)
    assert payments(desk) == []
    assert told(desk, "autopay could not pay your bill") == 1


def test_a_paused_autopay_drafts_nothing_until_it_is_resumed(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    assert desk.payments.autopay.pause(session_id=desk.session).state == "paused"
    assert desk.payments.autopay.pause(session_id=desk.session).next is None
    day_by_day(desk, date(2026, 11, 30))
    assert autopay_rows(desk) == []
    desk.verify()
    resumed = desk.payments.autopay.resume(session_id=desk.session)
    assert resumed.next is not None
    day_by_day(desk, DUE_ON)
    assert payment_days(desk) == [DUE_ON]


def test_resuming_on_the_due_date_leaves_that_bill_to_the_member(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    desk.payments.autopay.pause(session_id=desk.session)
    go_to(desk, DUE_ON, 10)
    desk.verify()
    assert desk.payments.autopay.resume(session_id=desk.session).next is None
    day_by_day(desk, date(2026, 12, 10))
    assert desk.gateway.charges == {}
    assert told(desk, "could not pay") == 0


def test_leaving_ends_drafts_retries_and_the_mandate(desk: Desk) -> None:
    enroll(desk)
    desk.gateway.plan = ["insufficient_funds"]
    day_by_day(desk, DUE_ON)
    desk.verify()
    assert desk.payments.autopay.leave(session_id=desk.session, channel="voice").state == "left"
    assert told(desk, "autopay is off") == 1
    assert mandates(desk)[0].revoked_at is not None
    day_by_day(desk, date(2026, 12, 20))
    assert len(payments(desk)) == 1
    assert autopay_rows(desk)[0].reason == "left"
    desk.verify()
    assert desk.payments.autopay.status(desk.identity.require(desk.session, "recognized")) is None


def test_a_bill_that_was_paid_under_an_enrollment_is_not_taken_up_by_the_next(desk: Desk) -> None:
    enroll(desk, amount_kind="fixed", amount_cents=3000, days_before=5)
    day_by_day(desk, date(2026, 11, 28))
    desk.verify()
    desk.payments.autopay.leave(session_id=desk.session, channel="sms")
    enroll(desk, amount_kind="fixed", amount_cents=3000, turn="turn_b")
    day_by_day(desk, date(2026, 12, 8))
    assert len(payments(desk)) == 1


def test_a_change_is_read_back_told_and_drafted_as_changed(desk: Desk) -> None:
    enroll(desk)
    rounds(desk)
    options = AutopayOptions(card(desk), days_before=2, amount_kind="fixed", amount_cents=4000)
    offer = desk.payments.autopay.offer_change(session_id=desk.session, options=options)
    assert offer.is_change
    changed = accept(desk, offer.id, "turn_b")
    assert changed.options == options
    day_by_day(desk, date(2026, 12, 8))
    assert payment_days(desk) == [date(2026, 12, 1)]
    assert told(desk, "autopay will pay $84.20") == told(desk, "autopay will pay $40.00") == 1
    assert sorted(one.revoked_at is None for one in mandates(desk)) == [False, True]


def test_a_new_card_in_the_middle_of_dunning_takes_the_next_try(desk: Desk) -> None:
    enroll(desk)
    desk.gateway.plan = ["insufficient_funds"]
    day_by_day(desk, DUE_ON)
    desk.verify()
    new = backup(desk)
    offer = desk.payments.autopay.offer_change(session_id=desk.session, options=AutopayOptions(new))
    accept(desk, offer.id, "turn_b")
    day_by_day(desk, date(2026, 12, 8))
    assert payments(desk)[1].method_id == new
    assert desk.balance == 0


def test_the_permission_is_kept_for_each_method(desk: Desk) -> None:
    enroll(desk, backup_method_id=backup(desk))
    kept = mandates(desk)
    assert [(one.purpose, one.words, one.consent_how) for one in kept] == [("autopay", WORDS, "key")] * 2
    assert len({one.method_id for one in kept}) == 2


def test_nothing_is_switched_on_without_the_yes_of_this_turn(desk: Desk) -> None:
    desk.verify()
    offer = desk.payments.autopay.offer(session_id=desk.session, options=AutopayOptions(card(desk)))
    desk.payments.record_consent(session_id=desk.session, draft_id=offer.id, turn_id="turn_1", how="key")
    with pytest.raises(DraftRefused, match="draft_not_confirmed"):
        accept(desk, "offer_of_somebody", "turn_2")
    desk.clock.advance(timedelta(minutes=11))
    desk.verify()
    with pytest.raises(DraftRefused, match="draft_expired"):
        accept(desk, offer.id, "turn_1")
    assert desk.payments.autopay.status(desk.identity.require(desk.session, "verified")) is None


def test_one_yes_switches_on_once(desk: Desk) -> None:
    desk.verify()
    offer = desk.payments.autopay.offer(session_id=desk.session, options=AutopayOptions(card(desk)))
    accept(desk, offer.id, "turn_1")
    with pytest.raises(DraftRefused, match="draft_used"):
        accept(desk, offer.id, "turn_1")
    with pytest.raises(PaymentRefused, match="autopay_already_on"):
        desk.payments.autopay.offer(session_id=desk.session, options=AutopayOptions(card(desk)))


def test_only_a_verified_member_may_switch_it(desk: Desk) -> None:
    desk.recognize()
    with pytest.raises(NotVerified):
        desk.payments.autopay.offer(session_id=desk.session, options=AutopayOptions(card(desk)))
    enroll(desk)
    make_helper(desk)
    for attempt in (
        lambda: desk.payments.autopay.pause(session_id=desk.session),
        lambda: desk.payments.autopay.resume(session_id=desk.session),
        lambda: desk.payments.autopay.leave(session_id=desk.session, channel="sms"),
    ):
        with pytest.raises(PaymentRefused, match="only_member_may_change"):
            attempt()


def test_what_is_off_cannot_be_paused_changed_or_left(desk: Desk) -> None:
    desk.verify()
    for attempt in (
        lambda: desk.payments.autopay.pause(session_id=desk.session),
        lambda: desk.payments.autopay.leave(session_id=desk.session, channel="sms"),
        lambda: desk.payments.autopay.offer_change(
            session_id=desk.session, options=AutopayOptions(card(desk))
        ),
    ):
        with pytest.raises(PaymentRefused, match="autopay_not_on"):
            attempt()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"days_before": 16}, "autopay_days_too_many"),
        ({"amount_kind": "capped", "amount_cents": 50}, "amount_too_small"),
        ({"amount_kind": "fixed", "amount_cents": 60_001}, "amount_too_large"),
        ({"backup_method_id": "the same"}, "autopay_same_backup"),
        ({"method_id": "method_of_nobody"}, "method_not_usable"),
    ],
)
def test_options_that_cannot_work_are_refused(desk: Desk, options: dict[str, object], code: str) -> None:
    if options.get("backup_method_id"):
        options = {"backup_method_id": card(desk)}
    with pytest.raises(PaymentRefused, match=code):
        enroll(desk, **options)


def test_a_cash_only_account_has_no_autopay(desk: Desk) -> None:
    enroll(desk)
    with desk.db.write() as tx:
        tx.get_one(Account, desk.account.id).is_cash_only = True
    day_by_day(desk, DUE_ON)
    assert desk.gateway.charges == {}
    assert told(desk, "autopay could not pay") == 1
    desk.payments.autopay.leave(session_id=_fresh(desk), channel="sms")
    with pytest.raises(PaymentRefused, match="cards_not_accepted"):
        enroll(desk, turn="turn_b")


def test_after_a_call_a_copy_of_the_terms_goes_by_text(desk: Desk) -> None:
    enroll(desk, channel="voice", days_before=3, amount_kind="capped", amount_cents=10_000)
    assert told(desk, "It pays your bill up to $100.00, 3 days before it is due, with Visa 4242") == 1


def test_without_a_phone_on_file_the_notice_goes_by_letter(desk: Desk) -> None:
    enroll(desk)
    forget_phone(desk)
    rounds(desk)
    with desk.db.read() as tx:
        [letter] = tx.scalars(select(HandoffRequest).where(HandoffRequest.topic == "post_to_member"))
    assert "autopay will pay $84.20" in letter.summary


def test_a_recognized_session_may_hear_the_status(desk: Desk) -> None:
    enroll(desk)
    view = desk.payments.autopay.status(desk.identity.require(desk.session, "recognized"))
    assert view is not None
    assert (view.state, view.method.last_four, view.enrolled_on) == (
        "active",
        "4242",
        date(2026, 11, 23),
    )


def test_a_bill_that_was_corrected_to_nothing_is_left_in_peace(desk: Desk) -> None:
    desk.pay(8420)
    enroll(desk)
    with desk.db.read() as tx:
        assert tx.scalars(select(Statement)).one().due_on == DUE_ON
    day_by_day(desk, DUE_ON)
    assert autopay_rows(desk)[0].reason == "nothing_owed"
    assert told(desk, "autopay") == 0


def test_the_office_sees_what_is_set_and_what_came_of_it(desk: Desk) -> None:
    enroll(desk)
    schedule(desk, date(2026, 12, 1), 2000)
    day_by_day(desk, DUE_ON)
    report = report_account(desk.db, desk.clock, desk.account.account_number)
    assert report is not None
    assert [one["state"] for one in report["scheduled_payments"]] == ["drafted"]
    assert [one["amount_kind"] for one in report["autopay"]] == ["full"]
    [draft] = report["autopay_drafts"]
    assert (draft["state"], draft["planned_cents"], draft["due_on"]) == ("paid", 8420, "2026-12-03")
    assert [one["amount_cents"] for one in report["payments"]] == [6420, 2000]


def _fresh(desk: Desk) -> str:
    desk.verify()
    return desk.session


def test_a_second_bill_in_the_notice_window_is_paid_though_a_manual_payment_made_the_first_smaller(
    desk: Desk, factory: Factory
) -> None:
    enroll(desk)
    rounds(desk)
    desk.pay(5000, turn="turn_2")
    go_to(desk, date(2026, 11, 28), 10)
    factory.statement(desk.account.id, 3000, due_on=date(2026, 12, 7))
    rounds(desk)
    assert told(desk, "autopay will pay $30.00 with Visa 4242 on Dec 7") == 1
    day_by_day(desk, date(2026, 12, 8))
    assert desk.balance == 0
    assert desk.gateway.taken_cents == 11420


def test_a_second_bill_is_planned_rightly_while_the_first_draft_is_charged_but_not_concluded(
    desk: Desk, factory: Factory
) -> None:
    enroll(desk)
    rounds(desk)
    go_to(desk, DUE_ON)
    drafting = desk.payments.autopay_drafting
    assert [drafting.draft(*row) for row in drafting.due(10)] == [True]
    assert [row.state for row in autopay_rows(desk)] == ["sent"]
    factory.statement(desk.account.id, 3000, due_on=date(2026, 12, 7))
    desk.payments.autopay_planning.plan_due()
    assert told(desk, "autopay will pay $30.00 with Visa 4242 on Dec 7") == 1
    day_by_day(desk, date(2026, 12, 8))
    assert desk.balance == 0
