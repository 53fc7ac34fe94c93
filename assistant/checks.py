"""The production check: every reason why these settings must not take real money, each in one sentence."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.db import SQLITE_MINIMUM, sqlite_version
from assistant.errors import UnsafeConfiguration
from assistant.settings import DEMO_SECRET, DEMO_TWILIO_SID, Settings

# Written into a data folder by `porchlight demo`, so that nothing real is ever kept in or wiped from one.
DEMO_MARKER = "this-is-a-porchlight-demo"
SECRET_LENGTH_MINIMUM = 24
# Python 3.12 changed how its sqlite3 module ends transactions; older libraries lose RETURNING rows there.
SQLITE_MINIMUM_SINCE_PYTHON_312 = (3, 42, 0)

_FICTIONAL_NUMBER = re.compile(r"\+1\d{3}55501\d{2}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_DEMO_COOP_FIELDS = ("coop_name", "coop_short_name", "office_address")
# Twilio's basic voices ignore SSML, so amounts and confirmation numbers would be hurried.
_SSML_VOICE = re.compile(r"-(Neural|Generative|Wavenet|Chirp\w*)\b", re.IGNORECASE)


def require_safe(settings: Settings) -> None:
    """Do nothing for the demo; for production raise UnsafeConfiguration that names every reason."""
    if settings.is_production and (reasons := unsafe_reasons(settings)):
        raise UnsafeConfiguration(reasons)


def unsafe_reasons(settings: Settings) -> list[str]:
    """Every reason against running these settings in production; empty when they are fit. No value of a
    secret is ever part of a reason."""
    return [reason for check in _CHECKS for reason in check(settings)]


def _environment(settings: Settings) -> Iterator[str]:
    if not settings.is_production:
        yield "PORCHLIGHT_ENVIRONMENT is `demo`: set it to `production`, or the sandbox stays open."


def _secrets(settings: Settings) -> Iterator[str]:
    for name in ("internal_secret", "twilio_auth_token", "stripe_webhook_secret"):
        secret = getattr(settings, name).get_secret_value()
        if not secret:
            yield f"{_variable(name)} is missing."
        elif DEMO_SECRET in secret:
            yield f"{_variable(name)} is the demo's default: set a secret of your own."
        elif len(secret) < SECRET_LENGTH_MINIMUM:
            yield f"{_variable(name)} is shorter than {SECRET_LENGTH_MINIMUM} characters and can be guessed."


def _stripe(settings: Settings) -> Iterator[str]:
    key = settings.stripe_api_key.get_secret_value()
    if "_test_" in key:
        yield "PORCHLIGHT_STRIPE_API_KEY is a test key: payments would look paid and no money would move."
    elif not key.startswith("rk_live_"):
        yield "PORCHLIGHT_STRIPE_API_KEY is not a restricted live key (`rk_live_…`)."
    if not settings.stripe_webhook_secret.get_secret_value().startswith("whsec_"):
        yield "PORCHLIGHT_STRIPE_WEBHOOK_SECRET is not a webhook signing secret (`whsec_…`)."
    yield from _vendor_base("stripe_api_base", settings.stripe_api_base, "stripe.com")


def _twilio(settings: Settings) -> Iterator[str]:
    sid = settings.twilio_account_sid
    if sid == DEMO_TWILIO_SID or not re.fullmatch(r"AC[0-9a-f]{32}", sid):
        yield "PORCHLIGHT_TWILIO_ACCOUNT_SID is not the SID of a Twilio account (`AC` and 32 hex digits)."
    yield from _vendor_base("twilio_api_base", settings.twilio_api_base, "twilio.com")
    for name in ("voice_en", "voice_es"):
        if not _SSML_VOICE.search(getattr(settings, name)):
            yield f"{_variable(name)} names a voice that cannot speak slowly: choose a Neural one."


def _vendor_base(name: str, base: str, domain: str) -> Iterator[str]:
    if not base:
        return
    url = urlsplit(base)
    host = url.hostname or ""
    if _is_loopback(host):
        yield f"{_variable(name)} points at this machine (the sandbox): leave it empty."
    elif url.scheme != "https" or not (host == domain or host.endswith("." + domain)):
        yield f"{_variable(name)} is not https at {domain}: leave it empty."


def _public_url(settings: Settings) -> Iterator[str]:
    url = urlsplit(settings.public_url)
    if url.scheme != "https":
        yield "PORCHLIGHT_PUBLIC_URL is not https: signatures, PINs and texts would travel in the open."
    if not url.hostname or _is_loopback(url.hostname):
        yield "PORCHLIGHT_PUBLIC_URL points at this machine: Twilio and Stripe cannot reach it."
    if url.query or url.fragment:
        yield "PORCHLIGHT_PUBLIC_URL has a query or fragment: give the address only."


def _coop(settings: Settings) -> Iterator[str]:
    for name in ("twilio_phone_number", "office_phone", "outage_phone"):
        number = getattr(settings, name)
        if _FICTIONAL_NUMBER.fullmatch(number):
            yield f"{_variable(name)} is the demo's fictional number."
        elif not _E164.fullmatch(number):
            yield f"{_variable(name)} is not a phone number in the form +17065551234."
    for name in _DEMO_COOP_FIELDS:
        if getattr(settings, name) == Settings.model_fields[name].default:
            yield f"{_variable(name)} is still the demo co-op's."
    try:
        ZoneInfo(settings.coop_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield "PORCHLIGHT_COOP_ZONE is not a time zone such as America/New_York."
    opens, closes = _clock_time(settings.office_opens), _clock_time(settings.office_closes)
    if opens is None or closes is None or opens >= closes:
        yield "PORCHLIGHT_OFFICE_OPENS and PORCHLIGHT_OFFICE_CLOSES are not two times like 08:00 and 17:00."


def _money(settings: Settings) -> Iterator[str]:
    if not 0 < settings.payment_min_cents <= settings.payment_max_cents <= settings.payment_day_max_cents:
        yield (
            "PORCHLIGHT_PAYMENT_MIN_CENTS, PORCHLIGHT_PAYMENT_MAX_CENTS and PORCHLIGHT_PAYMENT_DAY_MAX_CENTS"
            " must be above zero and rise in this order."
        )
    if settings.fee_cents < 0 or settings.overpayment_max_cents < 0:
        yield "PORCHLIGHT_FEE_CENTS and PORCHLIGHT_OVERPAYMENT_MAX_CENTS cannot be negative."


def _database(settings: Settings) -> Iterator[str]:
    if settings.resolved_database_url.startswith("sqlite"):
        if reason := old_sqlite_reason():
            yield reason
        if is_demo_folder(settings.data_dir) and not settings.database_url:
            yield "PORCHLIGHT_DATA_DIR is the demo's folder: real members need a database of their own."


def old_sqlite_reason(
    version: tuple[int, int, int] | None = None, python: tuple[int, int] | None = None
) -> str:
    """Why this Python's SQLite library is too old to be trusted with money; empty when it is not."""
    found = version or sqlite_version()
    is_312 = (python or sys.version_info[:2]) >= (3, 12)
    wanted = max(SQLITE_MINIMUM, SQLITE_MINIMUM_SINCE_PYTHON_312) if is_312 else SQLITE_MINIMUM
    if found >= wanted:
        return ""
    has, needs = ".".join(map(str, found)), ".".join(map(str, wanted))
    return f"This Python's SQLite library is {has}, below {needs}: use a newer Python, or PostgreSQL."


def is_demo_folder(folder: Path) -> bool:
    """Whether `porchlight demo` made this folder."""
    return (folder / DEMO_MARKER).is_file()


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _clock_time(written: str) -> time | None:
    try:
        return time.fromisoformat(written) if re.fullmatch(r"\d\d:\d\d", written) else None
    except ValueError:
        return None


def _variable(name: str) -> str:
    return "PORCHLIGHT_" + name.upper()


_CHECKS = (_environment, _secrets, _stripe, _twilio, _public_url, _coop, _money, _database)
