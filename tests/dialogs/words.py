"""The responses of the domain files, read as plain data: one `Wording` per response, language and channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DOMAIN = Path(__file__).parents[2] / "dialogs" / "domain"
# Words of unasked messages and of the channel itself are filled elsewhere and tested with it.
_OTHERS = ("utter_text_", "utter_channel_")
_INSTANT = {"en": "9:30 AM on Wednesday", "es": "el miércoles a las 9 de la mañana"}
_STORE = "Quarry Road Pharmacy, 190 Quarry Road"
# The longest that each blank commonly becomes, in each language where that differs.
LONGEST: dict[str, str | dict[str, str]] = {
    "account_number_length": "10",
    "accounts": "12",
    "code_hint": "11",
    "code_minutes": "10",
    "confirmation_number": "48217730",
    "counted": "12",
    "disconnect_on": {"en": "Dec 31", "es": "31 de diciembre"},
    "enrollment_code_length": "8",
    "method": "Mastercard 4242",
    "card_name": "tarjeta del trabajo",
    "cards": "Mastercard 4242: used first. Visa 4242: backup. work card (Visa 1881): ends soon",
    "helper_phone": "706-555-0177",
    "helpers": "0177, 0178, 0179, 0180, 0181",
    "hours": {"en": "8 PM to 9 AM", "es": "8 de la noche a 9 de la mañana"},
    "last_four": "0177",
    "days": "14",
    "most": "14",
    "office_address": "12 Depot Street, Lantern Valley, Georgia",
    "office_hours": {"en": "8:30 AM to 5:30 PM", "es": "de las 8 de la mañana a las 5 de la tarde"},
    "pay_phone": "706-555-0100",
    "office_phone": "706-555-0101",
    "outage_phone": "706-555-0102",
    "coop": "Lantern Valley Electric",
    "pin_length": "4",
    "posted_on": {"en": "Dec 31", "es": "31 de diciembre"},
    "promised_by": _INSTANT,
    "told_by": _INSTANT,
    "until": _INSTANT,
    "at": {"en": "today at 11:30 AM", "es": "hoy a las 11:30 de la mañana"},
    "paid_at": {"en": "today at 11:30 AM", "es": "hoy a las 11:30 de la mañana"},
    "tries_left": "4",
    "wanted": "10",
    "when_due": {"en": ", due Dec 31", "es": ", con vencimiento el 31 de diciembre"},
    "draft_id": "draft_1",
    "pay_on": {"en": "Wednesday, Dec 31", "es": "miércoles 31 de diciembre"},
    "first": "the old feed barn",
    "first_on": {"en": "Wednesday, Dec 31", "es": "miércoles 31 de diciembre"},
    "draft_on": {"en": "Wednesday, Dec 31", "es": "miércoles 31 de diciembre"},
    "due_on": {"en": "Dec 31", "es": "31 de diciembre"},
    "later_count": "4",
    "days_max": "15",
    "what": {"en": "all you owe up to $584.20", "es": "lo que debe hasta $584.20"},
    "with_what": {
        "en": "Mastercard 4242, then Mastercard 4242",
        "es": "Mastercard 4242 o Mastercard 4242",
    },
    "when": {"en": "15 days before it is due", "es": "15 días antes"},
    "before_year": "2025",
    "count": "24",
    "days_left": "12",
    "disputed": "you charged me twice for october and the late fee is not",
    "first_due_on": {"en": "Dec 31", "es": "31 de diciembre"},
    "found_on": {"en": "Dec 31, 2025", "es": "31 de diciembre de 2025"},
    "goes_by": {"en": "Dec 31", "es": "31 de diciembre"},
    "issued_on": {"en": "Dec 31", "es": "31 de diciembre"},
    "latest_on": {"en": "Dec 31", "es": "31 de diciembre"},
    "least_by": {"en": "Dec 31", "es": "31 de diciembre"},
    "month": {"en": "December 2025", "es": "diciembre de 2025"},
    "parts": {
        "en": "$20.00 from before, $84.20 for the bill of Nov 30, less $10.00 paid, "
        "$5.00 in fees, less $2.00 in changes",
        "es": "$20.00 de antes, $84.20 de la factura del 30 de noviembre, menos $10.00 pagados, "
        "$5.00 de cargos, menos $2.00 de ajustes",
    },
    "payments": {
        "en": ", ".join(["Dec 31, 2025 $584.20"] * 3),
        "es": ", ".join(["30 de noviembre de 2025 $584.20"] * 3),
    },
    "places": {
        "en": ". ".join([f"{_STORE}, Monday to Saturday 7:30 AM to 10:30 PM, fee $1.50"] * 2),
        "es": ". ".join([f"{_STORE}, de lunes a sábado de 7:30 a 22:30, cargo $1.50"] * 2),
    },
    "refunded_on": {"en": "Dec 31", "es": "31 de diciembre"},
    "rest_due_on": {"en": "Dec 31", "es": "31 de diciembre"},
    "street": "1190 Old Quarry Ferry Road",
    "then_on": {"en": "Dec 31, 2025", "es": "31 de diciembre de 2025"},
    "year": {"en": "2026 so far", "es": "lo que va de 2026"},
}
_AMOUNT = "$584.20"


@dataclass(frozen=True)
class Wording:
    """What a member reads or hears; `custom` and `buttons` as in the file."""

    response: str
    language: str
    channel: str
    text: str
    custom: dict[str, Any]
    buttons: tuple[dict[str, str], ...]

    @property
    def spoken(self) -> list[str]:
        """Every sentence of it: the text, the reprompts, the choices."""
        reprompts = [self.custom[name] for name in ("fuller", "shortest") if name in self.custom]
        return [self.text, *reprompts, *(button["title"] for button in self.buttons)]

    def __str__(self) -> str:
        return f"{self.response} {self.language} {self.channel}"


@cache
def responses() -> dict[str, list[dict[str, Any]]]:
    """Every response of the dialogue, as written."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(DOMAIN.glob("*.yml")):
        found |= yaml.safe_load(path.read_text(encoding="utf-8")).get("responses", {})
    return {name: each for name, each in found.items() if not name.startswith(_OTHERS)}


