"""Reads Stripe's objects and errors into the payment port's own words; sends nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import stripe

from assistant.payments.gateway import (
    ChargeOutcome,
    DisputeOutcome,
    DisputeState,
    MethodDetails,
    OutcomeState,
    ProcessorNotice,
    RefundOutcome,
    RefundState,
)

# What a request that was refused before anything was charged is called in `decline_code`.
METHOD_NOT_USABLE = "method_not_usable"
REQUEST_REJECTED = "request_rejected"

# Status of a payment intent -> our state. An intent that waits for a method had its attempt refused.
_STATES: dict[str, OutcomeState] = {
    "succeeded": "succeeded",
    "canceled": "canceled",
    "requires_payment_method": "declined",
    "processing": "processing",
    "requires_action": "processing",
    "requires_confirmation": "processing",
    "requires_capture": "processing",
}

_REFUND_STATES: dict[str, RefundState] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
_DISPUTE_STATES: dict[str, DisputeState] = {
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "closed",
    "needs_response": "open",
    "under_review": "open",
    "appeal_needs_response": "open",
    "appeal_under_review": "open",
    "prevented": "closed",
    "won": "won",
    "lost": "lost",
}
# Stripe tells an ACH return as a dispute with one of these reasons.
_BANK_RETURNS = frozenset(
    {"bank_cannot_process", "check_returned", "incorrect_account_details", "insufficient_funds"}
)

# Answers of type invalid_request_error that only say "not now": another request may be at work.
_NOT_NOW = frozenset({"lock_timeout", "rate_limit", "idempotency_key_in_use"})

_BRANDS = {
    "amex": "American Express",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


class UnreadableAnswer(Exception):
    """Stripe answered in a shape we do not know, so its meaning is not known either."""


def outcome_of(intent: stripe.PaymentIntent) -> ChargeOutcome:
    """A payment intent as an outcome; expand `latest_charge` to learn of refunds. Raises UnreadableAnswer."""
    try:
        state = _STATES[intent.status]
        charge = getattr(intent, "latest_charge", None)
        return ChargeOutcome(
            state=state,
            processor_id=intent.id,
            amount_cents=intent.amount_received if state == "succeeded" else intent.amount,
            decline_code=_decline_word(getattr(intent, "last_payment_error", None))
            if state == "declined"
            else "",
            refunded_cents=charge.amount_refunded if isinstance(charge, stripe.Charge) else 0,
            created_at=datetime.fromtimestamp(intent.created, UTC),
            is_disputed=isinstance(charge, stripe.Charge) and charge.disputed,
            payment_id=payment_id_of(intent),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UnreadableAnswer("payment intent") from None


def payment_id_of(intent: stripe.PaymentIntent) -> str:
    """Our payment's id in the metadata; empty where we did not make it or it came without any."""
    metadata = getattr(intent, "metadata", None)
    return str(metadata.to_dict().get("payment_id", "")) if metadata else ""


