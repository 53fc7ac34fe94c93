"""`<Pay>` as the carrier does it: takes a card by keypad, checks it, and hands on a token."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from xml.etree.ElementTree import Element

from assistant.redaction import luhn_holds
from assistant.sandbox.phone_models import CallInput, LineKind, Listening, PayFault

MASK = "•"
_PROMPTS = {
    "payment-card-number": "Please enter your payment card number, then press pound.",
    "expiration-date": "Please enter the expiration date: two digits for the month, two for the year.",
    "security-code": "Please enter your security code, then press pound.",
    "postal-code": "Please enter your billing ZIP code, then press pound.",
}
_DEFAULT_TYPES = "visa mastercard amex"
# First digits, length of the number, and length of the security code.
_BRANDS = (
    ("amex", ("34", "37"), (15,), 4),
    ("discover", ("6011", "644", "645", "646", "647", "648", "649", "65"), (16, 19), 3),
    ("mastercard", ("51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27"), (16,), 3),
    ("visa", ("4",), (13, 16, 19), 3),
)
# What Twilio documents for the attribute; `es-ES` is its only Spanish.
_LANGUAGES = frozenset(
    {"en-US", "en-AU", "en-CA", "en-GB", "en-IN", "es-ES", "fr-FR", "fr-CA", "it-IT", "de-DE", "pt-BR"}
)

Result = dict[str, str]
Taking = Generator[Listening, CallInput, Result]


@dataclass(frozen=True)
class KeyedCard:
    """A card as it was keyed. Lives only until it is exchanged for a token."""

    number: str
    expires: str
    security_code: str
    postal_code: str
    brand: str


class ConnectorRefused(Exception):
    """The payment connector gave no token."""


class Tokenizer(Protocol):
    def __call__(self, card: KeyedCard) -> str:
        """The `pm_…` that stands for the card. Raises ConnectorRefused."""
        ...


class _Interrupted(Exception):
    """The caller pressed star."""


class _TooManyTries(Exception):
    """No usable entry came."""


class PayDesk:
    """Takes cards for calls. `fault` forces one of Twilio's failures; `today` judges expiry dates."""

    def __init__(
        self,
        tokenize: Tokenizer,
        *,
        today: Callable[[], date],
        fault: Callable[[], PayFault] = lambda: "none",
    ) -> None:
        self._tokenize = tokenize
        self._today = today
        self._fault = fault

    def take(self, pay: Element, say: Callable[[str], None], note: Callable[[LineKind, str], None]) -> Taking:
        """Run one `<Pay>`; returns the fields of Twilio's webhook. Digits go nowhere but to the connector."""
        fault = self._fault()
        if fault != "none":
            return _failed(fault)
        problem = _attribute_problem(pay)
        if problem:
            note("note", f"Pay is not set up right: {problem}")
            return _failed("validation-error")
        try:
            card = yield from self._keyed_card(pay, say, note)
            token = self._tokenize(card)
        except _Interrupted:
            return _failed("caller-interrupted-with-star")
        except _TooManyTries:
            return _failed("too-many-failed-attempts")
        except ConnectorRefused:
            return _failed("payment-connector-error")
        note("card", f"{card.brand} ending in {card.number[-4:]} became {token[:8]}…")
        return {
            "Result": "success",
            "PaymentToken": token,
            "PaymentMethod": "credit-card",
            "PaymentCardNumber": "x" * (len(card.number) - 4) + card.number[-4:],
            "PaymentCardType": card.brand,
            "ExpirationDate": card.expires,
            "SecurityCode": "x" * len(card.security_code),
            "PaymentCardPostalCode": card.postal_code,
            "ProfileId": "",
        }

    def _keyed_card(
        self, pay: Element, say: Callable[[str], None], note: Callable[[LineKind, str], None]
    ) -> Generator[Listening, CallInput, KeyedCard]:
        types = (pay.get("validCardTypes") or _DEFAULT_TYPES).split()
        keyed = dict.fromkeys(_PROMPTS, "")
        tries_left = int(pay.get("maxAttempts") or 2)
        for field in _wanted_fields(pay):
            while True:
                say(_prompt(pay, field))
                entry = yield from _entry(field, note)
                if self._is_usable(field, entry, keyed["payment-card-number"], types, pay):
                    keyed[field] = entry
                    break
                tries_left -= 1
                if tries_left <= 0:
                    raise _TooManyTries
                say("That entry does not fit.")
        number = keyed["payment-card-number"]
        return KeyedCard(
            number, keyed["expiration-date"], keyed["security-code"], keyed["postal-code"], brand_of(number)
        )

    def _is_usable(self, field: str, entry: str, number: str, types: list[str], pay: Element) -> bool:
        match field:
            case "payment-card-number":
                return brand_of(entry) in types and luhn_holds(entry)
            case "expiration-date":
                return len(entry) == 4 and self._is_current(int(entry[:2]), 2000 + int(entry[2:]))
            case "security-code":
                return len(entry) == (4 if brand_of(number) == "amex" else 3)
            case _:
                return len(entry) >= int(pay.get("minPostalCodeLength") or 1)

    def _is_current(self, month: int, year: int) -> bool:
        today = self._today()
        return 1 <= month <= 12 and (year, month) >= (today.year, today.month)


def brand_of(number: str) -> str:
    """Twilio's word for the network of a full number; "" when it is none it takes."""
    for brand, prefixes, lengths, _ in _BRANDS:
        if len(number) in lengths and number.startswith(prefixes):
            return brand
    return ""


def _entry(field: str, note: Callable[[LineKind, str], None]) -> Generator[Listening, CallInput, str]:
    """The digits of one field: ended by pound, by silence, or by the length of a date."""
    keyed = ""
    while True:
        given = yield Listening(finish_key="#", keyed=len(keyed), field=field)
        for key in given.keys:
            if key == "*":
                note("keyed", MASK * len(keyed) + "*")
                raise _Interrupted
            if key != "#":
                keyed += key
            if key == "#" or (field == "expiration-date" and len(keyed) == 4):
                note("keyed", MASK * len(keyed))
                return keyed
        if not given.keys or given.is_done:
            note("keyed" if keyed else "silence", MASK * len(keyed))
            return keyed


def _wanted_fields(pay: Element) -> list[str]:
    fields = ["payment-card-number", "expiration-date"]
    if pay.get("securityCode", "true") != "false":
        fields.append("security-code")
    if pay.get("postalCode", "true") == "true":
        fields.append("postal-code")
    return fields


def _prompt(pay: Element, field: str) -> str:
    for prompt in pay.findall("Prompt"):
        if prompt.get("for") == field and not prompt.get("errorType"):
            return " ".join(" ".join(prompt.itertext()).split())
    return _PROMPTS[field]


def _attribute_problem(pay: Element) -> str:
    """Why Twilio would refuse this `<Pay>` outright; "" when it would not."""
    if pay.get("tokenType", "reusable") not in ("one-time", "reusable", "payment-method"):
        return "tokenType"
    if pay.get("language", "en-US") not in _LANGUAGES:
        return "language"
    try:
        is_charge = float(pay.get("chargeAmount") or "0") != 0
    except ValueError:
        return "chargeAmount"
    return "chargeAmount with tokenType" if is_charge and pay.get("tokenType") else ""


def _failed(result: str) -> Result:
    return {"Result": result}
