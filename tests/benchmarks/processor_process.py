"""The Stripe stand-in as a process of its own, with customers and cards put into its books in bulk."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import stripe

from assistant.sandbox.leash import leash_argv
from assistant.settings import DEMO_STRIPE_KEY
from tests.conftest_rasa import free_port

_START_SECONDS = 120
_ALL = 1_000_000_000


@dataclass(frozen=True)
class Processor:
    """A stand-in that runs. `file` holds its books."""

    url: str
    file: Path

    def client(self) -> stripe.StripeClient:
        """stripe-python as anybody would use it."""
        return stripe.StripeClient(DEMO_STRIPE_KEY, base_addresses={"api": self.url}, max_network_retries=0)

    def answer_after(self, milliseconds: int) -> None:
        """Take so long for every charge, as a card network does: for all who ask alike."""
        slow = {"kind": "delay", "path": "/v1/payment_intents", "seconds": milliseconds / 1000, "times": _ALL}
        httpx.post(f"{self.url}/_control/faults", json=slow, trust_env=False).raise_for_status()

    def add_payers(self, count: int) -> list[tuple[str, str]]:
        """`(customer, method)` of so many new payers: one is made through the API, and copied in the file."""
        api = self.client().v1
        customer = api.customers.create({"metadata": {"account_id": "1"}})
        method = api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        with closing(sqlite3.connect(self.file, timeout=30)) as books:
            rows = {
                kind: books.execute(
                    "SELECT kind, created, customer, intent, charge, body, hidden FROM objects WHERE id = ?",
                    (object_id,),
                ).fetchone()
                for kind, object_id in (("customer", customer.id), ("method", method.id))
            }
            payers = [(f"{customer.id}x{number}", f"{method.id}x{number}") for number in range(count)]
            books.executemany(
                "INSERT INTO objects (id, kind, created, customer, intent, charge, body, hidden)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (new_id, *_renamed(rows[kind], {customer.id: payer[0], method.id: payer[1]}))
                    for payer in payers
                    for kind, new_id in zip(("customer", "method"), payer, strict=True)
                ],
            )
            books.commit()
        return payers


@contextmanager
def processor_process(folder: Path) -> Iterator[Processor]:
    """Start a stand-in with books in `folder`; it ends with the block."""
    port, file = free_port(), folder / "stripe.db"
    process = subprocess.Popen(
        leash_argv(
            [sys.executable, "-m", "assistant.sandbox.stripe_app", "--port", str(port), "--file", str(file)]
        ),
        env=os.environ.copy(),
        cwd=folder,
    )
    try:
        made = Processor(f"http://127.0.0.1:{port}", file)
        _wait_for(f"{made.url}/_control/webhooks/waiting")
        yield made
    finally:
        process.terminate()
        process.wait(30)


def _renamed(row: tuple[Any, ...], names: dict[str, str]) -> tuple[Any, ...]:
    """A row of the books with other ids, also inside its JSON."""
    text = json.dumps(row)
    for old, new in names.items():
        text = text.replace(old, new)
    return tuple(json.loads(text))


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"{url} did not answer")
        time.sleep(0.1)
