"""The three steps of a charge, and what is left behind when one of them does not happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from sqlalchemy import select

from assistant.errors import (
    DraftRefused,
    NotVerified,
    PaymentDeclined,
    PaymentRefused,
    PaymentUnknown,
)
from assistant.handoff.models import HandoffRequest
from assistant.payments.gateway import ChargeOutcome, ChargeRequest, ProcessorNotice, RefundOutcome
from assistant.payments.models import Payment
from tests.factories import Factory
from tests.unit.payments.conftest import PHONE, Desk


def test_a_confirmed_draft_is_charged_and_the_balance_falls_in_the_same_commit(desk: Desk) -> None:
    receipt = desk.pay(8420)
    assert receipt.total_cents == 8420
    assert receipt.balance_cents == 0 == desk.balance
    assert len(receipt.confirmation_number) == 8
    assert receipt.confirmation_number.isdigit()
    assert desk.gateway.taken_cents == 8420
    assert desk.ledger_sum(f"payment:{receipt.payment_id}") == 0


def test_a_saved_card_needs_a_verified_session(desk: Desk) -> None:
    method_id = desk.saved_card()
    desk.recognize()
    desk.say_yes(desk.draft(method_id=method_id))
    with pytest.raises(NotVerified):
        desk.confirm()
    assert desk.gateway.charges == {}


def test_without_a_recorded_yes_nothing_is_charged(desk: Desk) -> None:
    desk.verify()
    desk.draft(method_id=desk.saved_card())
    with pytest.raises(DraftRefused, match="draft_not_confirmed"):
        desk.confirm()
    assert desk.gateway.charges == {}


def test_a_yes_of_another_turn_does_not_count(desk: Desk) -> None:
    desk.verify()
    desk.say_yes(desk.draft(method_id=desk.saved_card()), turn="turn_1")
    with pytest.raises(DraftRefused, match="draft_not_confirmed"):
        desk.confirm(turn="turn_2")
    assert desk.gateway.charges == {}


def test_the_same_yes_cannot_charge_twice(desk: Desk) -> None:
    desk.pay()
    with pytest.raises(DraftRefused, match="draft_used"):
        desk.confirm()
    assert len(desk.gateway.charges) == 1


def test_an_amount_read_back_too_long_ago_is_read_back_again(desk: Desk) -> None:
    desk.verify()
    draft = desk.draft(method_id=desk.saved_card())
    desk.clock.advance(timedelta(minutes=11))
    assert not desk.say_yes(draft)
    with pytest.raises(DraftRefused):
        desk.confirm()


def test_a_changed_mind_about_the_amount_replaces_the_first_draft(desk: Desk) -> None:
    desk.verify()
    method_id = desk.saved_card()
    first = desk.draft(8420, method_id=method_id)
    second = desk.draft(5000, method_id=method_id)
    assert not desk.say_yes(first)
    assert desk.say_yes(second)
    assert desk.confirm().total_cents == 5000
    assert desk.balance == 3420


@pytest.mark.parametrize(
    ("bank_says", "code"),
    [
        ("insufficient_funds", "payment_declined_funds"),
        ("expired_card", "payment_declined_expired"),
        ("incorrect_cvc", "payment_declined_details"),
        ("something_new", "payment_declined"),
    ],
)
def test_a_decline_is_told_plainly_and_another_card_may_follow(desk: Desk, bank_says: str, code: str) -> None:
    desk.gateway.plan = [bank_says]
    with pytest.raises(PaymentDeclined) as told:
        desk.pay()
    assert told.value.code == code
    assert desk.balance == 8420
    assert desk.pay(turn="turn_2").balance_cents == 0


def test_an_answer_that_was_lost_leaves_the_payment_unknown_and_is_never_sent_again(desk: Desk) -> None:
    desk.gateway.plan = ["taken"]
    with pytest.raises(PaymentUnknown) as told:
        desk.pay()
    assert told.value.params["told_by"] == desk.clock.now() + timedelta(minutes=60)
    assert desk.only_payment().state == "unknown"
    with pytest.raises(PaymentRefused, match="payment_in_progress"):
        desk.draft(method_id=desk.payments.saved_methods.saved(desk.account.id)[0].id)

    desk.clock.advance(timedelta(minutes=2))
    assert desk.payments.sweep() == 1
    assert desk.only_payment().state == "succeeded"
    assert desk.balance == 0
    assert len(desk.gateway.charges) == 1
    assert any("we received your payment of $84.20" in body for body in desk.queued())


def test_a_charge_that_never_arrived_is_only_closed_after_three_denials_and_a_quiet_time(desk: Desk) -> None:
    desk.gateway.plan = ["lost"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    for minutes in (2, 5, 6):
        assert desk.only_payment().state == "unknown"
        desk.clock.advance(timedelta(minutes=minutes))
        desk.payments.sweep()
    assert desk.only_payment().state == "unknown"
    desk.clock.advance(timedelta(minutes=50))
    desk.payments.sweep()
    assert desk.only_payment().state == "not_charged"
    assert desk.balance == 8420
    assert any("was not charged" in body for body in desk.queued())
    assert desk.pay(turn="turn_2").balance_cents == 0


def test_a_processor_that_is_down_denies_nothing(desk: Desk) -> None:
    desk.gateway.plan = ["lost"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    desk.gateway.is_down = True
    for _ in range(5):
        desk.clock.advance(timedelta(hours=1))
        desk.payments.sweep()
    assert desk.only_payment().state == "unknown"


def test_after_a_day_of_lookups_a_person_takes_over(desk: Desk) -> None:
    desk.gateway.plan = ["lost"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    desk.gateway.is_down = True
    for _ in range(8):
        desk.clock.advance(timedelta(hours=12))
        desk.payments.sweep()
    payment = desk.only_payment()
    assert payment.state == "unknown"
    assert payment.next_lookup_at is not None
    assert topics(desk).count("payment_unknown") == 1
    desk.clock.advance(timedelta(days=14))
    desk.payments.sweep()
    assert desk.only_payment().next_lookup_at is None


def test_money_that_turns_up_after_we_said_not_charged_is_given_back(desk: Desk) -> None:
    desk.gateway.plan = ["lost"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    for _ in range(4):
        desk.clock.advance(timedelta(minutes=30))
        desk.payments.sweep()
    payment = desk.only_payment()
    assert payment.state == "not_charged"
    late = desk.gateway._once(_request_of(desk), "ok")

    desk.payments.take_notice(_notice("evt_1", payment.id, late.processor_id))
    desk.payments.handle_notices()
    assert desk.gateway.taken_cents == 0
    assert desk.only_payment().state == "not_charged"
    assert desk.balance == 8420


def test_stray_money_that_cannot_be_given_back_goes_to_a_person_and_holds_up_nothing(desk: Desk) -> None:
    desk.gateway.plan = ["lost"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    for _ in range(4):
        desk.clock.advance(timedelta(minutes=30))
        desk.payments.sweep()
    late = desk.gateway._once(_request_of(desk), "ok")
    desk.gateway.refuses_refunds = True
    desk.payments.take_notice(_notice("evt_1", desk.only_payment().id, late.processor_id))
    assert desk.payments.handle_notices() == 1
    assert "stray_charge" in topics(desk)


def test_stray_money_whose_refund_fails_goes_to_a_person_once_and_is_not_sent_again(desk: Desk) -> None:
    desk.gateway.plan = ["lost"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    for _ in range(4):
        desk.clock.advance(timedelta(minutes=30))
        desk.payments.sweep()
    late = desk.gateway._once(_request_of(desk), "ok")
    for number in range(3):
        desk.payments.take_notice(_notice(f"evt_{number}", desk.only_payment().id, late.processor_id))
        assert desk.payments.handle_notices() == 1
        assert topics(desk).count("stray_charge") == min(number, 1)
        for _, refund in list(desk.gateway.refunds.values()):
            desk.gateway.move_refund(refund.processor_id, "failed")


def test_stray_money_whose_refund_fails_at_once_is_not_taken_for_returned(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.gateway.plan = ["lost"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    for _ in range(4):
        desk.clock.advance(timedelta(minutes=30))
        desk.payments.sweep()
    late = desk.gateway._once(_request_of(desk), "ok")
    monkeypatch.setattr(
        desk.gateway, "refund", lambda asked: RefundOutcome("re_1", "failed", asked.amount_cents)
    )
    desk.payments.take_notice(_notice("evt_1", desk.only_payment().id, late.processor_id))
    assert desk.payments.handle_notices() == 1
    assert topics(desk).count("stray_charge") == 1


def test_who_pays_is_read_in_the_transaction_that_writes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second connection wanted inside a writer is a standstill when the pool is used up."""

    def of_its_own(_session_id: str, _level: str) -> NoReturn:
        raise AssertionError("a connection of its own")

    desk.verify()
    desk.say_yes(desk.draft(3000, method_id=desk.saved_card()), "turn_now")
    with monkeypatch.context() as patched:
        patched.setattr(desk.identity, "require", of_its_own)
        assert desk.confirm("turn_now").total_cents == 3000
    method_id = desk.payments.saved_methods.saved(desk.account.id)[0].id
    later = desk.payments.draft(
        session_id=desk.session,
        account_id=desk.account.id,
        amount_cents=2000,
        method_id=method_id,
        pay_on=desk.clock.today() + timedelta(days=3),
    )
    desk.say_yes(later, "turn_later")
    monkeypatch.setattr(desk.identity, "require", of_its_own)
    scheduled = desk.payments.scheduled.confirm(
        session_id=desk.session, turn_id="turn_later", language="en", channel="sms", phone=PHONE, words="?"
    )
    assert scheduled.amount_cents == 2000


