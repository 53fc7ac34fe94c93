"""A request for a person is kept once, with a time that the office can hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from assistant.audit import AuditEvent
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.handoff.models import HandoffRequest
from assistant.handoff.office_hours import OfficeHours, is_working_day
from assistant.handoff.service import Handoff, HandoffAnswer
from assistant.settings import Settings

NEW_YORK = ZoneInfo("America/New_York")
CARD = "4242 4242 4242 4242"


@pytest.fixture
def handoff(db: Database, clock: FixedClock, settings: Settings) -> Handoff:
    return Handoff(db, clock, settings)


def ask(
    handoff: Handoff, session_id: str | None = "s1", topic: str = "human_agent", **more: str
) -> HandoffAnswer:
    return handoff.ask(
        session_id=session_id,
        account_id=7,
        phone="+17065550111",
        topic=topic,
        summary=more.get("summary", "wants to talk about a payment"),
        channel="voice" if more.get("channel") == "voice" else "sms",
    )


def local(day: str, hour: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "is_open", "promised"),
    [
        (("2026-11-23", "08:00"), True, ("2026-11-23", "09:00")),
        (("2026-11-23", "10:00"), True, ("2026-11-23", "11:00")),
        (("2026-11-23", "16:00"), True, ("2026-11-23", "17:00")),
        # Less than an hour is left of the day.
        (("2026-11-23", "16:01"), True, ("2026-11-24", "10:00")),
        (("2026-11-23", "17:00"), False, ("2026-11-24", "10:00")),
        (("2026-11-23", "03:00"), False, ("2026-11-23", "10:00")),
        (("2026-11-23", "07:59"), False, ("2026-11-23", "10:00")),
        # The evening before Thanksgiving, Thanksgiving itself, a weekend.
        (("2026-11-25", "18:00"), False, ("2026-11-27", "10:00")),
        (("2026-11-26", "10:00"), False, ("2026-11-27", "10:00")),
        (("2026-11-28", "12:00"), False, ("2026-11-30", "10:00")),
        # The night in which summer time ends, and a holiday observed on a Friday.
        (("2026-10-31", "22:00"), False, ("2026-11-02", "10:00")),
        (("2026-07-03", "10:00"), False, ("2026-07-06", "10:00")),
    ],
)
def test_the_promise_follows_office_hours_weekends_and_holidays(
    settings: Settings, now: tuple[str, str], is_open: bool, promised: tuple[str, str]
) -> None:
    hours = OfficeHours(settings, FixedClock(local(*now)))
    assert hours.is_open() is is_open
    assert hours.call_back_by() == local(*promised)


def test_new_years_day_is_observed_in_the_old_year_when_it_falls_on_a_saturday() -> None:
    assert not is_working_day(date(2027, 12, 31))
    assert is_working_day(date(2027, 12, 30))


def test_a_call_in_office_hours_is_put_through_a_text_is_not(handoff: Handoff, settings: Settings) -> None:
    assert ask(handoff, "call", channel="voice").transfer_phone == settings.office_phone
    answer = ask(handoff, "text")
    assert (answer.is_open, answer.transfer_phone) == (True, None)


def test_a_call_at_three_in_the_morning_gets_a_promise_instead(handoff: Handoff, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=17))
    answer = ask(handoff, channel="voice")
    assert (answer.is_open, answer.transfer_phone) == (False, None)
    assert answer.promised_by_at == local("2026-11-24", "10:00")


def test_asking_again_keeps_one_request_and_the_first_promise(handoff: Handoff, clock: FixedClock) -> None:
    first = ask(handoff)
    clock.advance(timedelta(minutes=20))
    assert ask(handoff).promised_by_at == first.promised_by_at
    assert len(handoff.open_requests()) == 1
    ask(handoff, topic="payment_unknown")
    ask(handoff, session_id="s2")
    assert len(handoff.open_requests()) == 3


def test_a_promise_that_has_passed_is_not_told_again(handoff: Handoff, clock: FixedClock) -> None:
    first = ask(handoff)
    clock.advance(timedelta(hours=2))
    assert ask(handoff).promised_by_at == clock.now() + timedelta(hours=1)
    # The office still sees what it owes.
    assert [row.promised_by_at for row in handoff.open_requests()] == [first.promised_by_at]


def test_eight_at_once_make_one_request(handoff: Handoff) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: ask(handoff), range(8)))
    assert len(answers) == 1
    assert len(handoff.open_requests()) == 1


def test_requests_without_a_session_are_all_kept(db: Database, handoff: Handoff) -> None:
    for _ in range(2):
        with db.write() as tx:
            handoff.ask_in(
                tx, session_id=None, account_id=7, phone="", topic="payment_unknown", summary="look at it"
            )
    assert len(handoff.open_requests()) == 2


def test_a_clerk_completes_a_request_once_and_the_member_can_ask_anew(db: Database, handoff: Handoff) -> None:
    ask(handoff)
    request = handoff.open_requests()[0]
    assert (request.phone, request.topic, request.account_id) == ("+17065550111", "human_agent", 7)
    assert handoff.complete(request.id, by="clerk:maria") is True
    assert handoff.complete(request.id, by="clerk:maria") is False
    assert handoff.complete("handoff_unknown", by="clerk:maria") is False
    assert handoff.open_requests() == []
    ask(handoff)
    assert len(handoff.open_requests()) == 1
    with db.read() as tx:
        events = tx.execute(select(AuditEvent.actor, AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [tuple(event) for event in events] == [
        ("member", "handoff_asked"),
        ("clerk:maria", "handoff_done"),
        ("member", "handoff_asked"),
    ]


def test_a_call_that_was_put_through_needs_no_call_back(handoff: Handoff) -> None:
    ask(handoff, "call", channel="voice")
    handoff.transferred("call")
    assert handoff.open_requests() == []


def test_the_earliest_promise_comes_first(handoff: Handoff, clock: FixedClock) -> None:
    ask(handoff, "s1")
    clock.advance(timedelta(minutes=-30))
    ask(handoff, "s2")
    assert [row.session_id for row in handoff.open_requests()] == ["s2", "s1"]


def test_a_scam_report_is_filed_under_its_own_topic(handoff: Handoff) -> None:
    answer = handoff.report_scam(
        session_id="s1",
        account_id=None,
        phone="+17065550111",
        summary="a caller wanted gift cards",
        channel="sms",
    )
    assert answer.promised_by_at == local("2026-11-23", "11:00")
    assert handoff.open_requests()[0].topic == "scam_report"


def test_no_card_number_reaches_the_clerk_and_long_words_fit(db: Database, handoff: Handoff) -> None:
    ask(handoff, summary=f"my card {CARD} was charged " + "again and " * 100, topic="t" * 60)
    with db.read() as tx:
        row = tx.scalars(select(HandoffRequest)).one()
    assert "4242" not in row.summary
    assert len(row.summary) == 500
    assert len(row.topic) == 40


def test_a_request_falls_with_its_cause(db: Database, handoff: Handoff) -> None:
    def ask_then_fail() -> None:
        with db.write() as tx:
            handoff.ask_in(
                tx, session_id="s1", account_id=7, phone="", topic="payment_unknown", summary="look at it"
            )
            raise RuntimeError("the cause was rolled back")

    with pytest.raises(RuntimeError):
        ask_then_fail()
    assert handoff.open_requests() == []
