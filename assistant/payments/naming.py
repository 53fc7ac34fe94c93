"""What a payment method is called in words."""

from __future__ import annotations

from assistant.money import Language

_BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "discover": "Discover",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}


def brand_name(brand: str, language: Language) -> str:
    """The processor's brand word as people know it; an unknown one is just a card."""
    return _BRANDS.get(brand.lower(), "card" if language == "en" else "tarjeta")


def written_method(kind: str, brand: str, last_four: str, language: Language) -> str:
    """`card`, `visa`, `4242` -> `Visa 4242`; a bank account -> `bank account 6789`."""
    return f"{method_name(kind, brand, language)} {last_four}"


def method_name(kind: str, brand: str, language: Language) -> str:
    """What a method is called before its last four digits: the brand, or that it is a bank account."""
    if kind == "bank_account":
        return "bank account" if language == "en" else "cuenta de banco"
    return brand_name(brand, language)
