"""Disputes of the stand-in: opened by the payer's bank, answered, won or lost, with the money they move."""

from __future__ import annotations

from typing import Literal

from assistant.sandbox import stripe_objects as objects
from assistant.sandbox.stripe_books import Books, Object
from assistant.sandbox.stripe_params import Shape, flag, group, metadata, text, texts
from assistant.sandbox.stripe_problems import Problem

# Stripe's magic words in `evidence.uncategorized_text` decide a test dispute at once.
_MAGIC: dict[str, Literal["won", "lost"]] = {"winning_evidence": "won", "losing_evidence": "lost"}
_FEE_CENTS = 1500

_EVIDENCE = Shape(
    dict.fromkeys(("customer_name", "product_description", "service_date", "uncategorized_text"), text)
)
DISPUTE_UPDATE = Shape({"evidence": group(_EVIDENCE), "submit": flag, "metadata": metadata, "expand": texts})
DISPUTE_CLOSE = Shape({"expand": texts})


def open_dispute(
    books: Books, charge: Object, reason: str, *, amount: int = 0, is_inquiry: bool = False
) -> Object:
    """The payer's bank asks for the money; but for an inquiry it takes it at once."""
    charge["disputed"] = True
    books.put(charge)
    opened = objects.dispute(books.now, charge, reason, amount or charge["amount"])
    if is_inquiry:
        opened.update(status="warning_needs_response", is_charge_refundable=True)
    books.put(opened)
    books.emit("charge.dispute.created", opened)
    return opened if is_inquiry else _withdraw(books, opened)


def return_payment(books: Books, charge: Object, reason: str) -> Object:
    """The payer's bank could not collect after all: Stripe tells an ACH return as a dispute that is lost."""
    charge["disputed"] = True
    books.put(charge)
    opened = objects.dispute(books.now, charge, reason, charge["amount"])
    opened.update(status="lost", payment_method_details=None, network_reason_code=None)
    books.put(opened)
    books.emit("charge.dispute.created", opened)
    _withdraw(books, opened)
    books.emit("charge.dispute.closed", opened)
    return opened


def decide(books: Books, dispute: Object, verdict: Literal["won", "lost"]) -> Object:
    """The bank decided: a won dispute brings the money back."""
    dispute["status"] = verdict
    books.put(dispute)
    books.emit("charge.dispute.closed", dispute)
    if verdict == "won" and dispute["balance_transactions"]:
        moved = objects.balance_transaction(
            books.now, dispute["id"], dispute["amount"], 0, "dispute_reversal"
        )
        dispute["balance_transactions"].append(moved)
        books.put(dispute)
        books.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def update_dispute(books: Books, params: Object, path: tuple[str, ...]) -> Object:
    dispute = books.get("dispute", path[0], param="dispute", is_in_path=True)
    if dispute["status"] not in ("needs_response", "warning_needs_response"):
        raise Problem("This dispute is already closed", param="dispute")
    words = params.get("evidence", {})
    dispute["evidence"].update(words)
    if not params.get("submit", True):
        return books.put(dispute)
    dispute["evidence_details"].update(has_evidence=bool(words), submission_count=1)
    dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    books.put(dispute)
    books.emit("charge.dispute.updated", dispute)
    verdict = _MAGIC.get(words.get("uncategorized_text", ""))
    return dispute if verdict is None else decide(books, dispute, verdict)


def close_dispute(books: Books, _params: Object, path: tuple[str, ...]) -> Object:
    """We give in: the dispute is lost."""
    dispute = books.get("dispute", path[0], param="dispute", is_in_path=True)
    if dispute["status"] != "needs_response":
        raise Problem("This dispute is already closed", param="dispute")
    return decide(books, dispute, "lost")


def _withdraw(books: Books, dispute: Object) -> Object:
    moved = objects.balance_transaction(books.now, dispute["id"], -dispute["amount"], _FEE_CENTS, "dispute")
    dispute["balance_transactions"].append(moved)
    books.put(dispute)
    books.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute
