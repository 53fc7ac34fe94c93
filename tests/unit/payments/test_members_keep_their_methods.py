"""Cards are kept with a mandate, named, put first or in reserve, and taken off with what hangs on them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.errors import NotVerified, PaymentRefused
from assistant.payments.autopay_views import AutopayOptions
from assistant.payments.methods import Evidence
from assistant.payments.models import Mandate
from assistant.payments.wallet import Wallet
from tests.unit.payments.conftest import PHONE, Desk

YES = Evidence("May we keep Visa 1111 for later payments?", "en", "key", "session_1", "turn_9")


@pytest.fixture
def wallet(desk: Desk) -> Wallet:
    desk.verify()
    return desk.payments.wallet


def keep(wallet: Wallet, card: str = "pm_1111") -> str:
    return wallet.keep("session_1", wallet.take_keyed("session_1", card).id, YES).id


def mandates(desk: Desk, method_id: str) -> list[Mandate]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(Mandate).where(Mandate.method_id == method_id)))


def autopay_on(desk: Desk, method_id: str, backup: str | None = None) -> None:
    offer = desk.payments.autopay.offer(
        session_id="session_1", options=AutopayOptions(method_id, backup_method_id=backup)
    )
    desk.payments.record_consent(session_id="session_1", draft_id=offer.id, turn_id="turn_a", how="key")
    desk.payments.autopay.confirm(
        session_id="session_1", turn_id="turn_a", language="en", channel="sms", phone=PHONE, words="autopay?"
    )


def schedule(desk: Desk, method_id: str, in_days: int) -> None:
    draft = desk.payments.draft(
        session_id="session_1",
        account_id=desk.account.id,
        amount_cents=2000,
        method_id=method_id,
        pay_on=desk.clock.today() + timedelta(days=in_days),
    )
    desk.payments.record_consent(session_id="session_1", draft_id=draft.id, turn_id="turn_s", how="key")
    desk.payments.scheduled.confirm(
        session_id="session_1", turn_id="turn_s", language="en", channel="sms", phone=PHONE, words="later?"
    )


def test_a_keyed_card_is_kept_only_with_the_mandate_and_told_in_writing(desk: Desk, wallet: Wallet) -> None:
    keyed = wallet.take_keyed("session_1", "pm_1111")
    assert wallet.methods("session_1") == []
    kept = wallet.keep("session_1", keyed.id, YES)
    assert (kept.last_four, kept.is_default, kept.is_saved) == ("1111", True, True)
    assert [(each.purpose, each.words) for each in mandates(desk, kept.id)] == [("keep_card", YES.words)]
    assert desk.gateway.attached == ["pm_1111"]
    assert any("Visa 1111" in body for body in desk.queued())


def test_a_second_card_does_not_push_itself_in_front(wallet: Wallet) -> None:
    keep(wallet)
    keep(wallet, "pm_2222")
    assert [(each.last_four, each.is_default) for each in wallet.methods("session_1")] == [
        ("1111", True),
        ("2222", False),
    ]


def test_the_same_card_is_not_kept_twice(wallet: Wallet) -> None:
    keep(wallet, "pm_a1111")
    with pytest.raises(PaymentRefused, match="method_already_saved"):
        wallet.take_keyed("session_1", "pm_b1111")


def test_a_card_is_kept_once_and_another_accounts_never(desk: Desk, wallet: Wallet) -> None:
    method_id = keep(wallet)
    for wrong in (method_id, "method_of_nobody"):
        with pytest.raises(PaymentRefused, match="method_not_found"):
            wallet.keep("session_1", wrong, YES)


def test_trying_card_after_card_is_stopped_for_the_day(desk: Desk, wallet: Wallet) -> None:
    for number in range(5):
        wallet.take_keyed("session_1", f"pm_{number}{number}{number}{number}")
    with pytest.raises(PaymentRefused, match="methods_too_many"):
        wallet.take_keyed("session_1", "pm_9999")
    with pytest.raises(PaymentRefused, match="methods_too_many"):
        wallet.require_room("session_1")
    desk.clock.advance(timedelta(days=1, minutes=1))
    desk.verify()
    wallet.require_room("session_1")


def test_a_processor_that_is_away_keeps_nothing(desk: Desk, wallet: Wallet) -> None:
    keyed = wallet.take_keyed("session_1", "pm_1111")
    desk.gateway.is_down = True
    with pytest.raises(PaymentRefused, match="payments_unavailable"):
        wallet.keep("session_1", keyed.id, YES)
    assert wallet.methods("session_1") == []


def test_who_is_only_recognized_sees_and_changes_nothing(desk: Desk) -> None:
    desk.recognize()
    wallet = desk.payments.wallet
    for attempt in (
        lambda: wallet.methods("session_1"),
        lambda: wallet.take_keyed("session_1", "pm_1111"),
        lambda: wallet.remove("session_1", "method_1", channel="sms"),
        lambda: wallet.make_default("session_1", "method_1"),
    ):
        with pytest.raises(NotVerified):
            attempt()


def test_a_verified_helper_changes_nothing(desk: Desk, wallet: Wallet) -> None:
    method_id = keep(wallet)
    desk.identity.name_helper("session_1", "7065550177")
    desk.identity.recognize_by_phone("session_2", "+17065550177")
    desk.identity.check_pin("session_2", "+17065550177", desk.account.pin)
    for attempt in (
        lambda: wallet.take_keyed("session_2", "pm_2222"),
        lambda: wallet.remove("session_2", method_id, channel="sms"),
        lambda: wallet.rename("session_2", method_id, "mine"),
    ):
        with pytest.raises(PaymentRefused, match="only_member_may_change"):
            attempt()


def test_taking_the_first_one_off_puts_the_next_in_its_place(desk: Desk, wallet: Wallet) -> None:
    first, second = keep(wallet), keep(wallet, "pm_2222")
    wallet.remove("session_1", first, channel="sms")
    assert [(each.id, each.is_default) for each in wallet.methods("session_1")] == [(second, True)]
    assert desk.gateway.attached == ["pm_2222"]
    assert all(each.revoked_at is not None for each in mandates(desk, first))


def test_what_removing_ends_is_told_before_and_ended_with_it(desk: Desk, wallet: Wallet) -> None:
    first, second = keep(wallet), keep(wallet, "pm_2222")
    autopay_on(desk, first, backup=second)
    schedule(desk, first, 5)
    effect = wallet.removal("session_1", first)
    assert (effect.ends_autopay, effect.ends_backup, effect.scheduled_count) == (True, False, 1)
    assert wallet.removal("session_1", second).ends_backup
    wallet.remove("session_1", first, channel="sms")
    who = desk.identity.require("session_1", "verified")
    assert desk.payments.autopay.status(who) is None
    assert desk.payments.scheduled.upcoming(who) == []


def test_taking_the_backup_off_leaves_autopay_on(desk: Desk, wallet: Wallet) -> None:
    first, second = keep(wallet), keep(wallet, "pm_2222")
    autopay_on(desk, first, backup=second)
    wallet.remove("session_1", second, channel="sms")
    on = desk.payments.autopay.status(desk.identity.require("session_1", "verified"))
    assert on is not None
    assert (on.state, on.backup) == ("active", None)


def test_a_method_is_not_taken_off_under_a_payment_that_cannot_be_changed_any_more(
    desk: Desk, wallet: Wallet
) -> None:
    method_id = keep(wallet)
    schedule(desk, method_id, 2)
    desk.clock.advance(timedelta(days=1, hours=12))
    desk.verify()
    with pytest.raises(PaymentRefused, match="method_in_use_soon"):
        wallet.remove("session_1", method_id, channel="sms")
    assert len(wallet.methods("session_1")) == 1


def test_another_one_is_put_first_and_one_in_reserve(desk: Desk, wallet: Wallet) -> None:
    first, second = keep(wallet), keep(wallet, "pm_2222")
    wallet.make_default("session_1", second)
    assert [(each.id, each.is_default) for each in wallet.methods("session_1")] == [
        (second, True),
        (first, False),
    ]
    with pytest.raises(PaymentRefused, match="autopay_same_backup"):
        wallet.make_backup("session_1", second, YES)
    wallet.make_backup("session_1", first, YES)
    assert [each.is_backup for each in wallet.methods("session_1")] == [False, True]


def test_a_backup_works_for_autopay_at_once_with_its_own_mandate(desk: Desk, wallet: Wallet) -> None:
    first, second = keep(wallet), keep(wallet, "pm_2222")
    autopay_on(desk, first)
    wallet.make_backup("session_1", second, YES)
    on = desk.payments.autopay.status(desk.identity.require("session_1", "verified"))
    assert on is not None
    assert on.backup is not None
    assert on.backup.id == second
    assert "autopay" in [each.purpose for each in mandates(desk, second)]


@pytest.mark.parametrize("name", ["home", "Ana's card", "  work  card ", "tarjeta de mamá"])
def test_a_method_gets_a_short_name(wallet: Wallet, name: str) -> None:
    assert wallet.rename("session_1", keep(wallet), name).nickname == " ".join(name.split())


@pytest.mark.parametrize("name", ["", "4242 4242", "x" * 25, "http://pay", "{blank}"])
def test_a_name_that_may_hold_a_card_number_or_is_too_long_is_refused(wallet: Wallet, name: str) -> None:
    method_id = keep(wallet)
    with pytest.raises(PaymentRefused, match="nickname_not_possible"):
        wallet.rename("session_1", method_id, name)
