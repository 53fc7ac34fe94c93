"""The words of unasked messages, read from the same domain files that hold every other word."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import yaml
from babel.dates import format_date

from assistant.money import Language

DOMAIN_FILE = Path(__file__).parents[2] / "dialogs" / "domain" / "notifications.yml"


def written_day(on: date, language: Language) -> str:
    """`Dec 3` / `3 de diciembre`, as a text says a day that is near."""
    if language == "es":
        return f"{on.day} de {format_date(on, 'MMMM', locale='es_US')}"
    return f"{format_date(on, 'MMM', locale='en_US')} {on.day}"


class Words:
    """Fills the blanks of `utter_text_…` responses. Unknown names and missing blanks are KeyErrors."""

    def __init__(self, coop_name: str, domain_file: Path = DOMAIN_FILE) -> None:
        self._coop_name = coop_name
        self._texts = _texts_in(domain_file)

    def text(self, name: str, language: Language, **blanks: str) -> str:
        """The text of `utter_text_<name>` in the member's language."""
        template: str = self._texts[f"utter_text_{name}", language]
        return template.format_map({"coop": self._coop_name, **blanks})


@cache
def _texts_in(domain_file: Path) -> dict[tuple[str, str], str]:
    """(name, language) -> template. Read once per process: words change with a new version only."""
    responses = yaml.safe_load(domain_file.read_text(encoding="utf-8"))["responses"]
    return {
        (name, variation["condition"][0]["value"]): variation["text"]
        for name, variations in responses.items()
        for variation in variations
    }
