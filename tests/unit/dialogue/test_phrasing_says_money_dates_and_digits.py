"""Money, dates, times and digits as a member reads or hears them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from assistant.dialogue import phrasing

TODAY = date(2026, 11, 23)
ZONE = ZoneInfo("America/New_York")


def test_an_amount_is_written_by_text_and_said_by_phone() -> None:
    assert phrasing.amount(8420, "en", "sms") == "$84.20"
    assert phrasing.amount(8420, "en", "voice") == "84 dollars and 20 cents"
    assert phrasing.amount(8420, "es", "voice") == "84 dólares con 20 centavos"


@pytest.mark.parametrize(
    ("on", "language", "channel", "words"),
    [
        (date(2026, 12, 3), "en", "sms", "Dec 3"),
        (date(2026, 12, 3), "en", "voice", "December third"),
        (date(2026, 12, 3), "es", "sms", "3 de diciembre"),
        (date(2026, 12, 1), "es", "voice", "primero de diciembre"),
        (date(2026, 12, 1), "es", "sms", "1 de diciembre"),
        (date(2027, 1, 31), "en", "voice", "January thirty-first"),
        (date(2025, 3, 9), "en", "sms", "Mar 9, 2025"),
        (date(2025, 3, 9), "es", "sms", "9 de marzo de 2025"),
    ],
)
def test_a_day_is_told_with_its_year_only_when_it_is_far(on, language, channel, words) -> None:
    assert phrasing.day(on, TODAY, language, channel) == words


@pytest.mark.parametrize(
    ("at", "english", "spanish"),
    [
        (datetime(2026, 11, 23, 22, 30, tzinfo=UTC), "5:30 PM today", "hoy a las 5:30 de la tarde"),
        (datetime(2026, 11, 24, 14, 0, tzinfo=UTC), "9 AM tomorrow", "mañana a las 9 de la mañana"),
        (datetime(2026, 11, 27, 14, 0, tzinfo=UTC), "9 AM on Friday", "el viernes a las 9 de la mañana"),
        (
            datetime(2026, 12, 8, 18, 0, tzinfo=UTC),
            "1 PM on Tuesday, Dec 8",
            "el martes 8 de diciembre a la 1 de la tarde",
        ),
    ],
)
def test_a_promised_time_is_told_in_the_coops_zone(at, english, spanish) -> None:
    assert phrasing.moment(at, TODAY, ZONE, "en", "sms") == english
    assert phrasing.moment(at, TODAY, ZONE, "es", "sms") == spanish


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        phrasing.moment(datetime(2026, 11, 23, 9, 0), TODAY, ZONE, "en", "sms")  # noqa: DTZ001


def test_what_was_done_today_is_told_with_its_hour() -> None:
    today, before = datetime(2026, 11, 23, 14, 0, tzinfo=UTC), datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    assert phrasing.since(today, TODAY, ZONE, "en", "sms") == "today at 9 AM"
    assert phrasing.since(before, TODAY, ZONE, "en", "voice") == "on November twenty-second"
    assert phrasing.since(before, TODAY, ZONE, "es", "sms") == "el 22 de noviembre"


def test_midnight_and_noon_have_their_hour() -> None:
    assert phrasing.clock_time(time(0, 5), "en") == "12:05 AM"
    assert phrasing.clock_time(time(12, 0), "en") == "12 PM"
    assert phrasing.clock_time(time(12, 0), "es") == "las 12 de la tarde"
    assert phrasing.clock_time(time(20, 15), "es") == "las 8:15 de la noche"


def test_digits_are_grouped_only_where_they_are_heard() -> None:
    assert phrasing.digits("48217730", "sms") == "48217730"
    assert phrasing.digits("48217730", "voice") == "4 8 2 1, 7 7 3 0"
    assert phrasing.digits("482177", "voice") == "4 8 2, 1 7 7"


def test_a_phone_number_reads_as_people_say_it() -> None:
    assert phrasing.phone_number("+17065550101", "sms") == "706-555-0101"
    assert phrasing.phone_number("+17065550101", "voice") == "7 0 6, 5 5 5, 0 1 0 1"


def test_a_card_is_its_brand_and_last_four() -> None:
    assert phrasing.method("visa", "4242", "en", "sms") == "Visa 4242"
    assert phrasing.method("visa", "4242", "en", "voice") == "Visa ending in 4 2 4 2"
    assert phrasing.method("eftpos", "4242", "es", "voice") == "tarjeta que termina en 4 2 4 2"


def test_an_account_is_called_by_its_nickname_or_last_four() -> None:
    assert phrasing.account_name("", "0001", "en", "sms") == "account ending 0001"
    assert phrasing.account_name("Barn", "0001", "en", "sms") == "Barn (account ending 0001)"
    assert phrasing.account_name("Barn", "0001", "en", "voice") == "Barn"


def test_office_hours_are_said_in_both_languages() -> None:
    assert phrasing.office_hours("08:00", "17:00", "en") == "8 AM to 5 PM"
    assert phrasing.office_hours("08:00", "17:00", "es") == "de las 8 de la mañana a las 5 de la tarde"
