"""The judge of the Stripe stand-in: every request, answer and webhook against the installed SDK's types."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import stripe
from stripe._error_object import ErrorObject
from stripe._object_classes import OBJECT_CLASSES

from assistant.sandbox.stripe_params import parse_form
from assistant.sandbox.stripe_wire import Exchange
from tests.judges.stripe_types import Problems, check, check_fields, fields_of, resolve

_ERROR_TYPES = frozenset({"api_error", "card_error", "idempotency_error", "invalid_request_error"})


@dataclass(frozen=True)
class SdkOperation:
    """One method of one SDK service: where it sends, what it takes and what it returns."""

    verb: str
    template: str
    params: str
    answer: str
    module_name: str

    def fits(self, verb: str, path: str) -> bool:
        return verb == self.verb and _pattern_of(self.template).fullmatch(path) is not None


@cache
def _pattern_of(template: str) -> re.Pattern[str]:
    """`/v1/charges/{charge}` as a pattern of addresses."""
    return re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)))


@cache
def sdk_operations() -> tuple[SdkOperation, ...]:
    """Every v1 operation of the installed SDK, read from the source of its services."""
    folder = Path(stripe.__path__[0])
    names = [module.name for module in pkgutil.iter_modules([str(folder)])]
    return tuple(
        operation
        for name in names
        if name.endswith("_service")
        for operation in _operations_in(folder / f"{name}.py", f"stripe.{name}")
    )


def _operations_in(source: Path, module_name: str) -> list[SdkOperation]:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    methods = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [found for method in methods if (found := _operation_in(method, module_name)) is not None]


def _operation_in(method: ast.FunctionDef, module_name: str) -> SdkOperation | None:
    params = next((one.annotation for one in method.args.args if one.arg == "params"), None)
    for node in ast.walk(method):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._request":
            verb, address = node.args[:2]
            template = address.func.value if isinstance(address, ast.Call) else address  # type: ignore[attr-defined]
            if isinstance(verb, ast.Constant) and isinstance(template, ast.Constant) and params is not None:
                name = re.findall(r"\w+Params\b", ast.unparse(params))[0]
                answer = ast.literal_eval(method.returns) if method.returns else ""
                return SdkOperation(
                    str(verb.value).upper(), str(template.value), name, str(answer), module_name
                )
    return None


def sdk_operation(verb: str, path: str) -> SdkOperation | None:
    """The SDK's operation for a request; a literal address goes before one with an id in it."""
    fitting = [operation for operation in sdk_operations() if operation.fits(verb, path)]
    return min(fitting, key=lambda operation: operation.template.count("{"), default=None)


def params_of(operation: SdkOperation) -> type:
    """The TypedDict of the operation's parameters."""
    importlib.import_module(operation.module_name)
    found: type = resolve(operation.params, operation.module_name)
    return found


def check_request(verb: str, path: str, raw: str) -> Problems:
    """What is wrong with a request, by the SDK's parameter types."""
    operation = sdk_operation(verb, path)
    if operation is None:
        return [f"{verb} {path}: the SDK has no such operation"]
    return check_fields(parse_form(raw), params_of(operation), "form", f"{verb} {path}")


def check_answer(verb: str, path: str, status: int, body: str) -> Problems:
    """What is wrong with an answer, by the SDK's resource classes."""
    where = f"{verb} {path} -> {status}"
    try:
        answer = json.loads(body)
    except ValueError:
        return [f"{where}: not JSON"]
    if status >= 400:
        return _check_error(answer, where)
    operation = sdk_operation(verb, path)
    if operation is None:
        return [f"{where}: answered an operation that the SDK does not have"]
    importlib.import_module(operation.module_name)
    return check(answer, operation.answer, operation.module_name, "json", where)


def check_event(body: str) -> Problems:
    """What is wrong with a webhook: the event, and the object it is about."""
    event = json.loads(body)
    problems = check_fields(event, stripe.Event, "json", "event")
    about = event["data"]["object"]
    name = about.get("object")
    if name not in OBJECT_CLASSES:
        return [*problems, f"event.data.object: unknown object {name!r}"]
    module_name, class_name = OBJECT_CLASSES[name]
    cls = getattr(importlib.import_module(module_name), class_name)
    return problems + check_fields(about, cls, "json", f"event {event['type']}")


def _check_error(answer: Any, where: str) -> Problems:
    if not isinstance(answer, dict) or set(answer) != {"error"}:
        return [f"{where}: an error answer holds `error` alone"]
    error = answer["error"]
    problems = check_fields(error, ErrorObject, "json", f"{where} error")
    if error.get("type") not in _ERROR_TYPES:
        problems.append(f"{where} error.type: {error.get('type')!r} is unknown")
    if error.get("code") is not None:
        codes = fields_of(stripe.PaymentIntent.LastPaymentError)["code"][0]
        problems += check(error["code"], codes, "stripe._payment_intent", "json", f"{where} error.code")
    return problems


class StripeJudge:
    """Watches a stand-in's wire and keeps every violation; `rule` fails the test that has one left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._violations: Problems = []
        self.judged_count = 0

    def saw(self, exchange: Exchange) -> None:
        """Judge one exchange; called from the stand-in's threads. A cut connection has no answer to judge."""
        if exchange.method == "WEBHOOK":
            found = check_event(exchange.body)
        else:
            found = check_request(exchange.method, exchange.path, exchange.raw)
            if exchange.status:
                found += check_answer(exchange.method, exchange.path, exchange.status, exchange.body)
        with self._lock:
            self.judged_count += 1
            self._violations += found

    def take(self) -> Problems:
        """The violations so far, which the caller answers for: tests that send wrong things on purpose."""
        with self._lock:
            taken, self._violations = self._violations, []
        return taken

    def rule(self) -> None:
        """Raises AssertionError with every violation that nobody took."""
        left = self.take()
        assert not left, "Stripe's own types refuse this:\n" + "\n".join(left)