@cache
def wordings() -> list[Wording]:
    """Each response as it is chosen for each language and channel that it has words for."""
    made = []
    for name, variations in responses().items():
        for variation in variations:
            channels = [variation["channel"]] if "channel" in variation else ["sms", "voice"]
            made += [
                Wording(
                    name,
                    variation["condition"][0]["value"],
                    channel,
                    variation["text"],
                    variation.get("custom", {}),
                    tuple(variation.get("buttons", ())),
                )
                for channel in channels
            ]
    return made


def filled(text: str, language: str) -> str:
    """The text with long values in its blanks; a blank that is not in the list is an amount."""

    def value(blank: re.Match[str]) -> str:
        longest = LONGEST.get(blank.group(1), _AMOUNT)
        return longest if isinstance(longest, str) else longest[language]

    return re.sub(r"\{(\w+)\}", value, text)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text; digits and signs are not read."""
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())
    sentences = max(len(re.findall(r"[.!?:](?:\s|$)", text)), 1)
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / max(len(words), 1) - 15.59


def ease(text: str) -> float:
    """Fernandez Huerta's ease of a Spanish text, 0 to 100: 70 and more is sixth grade or below."""
    words = re.findall(r"[a-záéíóúüñ]+", text.lower())
    sentences = max(len(re.findall(r"[.!?:](?:\s|$)", text)), 1)
    spoken = sum(syllables(word) for word in words)
    count = max(len(words), 1)
    return 206.84 - 60 * spoken / count - 1.02 * count / sentences


def syllables(word: str) -> int:
    """Vowels, where `ia` and `ue` are one and `ea` and `ía` are two; the u of `que` and `gui` is silent."""
    heard = re.sub(r"qu(?=[eiéí])", "k", re.sub(r"gu(?=[eiéí])", "g", word))
    heard = re.sub(r"y$", "i", heard)
    return max(len(re.findall(r"[iuü]?[aeoáéó][iuü]?|[íú]|[iuü]+", heard)), 1)


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    is_silent = word.endswith("e") and not word.endswith("le") and groups > 1
    is_past = word.endswith("ed") and word[-3:-2] not in "td" and groups > 1
    return max(groups - is_silent - is_past, 1)
