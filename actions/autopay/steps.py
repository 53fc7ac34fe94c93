"""Where autopay_form begins, and the offer that it reads back."""

from __future__ import annotations

from typing import Any, cast

from actions.autopay.wishes import AMOUNT, BACKUP, CHANGE, DAYS, ENROLL, FULL, METHOD, amount_slot
from actions.base import slots
from actions.payments.steps import payer
from actions.turn import Event, Turn
from assistant.errors import NotVerified, PaymentRefused
from assistant.payments.autopay_views import AmountKind, AutopayOfferView, AutopayOptions, AutopayView

# Slots of what is not asked, and of a backup that is not wanted.
NOT_NEEDED, NONE = "not_needed", "none"
WHAT_TO_CHANGE = "what_to_change"
SLOT_OF_PART = {
    AMOUNT: "autopay_amount",
    DAYS: "autopay_days",
    METHOD: "autopay_method",
    BACKUP: "autopay_backup",
}


def status_of(turn: Turn) -> AutopayView | None:
    """The account's autopay, None when it is off."""
    return turn.services.payments.autopay.status(payer(turn))


def begin_autopay(turn: Turn, told: dict[str, Any]) -> list[Event]:
    """Slots for a fresh autopay_form. Who has autopay on and asks for it is asked what to change."""
    now = status_of(turn)
    wish = told["autopay_wish"] or ENROLL
    if wish == ENROLL and now is not None:
        wish = CHANGE
    if wish == ENROLL:
        values = _usual_values(turn) | _told_values(told)
        return slots(autopay_wish=ENROLL, **values, autopay_consent=None, asking=None)
    if wish != CHANGE or now is None:
        rest = dict.fromkeys(SLOT_OF_PART.values(), NOT_NEEDED)
        return slots(autopay_wish=wish, **rest, autopay_consent=None, asking=None)
    return _begin_change(now, told)


def _begin_change(now: AutopayView, told: dict[str, Any]) -> list[Event]:
    told_values, part = _told_values(told), told["autopay_part"]
    values = _values_of(now) | told_values
    is_asked_what = not told_values
    if is_asked_what and part is not None:
        values[SLOT_OF_PART[part]] = None
        is_asked_what = False
    return slots(
        autopay_wish=CHANGE, **values, autopay_consent=None, asking=WHAT_TO_CHANGE if is_asked_what else None
    )


def values_before(turn: Turn) -> dict[str, Any]:
    """The slots as autopay stands, or as it usually begins: a part goes back to that when it stays."""
    now = status_of(turn)
    return _usual_values(turn) if now is None else _values_of(now)


def _usual_values(turn: Turn) -> dict[str, Any]:
    usual = turn.services.payments.default_method(payer(turn).account_id)
    return {
        "autopay_amount": FULL,
        "autopay_days": 0,
        "autopay_method": usual.id if usual else NOT_NEEDED,
        "autopay_backup": NONE,
    }


def _values_of(now: AutopayView) -> dict[str, Any]:
    return {
        "autopay_amount": amount_slot(now.options.amount_kind, now.options.amount_cents),
        "autopay_days": now.options.days_before,
        "autopay_method": now.options.method_id,
        "autopay_backup": now.options.backup_method_id or NONE,
    }


def _told_values(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("autopay_amount", "autopay_days") if told[name] is not None}


def options_of(turn: Turn) -> AutopayOptions:
    """What the form's slots say."""
    kind, _, cents = str(turn.slot("autopay_amount")).partition(":")
    backup = turn.slot("autopay_backup")
    return AutopayOptions(
        method_id=turn.slot("autopay_method"),
        backup_method_id=None if backup == NONE else backup,
        days_before=int(turn.slot("autopay_days")),
        amount_kind=cast("AmountKind", kind),
        amount_cents=int(cents) if cents else None,
    )


def offer_now(turn: Turn) -> AutopayOfferView:
    """A fresh offer of the form's options, to be read back. Raises PaymentRefused, NotVerified."""
    autopay = turn.services.payments.autopay
    if payer(turn).level != "verified":
        raise NotVerified(needed="verified")
    if turn.slot("autopay_method") == NOT_NEEDED:
        raise PaymentRefused("no_saved_method")
    make = autopay.offer if turn.slot("autopay_wish") == ENROLL else autopay.offer_change
    return make(session_id=turn.session_id, options=options_of(turn))
