"""What one request may do with the stand-in's books, inside its transaction."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from dataclasses import dataclass
from typing import Any

from assistant.clock import Clock
from assistant.sandbox.stripe_postbox import Postbox
from assistant.sandbox.stripe_problems import Problem, no_such

Object = dict[str, Any]

_LETTERS = string.ascii_letters + string.digits
# Stripe prunes idempotency keys once they are at least this old.
KEY_SECONDS = 24 * 3600
API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class SavedAnswer:
    """The first answer to an idempotency key: whatever it was, it is given again."""

    path: str
    params: str
    status: int
    body: str
    request_id: str


def new_id(prefix: str) -> str:
    """`pi_` and 24 letters and digits."""
    return prefix + "_" + "".join(secrets.choice(_LETTERS) for _ in range(24))


class Books:
    """Objects, events and idempotency keys of one transaction. Bodies are Stripe's JSON as dicts."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock, postbox: Postbox) -> None:
        self._connection = connection
        self._postbox = postbox
        self.now = int(clock.now().timestamp())

    def put(self, body: Object, **hidden: Any) -> Object:
        """Write an object, new or changed; `hidden` is what the processor knows and never shows."""
        keys = (body.get("customer"), body.get("payment_intent"), body.get("charge"))
        self._connection.execute(
            "INSERT INTO objects (id, kind, created, customer, intent, charge, body) VALUES (?,?,?,?,?,?,?)"
            " ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, body = excluded.body",
            (body["id"], body["object"], body["created"], *keys, json.dumps(body)),
        )
        if hidden:
            merged = {**self.hidden(body["id"]), **hidden}
            self._connection.execute(
                "UPDATE objects SET hidden = ? WHERE id = ?", (json.dumps(merged), body["id"])
            )
        return body

    def find(self, kind: str, object_id: str) -> Object | None:
        row = self._connection.execute(
            "SELECT body FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def find_any(self, object_id: str) -> Object | None:
        row = self._connection.execute("SELECT body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def get(self, kind: str, object_id: str, *, param: str, is_in_path: bool = False) -> Object:
        """The object, or Stripe's `resource_missing`."""
        found = self.find(kind, object_id)
        if found is None:
            shown = {"payment_method": "PaymentMethod"}.get(kind, kind)
            raise no_such(shown, object_id, param=param, is_in_path=is_in_path)
        return found

    def hidden(self, object_id: str) -> Object:
        row = self._connection.execute("SELECT hidden FROM objects WHERE id = ?", (object_id,)).fetchone()
        return json.loads(row[0]) if row else {}

    def page(self, kind: str, params: Object, *, customer: str | None = None) -> tuple[list[Object], bool]:
        """One page of a kind, newest first, and whether more follow. `params` are a list endpoint's."""
        where, values = ["kind = ?"], list[Any]([kind])
        by_column = {"intent": params.get("payment_intent"), "charge": params.get("charge")}
        by_column["customer"] = customer or params.get("customer")
        for column, wanted in by_column.items():
            if wanted is not None:
                where.append(f"{column} = ?")
                values.append(wanted)
        for bound, seconds in params.get("created", {}).items():
            where.append(f"created {_SIGNS[bound]} ?")
            values.append(seconds)
        is_backward = "ending_before" in params
        for name, sign in (("starting_after", "<"), ("ending_before", ">")):
            if name in params:
                where.append(f"seq {sign} ?")
                values.append(self._seq(kind, params[name], name))
        limit = params.get("limit", 10)
        rows = self._connection.execute(
            f"SELECT body FROM objects WHERE {' AND '.join(where)}"  # noqa: S608  columns are ours
            f" ORDER BY seq {'ASC' if is_backward else 'DESC'} LIMIT ?",
            (*values, limit + 1),
        ).fetchall()
        found = [json.loads(body) for (body,) in rows[:limit]]
        return (found[::-1] if is_backward else found), len(rows) > limit

    def emit(self, kind: str, about: Object) -> None:
        """Record an event with a snapshot of the object, and lay it in the postbox."""
        event_id = new_id("evt")
        event = {
            "id": event_id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": {"object": about},
            "livemode": False,
            "pending_webhooks": 1 if self._postbox.url else 0,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.put(event)
        self._postbox.lay_in(self._connection, event_id)

    def begin_debit(self, intent_id: str) -> None:
        """Note that the debit of a bank account is on its way."""
        self._connection.execute("INSERT OR REPLACE INTO debits VALUES (?, ?)", (intent_id, self.now))

    def forget_debit(self, intent_id: str) -> None:
        self._connection.execute("DELETE FROM debits WHERE intent = ?", (intent_id,))

    def debits(self, until: float) -> list[str]:
        """The intents whose debit began by then, the oldest first."""
        found = self._connection.execute(
            "SELECT intent FROM debits WHERE began <= ? ORDER BY began, rowid", (until,)
        )
        return [intent_id for (intent_id,) in found]

    def saved_answer(self, key: str) -> SavedAnswer | None:
        """The first answer to a key that is not yet pruned."""
        self._connection.execute("DELETE FROM keys WHERE created <= ?", (self.now - KEY_SECONDS,))
        row = self._connection.execute(
            "SELECT path, params, status, body, request_id FROM keys WHERE name = ?", (key,)
        ).fetchone()
        return SavedAnswer(*row) if row else None

    def save_answer(self, key: str, answer: SavedAnswer) -> None:
        self._connection.execute(
            "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key, answer.path, answer.params, answer.status, answer.body, answer.request_id, self.now),
        )

    def forget_keys(self) -> None:
        """Prune every idempotency key now, as Stripe may after a day."""
        self._connection.execute("DELETE FROM keys")

    def mark(self) -> None:
        """Remember this point, for `return_to_mark`."""
        self._connection.execute("SAVEPOINT mark")

    def return_to_mark(self) -> None:
        """Undo everything since `mark`."""
        self._connection.execute("ROLLBACK TO mark")

    def _seq(self, kind: str, object_id: str, param: str) -> int:
        row = self._connection.execute(
            "SELECT seq FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        if row is None:
            raise Problem(f"No such {kind}: '{object_id}'", code="resource_missing", param=param)
        return int(row[0])


_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
