"""A payment that the risk rules held: not charged, told kindly, decided once by a person or the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.db import Database
from assistant.errors import (
    IdentityRefused,
    PaymentDeclined,
    PaymentRefused,
    PaymentUnknown,
    ReviewNotPossible,
)
from assistant.handoff.models import HandoffRequest
from assistant.payments import risk
from assistant.payments.models import Payment, PaymentMethod
from assistant.payments.reviews import ReviewView
from assistant.payments.risk_models import PaymentReview, RiskDecision
from tests.factories import Factory, MadeAccount
from tests.unit.payments.conftest import PHONE, Desk

# Ada's largest bill is $84.20: more than three times that is held.
MUCH = 28_000


def hold(desk: Desk, cents: int = MUCH, *, turn: str = "turn_1", channel: str = "sms") -> PaymentRefused:
    with pytest.raises(PaymentRefused, match="payment_held") as told:
        desk.pay(cents, turn=turn, channel=channel)
    return told.value


def only_review(desk: Desk) -> ReviewView:
    [view] = desk.payments.reviews.listed(only_waiting=False)
    return view


def approve(desk: Desk, *, by: str = "clerk") -> str:
    return desk.payments.reviews.approve(only_review(desk).confirmation_number, by=by, why="called her")


def refuse(desk: Desk) -> None:
    desk.payments.reviews.refuse(only_review(desk).confirmation_number, by="clerk", why="not her card")


def test_a_held_payment_is_not_charged_and_its_reasons_are_kept(desk: Desk) -> None:
    refusal = hold(desk)
    payment = desk.only_payment()
    assert (payment.state, payment.submitted_at, payment.next_lookup_at) == ("held", None, None)
    assert refusal.params == {
        "amount_cents": MUCH,
        "confirmation_number": payment.confirmation_number,
        "told_by": desk.clock.now() + timedelta(hours=72),
    }
    assert desk.gateway.charges == {}
    assert desk.balance == 8420
    view = only_review(desk)
    assert (view.state, view.amount_cents, view.member_name) == ("waiting", MUCH, "Ada Miller")
    assert "333 % of the largest bill" in view.reasons[0]
    with desk.db.read() as tx:
        decision = tx.scalars(select(RiskDecision)).one()
    assert (decision.outcome, decision.payment_id, decision.phone) == ("hold", payment.id, PHONE)


def test_what_is_allowed_is_written_down_too(desk: Desk) -> None:
    receipt = desk.pay()
    with desk.db.read() as tx:
        decision = tx.scalars(select(RiskDecision)).one()
    assert (decision.outcome, decision.payment_id, decision.reasons) == ("allow", receipt.payment_id, [])


def test_the_hold_is_told_by_text_only_when_no_reply_told_it(desk: Desk) -> None:
    hold(desk)
    assert "takes a look at your payment of $280.00" in desk.queued()[0]
    desk.payments.told_in_reply("turn_1")
    assert desk.queued() == []
    assert desk.only_payment().told_at is None, "how it ends is still to be told"


def test_a_caller_gets_the_hold_by_text_as_well(desk: Desk) -> None:
    hold(desk, channel="voice")
    desk.payments.told_in_reply("turn_1")
    assert len(desk.queued()) == 1


def test_an_approved_payment_is_charged_posted_and_told(desk: Desk) -> None:
    hold(desk)
    desk.payments.told_in_reply("turn_1")
    desk.clock.advance(timedelta(hours=5))
    assert approve(desk) == "settled"
    payment = desk.only_payment()
    assert (payment.state, payment.submitted_at) == ("succeeded", desk.clock.now())
    assert desk.balance == 8420 - MUCH
    assert desk.gateway.taken_cents == MUCH
    [text] = desk.queued()
    assert "we received your payment of $280.00" in text
    view = only_review(desk)
    assert (view.state, view.decided_by, view.why) == ("approved", "clerk", "called her")


def test_an_approval_during_the_turn_is_still_told(desk: Desk) -> None:
    hold(desk)
    approve(desk)
    desk.payments.told_in_reply("turn_1")
    assert desk.only_payment().told_at is None
    assert any("we received your payment of $280.00" in text for text in desk.queued())


def test_a_keyed_card_that_was_to_be_kept_is_kept_once_the_payment_is_approved(desk: Desk) -> None:
    desk.verify()
    draft = desk.draft(MUCH)
    desk.payments.attach_card(desk.session, draft.id, "pm_new")
    desk.payments.keep_card(desk.session, True, words="May we?", language="en", turn_id="t0", how="key")
    desk.say_yes(draft)
    with pytest.raises(PaymentRefused, match="payment_held"):
        desk.confirm()
    assert desk.payments.saved_methods.saved(desk.account.id) == []
    approve(desk)
    assert [each.last_four for each in desk.payments.saved_methods.saved(desk.account.id)] == ["4242"]
    [request] = desk.gateway.requests.values()
    assert request.save_method


def test_an_approval_without_an_answer_is_found_out_by_the_sweeper(desk: Desk) -> None:
    hold(desk)
    desk.gateway.plan = ["taken"]
    assert approve(desk) == "unknown"
    desk.clock.advance(timedelta(minutes=2))
    desk.payments.sweep()
    assert desk.only_payment().state == "succeeded"
    assert len(desk.gateway.charges) == 1


def test_a_decline_after_the_approval_is_told(desk: Desk) -> None:
    hold(desk)
    desk.payments.told_in_reply("turn_1")
    desk.gateway.plan = ["insufficient_funds"]
    approve(desk)
    assert desk.only_payment().state == "declined"
    assert "did not go through" in desk.queued()[0]


def test_a_refused_payment_ends_without_money_and_is_told(desk: Desk) -> None:
    hold(desk)
    desk.payments.told_in_reply("turn_1")
    refuse(desk)
    assert desk.only_payment().state == "refused"
    assert desk.gateway.charges == {}
    assert "could not take your payment of $280.00. Nothing was charged." in desk.queued()[0]
    assert only_review(desk).decided_by == "clerk"


def test_what_nobody_decides_is_refused_by_the_worker_when_its_time_is_over(desk: Desk) -> None:
    hold(desk)
    desk.payments.told_in_reply("turn_1")
    desk.clock.advance(timedelta(hours=72) - timedelta(seconds=1))
    assert desk.payments.reviews.expire_due() == 0
    desk.clock.advance(timedelta(seconds=1))
    with pytest.raises(ReviewNotPossible, match="Its time is over"):
        approve(desk)
    assert desk.payments.reviews.expire_due() == 1
    assert desk.payments.reviews.expire_due() == 0
    assert desk.only_payment().state == "refused"
    assert desk.gateway.charges == {}
    assert "did not get to check your payment of $280.00 in time" in desk.queued()[0]
    with pytest.raises(ReviewNotPossible, match="It is expired already"):
        refuse(desk)


def test_without_a_phone_on_file_a_person_tells_how_it_ended(desk: Desk, factory: Factory) -> None:
    stranger = factory.account("1000000009", name="Harold Quinn", phone="")
    desk.account = stranger
    desk.identity.claim(desk.session, stranger.account_number)
    desk.identity.recognize_by_zip(desk.session, "+17065550999", stranger.zip_code)
    draft = desk.draft(MUCH)
    desk.payments.attach_card(desk.session, draft.id, "pm_new")
    desk.say_yes(draft)
    with pytest.raises(PaymentRefused, match="payment_held"):
        desk.confirm(channel="voice")
    desk.payments.told_in_reply("turn_1")
    refuse(desk)
    assert desk.queued() == []
    with desk.db.read() as tx:
        open_tasks = tx.scalars(select(HandoffRequest).where(HandoffRequest.state == "open")).all()
    assert [task.topic for task in open_tasks] == ["tell_payment_outcome"]
    assert "ended: refused" in open_tasks[0].summary


def test_a_bill_paid_meanwhile_is_not_paid_twice_by_an_approval(desk: Desk) -> None:
    hold(desk)
    desk.pay(8420, turn="turn_2")
    with pytest.raises(ReviewNotPossible, match=r"paid meanwhile: it owes \$0.00 now, not \$84.20"):
        approve(desk)
    assert only_review(desk).state == "waiting"
    assert desk.gateway.taken_cents == 8420


def test_an_approval_waits_for_a_payment_that_is_under_way(desk: Desk) -> None:
    hold(desk)
    desk.gateway.plan = ["taken"]
    with pytest.raises(PaymentUnknown):
        desk.pay(5000, turn="turn_2")
    with pytest.raises(ReviewNotPossible, match="still under way"):
        approve(desk)


def test_a_card_that_expired_or_was_removed_meanwhile_is_not_charged(desk: Desk) -> None:
    hold(desk)
    with desk.db.write() as tx:
        tx.get_one(PaymentMethod, desk.only_payment().method_id).removed_at = desk.clock.now()
    with pytest.raises(ReviewNotPossible, match="expired or was removed"):
        approve(desk)


def test_an_unknown_number_is_told_to_the_office(desk: Desk) -> None:
    with pytest.raises(ReviewNotPossible, match="was ever held"):
        desk.payments.reviews.approve("00000000", by="clerk", why="")


def test_a_held_payment_blocks_no_other_payment_but_the_same_amount_is_asked_about(desk: Desk) -> None:
    hold(desk)
    method_id = desk.payments.saved_methods.saved(desk.account.id)[0].id
    with pytest.raises(PaymentRefused, match="duplicate_of_held"):
        desk.draft(MUCH, method_id=method_id)
    assert desk.pay(8420, turn="turn_2").balance_cents == 0


def test_a_held_payment_uses_up_nothing_of_the_days_limit_until_it_is_charged(desk: Desk) -> None:
    desk.settings.payment_day_max_cents = MUCH + 8000
    hold(desk)
    assert desk.pay(8420, turn="turn_2").total_cents == 8420
    with pytest.raises(ReviewNotPossible, match="paid meanwhile"):
        approve(desk)


def test_a_held_payment_is_the_last_payment_and_its_number_is_not_posted(desk: Desk) -> None:
    number = hold(desk).params["confirmation_number"]
    status = desk.payments.last_status(desk.account.id)
    assert status is not None
    assert status.state == "held"
    by_number = desk.payments.status_by_confirmation(number, session_id="s", phone=PHONE)
    assert by_number is not None
    assert not by_number.is_posted


def test_a_lost_or_stolen_card_is_refused_like_any_card_that_does_not_work(desk: Desk) -> None:
    desk.gateway.plan = ["stolen_card"]
    with pytest.raises(PaymentDeclined, match="payment_declined"):
        desk.pay(5000)
    with pytest.raises(PaymentRefused, match="method_not_usable"):
        desk.pay(5000, turn="turn_2")
    assert len(desk.gateway.charges) == 1, "the bank was not asked again"
    with desk.db.read() as tx:
        outcomes = tx.scalars(select(RiskDecision.outcome).order_by(RiskDecision.id)).all()
    assert outcomes == ["allow", "refuse"]


def in_parallel(*works: Callable[[], object]) -> list[object]:
    """What each returned or raised, all begun at once."""
    results: list[object] = [None] * len(works)
    ready = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], object]) -> None:
        ready.wait()
        try:
            results[place] = work()
        except Exception as raised:  # noqa: BLE001  judged by the test
            results[place] = raised

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_clerks_at_once_charge_once(desk: Desk) -> None:
    hold(desk)
    results = in_parallel(lambda: approve(desk, by="Ann"), lambda: approve(desk, by="Bob"))
    assert sum(result == "settled" for result in results) == 1
    assert sum(isinstance(result, ReviewNotPossible) for result in results) == 1
    assert len(desk.gateway.requests) == 1
    assert desk.gateway.taken_cents == MUCH


def test_one_clerk_approves_while_the_other_refuses_and_one_of_them_is_told_no(desk: Desk) -> None:
    hold(desk)
    results = in_parallel(lambda: approve(desk), lambda: refuse(desk))
    assert sum(isinstance(result, ReviewNotPossible) for result in results) == 1
    payment = desk.only_payment()
    assert (payment.state, desk.gateway.taken_cents) in {("succeeded", MUCH), ("refused", 0)}


def pay_from(desk: Desk, session: str) -> str:
    """Charge what was agreed to in that session, from the one phone; `paid`, or the refusal's code."""
    try:
        desk.payments.confirm(session_id=session, turn_id="turn", language="en", channel="sms", phone=PHONE)
    except PaymentRefused as refusal:
        return refusal.code
    return "paid"


