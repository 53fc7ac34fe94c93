"""Customers and payment methods of the stand-in, with Stripe's rules about keeping a card."""

from __future__ import annotations

from datetime import UTC, datetime

from assistant.sandbox import stripe_objects as objects
from assistant.sandbox.stripe_bank_accounts import ACCOUNT_OF_TOKEN, BANK_MANNERS, bank_account
from assistant.sandbox.stripe_books import Books, Object
from assistant.sandbox.stripe_cards import (
    BY_TOKEN,
    MANNERS,
    Manner,
    TestCard,
    card_of_number,
    card_problem,
)
from assistant.sandbox.stripe_params import Shape, group, metadata, one_of, text, texts, whole
from assistant.sandbox.stripe_problems import Problem, missing_parameter

USED_UP = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
    "with a connected account without Customer attachment, or was detached from a Customer. It may not be "
    "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first."
)
CANNOT_ATTACH = (
    "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
    "Customer, and may not be used again."
)

_ADDRESS = Shape(
    dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), text),
)
_BILLING = Shape({"address": group(_ADDRESS), "email": text, "name": text, "phone": text})
_CARD = Shape(
    {"number": text, "exp_month": whole, "exp_year": whole, "cvc": text},
    required=("number", "exp_month", "exp_year"),
)

CUSTOMER_CREATE = Shape({"description": text, "metadata": metadata, "expand": texts})
METHOD_CREATE = Shape(
    {
        "type": one_of("card"),
        "card": group(_CARD),
        "billing_details": group(_BILLING),
        "metadata": metadata,
        "expand": texts,
    },
    required=("type",),
)
METHOD_ATTACH = Shape({"customer": text, "expand": texts}, required=("customer",))
METHOD_DETACH = Shape({"expand": texts})


def create_customer(books: Books, params: Object, _path: tuple[str, ...]) -> Object:
    made = books.put(objects.customer(books.now, params))
    books.emit("customer.created", made)
    return made


def create_method(books: Books, params: Object, _path: tuple[str, ...]) -> Object:
    """A card keyed at the Pay connector. Its number is looked at and not kept."""
    if "card" not in params:
        raise missing_parameter("card")
    given = params["card"]
    card = card_of_number(given["number"])
    _check_expiry(books.now, given["exp_month"], given["exp_year"])
    cvc = given.get("cvc")
    if cvc is not None and (not cvc.isdecimal() or len(cvc) != (4 if card.brand == "amex" else 3)):
        raise card_problem(
            Manner("invalid_cvc", message="Your card's security code is invalid.", param="cvc")
        )
    return _make(books, card, given["exp_month"], given["exp_year"], has_cvc=cvc is not None, params=params)


def method_of(books: Books, method_id: str, *, param: str, is_in_path: bool = False) -> Object:
    """A payment method by id; one of Stripe's test tokens makes a fresh one, as at Stripe."""
    card, account = BY_TOKEN.get(method_id), ACCOUNT_OF_TOKEN.get(method_id)
    if account is not None:
        return books.put(bank_account(books.now, account), manner=account.manner)
    if card is None:
        return books.get("payment_method", method_id, param=param, is_in_path=is_in_path)
    return _make(books, card, 12, _year_of(books.now) + 3, has_cvc=True, params={})


def retrieve_method(books: Books, _params: Object, path: tuple[str, ...]) -> Object:
    return method_of(books, path[0], param="payment_method", is_in_path=True)


def attach_method(books: Books, params: Object, path: tuple[str, ...]) -> Object:
    books.get("customer", params["customer"], param="customer")
    method = method_of(books, path[0], param="payment_method", is_in_path=True)
    if method["customer"] is not None and method["customer"] != params["customer"]:
        raise Problem("The payment method you provided has already been attached to a customer.")
    if is_used_up(books, method):
        raise Problem(CANNOT_ATTACH)
    manner = manner_of(books, method)
    if not manner.can_be_kept:
        raise card_problem(manner)
    return keep(books, method, params["customer"])


def keep(books: Books, method: Object, customer_id: str) -> Object:
    """Attach a method to a customer and say so; nothing happens when it already is."""
    if method["customer"] == customer_id:
        return method
    method["customer"] = customer_id
    books.put(method, is_set_up=True)
    books.emit("payment_method.attached", method)
    return method


def detach_method(books: Books, _params: Object, path: tuple[str, ...]) -> Object:
    method = books.get("payment_method", path[0], param="payment_method", is_in_path=True)
    if method["customer"] is None:
        raise Problem(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    method["customer"] = None
    books.put(method, is_used=True)
    books.emit("payment_method.detached", method)
    return method


def is_used_up(books: Books, method: Object) -> bool:
    """A method that was charged without being kept, or was detached, can never be used again."""
    return method["customer"] is None and bool(books.hidden(method["id"]).get("is_used"))


def manner_of(books: Books, method: Object) -> Manner:
    name = books.hidden(method["id"])["manner"]
    return BANK_MANNERS.get(name) or MANNERS[name]


def _make(books: Books, card: TestCard, month: int, year: int, *, has_cvc: bool, params: Object) -> Object:
    fails = card.manner == "incorrect_cvc"
    check = ("fail" if fails else "pass") if has_cvc else None
    made = objects.payment_method(books.now, card, month=month, year=year, cvc_check=check, params=params)
    return books.put(made, manner=card.manner)


def _check_expiry(now: int, month: int, year: int) -> None:
    today = datetime.fromtimestamp(now, UTC)
    wrong = ""
    if not 1 <= month <= 12 or (year == today.year and month < today.month):
        wrong = "month"
    elif not today.year <= year <= today.year + 50:
        wrong = "year"
    if wrong:
        told = f"Your card's expiration {wrong} is invalid."
        raise card_problem(Manner(f"invalid_expiry_{wrong}", message=told, param=f"exp_{wrong}"))


def _year_of(now: int) -> int:
    return datetime.fromtimestamp(now, UTC).year
