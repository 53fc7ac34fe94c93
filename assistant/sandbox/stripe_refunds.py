"""Refunds of the stand-in: never more than was charged, in parts or whole."""

from __future__ import annotations

from assistant.sandbox import stripe_objects as objects
from assistant.sandbox.stripe_books import Books, Object
from assistant.sandbox.stripe_methods import manner_of
from assistant.sandbox.stripe_params import Shape, metadata, one_of, text, texts, whole
from assistant.sandbox.stripe_problems import Problem

REFUND_CREATE = Shape(
    {
        "payment_intent": text,
        "charge": text,
        "amount": whole,
        "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
        "metadata": metadata,
        "expand": texts,
    }
)


def create_refund(books: Books, params: Object, _path: tuple[str, ...]) -> Object:
    charge = _charge_of(books, params)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise Problem(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if left == 0:
        raise Problem(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    if amount < 1:
        raise Problem("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise Problem(
            f"Refund amount ({_dollars(amount)}) is greater than unrefunded amount on charge "
            f"({_dollars(left)})",
            param="amount",
        )
    method = books.get("payment_method", charge["payment_method"], param="payment_method")
    manner = manner_of(books, method)
    refund = objects.refund(books.now, charge, amount, params)
    if manner.do_refunds_wait:
        refund["status"] = "pending"
    books.put(refund)
    _set_refunded(books, charge, charge["amount_refunded"] + amount)
    books.emit("refund.created", refund)
    books.emit("charge.refunded", charge)
    if manner.do_refunds_fail:
        fail_refund(books, dict(refund))
    return refund


def finish_refund(books: Books, refund: Object) -> None:
    """The money of a pending refund arrived."""
    refund["status"] = "succeeded"
    books.put(refund)
    books.emit("refund.updated", refund)


def _charge_of(books: Books, params: Object) -> Object:
    if ("charge" in params) == ("payment_intent" in params):
        raise Problem(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    if "charge" in params:
        charge = books.get("charge", params["charge"], param="charge")
    else:
        intent = books.get("payment_intent", params["payment_intent"], param="payment_intent")
        if intent["status"] != "succeeded":
            raise Problem(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = books.get("charge", intent["latest_charge"], param="charge")
    if not charge["paid"]:
        raise Problem(f"Charge {charge['id']} has not been paid.", param="charge")
    return charge


def fail_refund(books: Books, refund: Object) -> None:
    """The bank sends the money back: told by webhook after the refund was answered as succeeded."""
    charge = books.get("charge", refund["charge"], param="charge")
    refund.update(status="failed", failure_reason="expired_or_canceled_card")
    books.put(refund)
    _set_refunded(books, charge, charge["amount_refunded"] - refund["amount"])
    books.emit("refund.updated", refund)
    books.emit("refund.failed", refund)


def _set_refunded(books: Books, charge: Object, cents: int) -> None:
    charge.update(amount_refunded=cents, refunded=cents == charge["amount"])
    books.put(charge)


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"
