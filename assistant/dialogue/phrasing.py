"""Turns cents, dates, times, digits and phone numbers into words, for each channel and language."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date

from assistant import money
from assistant.clock import require_aware
from assistant.dialogue.turn import Channel, Language
from assistant.payments.naming import method_name

_LOCALES = {"en": "en_US", "es": "es_US"}
# Babel has no ordinal words, and a voice reads "3rd" well only in some languages.
# fmt: off
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second", "twenty-third",
    "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh", "twenty-eighth", "twenty-ninth",
    "thirtieth", "thirty-first",
)
# fmt: on
_WEEK_DAYS = 7
# A date this far away is told with its year.
_FAR_DAYS = 300


def amount(amount_cents: int, language: Language, channel: Channel) -> str:
    """`8420` -> `$84.20` by text, `84 dollars and 20 cents` by phone."""
    if channel == "sms":
        return money.written(amount_cents)
    return money.spoken(amount_cents, language)


def day(on: date, today: date, language: Language, channel: Channel) -> str:
    """A date: `Dec 3` by text, `December third` by phone, `3 de diciembre` in Spanish on both.

    The year is told only when the date is more than 300 days from `today`.
    """
    year = on.year if abs((on - today).days) > _FAR_DAYS else None
    if language == "es":
        number = "primero" if on.day == 1 and channel == "voice" else str(on.day)
        words = f"{number} de {format_date(on, 'MMMM', locale=_LOCALES['es'])}"
        return f"{words} de {year}" if year else words
    if channel == "sms":
        words = f"{format_date(on, 'MMM', locale=_LOCALES['en'])} {on.day}"
    else:
        words = f"{format_date(on, 'MMMM', locale=_LOCALES['en'])} {_ORDINALS[on.day - 1]}"
    return f"{words}, {year}" if year else words


def full_day(on: date, today: date, language: Language, channel: Channel) -> str:
    """A date that money hangs on, with its weekday: `Friday, Nov 27`; `viernes 27 de noviembre`."""
    weekday = format_date(on, "EEEE", locale=_LOCALES[language])
    words = day(on, today, language, channel)
    return f"{weekday}, {words}" if language == "en" else f"{weekday} {words}"


def pay_on(on: date, today: date, language: Language, channel: Channel) -> str:
    """A day as a way on: `pay on Friday, Nov 27`, `pagar el viernes 27 de noviembre`."""
    words = full_day(on, today, language, channel)
    return f"pay on {words}" if language == "en" else f"pagar el {words}"


def another_day(language: Language) -> str:
    """The choice behind the days that are offered."""
    return {"en": "pick another day", "es": "escoger otro día"}[language]


def what_is_set(language: Language) -> str:
    """The way from setting a payment to those that are set."""
    return {"en": "see or change what is set", "es": "ver o cambiar lo que ya puso"}[language]


def amount_on_day(amount: str, on: date, today: date, language: Language, channel: Channel) -> str:
    """One of several payments to come: `choose $84.20 on Friday, Nov 27`."""
    words = full_day(on, today, language, channel)
    return f"choose {amount} on {words}" if language == "en" else f"escoger {amount} el {words}"


def when_due(on: date, today: date, language: Language, channel: Channel) -> str:
    """`, due Dec 3` / `, con vencimiento el 3 de diciembre`: follows an amount, also when the day is past."""
    words = day(on, today, language, channel)
    return f", due {words}" if language == "en" else f", con vencimiento el {words}"


def clock_time(at: time, language: Language) -> str:
    """A wall-clock time: `5 PM`, `5:30 PM`; in Spanish `las 5 de la tarde`, `la 1:30 de la tarde`."""
    hour = at.hour % 12 or 12
    digits = f"{hour}:{at.minute:02d}" if at.minute else str(hour)
    if language == "en":
        return f"{digits} {'AM' if at.hour < 12 else 'PM'}"
    part = "la mañana" if at.hour < 12 else "la tarde" if at.hour < 20 else "la noche"
    return f"{'la' if hour == 1 else 'las'} {digits} de {part}"


def moment(at: datetime, today: date, zone: ZoneInfo, language: Language, channel: Channel) -> str:
    """An instant in the co-op's zone: `5:30 PM today`, `9 AM on Tuesday`, later `9 AM on Tuesday, Dec 8`.

    Spanish starts with the day (`hoy a las 5:30 de la tarde`), to follow `a más tardar`. `at` must be aware.
    """
    local = require_aware(at).astimezone(zone)
    hour = clock_time(local.time(), language)
    days_ahead = (local.date() - today).days
    if days_ahead in (0, 1):
        word = {"en": ("today", "tomorrow"), "es": ("hoy", "mañana")}[language][days_ahead]
        return f"{hour} {word}" if language == "en" else f"{word} a {hour}"
    weekday = format_date(local.date(), "EEEE", locale=_LOCALES[language])
    if 0 < days_ahead < _WEEK_DAYS:
        return f"{hour} on {weekday}" if language == "en" else f"el {weekday} a {hour}"
    on = day(local.date(), today, language, channel)
    return f"{hour} on {weekday}, {on}" if language == "en" else f"el {weekday} {on} a {hour}"


def since(at: datetime, today: date, zone: ZoneInfo, language: Language, channel: Channel) -> str:
    """When something was done: `today at 9 AM`, `on Nov 22`; `hoy a las 9 de la mañana`, `el 22 de …`."""
    local = require_aware(at).astimezone(zone)
    if local.date() == today:
        hour = clock_time(local.time(), language)
        return f"today at {hour}" if language == "en" else f"hoy a {hour}"
    on = day(local.date(), today, language, channel)
    return f"on {on}" if language == "en" else f"el {on}"


def digits(number: str, channel: Channel) -> str:
    """A number to be written down: as it is by text; by phone one by one, in groups with a pause.

    `48217730` -> `4 8 2 1, 7 7 3 0`; the groups have four digits, or three where that comes out even.
    """
    if channel == "sms":
        return number
    size = 3 if len(number) % 3 == 0 else 4
    groups = [number[start : start + size] for start in range(0, len(number), size)]
    return ", ".join(" ".join(group) for group in groups)


def phone_number(e164: str, channel: Channel) -> str:
    """`+17065550101` -> `706-555-0101` by text, `7 0 6, 5 5 5, 0 1 0 1` by phone."""
    national = e164.removeprefix("+1")
    parts = (national[:3], national[3:6], national[6:])
    return "-".join(parts) if channel == "sms" else ", ".join(" ".join(part) for part in parts)


def method(brand: str, last_four: str, language: Language, channel: Channel, *, kind: str = "card") -> str:
    """`visa`, `4242` -> `Visa 4242` by text, `Visa ending in 4 2 4 2` by phone; so `bank account 6789`."""
    name = method_name(kind, brand, language)
    if channel == "sms":
        return f"{name} {last_four}"
    spaced = " ".join(last_four)
    return f"{name} ending in {spaced}" if language == "en" else f"{name} que termina en {spaced}"


def account_name(nickname: str, last_four: str, language: Language, channel: Channel) -> str:
    """What an account is called when one is picked: its nickname, or its last four digits."""
    spaced = last_four if channel == "sms" else " ".join(last_four)
    ending = f"account ending {spaced}" if language == "en" else f"cuenta que termina en {spaced}"
    return f"{nickname} ({ending})" if nickname and channel == "sms" else nickname or ending


def for_account(nickname: str, last_four: str, language: Language, channel: Channel) -> str:
    """` for cabin (account ending 0012)`, to follow an amount where a phone has several accounts."""
    name = account_name(nickname, last_four, language, channel)
    if language == "en":
        return f" for {name}" if nickname else f" for the {name}"
    return f" de {name}" if nickname else f" de la {name}"


def office_hours(opens: str, closes: str, language: Language) -> str:
    """`08:00`, `17:00` -> `8 AM to 5 PM` / `de las 8 de la mañana a las 5 de la tarde`."""
    first = clock_time(time.fromisoformat(opens), language)
    last = clock_time(time.fromisoformat(closes), language)
    return f"{first} to {last}" if language == "en" else f"de {first} a {last}"


def with_method(
    brand: str, last_four: str, language: Language, channel: Channel, *, kind: str = "card"
) -> str:
    """A method as a way on: `pay with Visa 4242`, `pagar con Visa 4242`."""
    name = method(brand, last_four, language, channel, kind=kind)
    return f"pay with {name}" if language == "en" else f"pagar con {name}"


def has_expired(brand: str, last_four: str, language: Language, channel: Channel) -> str:
    """`Your Visa 4242 has expired. `, to stand before what is asked instead."""
    name = method(brand, last_four, language, channel)
    return f"Your {name} has expired. " if language == "en" else f"Su {name} ya venció. "


def use_method(
    brand: str, last_four: str, language: Language, channel: Channel, *, kind: str = "card"
) -> str:
    """A method as a choice: `use Visa 4242`, `usar Visa 4242`."""
    name = method(brand, last_four, language, channel, kind=kind)
    return f"use {name}" if language == "en" else f"usar {name}"


def first_or_then(methods: list[str], language: Language) -> str:
    """One method, or the first and its backup: `Visa 4242, then Visa 1881`, `Visa 4242 o Visa 1881`."""
    return {"en": ", then ", "es": " o "}[language].join(methods)


def autopay_amount(kind: str, amount_cents: int | None, language: Language, channel: Channel) -> str:
    """How much of each bill: `all you owe`, `all you owe up to $150.00`, `$50.00`."""
    limit = "" if amount_cents is None else amount(amount_cents, language, channel)
    if kind == "fixed":
        return limit
    whole = {"en": "all you owe", "es": "lo que debe"}[language]
    up_to = {"en": "up to", "es": "hasta"}[language]
    return f"{whole} {up_to} {limit}" if limit else whole


def days_before(days: int, language: Language) -> str:
    """The day of each bill: `on the due date`, `1 day before it is due`, `3 days before it is due`."""
    if days == 0:
        return {"en": "on the due date", "es": "el día que vence"}[language]
    if language == "en":
        return f"{days} {'day' if days == 1 else 'days'} before it is due"
    return f"{days} {'día' if days == 1 else 'días'} antes"


def price(amount_cents: int, fee_cents: int, language: Language, channel: Channel) -> str:
    """`$84.20`, or with a fee `$86.70 ($84.20 plus a $2.50 fee)`; the phone says it without brackets."""
    whole = amount(amount_cents + fee_cents, language, channel)
    if not fee_cents:
        return whole
    parts = amount(amount_cents, language, channel), amount(fee_cents, language, channel)
    words = {"en": "{} plus a fee of {}", "es": "{} más un cargo de {}"}[language].format(*parts)
    if channel == "sms":
        return f"{whole} ({words})"
    return f"{words}, {whole} in all" if language == "en" else f"{words}, {whole} en total"


# What is said of a card on file, beside its name.
CARD_NOTES: dict[Language, dict[str, str]] = {
    "en": {"first": "used first", "backup": "backup", "expired": "has ended", "ends_soon": "ends soon"},
    "es": {
        "first": "se usa primero",
        "backup": "respaldo",
        "expired": "ya venció",
        "ends_soon": "vence pronto",
    },
}


def hours_between(begins: time, ends: time, language: Language) -> str:
    """`8 PM to 9 AM` / `8 de la noche a 9 de la mañana`."""
    joined = " to " if language == "en" else " a "
    return joined.join(clock_time(each, language) for each in (begins, ends))


def phone_ending(last_four: str, language: Language, channel: Channel) -> str:
    """`the phone ending 0177`."""
    words = "the phone ending" if language == "en" else "el teléfono que termina en"
    return f"{words} {digits(last_four, channel)}"
