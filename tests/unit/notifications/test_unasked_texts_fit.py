"""Every unasked text fits one message, and has the same blanks in both languages."""

from __future__ import annotations

import re

import pytest
import yaml

from assistant.channels.gsm import gsm_length, to_gsm
from assistant.notifications.words import DOMAIN_FILE

# The longest that each blank becomes.
LONGEST = {
    "coop": "Lantern Valley Electric",
    "total": "$1,584.20",
    "planned": "$1,584.20",
    "limit": "$1,584.20",
    "balance": "-$1,584.20",
    "confirmation_number": "48217730",
    "day": "30 de septiembre",
    "by": "30 de septiembre",
    "due": "30 de septiembre",
    "method": "American Express 4242",
    "backup": "cuenta de banco 4242",
    "days": "15",
    "what": "su factura hasta $1,584.20",
    "when": "15 días antes de que venza",
    "code": "482177",
    "minutes": "10",
    "office_phone": "706-555-0101",
    "last_four": "4242",
    "helper": "0177",
}
TEXTS = {
    (name, variation["condition"][0]["value"]): variation["text"]
    for name, variations in yaml.safe_load(DOMAIN_FILE.read_text(encoding="utf-8"))["responses"].items()
    for variation in variations
}


@pytest.mark.parametrize(("name", "language"), sorted(TEXTS))
def test_a_text_fits_320_characters_at_its_longest(name: str, language: str) -> None:
    assert gsm_length(to_gsm(TEXTS[name, language].format_map(LONGEST))) <= 320


@pytest.mark.parametrize("name", sorted({name for name, _ in TEXTS}))
def test_both_languages_have_the_same_blanks(name: str) -> None:
    blanks = [set(re.findall(r"\{(\w+)\}", TEXTS[name, language])) for language in ("en", "es")]
    assert blanks[0] == blanks[1]
