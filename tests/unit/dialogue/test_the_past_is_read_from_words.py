"""Months, years, days and amounts of the past, in English and Spanish; what is unsure is nothing."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.billing.views import Span
from assistant.dialogue.periods import Period, read_past_amount, read_past_day, read_period

TODAY = date(2026, 11, 23)
OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("what did I pay in October", "2026-10-01", "2026-10-31"),
        ("cuánto pagué en octubre", "2026-10-01", "2026-10-31"),
        ("my november payment", "2026-11-01", "2026-11-30"),
        ("december", "2025-12-01", "2025-12-31"),
        ("payments for march 2025", "2025-03-01", "2025-03-31"),
        ("what did i pay in may", "2026-05-01", "2026-05-31"),
        ("pagos de mayo de 2025", "2025-05-01", "2025-05-31"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("el mes pasado", "2026-10-01", "2026-10-31"),
        ("february 2024", "2024-02-01", "2024-02-29"),
    ],
)
def test_a_month(text: str, first: str, last: str) -> None:
    span = Span(date.fromisoformat(first), date.fromisoformat(last))
    assert read_period(text, TODAY) == Period("month", span)


@pytest.mark.parametrize(
    ("text", "year", "is_compared"),
    [
        ("total i paid in 2025", 2025, False),
        ("what did we pay last year", 2025, False),
        ("cuanto pague el año pasado", 2025, False),
        ("how much so far this year", 2026, False),
        ("este año", 2026, False),
        ("this year compared to last year", 2026, True),
        ("am i paying more than last year", 2026, True),
        ("i need it for my taxes", 2026, False),
        ("compare 2025 and 2026", 2026, True),
    ],
)
def test_a_year(text: str, year: int, is_compared: bool) -> None:
    period = read_period(text, TODAY)
    assert period is not None
    assert (period.kind, period.span.first, period.is_compared) == ("year", date(year, 1, 1), is_compared)
    assert period.span.last == (TODAY if year == 2026 else date(2025, 12, 31))


def test_a_running_year_is_compared_with_the_same_days() -> None:
    period = read_period("this year vs last year", TODAY)
    assert period is not None
    assert period.year_before == Span(date(2025, 1, 1), date(2025, 11, 23))


@pytest.mark.parametrize(
    "text", ["show me my payments", "may i see my payments", "october or september", "in 1998", "2031", ""]
)
def test_no_period_or_an_unsure_one(text: str) -> None:
    assert read_period(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("did you get what I paid on nov 5", "2026-11-05"),
        ("I paid november 5th", "2026-11-05"),
        ("pagué el 5 de noviembre", "2026-11-05"),
        ("i mailed it on 12/28", "2025-12-28"),
        ("paid it yesterday", "2026-11-22"),
        ("ayer pagué", "2026-11-22"),
        ("i paid on the 5th", "2026-11-05"),
        ("i paid on the 28th", "2026-10-28"),
        ("i paid last friday", "2026-11-20"),
        ("pagué el lunes", "2026-11-16"),
    ],
)
def test_a_day_that_is_over(text: str, day: str) -> None:
    assert read_past_day(text, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize("text", ["did you get it", "nov 5 or nov 6", "feb 30", "paid 50 dollars"])
def test_no_day_or_an_unsure_one(text: str) -> None:
    assert read_past_day(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("did you get my $50", 5000),
        ("did my 84.20 come in", 8420),
        ("llegaron mis 50 dólares", 5000),
        ("i sent $1,250.00 last week", 125000),
        ("did you get my payment", None),
        ("$50 or $60?", None),
        ("account 1000000001", None),
        ("did you get my payment of 96", 9600),
        ("did you get 96 from me on november 3", 9600),
        ("i paid 50 yesterday did it come", 5000),
        ("did you get the ninety six dollars i sent", 9600),
        ("did you get the check for 120 i mailed", 12000),
        ("recibieron mi pago de 96", 9600),
        ("recibieron los noventa y seis dólares", 9600),
        ("did you get my 2 payments", None),
        ("was my payment on the 15th received", None),
        ("did you get my payment of november 3", None),
        ("did my payment for 3 months come in", None),
    ],
)
def test_an_amount_that_was_paid(text: str, cents: int | None) -> None:
    language = "es" if "llegaron" in text or "recibieron" in text else "en"
    assert read_past_amount(text, language) == cents
