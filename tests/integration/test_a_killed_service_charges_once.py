"""kill -9 of the service at each step of a payment by text: charged once at most, and the member is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.killable_coop import CHARGES, Coop, until

pytestmark = pytest.mark.slow

PROMPT = "Reply with your PIN to pay $84.20"
PLEASE_WAIT = "Please do not pay again"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def kill_while_the_bank_answers(coop: Coop) -> None:
    """PAY, then the PIN; the charge is taken, its answer is late, and the service is killed meanwhile."""
    coop.processor.fault("delay", when="after", method="POST", path=CHARGES, seconds=8)
    assert PROMPT in coop.text("PAY")
    texting = coop.start_text("4821")
    until(coop.processor.charged, "the charge")
    coop.service.kill()
    texting.join(60)
    [payment] = coop.payments()
    assert payment.state == "submitted", "killed between charge and settle"
    assert coop.balance_cents == 8420
    coop.service.start()


def test_killed_between_charge_and_settle_it_is_charged_once_and_told_by_text(coop: Coop) -> None:
    kill_while_the_bank_answers(coop)
    coop.work_for(2 * MINUTE)
    coop.require_paid_and_told_once()
    coop.work_for(10 * MINUTE, 60 * MINUTE)
    coop.require_paid_and_told_once()


def test_who_pays_again_right_after_the_crash_is_asked_not_to(coop: Coop) -> None:
    kill_while_the_bank_answers(coop)
    # The dead process still holds the session for some seconds: the answer waits for it.
    coop.let_time_pass(30 * SECOND)
    answer = coop.text("PAY")
    assert "We are still checking your payment of $84.20" in answer
    assert PLEASE_WAIT in answer
    assert PROMPT not in coop.text("4821")
    assert PLEASE_WAIT in coop.text("pay my bill")
    assert len(coop.payments()) == 1
    coop.work_for(2 * MINUTE)
    coop.require_paid_and_told_once()
    assert PROMPT not in coop.text("PAY")
    coop.require_paid_and_told_once()


def test_the_same_text_delivered_again_pays_nothing_more(coop: Coop) -> None:
    kill_while_the_bank_answers(coop)
    assert "<Message>" not in coop.deliver_again("4821"), "whoever took it may still be at work"
    coop.let_time_pass(70 * SECOND)
    answer = coop.deliver_again("4821")
    until(lambda: PLEASE_WAIT in answer or coop.texts_with(PLEASE_WAIT), "an answer, at once or late")
    assert coop.deliver_again("4821") == answer, "the stored answer"
    coop.work_for(MINUTE)
    coop.require_paid_and_told_once()
    coop.deliver_again("4821")
    coop.require_paid_and_told_once()


def test_a_webhook_brings_the_outcome_after_the_crash(coop: Coop) -> None:
    coop.processor.plan_webhooks(f"{coop.settings.public_url}/stripe/events", copies=2, is_held=True)
    kill_while_the_bank_answers(coop)
    assert coop.processor.release_webhooks("reversed") > 0
    coop.processor.wait_for_webhooks()
    coop.work()
    assert coop.balance_cents == 0
    coop.work_for(3 * MINUTE)
    coop.require_paid_and_told_once()


def test_killed_before_the_charge_left_nothing_is_charged_and_the_member_may_pay_again(coop: Coop) -> None:
    assert PROMPT in coop.text("PAY")
    coop.to_processor.hold.is_wanted = True
    texting = coop.start_text("4821")
    coop.to_processor.hold.arrived()
    coop.service.kill()
    coop.to_processor.hold.end()
    texting.join(60)
    coop.service.start()
    coop.work_for(2 * MINUTE, 4 * MINUTE)
    [payment] = coop.payments()
    assert payment.state == "unknown", "two denials are no proof"
    assert PLEASE_WAIT in coop.text("PAY")

    coop.work_for(10 * MINUTE)
    assert "your payment of $84.20 was not charged" in coop.told("was not charged")
    assert coop.processor.charged() == []
    assert coop.balance_cents == 8420
    assert "YES or 1 to pay $84.20" in coop.text("PAY"), "the PIN was right a moment ago"
    assert "Paid: $84.20" in coop.text("YES")
    assert [each.state for each in coop.payments()] == ["not_charged", "succeeded"]
    assert coop.balance_cents == 0
    coop.require_books_agree()


def test_killed_after_settling_the_receipt_that_was_not_replied_comes_by_text(coop: Coop) -> None:
    assert PROMPT in coop.text("PAY")
    coop.from_rasa.hold_answer_of("action_charge")
    texting = coop.start_text("4821")
    coop.from_rasa.hold.arrived()
    coop.service.kill()
    coop.from_rasa.hold.end()
    texting.join(60)
    [payment] = coop.payments()
    assert payment.state == "succeeded", "killed after settle"
    coop.service.start()
    coop.let_time_pass(50 * SECOND)
    assert PROMPT not in coop.text("PAY"), "there is nothing left to pay"
    coop.work_for(3 * MINUTE)
    coop.require_paid_and_told_once()
    coop.work_for(60 * MINUTE)
    coop.require_paid_and_told_once()
