"""Draft days over 36 months: month ends, leap day, holidays and both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.clock import FixedClock
from assistant.payments.timetable import Timetable
from assistant.settings import Settings
from tests.factories import Factory
from tests.unit.payments.conftest import Desk
from tests.unit.payments.later_steps import (
    autopay_rows,
    card,
    day_by_day,
    enroll,
    go_to,
    local,
    payments,
    rounds,
    schedule,
)

ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
DRAFTS_AT = st.times(time(4), time(18, 59)).map(lambda at: at.strftime("%H:%M"))
FALL_BACK, SPRING_FORWARD = date(2027, 11, 7), date(2027, 3, 14)


@cache
def rules(drafts_at: str) -> Settings:
    return Settings(_env_file=None, data_dir=Path(), drafts_at=drafts_at)


def timetable(now: datetime, drafts_at: str = "09:00") -> Timetable:
    return Timetable(rules(drafts_at), FixedClock(now))


@given(DAYS, DRAFTS_AT)
def test_a_draft_is_made_at_its_wall_clock_time_on_its_day(day: date, drafts_at: str) -> None:
    instant = timetable(START, drafts_at).draft_instant(day)
    assert instant.tzinfo is UTC
    assert instant.astimezone(ZONE).date() == day
    assert instant.astimezone(ZONE).strftime("%H:%M") == drafts_at


@given(DAYS)
def test_the_drafts_of_two_days_are_never_at_one_instant_nor_the_wrong_way_round(day: date) -> None:
    times = timetable(START)
    step = times.draft_instant(day + timedelta(days=1)) - times.draft_instant(day)
    assert timedelta(hours=23) <= step <= timedelta(hours=25)


@given(
    st.integers(0, 36 * 30 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.integers(0, 40),
    st.integers(0, 60),
)
def test_a_bill_is_drafted_after_today_not_before_the_chosen_day_and_by_its_due_date(
    now: datetime, due_in: int, days_before: int
) -> None:
    times = timetable(now)
    today = now.astimezone(ZONE).date()
    due_on = today + timedelta(days=due_in)
    day = times.autopay_day(due_on, days_before)
    if due_in == 0:
        assert day is None
        return
    assert day is not None
    assert max(today + timedelta(days=1), due_on - timedelta(days=days_before)) == day
    assert times.draft_instant(day) <= times.draft_instant(due_on)
    assert times.draft_instant(day) > now


@given(DAYS, st.integers(0, 48))
def test_changes_end_a_full_day_before_the_draft_also_when_a_day_has_23_or_25_hours(
    day: date, hours: int
) -> None:
    draft_at = timetable(START).draft_instant(day)
    now = draft_at - timedelta(hours=hours)
    assert timetable(now).is_changeable(draft_at) == (hours >= 24)


def test_every_due_day_of_36_months_has_one_draft_instant_at_nine_and_changes_end_24_hours_before() -> None:
    """Weekends and holidays move nothing: a later day would be past due, an earlier one was not agreed to."""
    first, end = date(2026, 11, 1), date(2029, 11, 1)
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    instants: dict[datetime, date] = {}
    for due_on in days:
        for days_before in (0, 1, 2, 7, 15):
            # The notice goes out ten days before the draft, maybe on the other side of a clock change.
            told_on = due_on - timedelta(days=days_before + 10)
            times = timetable(datetime.combine(told_on, time(19, 59), tzinfo=ZONE).astimezone(UTC))
            assert times.is_notice_due(due_on, days_before)
            day = times.autopay_day(due_on, days_before)
            assert day == due_on - timedelta(days=days_before)
            draft_at = times.draft_instant(day)
            assert draft_at == datetime.combine(day, time(13 if _is_summer(day) else 14), tzinfo=UTC)
            assert draft_at <= times.draft_instant(due_on)
            assert instants.setdefault(draft_at, day) == day, "two days share an instant"
            _require_changes_end_a_day_before(draft_at)
    drafted_days = {*days, *(first - timedelta(days=n) for n in (1, 2, 7, 15))}
    assert drafted_days <= set(instants.values())
    assert len(instants) == len(set(instants.values())), "one day has two instants"


def _is_summer(day: date) -> bool:
    """By the law: from the second Sunday of March to the first Sunday of November; by nine it has changed."""
    march, november = date(day.year, 3, 8), date(day.year, 11, 1)
    begins = march + timedelta(days=6 - march.weekday())
    return begins <= day < november + timedelta(days=6 - november.weekday())


def _require_changes_end_a_day_before(draft_at: datetime) -> None:
    last = draft_at - timedelta(hours=24)
    assert timetable(last).changes_until(draft_at) == last
    assert timetable(last).is_changeable(draft_at)
    assert not timetable(last + timedelta(microseconds=1)).is_changeable(draft_at)


@pytest.mark.parametrize("drafts_at", ["01:30", "02:30", "03:59", "19:00", "9:00", "24:00"])
def test_drafts_are_never_set_to_an_hour_that_a_clock_change_skips_or_repeats(drafts_at: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, drafts_at=drafts_at)


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [(FALL_BACK, 14), (FALL_BACK - timedelta(days=1), 13), (SPRING_FORWARD, 13), (date(2028, 2, 29), 14)],
)
def test_a_payment_set_for_the_day_of_a_clock_change_is_made_once_at_nine(
    desk: Desk, factory: Factory, day: date, utc_hour: int
) -> None:
    desk.pay(8420)
    go_to(desk, day - timedelta(days=5), 10)
    factory.statement(desk.account.id, 3000, due_on=day)
    schedule(desk, day, 3000)
    hour = local(desk.clock.now(), desk).replace(hour=23, minute=30)
    desk.clock.advance(hour - desk.clock.now())
    while desk.clock.today() <= day + timedelta(days=1):
        rounds(desk)
        desk.clock.advance(timedelta(minutes=30))
    made = payments(desk)[1:]
    assert [one.created_at for one in made] == [datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)]


@pytest.mark.parametrize("due_on", [FALL_BACK, SPRING_FORWARD, date(2027, 1, 31), date(2026, 12, 25)])
def test_autopay_drafts_once_on_a_clock_change_a_month_end_and_a_holiday(
    desk: Desk, factory: Factory, due_on: date
) -> None:
    desk.pay(8420)
    go_to(desk, due_on - timedelta(days=8), 10)
    factory.statement(desk.account.id, 3000, due_on=due_on)
    enroll(desk)
    day_by_day(desk, due_on - timedelta(days=1))
    while desk.clock.today() <= due_on:
        rounds(desk)
        desk.clock.advance(timedelta(minutes=30))
    made = payments(desk)[1:]
    assert [local(one.created_at, desk).isoformat()[:16] for one in made] == [f"{due_on}T09:00"]


@pytest.mark.parametrize("days_before", [0, 7, 15])
def test_36_months_of_bills_are_each_drafted_once_on_their_day(
    desk: Desk, factory: Factory, days_before: int
) -> None:
    desk.pay(8420)
    due_days = []
    enroll(desk, days_before=days_before, method_id=card(desk))
    for month in range(36):
        year, index = divmod(11 + month, 12)
        due_on = _month_end(2026 + year, index + 1)
        issued_on = due_on - timedelta(days=20)
        go_to(desk, max(issued_on, desk.clock.today()), 12)
        factory.statement(desk.account.id, 3000 + month, due_on=due_on, issued_on=issued_on)
        for day in sorted({due_on - timedelta(days=days_before + 10), due_on - timedelta(days=days_before)}):
            go_to(desk, max(day, desk.clock.today() + timedelta(days=1)))
            rounds(desk)
            rounds(desk)
        due_days.append(due_on)
    assert desk.balance == 0
    made = payments(desk)[1:]
    assert [one.amount_cents for one in made] == [3000 + month for month in range(36)]
    for payment, due_on in zip(made, due_days, strict=True):
        drafted = local(payment.created_at, desk)
        assert drafted.date() == due_on - timedelta(days=days_before)
        assert drafted.time() == time(9)
    assert len({row.statement_id for row in autopay_rows(desk) if row.state == "paid"}) == 36


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
