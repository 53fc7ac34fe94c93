"""The forms in which a day is named in English and Spanish, the longest first, each with its meaning."""

from __future__ import annotations

import re

from assistant.dialogue import date_meanings as means
from assistant.dialogue.amount_words import FOLLOWERS
from assistant.dialogue.date_words import MONTHS, WEEKDAYS


def _any_of(words: dict[str, int] | frozenset[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


_WD = rf"(?P<weekday>{_any_of(WEEKDAYS)})"
_MO = rf"(?P<month>{_any_of(MONTHS)})(?: \.)?"
_DAY = r"(?P<day>[1-9]|[12]\d|3[01]|0[1-9])"
_YEAR = r"(?:(?: ,)?(?: de| del)? (?P<year>(?:19|20)\d\d|20 [2-9]\d)\b)?"
_COUNT = r"(?P<count>an?|\d{1,3})"
_UNIT = r"(?P<unit>days?|weeks?|months?|dias?|semanas?|mes(?:es)?)\b"
_ON_WD = rf"(?:{_WD}(?: ,)? (?:the |el |on )?)?"
_BILL_ES = r"(?: (?:mi|la|el|su) (?:factura|cuenta|recibo))?"
_DUE = (
    r"(?:(?:the |my |our )?(?:bill |payment )?(?:its|it is|is) due|(?:the |my |its |our )?due (?:date|day)"
    rf"|(?:que )?(?:se )?(?:me )?ven(?:za|ce){_BILL_ES}|(?:el |su )?vencimiento"
    r"|(?:la |mi )?fecha (?:de vencimiento|limite))"
)
_BEFORE_DUE = rf"(?:before|prior to|antes)(?: de| del| que| al)*(?: when| the day)? {_DUE}"
_BEFORE_OR_AFTER = r"(?:before|prior to|after|antes|despues)(?: de| del| que| al)*"
# After a bare day of the month only words that cannot make it a count: "the 15 people" is no day.
_THEN = rf"(?= [^\w ]| (?!por (?:100|ciento))(?:{_any_of(FOLLOWERS)})\b|$)"
_MONTH_ES = r"(?:del?|este|del? este|del? proximo|proximo|el proximo) mes(?: que viene| entrante| proximo)?"
_NEXT_MONTH = r"(?:next month|(?:el )?proximo mes|(?:el )?mes (?:que viene|entrante|proximo))"
_NEXT_WEEK_ES = r"(?:la )?(?:proxima semana|semana que viene|semana entrante|semana proxima)"
_END = r"(?:at |by )?(?:the |a |al |el )?(?:end|last day|last|fin|final|finales|ultimo dia)"

_FORMS: tuple[tuple[str, means.Meaning], ...] = (
    # Counted from the due date
    (rf"(?:on )?(?:the )?(?P<count>\d+|an?|the)? ?(?P<unit>days?|weeks?) {_BEFORE_DUE}", means.before_due),
    (rf"(?P<count>\d+|el|un|una)? ?(?P<unit>dias?|semanas?) {_BEFORE_DUE}", means.before_due),
    (rf"(?P<count>el) (?P<unit>dia) anterior (?:al|a la|a que) {_DUE}", means.before_due),
    (rf"(?:the |el |on )*{_WD} {_BEFORE_DUE}", means.weekday_before_due),
    (rf"{_BEFORE_OR_AFTER} {_DUE}", means.unsure),
    (rf"(?:(?:on|when|el|en|the|day|dia|same|mismo|cuando) )*{_DUE}", means.due),
    # Written dates
    (r"(?P<year>20\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})", means.iso),
    (r"(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-](?P<year>20\d\d|\d\d)", means.figures),
    (r"(?P<first>\d{1,2})/(?P<second>\d{1,2})(?P<year>)(?! (?:of|now|de)\b)", means.figures),
    (rf"{_DAY}th {_MO} \d{{1,2}}\b", means.unsure),
    (rf"{_ON_WD}{_MO}(?: the| el)? {_DAY}(?:th)?{_YEAR}(?! ?(?::|am\b|pm\b))", means.named_month),
    (rf"{_ON_WD}{_DAY}(?:th)?(?: of| de)? {_MO}{_YEAR}", means.named_month),
    # A day or the end of a month that is near
    (rf"{_DAY}(?:th)? (?:of )?(?:this|the|next) month", means.day_of_near_month),
    (rf"{_DAY}(?:th)? {_MONTH_ES}", means.day_of_near_month),
    (rf"{_NEXT_MONTH}(?: ,)?(?: on)?(?: the| el)?(?: dia)? {_DAY}(?:th)?", means.day_of_near_month),
    (rf"{_END} of (?:the|this|next) month", means.end_of_month),
    (rf"{_END} {_MONTH_ES}", means.end_of_month),
    (rf"{_END} (?:of|de) {_MO}", means.end_of_named_month),
    (rf"(?:\d+th|last|ultimo) {_WD} (?:of|in|de|del)\b", means.unsure),
    # Counted from today or another day
    (
        rf"{_COUNT} {_UNIT} (?:from|after) (?P<start>now|today|tomorrow|{_any_of(WEEKDAYS)})",
        means.ahead,
    ),
    (rf"{_COUNT} {_UNIT} (?:a partir de|desde) (?P<start>hoy|manana)", means.ahead),
    (rf"(?:in|dentro de|de aqui a|en) {_COUNT} {_UNIT}", means.ahead),
    (r"de hoy en (?:8|15)(?: dias)?", means.spanish_week),
    # Weekdays
    (rf"{_WD} (?:after next|after)\b", means.unsure),
    (rf"(?:on )?{_WD}(?: of| in)? next week", means.next_weekday),
    (rf"next week(?: ,)?(?: on)? {_WD}", means.next_weekday),
    (rf"(?:el )?{_WD} (?:de )?{_NEXT_WEEK_ES}", means.next_weekday),
    (rf"{_NEXT_WEEK_ES}(?: ,)?(?: el)? {_WD}", means.next_weekday),
    (rf"(?:on )?{_WD}(?: of)? this week", means.weekday_of_this_week),
    (rf"(?:el )?{_WD} de esta semana", means.weekday_of_this_week),
    (rf"next {_WD}", means.next_weekday),
    (rf"(?:this |the )?(?:coming|upcoming) {_WD}", means.weekday),
    (rf"(?:este |el )?proximo {_WD}", means.weekday),
    (rf"(?:el |este )?{_WD} (?:que viene|proximo|entrante)", means.weekday),
    (rf"(?:this|este) {_WD}", means.this_weekday),
    (rf"(?:el )?{_WD}(?: ,)? (?:the |el )?{_DAY}th{_THEN}", means.weekday_and_day),
    (rf"(?:el )?{_WD}(?: ,)? (?:the |el |dia |el dia ){_DAY}{_THEN}", means.weekday_and_day),
    (rf"el {_WD} {_DAY}{_THEN}", means.weekday_and_day),
    (rf"(?:on |el )?{_WD}(?! {_DAY}\b)", means.weekday),
    # One word
    (r"(?:the )?day after (?:tomorrow|tmrw|tomorow|tommorow)", means.days(2)),
    (r"pasado manana", means.days(2)),
    (r"(?:tomorrow|tomorow|tommorow|tommorrow|tmrw|tmw|tmr|2 ?morrow)", means.days(1)),
    (r"(?:later )?(?:today|tonight|this (?:morning|afternoon|evening))", means.days(0)),
    (r"(?:hoy|esta (?:noche|tarde))", means.days(0)),
    (r"(?<!la )(?<!esta )manana(?: mismo)?(?: (?:por|en|a) la (?:manana|tarde|noche))?", means.days(1)),
    # A day of the month alone
    (rf"(?:the |el )?{_DAY}th{_THEN}", means.day_only),
    (rf"(?:the|el|el dia|dia) {_DAY}{_THEN}", means.day_only),
)
RULES: tuple[tuple[re.Pattern[str], means.Meaning], ...] = tuple(
    (re.compile(rf"(?<![\w/.$-]){form}(?![\w/])"), meaning) for form, meaning in _FORMS
)
