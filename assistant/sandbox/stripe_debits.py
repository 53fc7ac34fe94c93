"""Debits of bank accounts: `processing` first, and days later paid or refused, when asked or by a clock."""

from __future__ import annotations

import threading
from collections.abc import Callable

from assistant.sandbox import stripe_objects as objects
from assistant.sandbox.stripe_bank_accounts import debited_account
from assistant.sandbox.stripe_books import Books, Object
from assistant.sandbox.stripe_cards import Manner, card_problem
from assistant.sandbox.stripe_disputes import return_payment
from assistant.sandbox.stripe_methods import manner_of
from assistant.sandbox.stripe_store import Store

_LOOK_SECONDS = 0.5
_SENT: Object = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "not_assessed",
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def begin_debit(books: Books, intent: Object, method: Object) -> Object:
    """Send the debit on its way: nothing is paid yet."""
    charge = objects.charge(books.now, intent, method, outcome=dict(_SENT), is_paid=False)
    charge.update(
        status="pending", captured=True, payment_method_details=debited_account(method["us_bank_account"])
    )
    books.put(charge)
    intent.update(status="processing", latest_charge=charge["id"], last_payment_error=None, next_action=None)
    books.put(intent)
    books.begin_debit(intent["id"])
    books.emit("charge.pending", charge)
    books.emit("payment_intent.processing", intent)
    return intent


def end_debit(books: Books, intent_id: str) -> bool:
    """The bank made up its mind. False when it never will, or the payment was canceled or ended before."""
    intent = books.get("payment_intent", intent_id, param="intent")
    books.forget_debit(intent_id)
    if intent["status"] != "processing":
        return False
    method = books.get("payment_method", intent["payment_method"], param="payment_method")
    charge = books.get("charge", intent["latest_charge"], param="charge")
    manner = manner_of(books, method)
    if manner.never_ends:
        return False
    if manner.code:
        _refuse(books, intent, charge, method, manner)
    else:
        _pay(books, intent, charge, manner)
    return True


def _pay(books: Books, intent: Object, charge: Object, manner: Manner) -> None:
    charge.update(status="succeeded", paid=True, amount_captured=charge["amount"])
    books.put(charge)
    intent.update(status="succeeded", amount_received=intent["amount"])
    books.put(intent)
    books.emit("charge.succeeded", charge)
    books.emit("payment_intent.succeeded", intent)
    if manner.dispute_reason:
        return_payment(books, charge, manner.dispute_reason)


def _refuse(books: Books, intent: Object, charge: Object, method: Object, manner: Manner) -> None:
    charge.update(status="failed", captured=False, failure_code=manner.code, failure_message=manner.message)
    books.put(charge)
    told = card_problem(manner, charge=charge["id"], payment_method=method).body["error"]
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=dict(told))
    books.put(intent)
    books.emit("charge.failed", charge)
    books.emit("payment_intent.payment_failed", intent)


class DebitClock:
    """Ends each debit `seconds` after it began: a bank's days in a demo. One thread."""

    def __init__(self, store: Store, seconds: float, on_commit: Callable[[], None]) -> None:
        self._store = store
        self._seconds = seconds
        self._on_commit = on_commit
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stripe-stand-in-debits", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_stopping.wait(_LOOK_SECONDS):
            if self._store.has_debits() and end_debits(self._store, older_than_seconds=self._seconds):
                self._on_commit()


def end_debits(store: Store, *, older_than_seconds: float = 0, only: str = "") -> int:
    """End the debits that began so long ago, or the one of an intent; returns how many ended."""
    with store.transaction() as books:
        due = [only] if only else books.debits(books.now - older_than_seconds)
        return sum(end_debit(books, intent_id) for intent_id in due)
