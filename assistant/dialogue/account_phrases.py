"""Lists and periods in words, for each channel and language: payments, parts of a balance, places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from babel.dates import format_date

from assistant.billing.places import PlaceView
from assistant.billing.views import Breakdown, PastPayment, Span
from assistant.dialogue import phrasing
from assistant.dialogue.turn import Channel, Language

_LOCALES = {"en": "en_US", "es": "es_US"}
_DAYS = {
    "every_day": {"en": "every day", "es": "todos los días"},
    "weekdays": {"en": "Monday to Friday", "es": "de lunes a viernes"},
    "not_sunday": {"en": "Monday to Saturday", "es": "de lunes a sábado"},
}
_ALL_DAY = {"en": "open all day and night", "es": "abierto día y noche"}
# The parts of a balance after the first, in the order of telling: (added, taken off).
_PARTS = {
    "en": {
        "before": ("{} from before", "a credit of {} from before"),
        "bill": ("{} for the bill of {}", ""),
        "paid": ("less {} paid", "{} that went back"),
        "fee": ("{} in fees", "less {} in fees"),
        "adjusted": ("{} in changes", "less {} in changes"),
    },
    "es": {
        "before": ("{} de antes", "{} a favor de antes"),
        "bill": ("{} de la factura del {}", ""),
        "paid": ("menos {} pagados", "{} que se devolvieron"),
        "fee": ("{} de cargos", "menos {} de cargos"),
        "adjusted": ("{} de ajustes", "menos {} de ajustes"),
    },
}


def payment_list(payments: Sequence[PastPayment], today: date, language: Language, channel: Channel) -> str:
    """`Nov 3 $84.20, Oct 5 $78.60`; the phone puts a full stop between two, to be heard apart."""
    lines = [
        " ".join(
            (
                phrasing.day(each.received_on, today, language, channel) + _comma(channel),
                phrasing.amount(each.amount_cents, language, channel),
            )
        )
        for each in payments
    ]
    return (", " if channel == "sms" else ". ").join(lines)


def month_name(span: Span, today: date, language: Language) -> str:
    """`October`, `octubre`; with its year when that is not this one."""
    name = format_date(span.first, "MMMM", locale=_LOCALES[language])
    if span.first.year == today.year:
        return name
    return f"{name} {span.first.year}" if language == "en" else f"{name} de {span.first.year}"


def year_name(span: Span, today: date, language: Language) -> str:
    """`2025`; for the running year `2026 so far`, `lo que va de 2026`."""
    if span.last != today or (span.last.month == 12 and span.last.day == 31):
        return str(span.first.year)
    return f"{span.first.year} so far" if language == "en" else f"lo que va de {span.first.year}"


def parts_of(parts: Breakdown, today: date, language: Language, channel: Channel) -> str:
    """`$20.00 from before, $80.00 for the bill of Nov 3, less $10.00 paid`; a part of nothing is left out."""
    words = _PARTS[language]
    issued = "" if parts.issued_on is None else phrasing.day(parts.issued_on, today, language, channel)
    told = [
        ("before", parts.before_cents),
        ("bill", parts.bill_cents),
        ("paid", parts.paid_cents),
        ("fee", parts.fee_cents),
        ("adjusted", parts.adjusted_cents),
    ]
    return ", ".join(
        words[name][cents < 0].format(phrasing.amount(abs(cents), language, channel), issued)
        for name, cents in told
        if cents
    )


def place_list(places: Sequence[PlaceView], language: Language, channel: Channel) -> str:
    """`Valley Market, 14 Main Street, every day 7 AM to 10 PM, fee $1.50. First Farmers Bank, …`."""
    return ". ".join(_place(each, language, channel) for each in places)


def _place(place: PlaceView, language: Language, channel: Channel) -> str:
    parts = [place.name, place.street, _hours(place, language)]
    if place.fee_cents:
        fee = phrasing.amount(place.fee_cents, language, channel)
        parts.append(f"fee {fee}" if language == "en" else f"cargo {fee}")
    return ", ".join(parts)


def _hours(place: PlaceView, language: Language) -> str:
    if place.opens == place.closes:
        return _ALL_DAY[language]
    return f"{_DAYS[place.open_days][language]} {_from_to(place.opens, place.closes, language)}"


def _from_to(opens: time, closes: time, language: Language) -> str:
    if language == "en":
        return f"{phrasing.clock_time(opens, 'en')} to {phrasing.clock_time(closes, 'en')}"
    # "7 a 22" is how Spanish hours are written on a door, and much shorter.
    return f"de {_bare(opens)} a {_bare(closes)}"


def _bare(at: time) -> str:
    return f"{at.hour}:{at.minute:02d}" if at.minute else str(at.hour)


def _comma(channel: Channel) -> str:
    return "," if channel == "voice" else ""
