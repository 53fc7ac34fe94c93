"""Which day a member means when a payment is to be made later, and when we must ask again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.dates import read_date
from assistant.money import Language
from tests.spelled_numbers import in_english, in_spanish

TODAY = date(2026, 11, 23)  # a Monday
DUE_ON = date(2026, 12, 3)  # a Thursday
NOV, DEC = 11, 12
DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))
MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
MONTHS_ES = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
WEEKDAYS = (("monday", "lunes"), ("tuesday", "martes"), ("wednesday", "miércoles"), ("thursday", "jueves"))


def _in_2026(month: int, day: int) -> date:
    return date(2026, month, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        ("tomorrow", _in_2026(NOV, 24)),
        ("tmrw morning please", _in_2026(NOV, 24)),
        ("2morrow", _in_2026(NOV, 24)),
        ("the day after tomorrow", _in_2026(NOV, 25)),
        ("friday", _in_2026(NOV, 27)),
        ("this friday", _in_2026(NOV, 27)),
        ("can you do it on Friday at 5pm?", _in_2026(NOV, 27)),
        ("next friday", _in_2026(DEC, 4)),
        ("friday of next week", _in_2026(DEC, 4)),
        ("a week from friday", _in_2026(DEC, 4)),
        ("monday", _in_2026(NOV, 30)),
        ("the 15th", _in_2026(DEC, 15)),
        ("the 25th", _in_2026(NOV, 25)),
        ("the twenty-first", _in_2026(DEC, 21)),
        ("the 1st of the month", _in_2026(DEC, 1)),
        ("the 5th of next month", _in_2026(DEC, 5)),
        ("next month on the 5th", _in_2026(DEC, 5)),
        ("dec 3", _in_2026(DEC, 3)),
        ("Dec. 3rd, 2026", _in_2026(DEC, 3)),
        ("the third of december", _in_2026(DEC, 3)),
        ("december third twenty twenty six", _in_2026(DEC, 3)),
        ("friday dec 4", _in_2026(DEC, 4)),
        ("friday the 4th", _in_2026(DEC, 4)),
        ("jan 5", date(2027, 1, 5)),
        ("12/3", _in_2026(DEC, 3)),
        ("12-3-2026", _in_2026(DEC, 3)),
        ("2026-12-03", _in_2026(DEC, 3)),
        ("in two weeks", _in_2026(DEC, 7)),
        ("3 days from now", _in_2026(NOV, 26)),
        ("in a month", _in_2026(DEC, 23)),
        ("end of the month", _in_2026(NOV, 30)),
        ("the end of next month", _in_2026(DEC, 31)),
        ("the friday before it's due", _in_2026(NOV, 27)),
        ("the day before it's due", _in_2026(DEC, 2)),
        ("two days before the due date", _in_2026(DEC, 1)),
        ("on the due date", DUE_ON),
        ("when it's due", DUE_ON),
        ("I get my check on the 3rd, take it then", _in_2026(DEC, 3)),
        ("friday, no, saturday", _in_2026(NOV, 28)),
        ("not friday, saturday", _in_2026(NOV, 28)),
        ("change it from the 7th to the 14th", _in_2026(DEC, 14)),
    ],
)
def test_an_english_day_is_read(text: str, day: date) -> None:
    assert read_date(text, "en", TODAY, DUE_ON) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("hoy", TODAY),
        ("mañana", _in_2026(NOV, 24)),
        ("mañana por la mañana", _in_2026(NOV, 24)),
        ("pasado mañana", _in_2026(NOV, 25)),
        ("el viernes", _in_2026(NOV, 27)),
        ("el próximo viernes", _in_2026(NOV, 27)),
        ("el viernes que viene", _in_2026(NOV, 27)),
        ("el viernes de la próxima semana", _in_2026(DEC, 4)),
        ("el quince", _in_2026(DEC, 15)),
        ("el día 15", _in_2026(DEC, 15)),
        ("el primero", _in_2026(DEC, 1)),
        ("el 15 del próximo mes", _in_2026(DEC, 15)),
        ("el tres de diciembre", _in_2026(DEC, 3)),
        ("3 de diciembre de 2026", _in_2026(DEC, 3)),
        ("el viernes 4 de diciembre", _in_2026(DEC, 4)),
        ("15/12", _in_2026(DEC, 15)),
        ("dentro de 3 días", _in_2026(NOV, 26)),
        ("en dos semanas", _in_2026(DEC, 7)),
        ("de hoy en ocho", _in_2026(NOV, 30)),
        ("a fin de mes", _in_2026(NOV, 30)),
        ("un día antes de que venza", _in_2026(DEC, 2)),
        ("el viernes antes de que venza", _in_2026(NOV, 27)),
        ("en la fecha de vencimiento", DUE_ON),
        ("no puedo el viernes, el sábado", _in_2026(NOV, 28)),
    ],
)
def test_a_spanish_day_is_read(text: str, day: date) -> None:
    assert read_date(text, "es", TODAY, DUE_ON) == day


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *(
            (text, "en")
            for text in (
                "",
                "yes",
                "pay my bill",
                "50 dollars",
                "the 15 dollars",
                "5pm",
                "may I pay",
                "1/2 of it",
            )
        ),
        *(
            (text, "en")
            for text in (
                "next week",
                "next month",
                "the weekend",
                "a couple of weeks",
                "wait a second",
                "the first bill",
                "use my mastercard first",
            )
        ),
        *(
            (text, "en")
            for text in (
                "yesterday",
                "last friday",
                "3 days ago",
                "nov 22",
                "11/20/2026",
                "the 5th of this month",
            )
        ),
        *(
            (text, "en")
            for text in (
                "feb 30",
                "13/45",
                "the 31st",
                "friday december 3",
                "friday the 5th",
                "dec 3 2029",
                "nov 3",
            )
        ),
        *(
            (text, "en")
            for text in (
                "friday or saturday",
                "between the 5th and the 10th",
                "every friday",
                "fridays",
                "not friday",
            )
        ),
        *(
            (text, "en")
            for text in ("before friday", "after the 15th", "after it's due", "two weeks before it's due")
        ),
        *(
            (text, "en")
            for text in (
                "when is the due date",
                "I paid on the 15th",
                "706-555-0111",
                "1000000001",
                "june 6 th 2018",
            )
        ),
        *(
            (text, "es")
            for text in (
                "en la mañana",
                "ayer",
                "el viernes pasado",
                "hace 3 días",
                "los viernes",
                "cada viernes",
                "quiero usar primero la otra tarjeta",
            )
        ),
        *(
            (text, "es")
            for text in (
                "12/3",
                "en quince días",
                "el 31 de noviembre",
                "antes del viernes",
                "viernes o sábado",
            )
        ),
        *((text, "es") for text in ("cuándo vence", "el viernes 5", "el 15 por ciento", "pagar mi recibo")),
    ],
)
def test_a_text_without_one_sure_day_to_come_gives_none(text: str, language: Language) -> None:
    assert read_date(text, language, TODAY, DUE_ON) is None


@pytest.mark.parametrize(
    "text", ["on the due date", "the day before it's due", "el viernes antes de que venza"]
)
def test_a_day_counted_from_the_due_date_needs_a_due_date(text: str) -> None:
    assert read_date(text, "en", TODAY, None) is None


def test_next_friday_is_unsure_on_a_sunday_when_the_week_may_have_begun_or_not() -> None:
    assert read_date("next friday", "en", date(2026, 11, 22), None) is None


@given(today=DAYS, ahead=st.integers(0, 180))
def test_a_day_written_in_full_reads_back(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    month_en, month_es = MONTHS_EN[day.month - 1], MONTHS_ES[day.month - 1]

    for text in (
        f"{month_en} {day.day}, {day.year}",
        f"{month_en[:3].lower()} {day.day}",
        f"{day:%m/%d/%Y}",
        f"{day:%m/%d}",
        day.isoformat(),
    ):
        assert read_date(text, "en", today, None) == day, text
    for text in (f"el {day.day} de {month_es}", f"{in_spanish(day.day)} de {month_es} de {day.year}"):
        assert read_date(text, "es", today, None) == day, text


@given(today=DAYS, days=st.integers(1, 60))
def test_days_ahead_read_back_in_figures_and_words(today: date, days: int) -> None:
    day = today + timedelta(days=days)
    unit = "days" if days > 1 else "day"

    assert read_date(f"in {days} {unit}", "en", today, None) == day
    assert read_date(f"{in_english(days)} {unit} from today", "en", today, None) == day
    if days not in (8, 15):
        assert read_date(f"dentro de {days} días", "es", today, None) == day


@given(today=DAYS, weekday=st.integers(0, 3))
def test_a_weekday_alone_is_the_coming_one(today: date, weekday: int) -> None:
    english, spanish = WEEKDAYS[weekday]
    day = read_date(f"on {english}", "en", today, None)

    assert day is not None
    assert day.weekday() == weekday
    assert timedelta(0) < day - today <= timedelta(days=7)
    assert read_date(f"el {spanish}", "es", today, None) == day


@given(today=DAYS, day=st.integers(1, 28))
def test_a_day_of_the_month_is_the_next_one(today: date, day: int) -> None:
    found = read_date(f"the {day}th", "en", today, None)

    assert found is not None
    assert found.day == day
    assert timedelta(0) <= found - today <= timedelta(days=31)


_PIECES = st.sampled_from(
    [
        "the",
        "el",
        "15th",
        "15",
        "31",
        "dec",
        "3",
        "12/3",
        "friday",
        "viernes",
        "next",
        "last",
        "before",
        "after",
        "due",
        "it's",
        "tomorrow",
        "mañana",
        "pasado",
        "in",
        "en",
        "two",
        "weeks",
        "days",
        "de",
        "diciembre",
        "month",
        "end",
        "of",
        "no",
        "not",
        "or",
        "2026",
        "2026-02-30",
        "99/99",
        "29",
        "feb",
        "0",
        "a",
        "week",
        "from",
        "today",
        "vence",
        "antes",
        "que",
        ",",
        ".",
        "-",
    ]
)


@given(
    text=st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=9).map(" ".join)),
    language=st.sampled_from(("en", "es")),
    today=DAYS,
    due_in=st.one_of(st.none(), st.integers(-30, 60)),
)
def test_no_text_fails_or_gives_a_day_in_the_past(
    text: str, language: Language, today: date, due_in: int | None
) -> None:
    due_on = None if due_in is None else today + timedelta(days=due_in)
    day = read_date(text, language, today, due_on)

    assert day is None or today <= day <= today + timedelta(days=366)
