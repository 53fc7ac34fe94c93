"""Turns amounts, dates, times and methods into the words that fill a response's blanks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from assistant.clock import Clock
from assistant.dialogue import phrasing
from assistant.dialogue.turn import Channel, Language
from assistant.payments.views import MethodView
from assistant.settings import Settings

# Instants that tell when something was done; every other instant tells until or by when.
_WHEN_DONE = ("at", "paid_at")
# Days on which money moves are told with their weekday.
_DRAFT_DAYS = ("pay_on", "first_on", "draft_on")
# Instants that came through JSON as ISO text.
_INSTANTS = ("until", "told_by", "at")


class Blanks:
    """Phrases values for one channel and language, at one clock's today."""

    def __init__(self, settings: Settings, clock: Clock, language: Language, channel: Channel) -> None:
        self._settings = settings
        self._clock = clock
        self._language = language
        self._channel = channel

    def fill(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`amount_cents=8420` -> `amount="$84.20"`; so dates, instants and methods; the rest stays."""
        return dict(self._phrased(name, value) for name, value in values.items() if value is not None)

    def of_coop(self) -> dict[str, str]:
        """What every response may say of the co-op itself, and the lengths that questions ask for."""
        rules, language, channel = self._settings, self._language, self._channel
        return {
            "coop": rules.coop_short_name,
            "pay_phone": phrasing.phone_number(rules.twilio_phone_number, channel),
            "office_phone": phrasing.phone_number(rules.office_phone, channel),
            "outage_phone": phrasing.phone_number(rules.outage_phone, channel),
            "office_hours": phrasing.office_hours(rules.office_opens, rules.office_closes, language),
            "office_address": rules.office_address,
            "fee": phrasing.amount(rules.fee_cents, language, channel),
            "account_number_length": str(rules.account_number_length),
            "pin_length": str(rules.pin_length),
            "enrollment_code_length": str(rules.enrollment_code_length),
            "code_minutes": str(rules.code_minutes),
        }

    def _phrased(self, name: str, value: Any) -> tuple[str, Any]:
        language, channel = self._language, self._channel
        if name in _INSTANTS and isinstance(value, str):
            value = datetime.fromisoformat(value)
        if name.endswith("_cents"):
            return name.removesuffix("_cents"), phrasing.amount(value, language, channel)
        if isinstance(value, datetime):
            say = phrasing.since if name in _WHEN_DONE else phrasing.moment
            return name, say(value, self._clock.today(), self._clock.zone, language, channel)
        if isinstance(value, date) and name in _DRAFT_DAYS:
            return name, phrasing.full_day(value, self._clock.today(), language, channel)
        if isinstance(value, date):
            return name, phrasing.day(value, self._clock.today(), language, channel)
        if isinstance(value, MethodView):
            return name, phrasing.method(value.brand, value.last_four, language, channel, kind=value.kind)
        if name == "confirmation_number":
            return name, phrasing.digits(value, channel)
        return name, value
