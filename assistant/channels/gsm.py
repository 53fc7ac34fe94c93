"""Keeps texts inside GSM-7: one letter outside it halves what fits into a message and doubles its price."""

from __future__ import annotations

import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These cost two characters each.
_EXTENDED = frozenset("^{}\\[~]|€\f")
_REPLACEMENTS = {
    **{"’": "'", "‘": "'", "‚": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'},
    **{"–": "-", "—": "-", "−": "-", "…": "...", "•": "-", "·": "-", "\t": " ", "ç": "Ç", "º": "o", "ª": "a"},
}


def to_gsm(text: str) -> str:
    """`text` with every letter GSM-7 lacks written with one it has: á í ó ú lose the accent, é ñ ü stay.

    What cannot be written at all (emoji) is left out.
    """
    return "".join(_written(character) for character in unicodedata.normalize("NFC", text))


def gsm_length(text: str) -> int:
    """How many of a message's characters `text` takes; `text` must be the result of `to_gsm`."""
    return sum(2 if character in _EXTENDED else 1 for character in text)


def _written(character: str) -> str:
    if character in _BASIC or character in _EXTENDED:
        return character
    if character in _REPLACEMENTS:
        return _REPLACEMENTS[character]
    if unicodedata.category(character) == "Zs":
        return " "
    plain = unicodedata.normalize("NFKD", character)
    return "".join(part for part in plain if part in _BASIC)
