"""Money is integer US cents. This module turns cents into words and nothing else into money."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "es"]
CENTS_PER_DOLLAR = 100


def require_cents(amount_cents: int) -> int:
    """Return the amount if it is a whole number of cents; a float or a bool is a programming error."""
    if type(amount_cents) is not int:
        raise TypeError(f"money is int cents, not {type(amount_cents).__name__}")
    return amount_cents


def written(amount_cents: int) -> str:
    """`8420` -> `$84.20`, `-8420` -> `-$84.20`, `123456` -> `$1,234.56`."""
    dollars, cents = divmod(abs(require_cents(amount_cents)), CENTS_PER_DOLLAR)
    return f"{'-' if amount_cents < 0 else ''}${dollars:,}.{cents:02d}"


def spoken(amount_cents: int, language: Language) -> str:
    """`8420` -> `84 dollars and 20 cents` / `84 dólares con 20 centavos`; a zero part is left out."""
    dollars, cents = divmod(abs(require_cents(amount_cents)), CENTS_PER_DOLLAR)
    many = {
        "en": ("dollar", "dollars", "cent", "cents", "and", "minus"),
        "es": ("dólar", "dólares", "centavo", "centavos", "con", "menos"),
    }[language]
    dollar, dollar_many, cent, cent_many, joined, minus = many
    parts = []
    if dollars or not cents:
        parts.append(f"{dollars} {dollar if dollars == 1 else dollar_many}")
    if cents:
        parts.append(f"{cents} {cent if cents == 1 else cent_many}")
    words = f" {joined} ".join(parts)
    return f"{minus} {words}" if amount_cents < 0 else words