def refund_of(refund: stripe.Refund) -> RefundOutcome:
    """A refund as the port has it. Raises UnreadableAnswer."""
    try:
        return RefundOutcome(
            processor_id=refund.id,
            state=_REFUND_STATES[str(refund.status)],
            amount_cents=refund.amount,
            refund_id=str(refund.metadata.to_dict().get("refund_id", "")) if refund.metadata else "",
            failure_code=str(getattr(refund, "failure_reason", None) or ""),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UnreadableAnswer("refund") from None


def dispute_of(dispute: stripe.Dispute) -> DisputeOutcome:
    """A dispute as the port has it: its balance transactions say what moved. Raises UnreadableAnswer."""
    try:
        moves = dispute.balance_transactions
        due_by = dispute.evidence_details.due_by
        return DisputeOutcome(
            processor_id=dispute.id,
            state=_DISPUTE_STATES[dispute.status],
            amount_cents=dispute.amount,
            reason=dispute.reason,
            move_count=len(moves),
            withdrawn_cents=-sum(move.amount for move in moves),
            is_bank_return=dispute.reason in _BANK_RETURNS,
            respond_by_at=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UnreadableAnswer("dispute") from None


def outcome_of_error(error: stripe.StripeError, amount_cents: int) -> ChargeOutcome | None:
    """What an error proves about a charge; None when it proves nothing.

    Proof is: the payment intent inside the error, a `card_error` (the bank said no), or an
    `invalid_request_error` with status 400 or 404, which Stripe gives before it charges and repeats for the
    same key. Nothing is proved by 409, 429, 5xx, a lost connection, a mismatched idempotency key, or a
    refused API key (401, 403): an earlier send with the same key may have charged.
    """
    told = error.error
    if told is None or not isinstance(error, stripe.CardError | stripe.InvalidRequestError):
        return None
    intent = getattr(told, "payment_intent", None)
    if isinstance(intent, stripe.PaymentIntent):
        return outcome_of(intent)
    if is_decline(error):
        return _refused(_decline_word(told), amount_cents)
    if is_rejection(error):
        is_about_method = getattr(told, "param", None) in {"payment_method", "customer"} or is_used_up(error)
        return _refused(METHOD_NOT_USABLE if is_about_method else told.code or REQUEST_REJECTED, amount_cents)
    return None


def is_decline(error: stripe.StripeError) -> bool:
    """True when the bank said no. Stripe has other answers of status 402, which say nothing of the kind."""
    return (
        isinstance(error, stripe.CardError) and error.error is not None and error.error.type == "card_error"
    )


def is_rejection(error: stripe.StripeError) -> bool:
    """True for a 400 or 404 that Stripe gives instead of acting, as opposed to "not now" or "in use"."""
    told = error.error
    return (
        isinstance(error, stripe.InvalidRequestError)
        and told is not None
        and told.type == "invalid_request_error"
        and told.code not in _NOT_NOW
    )


def is_used_up(error: stripe.StripeError) -> bool:
    """True for a method that was used without being kept, or was detached; Stripe gives this no code."""
    return "may not be used again" in (error.user_message or "")


def word_of_error(error: stripe.StripeError) -> str:
    """The processor's one word for an error, safe to log: a decline code, an error code or its type."""
    told = error.error
    return _decline_word(told) if told is not None else type(error).__name__


def details_of(method: stripe.PaymentMethod) -> MethodDetails:
    """Brand, last four and expiry of a card or bank account. Raises UnreadableAnswer for other kinds."""
    try:
        # A method of another kind has no such field at all.
        card = getattr(method, "card", None)
        if card is not None:
            brand = _BRANDS.get(card.brand, "Card")
            mark = getattr(card, "fingerprint", None) or ""
            return MethodDetails(method.id, "card", brand, card.last4, card.exp_month, card.exp_year, mark)
        bank = getattr(method, "us_bank_account", None)
        if bank is not None:
            name = (bank.bank_name or "Bank")[:20]
            mark = getattr(bank, "fingerprint", None) or ""
            return MethodDetails(method.id, "bank_account", name, str(bank.last4), None, None, mark)
    except (AttributeError, TypeError):
        raise UnreadableAnswer("payment method") from None
    raise UnreadableAnswer("payment method")


def notice_of(body: bytes) -> ProcessorNotice:
    """The event in a webhook body whose signature was already checked. Raises UnreadableAnswer."""
    try:
        event = json.loads(body)
        if event["object"] != "event":
            raise UnreadableAnswer("event")
        about: Mapping[str, Any] = event["data"]["object"]
        is_intent = about.get("object") == "payment_intent"
        return ProcessorNotice(
            event_id=str(event["id"]),
            kind=str(event["type"]),
            object_id=str(about.get("id") or ""),
            payment_id=str((about.get("metadata") or {}).get("payment_id") or ""),
            intent_id=_id_in(about if is_intent else about.get("payment_intent")),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UnreadableAnswer("event") from None


def _refused(decline_code: str, amount_cents: int) -> ChargeOutcome:
    return ChargeOutcome("declined", "", amount_cents, decline_code)


def _decline_word(told: Any) -> str:
    if told is None:
        return ""
    return str(getattr(told, "decline_code", None) or getattr(told, "code", None) or told.type)


def _id_in(value: Any) -> str:
    """An id that may have been expanded into its object, or be absent."""
    return str(value["id"]) if isinstance(value, dict) else str(value or "")
