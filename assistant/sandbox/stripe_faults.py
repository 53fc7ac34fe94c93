"""Faults on demand: what goes wrong with the next matching requests to the stand-in."""

from __future__ import annotations

import threading
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, Field, model_validator


class Fault(BaseModel, extra="forbid"):
    """One fault for the next `times` requests whose method and path match.

    - `delay` waits `seconds`, then goes on as usual
    - `error` answers `status` (an `api_error`); with `is_sticky` the idempotency key remembers that answer
    - `drop` cuts the connection without an answer
    - `garble` answers 200 with a body that is not JSON
    `when="before"`: the request is not carried out (a delay waits first); `"after"`: it is.
    """

    kind: Literal["delay", "error", "drop", "garble"]
    when: Literal["before", "after"] = "before"
    method: Literal["GET", "POST", "DELETE", "*"] = "*"
    # A shell pattern, e.g. `/v1/payment_intents*`.
    path: str = "*"
    times: int = Field(1, ge=1)
    seconds: float = Field(0.0, ge=0, le=120)
    status: int = Field(500, ge=400, le=599)
    is_sticky: bool = False

    @model_validator(mode="after")
    def _only_errors_stick(self) -> Fault:
        if self.is_sticky and self.kind != "error":
            raise ValueError("only an error can be sticky")
        return self


class FaultPlan:
    """The faults that are still to come, oldest first. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append((fault, fault.times))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that fits this request, used up by one; None when all is well."""
        with self._lock:
            for position, (fault, left) in enumerate(self._faults):
                if fault.method in {"*", method} and fnmatchcase(path, fault.path):
                    if left == 1:
                        del self._faults[position]
                    else:
                        self._faults[position] = (fault, left - 1)
                    return fault
        return None
