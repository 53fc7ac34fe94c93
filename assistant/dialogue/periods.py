"""Reads which time in the past is asked about: a month, a year, a day, an amount. Pure; None when unsure."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from assistant.billing.views import Span
from assistant.dialogue.amount_mentions import mentions_in
from assistant.dialogue.date_words import MONTHS, WEEKDAYS
from assistant.dialogue.keywords import plain
from assistant.dialogue.tokens import tokens_of
from assistant.money import CENTS_PER_DOLLAR, Language

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
# Names of months that are other words too are months only after one of these, or with a year behind them.
_ALSO_WORDS = frozenset({"may", "mar", "march", "sep", "dec", "jan", "oct", "ene", "dic"})
_NAMED_MONTH = re.compile(
    rf"(?P<before>\b(?:in|of|for|from|during|since|last|this|back in|en|de|del|mes de|por|el)\s+)?"
    rf"\b(?P<month>{_MONTH})\b(?:\s+(?:of\s+|de\s+|del\s+)?(?P<year>20\d\d))?"
)
_YEAR = re.compile(r"\b(20\d\d)\b")
_OF_LAST_YEAR = re.compile(
    r" (?:of |de |del |in |en )?(?:last year|the year before|el ano pasado|ano pasado|ano anterior)\b"
)
_LAST_YEAR = re.compile(r"\b(?:last year|previous year|year before|ano pasado|pasado ano|ano anterior)\b")
_THIS_YEAR = re.compile(
    r"\b(?:this year|year to date|ytd|so far this year|(?:whole|entire|all) year|for the year"
    r"|este ano|del ano)\b"
)
_LAST_MONTH = re.compile(r"\b(?:last month|month before|previous month|mes pasado|mes anterior)\b")
_THIS_MONTH = re.compile(r"\b(?:this month|este mes)\b")
_COMPARED = re.compile(
    r"\b(?:compar\w+|vs|versus|than (?:last|the) year|than a year ago|than last|against last"
    r"|que el (?:ano|mes) pasado|year over year)\b"
)
_TAXES = re.compile(r"\b(?:tax|taxes|impuestos|income tax)\b")
_AMOUNT = re.compile(
    r"\$\s?(?P<a>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<ac>\d\d))?(?!\d)"
    r"|(?<![\d.$])(?P<b>\d{1,5})(?:\.(?P<bc>\d\d))?\s*(?:dollars?|bucks|dolares|pesos)\b"
    r"|(?<![\d.$])(?P<d>\d{1,5})\.(?P<dc>\d\d)(?!\d)"
)
# A number without a sign of money is an amount only behind one of these, and when it counts nothing else.
_BARE_AMOUNT = re.compile(
    r"\b(?:paid|sent|mailed|gave|get|got|received?|my|of|for|pague|mande|envie|recibieron|recibio|llegaron|mi|de|por)"
    r" (?:(?:the|my|a|los|las|mi|un|una) )?(?P<dollars>\d{1,4})(?![\d/.:-]|(?:st|nd|rd|th)\b)"
    rf"(?! (?:payments?|checks?|days?|weeks?|months?|times|accounts?|pagos?|cheques?|dias?|semanas?|meses|mes"
    rf"|veces|cuentas?|(?:of |de )?(?:{_MONTH}))\b)"
)
_FIGURES = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/(?:20)?(\d\d))?(?!\d)")
_DAY_OF_MONTH = re.compile(
    rf"\b(?:(?P<month>{_MONTH}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)? (?:of |de )?(?P<month2>{_MONTH})\b)"
)
_DAY_ALONE = re.compile(
    r"\b(?:on the|the|el|el dia) (\d{1,2})(?:st|nd|rd|th)?\b(?! (?:dollars?|bucks|dolares))"
)
_WEEKDAY_PAST = re.compile(rf"\b(?:last |on |el |este |this )(?P<weekday>{_WEEKDAY})\b")
_FIRST_YEAR = 2000


@dataclass(frozen=True)
class Period:
    """A month or a year that lies in the past or runs now; `is_compared`: with the same a year before."""

    kind: Literal["month", "year"]
    span: Span
    is_compared: bool = False

    @property
    def year_before(self) -> Span:
        """The same days one year earlier, so that a running year is compared fairly."""
        return Span(_year_earlier(self.span.first), _year_earlier(self.span.last))


def read_period(text: str, today: date) -> Period | None:
    """The month or year that is asked about. A month without a year is the newest one that has begun."""
    words = plain(text)
    is_compared = _COMPARED.search(words) is not None
    month = _month_in(words, today)
    if month is not None:
        return Period("month", month, is_compared)
    year = _year_in(words, today, is_compared=is_compared)
    return None if year is None else Period("year", _whole_year(year, today), is_compared)


def read_past_day(text: str, today: date) -> date | None:
    """The one day in the last year on which something is said to have been paid."""
    days = [_past(int(match[1]), int(match[2]), today, match[3]) for match in _FIGURES.finditer(text)]
    found = {day for day in _days_in(plain(text), today) + days if day is not None}
    return found.pop() if len(found) == 1 else None


def read_past_amount(text: str, language: Language) -> int | None:
    """The one amount in cents that is said to have been paid: `$50`, `fifty dollars`, `my payment of 50`.

    It is only looked for among the payments of an account, so a bare number is tried too.
    """
    found = {_cents(match) for match in _AMOUNT.finditer(text.casefold().replace("ó", "o"))}
    found |= {mention.cents or 0 for mention in mentions_in(tokens_of(text), language, is_answer=False)}
    found.discard(0)
    if not found:
        found = {int(match["dollars"]) * CENTS_PER_DOLLAR for match in _BARE_AMOUNT.finditer(plain(text))}
    return found.pop() if len(found) == 1 else None


def _month_in(words: str, today: date) -> Span | None:
    found = {
        _named_month(match, today)
        for match in _NAMED_MONTH.finditer(words)
        if match["month"] not in _ALSO_WORDS or match["before"] or match["year"] or match[0] == words
    }
    if _LAST_MONTH.search(words):
        found.add(_month_before(today))
    if _THIS_MONTH.search(words):
        found.add(_month(today.year, today.month))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _named_month(match: re.Match[str], today: date) -> Span | None:
    month = MONTHS[match["month"]]
    is_last_year = _OF_LAST_YEAR.match(match.string, match.end()) is not None
    newest = today.year - (1 if is_last_year else month > today.month)
    year = int(match["year"]) if match["year"] else newest
    is_past = year >= _FIRST_YEAR and (year, month) <= (today.year, today.month)
    return _month(year, month) if is_past else None


def _year_in(words: str, today: date, *, is_compared: bool) -> int | None:
    named = {int(year) for year in _YEAR.findall(words)}
    if _LAST_YEAR.search(words):
        # "This year compared with last year" asks about this one.
        named.add(today.year if is_compared else today.year - 1)
    if _THIS_YEAR.search(words):
        named.add(today.year)
    if not named and is_compared:
        named.add(today.year)
    if not named and _TAXES.search(words):
        # Until the return is due, people mean the year that is over.
        named.add(today.year - (today <= date(today.year, 4, 15)))
    if is_compared and len(named) == 2:
        named = {max(named)}
    fitting = [year for year in named if _FIRST_YEAR <= year <= today.year]
    return fitting[0] if len(fitting) == len(named) == 1 else None


def _days_in(words: str, today: date) -> list[date | None]:
    days: list[date | None] = []
    if re.search(r"\b(?:yesterday|ayer)\b", words):
        days.append(today - timedelta(days=1))
    if re.search(r"\b(?:today|hoy|this morning|esta manana)\b", words):
        days.append(today)
    for match in _DAY_OF_MONTH.finditer(words):
        month, day = match["month"] or match["month2"], match["day"] or match["day2"]
        days.append(_past(MONTHS[month], int(day), today, None))
    if not days:
        days += [_past_day_alone(int(match[1]), today) for match in _DAY_ALONE.finditer(words)]
        days += [_past_weekday(WEEKDAYS[match["weekday"]], today) for match in _WEEKDAY_PAST.finditer(words)]
    return days


def _past(month: int, day: int, today: date, year: str | None) -> date | None:
    years = [2000 + int(year)] if year else [today.year, today.year - 1]
    for wanted in years:
        found = _day(wanted, month, day)
        if found is not None and found <= today:
            return found
    return None


def _past_day_alone(day: int, today: date) -> date | None:
    """`on the 5th`: of this month, or of the last one."""
    found = _day(today.year, today.month, day)
    if found is not None and found <= today:
        return found
    before = _month_before(today).first
    return _day(before.year, before.month, day)


def _past_weekday(weekday: int, today: date) -> date:
    return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(year: int, month: int) -> Span:
    return Span(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def _month_before(today: date) -> Span:
    last = today.replace(day=1) - timedelta(days=1)
    return _month(last.year, last.month)


def _whole_year(year: int, today: date) -> Span:
    return Span(date(year, 1, 1), min(date(year, 12, 31), today))


def _year_earlier(on: date) -> date:
    return _day(on.year - 1, on.month, on.day) or date(on.year - 1, on.month, on.day - 1)


def _cents(match: re.Match[str]) -> int:
    for whole, part in (("a", "ac"), ("b", "bc"), ("d", "dc")):
        if match[whole] is not None:
            return int(match[whole].replace(",", "")) * CENTS_PER_DOLLAR + int(match[part] or 0)
    return 0
