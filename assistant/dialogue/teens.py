"""Amounts that sound alike on a phone: fifteen and fifty, seventeen and seventy. Pure."""

from __future__ import annotations

from assistant.dialogue.meaning import Meaning, Means, Says
from assistant.dialogue.turn import Expectation
from assistant.money import CENTS_PER_DOLLAR

_PAYING = """
    pay paying payment pagar pago pague abonar
"""
_PAY_WORDS = frozenset(_PAYING.split())
# With a day or a plan in the same words the amount belongs to something else, and is read back there.
_LATER = """
    schedule autopay automatic later next friday monday tuesday wednesday thursday saturday sunday
    tomorrow month programar automatico despues proximo lunes martes miercoles jueves viernes sabado
    domingo manana mes
"""
_LATER_WORDS = frozenset(_LATER.split())


def sounds_like(cents: int) -> int | None:
    """1500 -> 5000, 5000 -> 1500, 11500 -> 15000; None for an amount that is not mixed up."""
    dollars, rest = divmod(cents, CENTS_PER_DOLLAR)
    tail = dollars % 100
    if rest:
        return None
    if 13 <= tail <= 19:
        return (dollars - tail + (tail - 10) * 10) * CENTS_PER_DOLLAR
    if 30 <= tail <= 90 and tail % 10 == 0:
        return (dollars - tail + 10 + tail // 10) * CENTS_PER_DOLLAR
    return None


def doubtful_amount(meaning: Meaning, expect: Expectation) -> tuple[str, int] | None:
    """(intent, cents) of a spoken amount to be asked about once; None when there is none, or it was asked."""
    if any("amount_cents" in choice.entities for choice in expect.choices):
        return None
    match meaning:
        case Means(intent="inform_amount", entities={"amount_cents": int(cents)}):
            intent = "inform_amount"
        case Says(text=text, facts={"amount_cents": int(cents)}):
            words = set(text.lower().split())
            if not words & _PAY_WORDS or words & _LATER_WORDS:
                return None
            intent = "pay_bill"
        case _:
            return None
    return (intent, cents) if sounds_like(cents) is not None else None
