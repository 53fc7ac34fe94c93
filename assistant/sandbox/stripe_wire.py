"""What went over the stand-in's wire, without secrets: for the simulator's panel and the tests' judge."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_KEPT = 200
# Card numbers and security codes are shown as hidden; everything else is test data.
_HIDDEN = re.compile(r"(card(?:%5B|\[)(?:number|cvc)(?:%5D|\])=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, or one webhook sent (`method` is then `WEBHOOK`, `body` the event).

    `raw` is the form or query string. `status` 0: the connection was cut, or nobody answered.
    """

    method: str
    path: str
    raw: str
    status: int
    body: str
    idempotency_key: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def without_card_data(raw: str) -> str:
    """The form with card number and security code replaced by `hidden`."""
    return _HIDDEN.sub(r"\1hidden", raw)


class Wire:
    """Remembers the latest exchanges and tells each to a watcher. Safe between threads."""

    def __init__(self, watch: Callable[[Exchange], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._latest: deque[Exchange] = deque(maxlen=_KEPT)
        self._watch = watch

    def saw(self, exchange: Exchange) -> None:
        with self._lock:
            self._latest.append(exchange)
            if self._watch is not None:
                self._watch(exchange)

    def latest(self) -> list[Exchange]:
        """Up to 200 exchanges, oldest first."""
        with self._lock:
            return list(self._latest)
