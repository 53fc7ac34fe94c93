"""Every address the stand-in answers: its parameters and its rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.sandbox import stripe_disputes as disputes
from assistant.sandbox import stripe_intents as intents
from assistant.sandbox import stripe_methods as methods
from assistant.sandbox import stripe_objects as objects
from assistant.sandbox import stripe_refunds as refunds
from assistant.sandbox.stripe_books import Books, Object
from assistant.sandbox.stripe_params import RETRIEVAL, Shape, instant_or_range, listing, one_of, text
from assistant.sandbox.stripe_problems import Problem

# Takes the books, the read parameters and the ids in the address; returns the answer's object.
Rule = Callable[[Books, Object, tuple[str, ...]], Object]


@dataclass(frozen=True)
class Operation:
    """`template` is the address with `{}` for each id."""

    method: str
    template: str
    shape: Shape
    rule: Rule

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        pattern = "^" + re.escape(self.template).replace(r"\{\}", "([^/]+)") + "$"
        found = re.match(pattern, path) if method == self.method else None
        return found.groups() if found else None


def _retrieval(kind: str, param: str) -> Rule:
    return lambda books, _params, path: books.get(kind, path[0], param=param, is_in_path=True)


def _page(kind: str, url: str) -> Rule:
    def rule(books: Books, params: Object, _path: tuple[str, ...]) -> Object:
        found, has_more = books.page(kind, params)
        return objects.page(url, found, has_more=has_more)

    return rule


def _methods_of_customer(books: Books, params: Object, path: tuple[str, ...]) -> Object:
    books.get("customer", path[0], param="customer", is_in_path=True)
    found, has_more = books.page("payment_method", params, customer=path[0])
    return objects.page(f"/v1/customers/{path[0]}/payment_methods", found, has_more=has_more)


OPERATIONS: tuple[Operation, ...] = (
    Operation("POST", "/v1/customers", methods.CUSTOMER_CREATE, methods.create_customer),
    Operation("GET", "/v1/customers/{}", RETRIEVAL, _retrieval("customer", "id")),
    Operation(
        "GET",
        "/v1/customers/{}/payment_methods",
        listing(type=one_of("card", "us_bank_account")),
        _methods_of_customer,
    ),
    Operation("POST", "/v1/payment_methods", methods.METHOD_CREATE, methods.create_method),
    Operation("GET", "/v1/payment_methods/{}", RETRIEVAL, methods.retrieve_method),
    Operation("POST", "/v1/payment_methods/{}/attach", methods.METHOD_ATTACH, methods.attach_method),
    Operation("POST", "/v1/payment_methods/{}/detach", methods.METHOD_DETACH, methods.detach_method),
    Operation("POST", "/v1/payment_intents", intents.INTENT_CREATE, intents.create_intent),
    Operation(
        "GET",
        "/v1/payment_intents",
        listing(created=instant_or_range, customer=text),
        _page("payment_intent", "/v1/payment_intents"),
    ),
    Operation("GET", "/v1/payment_intents/{}", RETRIEVAL, _retrieval("payment_intent", "intent")),
    Operation("POST", "/v1/payment_intents/{}/confirm", intents.INTENT_CONFIRM, intents.confirm_intent),
    Operation("POST", "/v1/payment_intents/{}/cancel", intents.INTENT_CANCEL, intents.cancel_intent),
    Operation(
        "GET",
        "/v1/charges",
        listing(created=instant_or_range, customer=text, payment_intent=text),
        _page("charge", "/v1/charges"),
    ),
    Operation("GET", "/v1/charges/{}", RETRIEVAL, _retrieval("charge", "id")),
    Operation("POST", "/v1/refunds", refunds.REFUND_CREATE, refunds.create_refund),
    Operation(
        "GET",
        "/v1/refunds",
        listing(created=instant_or_range, charge=text, payment_intent=text),
        _page("refund", "/v1/refunds"),
    ),
    Operation("GET", "/v1/refunds/{}", RETRIEVAL, _retrieval("refund", "id")),
    Operation(
        "GET",
        "/v1/disputes",
        listing(created=instant_or_range, charge=text, payment_intent=text),
        _page("dispute", "/v1/disputes"),
    ),
    Operation("GET", "/v1/disputes/{}", RETRIEVAL, _retrieval("dispute", "dispute")),
    Operation("POST", "/v1/disputes/{}", disputes.DISPUTE_UPDATE, disputes.update_dispute),
    Operation("POST", "/v1/disputes/{}/close", disputes.DISPUTE_CLOSE, disputes.close_dispute),
    Operation("GET", "/v1/events", listing(created=instant_or_range), _page("event", "/v1/events")),
    Operation("GET", "/v1/events/{}", RETRIEVAL, _retrieval("event", "id")),
)


def operation_of(method: str, path: str) -> tuple[Operation, tuple[str, ...]]:
    """The operation and the ids in the address. Raises Stripe's 404 for an unknown address."""
    for operation in OPERATIONS:
        ids = operation.match(method, path)
        if ids is not None:
            return operation, ids
    raise Problem(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        status=404,
    )


# Fields that hold an id which `expand` turns into the object.
_EXPANDABLE = frozenset({"customer", "latest_charge", "payment_method", "payment_intent", "charge"})


def expand(books: Books, answer: Object, paths: list[str]) -> Object:
    """Replace ids by objects along paths such as `latest_charge` or `data.latest_charge`."""
    for path in paths:
        _expand(books, answer, path.split("."), path)
    return answer


def _expand(books: Books, value: Any, steps: list[str], path: str) -> None:
    if not steps or value is None:
        return
    step, rest = steps[0], steps[1:]
    if step == "data" and isinstance(value.get("data"), list):
        for item in value["data"]:
            _expand(books, item, rest, path)
        return
    if (
        step not in value
        or step not in _EXPANDABLE
        or (value["object"], step) == ("charge", "payment_method")
    ):
        raise Problem(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(value[step], str):
        value[step] = books.find_any(value[step])
    _expand(books, value[step], rest, path)
