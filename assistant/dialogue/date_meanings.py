"""What a form of naming a day means on a given today. Pure; every meaning answers None when unsure.

Meanings that could be disputed, so that the day is always read back in full: `friday` is the coming one, in a
week if today is Friday; `next friday` is the one in the week after this one (weeks begin on Monday), while
`el próximo viernes` is the coming one; `the 15th` is the next 15th, today included; a month and day without a
year is the next one, up to half a year ahead when this year's has passed.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.dialogue.date_words import MONTHS, WEEKDAYS
from assistant.money import Language

_SUNDAY = 6
_HALF_A_YEAR = timedelta(days=183)
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Asked:
    """What a rule needs to know: today in the co-op's zone, the bill's due day if any, the language."""

    today: date
    due_on: date | None
    language: Language


Meaning = Callable[[re.Match[str], Asked], date | None]


def day_of(year: int, month: int, day: int) -> date | None:
    """The date, None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _months_ahead(start: date, count: int) -> tuple[int, int]:
    months = start.year * 12 + start.month - 1 + count
    return months // 12, months % 12 + 1


def _coming(weekday: int, today: date) -> date:
    """The next such weekday after today: 1 to 7 days ahead."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _in_next_week(weekday: int, today: date) -> date | None:
    # On a Sunday "next week" may begin tomorrow or in eight days.
    if today.weekday() == _SUNDAY:
        return None
    return today - timedelta(days=today.weekday()) + _WEEK + timedelta(days=weekday)


def _next_day_of_month(day: int, today: date, months: int | None = None) -> date | None:
    """The next `day` of a month, today included; a month that lacks it makes the answer unsure."""
    if months is None:
        months = 0 if day >= today.day else 1
    year, month = _months_ahead(today, months)
    return day_of(year, month, day)


def _next_in_year(month: int, day: int, today: date) -> date | None:
    this_year = day_of(today.year, month, day)
    if this_year is not None and this_year >= today:
        return this_year
    next_year = day_of(today.year + 1, month, day)
    return next_year if next_year is not None and next_year - today <= _HALF_A_YEAR else None


def _last_of_month(today: date, months: int) -> date:
    year, month = _months_ahead(today, months)
    return date(year, month, calendar.monthrange(year, month)[1])


def _with_weekday(found: date | None, weekday: str | None) -> date | None:
    """The day if the weekday named with it is right: "friday the 3rd" may be a slip."""
    if found is None or weekday is None:
        return found
    return found if found.weekday() == WEEKDAYS[weekday] else None


def iso(match: re.Match[str], asked: Asked) -> date | None:
    return day_of(int(match["year"]), int(match["month"]), int(match["day"]))


def figures(match: re.Match[str], asked: Asked) -> date | None:
    """`12/3` is month first; in Spanish the order is unsure unless only one way is a date."""
    first, second = int(match["first"]), int(match["second"])
    orders = [(first, second)] if asked.language == "en" else [*{(first, second), (second, first)}]
    found = {_with_year(month, day, match["year"], asked.today) for month, day in orders if 1 <= month <= 12}
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def named_month(match: re.Match[str], asked: Asked) -> date | None:
    found = _with_year(MONTHS[match["month"]], int(match["day"]), match["year"], asked.today)
    return _with_weekday(found, match["weekday"])


def _with_year(month: int, day: int, year: str | None, today: date) -> date | None:
    if not year:
        return _next_in_year(month, day, today)
    digits = year.replace(" ", "")
    return day_of(int(digits) if len(digits) == 4 else 2000 + int(digits), month, day)


def day_of_near_month(match: re.Match[str], asked: Asked) -> date | None:
    """`the 15th of this month`, `of next month`; `of the month` is the next one that comes."""
    return _next_day_of_month(int(match["day"]), asked.today, _months_meant(match))


def end_of_month(match: re.Match[str], asked: Asked) -> date | None:
    return _last_of_month(asked.today, _months_meant(match) or 0)


def _months_meant(match: re.Match[str]) -> int | None:
    words = match.group().split()
    if any(word in words for word in ("next", "proximo", "viene", "entrante")):
        return 1
    return 0 if "this" in words or "este" in words else None


def end_of_named_month(match: re.Match[str], asked: Asked) -> date | None:
    month = MONTHS[match["month"]]
    year = asked.today.year + (month < asked.today.month)
    return date(year, month, calendar.monthrange(year, month)[1])


def ahead(match: re.Match[str], asked: Asked) -> date | None:
    """`in 3 days`, `two weeks from tomorrow`, `dentro de 3 días`."""
    groups = match.groupdict()
    start = _start_of(groups.get("start"), asked)
    count = 1 if match["count"] in ("a", "an") else int(match["count"])
    longest = 400
    if start is None or not 0 < count <= longest:
        return None
    unit = match["unit"]
    if unit.startswith(("day", "dia")):
        # "en ocho días" and "en quince días" are one and two weeks to many people.
        return None if unit.startswith("dia") and count in (8, 15) else start + timedelta(days=count)
    if unit.startswith(("week", "semana")):
        return start + count * _WEEK
    year, month = _months_ahead(start, count)
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _start_of(word: str | None, asked: Asked) -> date | None:
    if word is None or word in ("now", "today", "hoy"):
        return asked.today
    if word in ("tomorrow", "manana"):
        return asked.today + timedelta(days=1)
    return _coming(WEEKDAYS[word], asked.today)


def spanish_week(match: re.Match[str], asked: Asked) -> date | None:
    return asked.today + _WEEK * (2 if "15" in match.group() else 1)


def days(count: int) -> Meaning:
    return lambda _match, asked: asked.today + timedelta(days=count)


def weekday(match: re.Match[str], asked: Asked) -> date | None:
    return _coming(WEEKDAYS[match["weekday"]], asked.today)


def this_weekday(match: re.Match[str], asked: Asked) -> date | None:
    found = _coming(WEEKDAYS[match["weekday"]], asked.today)
    return found if found - asked.today < _WEEK else None


def weekday_of_this_week(match: re.Match[str], asked: Asked) -> date | None:
    days = WEEKDAYS[match["weekday"]] - asked.today.weekday()
    return asked.today + timedelta(days=days) if days >= 0 and asked.today.weekday() != _SUNDAY else None


def next_weekday(match: re.Match[str], asked: Asked) -> date | None:
    return _in_next_week(WEEKDAYS[match["weekday"]], asked.today)


def weekday_and_day(match: re.Match[str], asked: Asked) -> date | None:
    return _with_weekday(_next_day_of_month(int(match["day"]), asked.today), match["weekday"])


def day_only(match: re.Match[str], asked: Asked) -> date | None:
    return _next_day_of_month(int(match["day"]), asked.today)


def due(match: re.Match[str], asked: Asked) -> date | None:
    return asked.due_on


def before_due(match: re.Match[str], asked: Asked) -> date | None:
    """`the day before it's due`, `two weeks before the due date`."""
    if asked.due_on is None:
        return None
    count = int(match["count"]) if (match["count"] or "").isdecimal() else 1
    days = count * (7 if match["unit"].startswith(("week", "semana")) else 1)
    longest = 60
    return asked.due_on - timedelta(days=days) if 0 < days <= longest else None


def weekday_before_due(match: re.Match[str], asked: Asked) -> date | None:
    if asked.due_on is None:
        return None
    return asked.due_on - timedelta(days=(asked.due_on.weekday() - WEEKDAYS[match["weekday"]] - 1) % 7 + 1)


def unsure(match: re.Match[str], asked: Asked) -> date | None:
    return None
