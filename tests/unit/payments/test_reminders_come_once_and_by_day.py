"""Reminders: due soon, past due, a new bill without paper, a card about to end; once each, never at night."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assistant.billing.service import AccountSummary
from assistant.identity.models import AccountAccess
from assistant.notifications.models import OutboxMessage
from assistant.notifications.opt_outs import record_opt_out
from assistant.notifications.phones import remember_language
from assistant.notifications.preferences import ContactPreferences
from assistant.payments.models import PaymentMethod
from tests.factories import Factory
from tests.unit.payments.conftest import PHONE, Desk
from tests.unit.payments.test_members_keep_their_methods import autopay_on, schedule


def days(desk: Desk, count: int) -> None:
    desk.clock.advance(timedelta(days=count))


def texts(desk: Desk) -> list[str]:
    """What a round queues, and its repetition does not."""
    with desk.db.write() as tx:
        known = set(tx.scalars(select(OutboxMessage.id)))
    desk.payments.reminders.queue_due()
    assert desk.payments.reminders.queue_due() == 0
    with desk.db.read() as tx:
        rows = tx.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)).all()
        return [row.body for row in rows if row.id not in known]


def wish(desk: Desk, **values: int | bool | str) -> None:
    with desk.db.write() as tx:
        ContactPreferences(desk.clock, desk.settings).change(tx, desk.account.id, **values)


def test_a_bill_is_reminded_of_three_days_before_it_is_due(desk: Desk) -> None:
    days(desk, 6)
    assert texts(desk) == []
    days(desk, 1)
    [reminder] = texts(desk)
    assert "$84.20" in reminder
    assert "Lantern Valley Electric" in reminder
    assert "0001" in reminder
    days(desk, 1)
    assert texts(desk) == []


def test_the_member_chooses_how_early_or_never(desk: Desk) -> None:
    wish(desk, reminder_days=0)
    days(desk, 10)
    assert texts(desk) == []
    wish(desk, reminder_days=10)
    assert len(texts(desk)) == 1


def test_a_paid_bill_is_not_reminded_of(desk: Desk) -> None:
    desk.pay()
    days(desk, 8)
    assert texts(desk) == []


def test_the_reminder_tells_what_is_still_owed(desk: Desk) -> None:
    desk.pay(2000)
    days(desk, 8)
    [reminder] = texts(desk)
    assert "$64.20" in reminder


def test_what_pays_itself_needs_no_reminder(desk: Desk) -> None:
    desk.verify()
    method_id = desk.saved_card()
    schedule(desk, method_id, 9)
    days(desk, 8)
    assert texts(desk) == []


def test_with_autopay_on_nobody_is_reminded(desk: Desk) -> None:
    desk.verify()
    autopay_on(desk, desk.saved_card())
    days(desk, 8)
    assert texts(desk) == []


def test_bills_that_need_no_word_hold_up_no_others(desk: Desk, factory: Factory) -> None:
    """More of them than a round looks at, and all due before the one that is to be told of."""
    for number in range(2, 5):
        factory.account(f"100000000{number}", name=f"M{number}", phone="", due_on=desk.clock.today())
    wish(desk, reminder_days=14)
    assert sum(desk.payments.reminders.queue_due(limit=2) for _ in range(2)) == 1
    assert sum(desk.payments.reminders.queue_due(limit=2) for _ in range(4)) == 0


def test_a_bill_that_cannot_be_looked_at_holds_up_no_others(
    desk: Desk, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_id = factory.account("1000000002", phone="+17065550112", due_on=desk.clock.today()).id
    summary_in = desk.billing.summary_in

    def breaks(tx: Session, account_id: int) -> AccountSummary:
        if account_id == broken_id:
            raise ZeroDivisionError
        return summary_in(tx, account_id)

    monkeypatch.setattr(desk.billing, "summary_in", breaks)
    wish(desk, reminder_days=14)
    assert desk.payments.reminders.queue_due() == 1


def test_past_due_is_told_the_day_after_and_once(desk: Desk) -> None:
    wish(desk, reminder_days=1)
    days(desk, 10)
    assert len(texts(desk)) == 1
    days(desk, 1)
    [alert] = texts(desk)
    assert "was due" in alert
    days(desk, 1)
    assert texts(desk) == []


@pytest.mark.parametrize(("hour", "count"), [(12, 1), (22, 0), (7, 0)])
def test_nobody_is_texted_at_night(desk: Desk, hour: int, count: int) -> None:
    days(desk, 8)
    local = desk.clock.now().astimezone(desk.clock.zone)
    desk.clock.advance(timedelta(hours=hour - local.hour))
    assert desk.payments.reminders.queue_due() == count


def test_the_members_own_quiet_hours_are_kept(desk: Desk) -> None:
    wish(desk, quiet_from=time(9).isoformat("minutes"), quiet_until=time(17).isoformat("minutes"))
    days(desk, 8)
    assert texts(desk) == []
    desk.clock.advance(timedelta(hours=7, minutes=30))
    assert len(texts(desk)) == 1


def test_who_opted_out_gets_none_and_the_other_phone_does(desk: Desk) -> None:
    days(desk, 8)
    with desk.db.write() as tx:
        record_opt_out(tx, phone=PHONE, how="own_words", at=desk.clock.now())
    assert texts(desk) == []
    with desk.db.write() as tx:
        tx.add(
            AccountAccess(
                account_id=desk.account.id,
                phone="+17065550112",
                role="member",
                enrolled_at=desk.clock.now(),
                enrolled_how="test",
            )
        )
    assert len(texts(desk)) == 1


def test_a_helper_is_not_reminded_of_the_members_bill(desk: Desk) -> None:
    desk.verify()
    desk.identity.name_helper("session_1", "7065550177")
    with desk.db.write() as tx:
        tx.execute(delete(AccountAccess).where(AccountAccess.phone == PHONE))
    days(desk, 8)
    assert texts(desk) == []


def test_the_language_of_the_phone_goes_before_the_one_on_file(desk: Desk) -> None:
    with desk.db.write() as tx:
        remember_language(tx, PHONE, "es", at=desk.clock.now())
    days(desk, 8)
    [reminder] = texts(desk)
    assert "vence" in reminder


def test_without_paper_the_new_bill_comes_by_text(desk: Desk, factory: Factory) -> None:
    wish(desk, is_paperless=True, reminder_days=0)
    factory.statement(desk.account.id, 5100, issued_on=desk.clock.today(), number="S-new")
    [bill] = texts(desk)
    assert "$51.00" in bill
    assert "new bill" in bill


def test_a_card_about_to_end_is_told_once(desk: Desk) -> None:
    wish(desk, reminder_days=0)
    method_id = desk.saved_card()
    assert texts(desk) == []
    with desk.db.write() as tx:
        row = tx.get_one(PaymentMethod, method_id)
        row.expires_year, row.expires_month = 2026, 12
    assert texts(desk) == []
    days(desk, 10)
    [told] = texts(desk)
    assert "4242" in told
    days(desk, 1)
    assert texts(desk) == []


def test_who_was_given_more_time_is_not_told_to_be_late(desk: Desk) -> None:
    wish(desk, reminder_days=1)
    days(desk, 11)
    desk.verify()
    who = desk.identity.require("session_1", "verified")
    arrangements = desk.billing.arrangements
    offer = arrangements.offer(who)
    arrangements.record_consent(session_id="session_1", arrangement_id=offer.id, turn_id="turn_1", how="key")
    arrangements.agree(who, turn_id="turn_1", words="half today?", language="en")
    assert texts(desk) == []