def prepared(desk: Desk, account: MadeAccount, session: str) -> None:
    method_id = desk.payments.saved_methods.save(account.id, f"pm_{account.id}", is_default=True).id
    desk.identity.claim(session, account.account_number)
    desk.identity.recognize_by_phone(session, PHONE)
    desk.identity.check_pin(session, PHONE, account.pin)
    draft = desk.payments.draft(
        session_id=session, account_id=account.id, amount_cents=5000, method_id=method_id
    )
    desk.payments.record_consent(session_id=session, draft_id=draft.id, turn_id="turn", how="key")


def test_two_payments_at_once_cannot_both_pass_the_last_place_below_a_limit(
    desk: Desk, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.settings.risk_phone_tries = 1
    other = factory.account("1000000002", name="Ben Miller", phone=PHONE)
    prepared(desk, desk.account, "session_a")
    prepared(desk, other, "session_b")
    make_counting_slow(monkeypatch)
    results = in_parallel(lambda: pay_from(desk, "session_a"), lambda: pay_from(desk, "session_b"))
    assert sorted(map(str, results)) == ["paid", "payment_held"]


@pytest.mark.postgres
@pytest.mark.parametrize("db", ["postgres"], indirect=True)
def test_without_the_lock_on_the_phone_both_would_pass(
    desk: Desk, db: Database, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.payments.risk.lock_keys", lambda _tx, _keys: None)
    desk.settings.risk_phone_tries = 1
    other = factory.account("1000000002", name="Ben Miller", phone=PHONE)
    prepared(desk, desk.account, "session_a")
    prepared(desk, other, "session_b")
    make_counting_slow(monkeypatch)
    results = in_parallel(lambda: pay_from(desk, "session_a"), lambda: pay_from(desk, "session_b"))
    assert results == ["paid", "paid"]


def make_counting_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction counts, then waits for the other to have counted too, if it can get that far."""
    both_counted = threading.Barrier(2)
    judge = risk.Risk._reason

    def slow(self: risk.Risk, *given: object) -> object:
        found = judge(self, *given)  # type: ignore[arg-type]
        if given[1].reason == "many_tries_from_phone":  # type: ignore[attr-defined]
            with suppress(threading.BrokenBarrierError):
                both_counted.wait(timeout=0.5)
        return found

    monkeypatch.setattr(risk.Risk, "_reason", slow)


def test_held_payments_are_the_only_ones_that_can_be_decided(desk: Desk) -> None:
    desk.pay()
    with desk.db.read() as tx:
        assert tx.scalars(select(PaymentReview)).all() == []
        number = tx.scalars(select(Payment.confirmation_number)).one()
    with pytest.raises(ReviewNotPossible, match="was ever held"):
        desk.payments.reviews.refuse(number, by="clerk", why="")


def ask(desk: Desk, number: str, *, session: str = "call", phone: str = PHONE) -> bool:
    return desk.payments.status_by_confirmation(number, session_id=session, phone=phone) is not None


def test_whoever_tries_number_after_number_gets_a_pause_in_which_known_and_unknown_look_alike(
    desk: Desk,
) -> None:
    known = desk.pay().confirmation_number
    for guess in range(6):
        assert ask(desk, known, session=f"call_{guess}"), "a right one is not counted"
        assert not ask(desk, f"0000000{guess}", session=f"call_{guess}")
    for number in (known, "00000000"):
        with pytest.raises(IdentityRefused, match="lookups_paused") as told:
            ask(desk, number, session="call_9")
        assert told.value.params["until"] == desk.clock.now() + timedelta(hours=1)
    assert ask(desk, known, session="call_10", phone="+17065550777"), "another phone is not paused"
    desk.clock.advance(timedelta(hours=1, seconds=1))
    assert ask(desk, known)


def test_a_call_that_changes_its_number_is_paused_as_well(desk: Desk) -> None:
    for guess in range(6):
        ask(desk, f"0000000{guess}", phone=f"+170655500{guess:02d}")
    with pytest.raises(IdentityRefused, match="lookups_paused"):
        ask(desk, "00000009", phone="+17065550099")


def test_account_numbers_cannot_be_walked_from_one_phone_over_many_calls(
    desk: Desk, factory: Factory
) -> None:
    """Claiming a number tells nothing; the ZIP behind it is limited by phone, whatever the number."""

    def try_number(number: int) -> str:
        session = f"call_{number}"
        desk.identity.claim(session, f"{5_000_000_000 + number}")
        with pytest.raises(IdentityRefused) as told:
            desk.identity.recognize_by_zip(session, "+17065550999", "30601")
        return told.value.code

    codes = [try_number(number) for number in range(21)]
    assert codes == ["identity_not_matched"] * 20 + ["identity_locked"]
    factory.account("5000000099", name="Somebody", phone="")
    assert try_number(99) == "identity_locked", "also for a number that exists"
