"""The errors of the Stripe stand-in, in Stripe's own shape and words."""

from __future__ import annotations

from typing import Any

INVALID = "invalid_request_error"


class Problem(Exception):
    """An error answer. `keeps_changes`: what was written before it stays, as with a declined charge."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = INVALID,
        code: str | None = None,
        param: str | None = None,
        keeps_changes: bool = False,
        **more: Any,
    ) -> None:
        self.status = status
        self.keeps_changes = keeps_changes
        told = {"code": code, "message": message, "param": param, "type": kind, **more}
        if code is not None:
            told["doc_url"] = f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}"
        self.body = {"error": {name: value for name, value in told.items() if value is not None}}
        super().__init__(message)


def unknown_parameter(name: str) -> Problem:
    return Problem(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> Problem:
    return Problem(f"Missing required param: {name}.", code="parameter_missing", param=name)


def no_such(kind: str, object_id: str, *, param: str, is_in_path: bool = False) -> Problem:
    """`is_in_path`: the id stood in the address (404) and not in a parameter (400)."""
    return Problem(
        f"No such {kind}: '{object_id}'",
        status=404 if is_in_path else 400,
        code="resource_missing",
        param=param,
    )


def server_error() -> Problem:
    return Problem(
        "An unknown error occurred. If this persists, contact support.", status=500, kind="api_error"
    )


def key_in_use(key: str) -> Problem:
    return Problem(
        "There is currently another in-progress request using this Idempotent Key (that probably means you "
        f"submitted twice, and the other request is still going through): {key}. Please try again later.",
        status=409,
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def key_for_other_endpoint(key: str, first_path: str, path: str) -> Problem:
    return Problem(
        "Keys for idempotent requests can only be used for the same endpoint they were first used for "
        f"('{path}' vs '{first_path}'). Try using a key other than '{key}' if you meant to execute a "
        "different request.",
        kind="idempotency_error",
    )


def key_for_other_parameters(key: str) -> Problem:
    return Problem(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )
