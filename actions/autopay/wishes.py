"""What a member wants with autopay, and which amount and day the words name."""

from __future__ import annotations

import re
from typing import Any

from actions.turn import Turn
from assistant.dialogue.amounts import find_amount
from assistant.dialogue.keywords import plain

ENROLL, SEE, CHANGE, PAUSE, RESUME, LEAVE = "enroll", "see", "change", "pause", "resume", "leave"
AMOUNT, DAYS, METHOD, BACKUP = "amount", "days", "method", "backup"
FULL, CAPPED, FIXED = "full", "capped", "fixed"
_OPTIONS = frozenset({CHANGE, PAUSE, RESUME})
_PAUSES = re.compile(r"\b(?:pause|skip|hold|suspend|paus\w+|salt\w+|suspend\w+|este mes no)\b")
_RESUMES = re.compile(r"\b(?:resume|restart|unpause|back on|reactiv\w+|reanud\w+|otra vez)\b")
_CHANGES = re.compile(
    r"\b(?:change|update|move|raise|lower|increase|different|switch|instead|limit|edit|modify|adjust"
    r"|cambi\w+|modific\w+|subir|bajar|ajust\w+|limite|otra tarjeta|otro dia)\b"
)
_AT_MOST = re.compile(
    r"\b(?:up to|no more than|at most|max\w*|limit|cap|hasta|maximo|limite|no mas de|tope)\b"
)
# "Pay 24.20 tomorrow and sign me up": that amount is one payment's.
_ONE_PAYMENT = re.compile(
    r"\b(?:pay|pagar|pague|pago)\b[^;]*?\b(?:now|today|tonight|tomorrow|ahora|hoy|ma[nñ]ana)\b[^;]*?\b(?:and|then|y|luego)\b",
    re.IGNORECASE,
)
_LIMITS_AND_TIMES = re.compile(
    r"\b(?:up to|(?:no|not) more than|at most|a? ?max(?:imum)?(?: of)?|limit(?: of| to)?|cap(?: of| at)?"
    r"|(?:each|every|a|per) (?:month|bill|time)|monthly"
    r"|hasta|m[aá]ximo(?: de)?|l[ií]mite(?: de| a)?|no m[aá]s de|tope(?: de)?"
    r"|cada (?:mes|factura|vez)|al mes|mensual\w*)\b",
    re.IGNORECASE,
)
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "a": 1,
    "un": 1, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "diez": 10,
    "the": 1, "el": 1,
}  # fmt: skip
_DAYS_BEFORE = re.compile(
    rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)}) (?:days?|dias?) (?:before|early|ahead|prior|antes|anterior)"
)
_ON_DUE_DATE = re.compile(r"\b(?:on|when|el dia|cuando|fecha)\b.*\b(?:due|vence|vencimiento)\b")
# Which part is meant when the words name no value for it.
_PARTS = {
    METHOD: re.compile(r"\b(?:card|visa|mastercard|bank|account|tarjeta|banco|cuenta)\b"),
    AMOUNT: re.compile(r"\b(?:amount|limit|cap|how much|cantidad|limite|tope|cuanto)\b"),
    DAYS: re.compile(r"\b(?:day|date|when|come out|dia|fecha|cuando)\b"),
}


def wish_in(turn: Turn) -> str | None:
    """The wish of this input, None when it is not about autopay."""
    if turn.intent == "autopay_cancel":
        return LEAVE
    if turn.intent not in ("autopay_enroll", "autopay_manage"):
        return None
    if turn.entity("option") in _OPTIONS:
        return str(turn.entity("option"))
    if turn.intent == "autopay_enroll":
        return ENROLL
    words = plain(turn.words)
    if _RESUMES.search(words):
        return RESUME
    if _PAUSES.search(words):
        return PAUSE
    return CHANGE if _CHANGES.search(words) else SEE


def told_of_autopay(turn: Turn) -> dict[str, Any]:
    """The wish, and what the words already name."""
    wish = wish_in(turn)
    if wish is None:
        return {"autopay_wish": None, "autopay_amount": None, "autopay_days": None, "autopay_part": None}
    return {
        "autopay_wish": wish,
        "autopay_amount": amount_in(turn),
        "autopay_days": days_in(turn.words),
        "autopay_part": part_in(turn.words),
    }


def amount_in(turn: Turn) -> str | None:
    """`fixed:5000`, `capped:15000` or `full`, as the slot keeps it; None when no amount is named."""
    cents = turn.entity("amount_cents")
    # "No more than 50" and "50 each month" are no single payment, which is what the amounts' grammar reads.
    words = _LIMITS_AND_TIMES.sub(" ", _ONE_PAYMENT.sub(" ", turn.words))
    found = find_amount(words, turn.language) if words.strip() else None
    if found is not None and found.cents is not None:
        cents = found.cents
    if type(cents) is int:
        return amount_slot(CAPPED if _AT_MOST.search(plain(turn.words)) else FIXED, cents)
    return FULL if found is not None and found.kind == FULL else None


def amount_slot(kind: str, cents: int | None) -> str:
    """How the slot keeps an amount."""
    return kind if cents is None else f"{kind}:{cents}"


def days_in(words: str) -> int | None:
    """The days before the due date that words name: "3 days before", "on the due date"; else None."""
    said = plain(words)
    named = _DAYS_BEFORE.search(said)
    if named:
        return int(named[1]) if named[1].isdigit() else _NUMBERS[named[1]]
    return 0 if _ON_DUE_DATE.search(said) else None


def part_in(words: str) -> str | None:
    """The part of autopay that is to be changed, when words name one."""
    said = plain(words)
    return next((part for part, pattern in _PARTS.items() if pattern.search(said)), None)
