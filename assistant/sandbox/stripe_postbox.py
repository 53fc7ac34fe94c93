"""Sends the stand-in's events as signed webhooks: on request twice, late or in another order."""

from __future__ import annotations

import hashlib
import hmac
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Literal

import httpx

Order = Literal["sent", "reversed", "shuffled"]

# Stripe tries for three days; the sandbox gives up sooner but backs off the same way.
_MOST_TRIES = 12
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 60.0


def signature_header(body: str, secret: str, at: int) -> str:
    """The `Stripe-Signature` header of a webhook body, scheme v1."""
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


@dataclass
class Postbox:
    """Where webhooks go and how. Nothing is laid in while `url` is empty."""

    url: str = ""
    secret: str = field(default="", repr=False)
    copies: int = 1
    is_held: bool = False
    delay_seconds: float = 0.0

    def lay_in(self, connection: sqlite3.Connection, event_id: str) -> None:
        """Note the event's deliveries, in the transaction that made the event."""
        if not self.url:
            return
        state = "held" if self.is_held else "waiting"
        for _ in range(self.copies):
            connection.execute(
                "INSERT INTO deliveries (event_id, due_at, state) VALUES (?, ?, ?)",
                (event_id, time.time() + self.delay_seconds, state),
            )


class Courier:
    """One thread that delivers what is due, in order of due time. Signs with the real time of sending."""

    def __init__(self, path: Path, postbox: Postbox, on_sent: Callable[[str, int], None]) -> None:
        self._path = path
        self._postbox = postbox
        self._on_sent = on_sent
        self._has_news = threading.Event()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stripe-stand-in-courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the delivery under way and end the thread."""
        self._is_stopping.set()
        self._has_news.set()
        self._thread.join()

    def wake(self) -> None:
        self._has_news.set()

    def release(self, order: Order, copies: int) -> int:
        """Let held events go in this order, each `copies` times in all; returns how many deliveries."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held = [row[0] for row in connection.execute(_HELD)]
            connection.execute("DELETE FROM deliveries WHERE state = 'held'")
            due = _ordered(held * copies, order)
            at = time.time()
            for position, event_id in enumerate(due):
                # A microsecond apart keeps the wanted order.
                connection.execute(_LAY_IN, (event_id, at + position * 1e-6))
            connection.execute("COMMIT")
        self.wake()
        return len(due)

    def resend(self, event_id: str) -> None:
        """Deliver one event once more."""
        with closing(self._connect()) as connection:
            connection.execute(_LAY_IN, (event_id, time.time()))
        self.wake()

    def waiting_count(self) -> int:
        """Deliveries that are still to be made, held ones not counted."""
        with closing(self._connect()) as connection:
            return int(connection.execute(_WAITING).fetchone()[0])

    def _run(self) -> None:
        # Webhooks of the sandbox go over plain http on loopback; a context without roots loads fast.
        with httpx.Client(timeout=10, trust_env=False, verify=SSLContext(PROTOCOL_TLS_CLIENT)) as client:
            while not self._is_stopping.is_set():
                if not self._deliver_next(client):
                    self._has_news.wait(0.1)
                    self._has_news.clear()

    def _deliver_next(self, client: httpx.Client) -> bool:
        """Make the next due delivery; False when none is due. No transaction is open while it is sent."""
        with closing(self._connect()) as connection:
            row = connection.execute(_NEXT, (time.time(),)).fetchone()
        if row is None or not self._postbox.url:
            return False
        delivery_id, tries, body = row
        status = self._send(client, body)
        with closing(self._connect()) as connection:
            if 200 <= status < 300:
                connection.execute(_DONE, (str(status), delivery_id))
            else:
                wait = min(_FIRST_WAIT_SECONDS * 2**tries, _LONGEST_WAIT_SECONDS)
                state = "waiting" if tries + 1 < _MOST_TRIES else "given_up"
                connection.execute(_AGAIN, (state, str(status), time.time() + wait, delivery_id))
        self._on_sent(body, status)
        return True

    def _send(self, client: httpx.Client, body: str) -> int:
        at = int(time.time())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature_header(body, self._postbox.secret, at),
            "User-Agent": "Stripe/1.0 (stand-in)",
        }
        try:
            return client.post(self._postbox.url, content=body.encode(), headers=headers).status_code
        except httpx.HTTPError:
            return 0

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=15, isolation_level=None)


def _ordered(event_ids: list[str], order: Order) -> list[str]:
    if order == "reversed":
        return event_ids[::-1]
    return random.sample(event_ids, len(event_ids)) if order == "shuffled" else event_ids


_HELD = "SELECT event_id FROM deliveries WHERE state = 'held' GROUP BY event_id ORDER BY min(id)"
_LAY_IN = "INSERT INTO deliveries (event_id, due_at) VALUES (?, ?)"
_WAITING = "SELECT count(*) FROM deliveries WHERE state = 'waiting'"
_NEXT = (
    "SELECT d.id, d.tries, o.body FROM deliveries d JOIN objects o ON o.id = d.event_id"
    " WHERE d.state = 'waiting' AND d.due_at <= ? ORDER BY d.due_at, d.id LIMIT 1"
)
_DONE = "UPDATE deliveries SET state = 'done', tries = tries + 1, answer = ? WHERE id = ?"
_AGAIN = "UPDATE deliveries SET state = ?, tries = tries + 1, answer = ?, due_at = ? WHERE id = ?"
