"""Payment intents of the stand-in: create, confirm, cancel, by Stripe's rules."""

from __future__ import annotations

from assistant.sandbox import stripe_objects as objects
from assistant.sandbox.stripe_bank import ask_bank
from assistant.sandbox.stripe_books import Books, Object
from assistant.sandbox.stripe_methods import USED_UP, is_used_up, method_of
from assistant.sandbox.stripe_params import Shape, flag, group, metadata, one_of, text, texts, whole
from assistant.sandbox.stripe_problems import Problem, missing_parameter

_AUTOMATIC = Shape({"enabled": flag, "allow_redirects": one_of("always", "never")}, required=("enabled",))
_OPTIONS = Shape({"card": group(Shape({"moto": flag}))})

_CONFIRMING = {
    "payment_method": text,
    "off_session": flag,
    "error_on_requires_action": flag,
    "setup_future_usage": one_of("off_session", "on_session"),
    "payment_method_options": group(_OPTIONS),
    "return_url": text,
    "expand": texts,
}
INTENT_CREATE = Shape(
    {
        **_CONFIRMING,
        "amount": whole,
        "currency": text,
        "customer": text,
        "confirm": flag,
        "automatic_payment_methods": group(_AUTOMATIC),
        "description": text,
        "metadata": metadata,
        "statement_descriptor_suffix": text,
    },
    required=("amount", "currency"),
)
INTENT_CONFIRM = Shape(_CONFIRMING)
INTENT_CANCEL = Shape(
    {
        "cancellation_reason": one_of("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
        "expand": texts,
    }
)

_SMALLEST_CENTS = 50
_LARGEST_CENTS = 99_999_999
_CANCELABLE = frozenset(
    {
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "requires_capture",
        "processing",
    }
)
_CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def create_intent(books: Books, params: Object, _path: tuple[str, ...]) -> Object:
    _check_amount(params["amount"])
    if params["currency"] != "usd":
        raise Problem(f"Invalid currency: {params['currency']}; the stand-in takes usd", param="currency")
    if "customer" in params:
        books.get("customer", params["customer"], param="customer")
    is_confirmed = params.get("confirm", False)
    for name in ("off_session", "error_on_requires_action"):
        if name in params and not is_confirmed:
            raise Problem(f"You cannot set `{name}` when `confirm` is not true.", param=name)
    intent = objects.payment_intent(books.now, params)
    if "payment_method" in params:
        method = method_of(books, params["payment_method"], param="payment_method")
        _check_method(books, intent, method)
        intent.update(payment_method=method["id"], status="requires_confirmation")
    books.put(intent)
    books.emit("payment_intent.created", intent)
    return _confirm(books, intent, params) if is_confirmed else intent


def confirm_intent(books: Books, params: Object, path: tuple[str, ...]) -> Object:
    intent = books.get("payment_intent", path[0], param="intent", is_in_path=True)
    if intent["status"] not in _CONFIRMABLE:
        raise _unexpected(
            intent, f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}."
        )
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params["setup_future_usage"]
    if "payment_method" in params:
        method = method_of(books, params["payment_method"], param="payment_method")
        intent["payment_method"] = method["id"]
    return _confirm(books, intent, params)


def cancel_intent(books: Books, params: Object, path: tuple[str, ...]) -> Object:
    intent = books.get("payment_intent", path[0], param="intent", is_in_path=True)
    if intent["status"] not in _CANCELABLE:
        raise _unexpected(
            intent,
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be canceled: "
            f"{', '.join(sorted(_CANCELABLE))}.",
        )
    intent.update(
        status="canceled",
        canceled_at=books.now,
        cancellation_reason=params.get("cancellation_reason"),
        next_action=None,
    )
    books.put(intent)
    books.emit("payment_intent.canceled", intent)
    return intent


def _confirm(books: Books, intent: Object, params: Object) -> Object:
    if intent["payment_method"] is None:
        raise _unexpected(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either "
            "update the PaymentIntent with a payment method and then confirm it again, or confirm it again "
            "directly with a payment method or ConfirmationToken.",
        )
    automatic = intent["automatic_payment_methods"]
    may_redirect = automatic is None or automatic["allow_redirects"] != "never"
    if may_redirect and "return_url" not in params:
        raise missing_parameter("return_url")
    method = books.get("payment_method", intent["payment_method"], param="payment_method")
    _check_method(books, intent, method)
    is_moto = params.get("payment_method_options", {}).get("card", {}).get("moto", False)
    return ask_bank(
        books,
        intent,
        method,
        is_off_session=params.get("off_session", False),
        is_moto=is_moto,
        fails_on_action=params.get("error_on_requires_action", False),
    )


def _check_method(books: Books, intent: Object, method: Object) -> None:
    """A method must be fresh, or belong to the intent's customer."""
    if is_used_up(books, method):
        raise Problem(USED_UP)
    owner = method["customer"]
    if owner is not None and intent["customer"] is None:
        raise Problem(
            "The PaymentMethod belongs to a Customer. Please include the Customer in the `customer` "
            "parameter on the PaymentIntent.",
            param="payment_method",
        )
    if owner is not None and owner != intent["customer"]:
        raise Problem(
            f"The customer does not have a payment method with the ID {method['id']}. The payment method "
            "must be attached to the customer.",
            code="resource_missing",
            param="payment_method",
        )


def _check_amount(amount: int) -> None:
    if amount < 1:
        raise Problem(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount < _SMALLEST_CENTS:
        raise Problem("Amount must be at least $0.50 usd", code="amount_too_small", param="amount")
    if amount > _LARGEST_CENTS:
        raise Problem("Amount must be no more than $999,999.99", code="amount_too_large", param="amount")


def _unexpected(intent: Object, message: str) -> Problem:
    return Problem(message, code="payment_intent_unexpected_state", payment_intent=intent)
