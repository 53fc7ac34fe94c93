"""The stand-in's front desk: takes one request through key check, faults, idempotency and the rule."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from assistant.sandbox.stripe_books import API_VERSION, Books, Object, SavedAnswer, new_id
from assistant.sandbox.stripe_faults import Fault, FaultPlan
from assistant.sandbox.stripe_operations import Operation, expand, operation_of
from assistant.sandbox.stripe_params import parse_form
from assistant.sandbox.stripe_problems import (
    Problem,
    key_for_other_endpoint,
    key_for_other_parameters,
    key_in_use,
    server_error,
)
from assistant.sandbox.stripe_store import Store

_LONGEST_KEY = 255


@dataclass(frozen=True)
class Asked:
    """A request as it came in. `raw`: form body of a POST or query of a GET; `headers` in lower case."""

    method: str
    path: str
    raw: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What goes back; `is_dropped` means the connection is cut instead."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    is_dropped: bool = False


class Desk:
    """Answers requests, each in one transaction. Safe between threads; a key in use elsewhere gets 409."""

    def __init__(self, store: Store, faults: FaultPlan, on_commit: Callable[[], None]) -> None:
        self._store = store
        self._faults = faults
        self._on_commit = on_commit
        self._lock = threading.Lock()
        self._keys_in_use: set[str] = set()

    def answer(self, asked: Asked) -> Answer:
        """Answer one request; every error is an answer too."""
        request_id = new_id("req")
        try:
            _check_headers(asked.headers)
            operation, ids = operation_of(asked.method, asked.path)
            # A parameter that is refused here is not remembered under the key, as at Stripe.
            params = operation.shape.read(parse_form(asked.raw))
            key = _key_of(asked)
            with self._holding(key):
                return self._carry_out(asked, operation, ids, params, key, request_id)
        except Problem as problem:
            return _told(problem, request_id)

    def _carry_out(
        self,
        asked: Asked,
        operation: Operation,
        ids: tuple[str, ...],
        params: Object,
        key: str,
        request_id: str,
    ) -> Answer:
        fault = self._faults.take(asked.method, asked.path)
        if fault is not None and fault.when == "before":
            ruined = self._ruin(fault, asked, key, request_id)
            if ruined is not None:
                return ruined
        with self._store.transaction() as books:
            answer = _replayed(books, asked, key) if key else None
            if answer is None:
                answer = _performed(books, operation, ids, params, request_id)
                if key:
                    kept = answer
                    if fault is not None and fault.when == "after" and fault.is_sticky:
                        kept = _failure(fault, request_id)
                    _remember(books, asked, key, kept, request_id)
        self._on_commit()
        if fault is not None and fault.when == "after":
            return self._ruin(fault, asked, "", request_id) or answer
        return answer

    def _ruin(self, fault: Fault, asked: Asked, key: str, request_id: str) -> Answer | None:
        """The spoiled answer; None when the fault was only a delay. A key given here keeps a sticky error."""
        time.sleep(fault.seconds)
        if fault.kind == "delay":
            return None
        if fault.kind == "drop":
            return Answer(0, "", is_dropped=True)
        if fault.kind == "garble":
            return Answer(200, "<html>upstream</html>", {"Request-Id": request_id})
        failure = _failure(fault, request_id)
        if fault.is_sticky and key:
            with self._store.transaction() as books:
                if books.saved_answer(key) is None:
                    _remember(books, asked, key, failure, request_id)
        return failure

    @contextmanager
    def _holding(self, key: str) -> Iterator[None]:
        """Hold an idempotency key while its request is carried out. Raises 409 when it is held already."""
        with self._lock:
            if key and key in self._keys_in_use:
                raise key_in_use(key)
            if key:
                self._keys_in_use.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys_in_use.discard(key)


def _check_headers(headers: Mapping[str, str]) -> None:
    api_key = _api_key(headers.get("authorization", ""))
    if not api_key:
        raise Problem("You did not provide an API key.", status=401)
    if not api_key.startswith(("sk_test_", "rk_test_")):
        raise Problem("Invalid API Key provided: the stand-in takes test keys only", status=401)
    if headers.get("stripe-version", API_VERSION) != API_VERSION:
        raise Problem(f"Invalid Stripe API version: the stand-in speaks {API_VERSION}")


def _api_key(authorization: str) -> str:
    """The key of a bearer token, or of basic authentication as its user name; empty when there is none."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return given
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""


def _key_of(asked: Asked) -> str:
    """The idempotency key of a POST; keys of other methods have no effect."""
    key = asked.headers.get("idempotency-key", "") if asked.method == "POST" else ""
    if len(key) > _LONGEST_KEY:
        raise Problem(f"Idempotency keys can be at most {_LONGEST_KEY} characters long")
    return key


def _performed(
    books: Books, operation: Operation, ids: tuple[str, ...], params: Object, request_id: str
) -> Answer:
    books.mark()
    try:
        made = operation.rule(books, params, ids)
        shown = expand(books, made, params.get("expand", []))
    except Problem as problem:
        if not problem.keeps_changes:
            books.return_to_mark()
        return _told(problem, request_id)
    return Answer(200, json.dumps(shown, indent=2), _headers(request_id))


def _replayed(books: Books, asked: Asked, key: str) -> Answer | None:
    saved = books.saved_answer(key)
    if saved is None:
        return None
    if saved.path != asked.path:
        raise key_for_other_endpoint(key, saved.path, asked.path)
    if saved.params != _digest(asked.raw):
        raise key_for_other_parameters(key)
    headers = {
        "Idempotent-Replayed": "true",
        "Original-Request": saved.request_id,
        "Idempotency-Key": key,
    }
    return Answer(saved.status, saved.body, {**_headers(saved.request_id), **headers})


def _remember(books: Books, asked: Asked, key: str, answer: Answer, request_id: str) -> None:
    digest = _digest(asked.raw)
    books.save_answer(key, SavedAnswer(asked.path, digest, answer.status, answer.body, request_id))


def _digest(raw: str) -> str:
    """Parameters are compared by digest, and of a card only what may be kept goes into it."""
    params = parse_form(raw)
    if isinstance(params.get("card"), dict):
        params["card"] = {**params["card"], "number": params["card"].get("number", "")[-4:], "cvc": ""}
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def _failure(fault: Fault, request_id: str) -> Answer:
    failure = server_error()
    # Stripe asks clients not to repeat an error that its idempotency layer would only replay.
    advice = {"Stripe-Should-Retry": "false"} if fault.is_sticky else {}
    return Answer(fault.status, json.dumps(failure.body), {**_headers(request_id), **advice})


def _told(problem: Problem, request_id: str) -> Answer:
    advice = {"Stripe-Should-Retry": "true"} if problem.status == 409 else {}
    return Answer(problem.status, json.dumps(problem.body, indent=2), {**_headers(request_id), **advice})


def _headers(request_id: str) -> dict[str, str]:
    return {"Request-Id": request_id, "Stripe-Version": API_VERSION}