def test_a_webhook_taken_twice_posts_once(desk: Desk) -> None:
    desk.gateway.plan = ["taken"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    payment = desk.only_payment()
    assert desk.payments.take_notice(_notice("evt_1", payment.id, "pi_1"))
    assert not desk.payments.take_notice(_notice("evt_1", payment.id, "pi_1"))
    assert desk.payments.take_notice(_notice("evt_2", payment.id, "pi_1"))
    assert desk.payments.handle_notices() == 2
    assert desk.payments.handle_notices() == 0
    assert desk.balance == 0
    assert desk.only_payment().state == "succeeded"


def test_a_refund_made_at_the_processor_raises_the_balance_again_once(desk: Desk) -> None:
    receipt = desk.pay()
    desk.gateway.refund_by_hand("pi_1", 2000)
    for event in ("evt_1", "evt_2"):
        desk.payments.take_notice(_notice(event, receipt.payment_id, "pi_1"))
    desk.payments.handle_notices()
    assert desk.balance == 2000
    assert desk.only_payment().state == "partially_refunded"
    assert desk.only_payment().refunded_cents == 2000


def test_a_turn_that_comes_late_does_not_call_a_payment_declined_that_was_partly_returned(desk: Desk) -> None:
    charge = desk.gateway.charge

    def charge_and_return_a_part(request: ChargeRequest) -> ChargeOutcome:
        outcome = charge(request)
        desk.gateway.refund_by_hand(outcome.processor_id, 2000)
        desk.payments.take_notice(
            ProcessorNotice("evt_1", "charge.refunded", "ch_1", request.payment_id, outcome.processor_id)
        )
        desk.payments.handle_notices()
        return outcome

    desk.gateway.charge = charge_and_return_a_part  # type: ignore[method-assign]
    receipt = desk.pay()
    assert (receipt.total_cents, receipt.balance_cents) == (8420, 2000)
    assert desk.only_payment().state == "partially_refunded"


@pytest.mark.parametrize("kinds", [("payment_intent.succeeded",), ("charge.refunded", "charge.refunded")])
def test_a_second_charge_of_one_payment_goes_back_and_never_touches_the_first(
    desk: Desk, kinds: tuple[str, ...]
) -> None:
    """Against all odds: the processor charged again, for example under a key that it had forgotten."""
    desk.pay()
    [request] = desk.gateway.requests.values()
    desk.gateway.charge(replace(request, idempotency_key="forgotten and sent again"))
    assert desk.gateway.taken_cents == 2 * 8420
    for number, kind in enumerate(("payment_intent.succeeded", *kinds)):
        desk.payments.take_notice(ProcessorNotice(f"evt_{number}", kind, "x", request.payment_id, "pi_2"))
        desk.payments.handle_notices()
    assert desk.gateway.taken_cents == 8420
    assert (desk.only_payment().state, desk.only_payment().processor_id) == ("succeeded", "pi_1")
    assert (desk.only_payment().refunded_cents, desk.balance) == (0, 0)


def test_a_bank_that_takes_its_time_settles_when_it_answers(desk: Desk) -> None:
    desk.gateway.plan = ["processing"]
    with pytest.raises(PaymentUnknown):
        desk.pay()
    desk.gateway.finish_processing(desk.only_payment().id, "succeeded")
    desk.clock.advance(timedelta(minutes=2))
    desk.payments.sweep()
    assert desk.balance == 0


def test_a_text_receipt_waits_for_the_reply_and_is_withdrawn_when_the_reply_left(desk: Desk) -> None:
    desk.pay(channel="sms")
    assert desk.outbox.send_due() == 0
    desk.payments.told_in_reply("turn_1")
    desk.clock.advance(timedelta(minutes=5))
    assert desk.outbox.send_due() == 0
    assert desk.sender.texts == []


def test_a_reply_that_never_left_is_made_up_by_a_text(desk: Desk) -> None:
    receipt = desk.pay(channel="sms")
    desk.clock.advance(timedelta(minutes=5))
    assert desk.outbox.send_due() == 1
    [(_, phone, body, _)] = desk.sender.texts
    assert phone == PHONE
    assert receipt.confirmation_number in body


def test_a_receipt_that_the_sweeper_wrote_is_not_taken_back_by_the_next_reply(desk: Desk) -> None:
    desk.gateway.plan = ["taken"]
    with pytest.raises(PaymentUnknown):
        desk.pay(channel="sms")
    desk.clock.advance(timedelta(minutes=2))
    desk.payments.sweep()
    desk.payments.told_in_reply(desk.session)
    assert desk.outbox.send_due() == 1
    assert "we received your payment" in desk.sender.texts[0][2]


def test_after_a_call_the_receipt_goes_by_text_to_the_phone_on_file(desk: Desk) -> None:
    receipt = desk.pay(channel="voice")
    assert desk.outbox.send_due() == 1
    assert receipt.confirmation_number in desk.sender.texts[0][2]
    desk.payments.told_in_reply("turn_1")
    assert len(desk.sender.texts) == 1


def pay_from_a_landline(desk: Desk, factory: Factory) -> None:
    """A caller whose account has no phone on file pays with a card keyed now."""
    landline = factory.account("1000000009", name="Harold Quinn", phone="")
    desk.identity.claim(desk.session, landline.account_number)
    desk.identity.recognize_by_zip(desk.session, "+17065550119", landline.zip_code)
    draft = desk.payments.draft(
        session_id=desk.session, account_id=landline.id, amount_cents=8420, method_id=None
    )
    desk.payments.attach_card(desk.session, draft.id, "pm_keyed")
    desk.say_yes(draft)
    desk.confirm(channel="voice")


def test_who_hangs_up_before_hearing_the_outcome_and_has_no_phone_on_file_is_told_by_a_person(
    desk: Desk, factory: Factory
) -> None:
    pay_from_a_landline(desk, factory)
    assert topics(desk) == ["tell_payment_outcome"]


def test_who_heard_the_outcome_needs_no_person(desk: Desk, factory: Factory) -> None:
    pay_from_a_landline(desk, factory)
    desk.payments.told_in_reply("turn_1")
    assert topics(desk) == []


def test_hearing_of_one_payment_leaves_the_task_to_tell_of_another(desk: Desk, factory: Factory) -> None:
    pay_from_a_landline(desk, factory)
    with desk.db.read() as tx:
        landline = tx.scalars(select(Payment.account_id)).one()
    desk.clock.advance(timedelta(days=2))
    desk.identity.recognize_by_zip(desk.session, "+17065550119", "30601")
    draft = desk.payments.draft(
        session_id=desk.session, account_id=landline, amount_cents=500, method_id=None
    )
    desk.payments.attach_card(desk.session, draft.id, "pm_keyed")
    desk.say_yes(draft, "turn_2")
    desk.confirm("turn_2", channel="voice")
    assert topics(desk) == ["tell_payment_outcome"] * 2
    desk.payments.told_in_reply("turn_2")
    assert topics(desk) == ["tell_payment_outcome"]


def test_a_card_keyed_for_one_payment_is_not_kept(desk: Desk) -> None:
    desk.recognize()
    draft = desk.draft()
    desk.payments.attach_card(desk.session, draft.id, "pm_keyed")
    desk.say_yes(draft)
    desk.confirm()
    assert desk.payments.saved_methods.saved(desk.account.id) == []


def test_a_keyed_card_is_kept_with_the_words_of_the_permission_when_the_member_says_so(desk: Desk) -> None:
    desk.verify()
    draft = desk.draft()
    desk.payments.attach_card(desk.session, draft.id, "pm_keyed")
    desk.payments.keep_card(
        desk.session, True, words="Keep this card for next time?", language="en", turn_id="t", how="key"
    )
    desk.say_yes(draft)
    desk.confirm()
    [kept] = desk.payments.saved_methods.saved(desk.account.id)
    assert kept.last_four == "4242"
    assert kept.is_default
    [request] = desk.gateway.requests.values()
    assert request.save_method


def test_keeping_a_card_needs_a_verified_session(desk: Desk) -> None:
    desk.recognize()
    draft = desk.draft()
    desk.payments.attach_card(desk.session, draft.id, "pm_keyed")
    with pytest.raises(NotVerified):
        desk.payments.keep_card(desk.session, True, words="…", language="en", turn_id="t", how="key")


@pytest.mark.parametrize(
    ("cents", "code"),
    [(50, "amount_too_small"), (60_001, "amount_too_large"), (8420 + 20_001, "amount_over_balance")],
)
def test_amounts_outside_the_limits_are_refused_before_anything_is_written(
    desk: Desk, cents: int, code: str
) -> None:
    desk.verify()
    with pytest.raises(PaymentRefused, match=code):
        desk.draft(cents, method_id=desk.saved_card())


def test_the_same_amount_within_a_day_is_asked_about_first(desk: Desk) -> None:
    desk.pay(2000)
    method_id = desk.payments.saved_methods.saved(desk.account.id)[0].id
    with pytest.raises(PaymentRefused, match="duplicate_payment"):
        desk.draft(2000, method_id=method_id)
    desk.say_yes(desk.draft(2000, method_id=method_id, twice_is_fine=True), "turn_2")
    assert desk.confirm("turn_2").balance_cents == 8420 - 4000


def test_the_day_limit_counts_what_may_have_been_charged(desk: Desk) -> None:
    desk.settings.payment_day_max_cents = 10_000
    desk.pay(6000)
    with pytest.raises(PaymentRefused, match="daily_limit_reached") as refused:
        desk.draft(5000)
    assert refused.value.params["left_cents"] == 4000


def test_a_small_refund_does_not_take_a_payment_out_of_the_day_limit(desk: Desk) -> None:
    desk.settings.payment_day_max_cents = 10_000
    receipt = desk.pay(6000)
    desk.gateway.refund_by_hand("pi_1", 1)
    desk.payments.take_notice(_notice("evt_1", receipt.payment_id, "pi_1"))
    desk.payments.handle_notices()
    with pytest.raises(PaymentRefused, match="daily_limit_reached") as refused:
        desk.draft(5000)
    assert refused.value.params["left_cents"] == 4001


def test_a_fee_is_charged_on_top_and_never_lowers_the_balance(desk: Desk) -> None:
    desk.settings.fee_cents = 250
    receipt = desk.pay(8420)
    assert receipt.total_cents == 8670
    assert desk.gateway.taken_cents == 8670
    assert desk.balance == 0
    assert desk.ledger_sum(f"payment:{receipt.payment_id}") == 0


@pytest.mark.parametrize(("refunds", "balance"), [((8670,), 8420), ((8420, 250), 8420), ((8500,), 8420)])
def test_a_fee_that_is_given_back_is_never_owed(desk: Desk, refunds: tuple[int, ...], balance: int) -> None:
    desk.settings.fee_cents = 250
    receipt = desk.pay(8420)
    for number, cents in enumerate(refunds):
        desk.gateway.refund_by_hand("pi_1", cents, f"office_{number}")
        desk.payments.take_notice(_notice(f"evt_{number}", receipt.payment_id, "pi_1"))
        desk.payments.handle_notices()
    assert desk.balance == balance
    assert desk.books() == {
        "member": balance,
        "clearing": 8670 - sum(refunds),
        "income": sum(refunds) - balance - 250,
    }


def test_a_confirmation_number_tells_anyone_the_date_and_nothing_else(desk: Desk) -> None:
    receipt = desk.pay()
    status = desk.payments.status_by_confirmation(receipt.confirmation_number, session_id="s", phone=PHONE)
    assert status is not None
    assert status.is_posted
    assert status.posted_on == desk.clock.today()
    assert desk.payments.status_by_confirmation("00000000", session_id="s", phone=PHONE) is None


def test_when_the_processor_cannot_make_a_customer_nothing_is_written(desk: Desk) -> None:
    desk.recognize()
    draft = desk.draft()
    desk.payments.attach_card(desk.session, draft.id, "pm_keyed")
    desk.say_yes(draft)
    desk.gateway.is_down = True
    with pytest.raises(PaymentRefused, match="payments_unavailable"):
        desk.confirm()
    assert desk.payments.all_of(desk.account.id) == []


def _notice(event_id: str, payment_id: str, intent_id: str) -> ProcessorNotice:
    return ProcessorNotice(event_id, "payment_intent.succeeded", intent_id, payment_id, intent_id)


def _request_of(desk: Desk) -> ChargeRequest:
    payment = desk.only_payment()
    return ChargeRequest(
        payment_id=payment.id,
        idempotency_key=payment.idempotency_key,
        customer_id=f"cus_{payment.account_id}",
        method_id="pm_saved",
        amount_cents=8420,
        description="late",
    )


def topics(desk: Desk) -> list[str]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(HandoffRequest.topic).where(HandoffRequest.state == "open")))
