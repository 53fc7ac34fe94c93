"""The stand-in's own addresses under `/_control`: books, faults, webhooks and the wire."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, Field

from assistant.sandbox.stripe_books import Books
from assistant.sandbox.stripe_debits import end_debits
from assistant.sandbox.stripe_disputes import open_dispute, return_payment
from assistant.sandbox.stripe_faults import Fault, FaultPlan
from assistant.sandbox.stripe_postbox import Courier, Order, Postbox
from assistant.sandbox.stripe_refunds import fail_refund, finish_refund
from assistant.sandbox.stripe_store import Store
from assistant.sandbox.stripe_wire import Wire


@dataclass(frozen=True)
class Parts:
    """Everything the control routes reach."""

    store: Store
    faults: FaultPlan
    postbox: Postbox
    courier: Courier
    wire: Wire


class WebhookPlan(BaseModel, extra="forbid"):
    """Where events made from now on go. `is_held` keeps them until released; `copies=2` sends each twice."""

    url: str | None = None
    copies: int = Field(1, ge=1, le=5)
    is_held: bool = False
    delay_seconds: float = Field(0.0, ge=0)


class Release(BaseModel, extra="forbid"):
    """Let the held events go, in this order."""

    order: Order = "sent"
    copies: int = Field(1, ge=1, le=5)


class BankClaim(BaseModel, extra="forbid"):
    """A dispute to be opened. `amount` 0 means all; `is_return`: the bank could not collect (ACH)."""

    payment_intent: str
    reason: str = "fraudulent"
    amount: int = Field(0, ge=0)
    is_inquiry: bool = False
    is_return: bool = False


def control_routes(parts: Parts) -> APIRouter:
    """Routes that only tests, the demo and the simulator use; Stripe has none of them."""
    routes = APIRouter(prefix="/_control")

    @routes.get("/health")
    def health() -> dict[str, bool]:
        return {"ready": True}

    @routes.get("/books")
    def books() -> dict[str, list[dict[str, Any]]]:
        """All objects by kind (`payment_intent`, `charge`, `refund`, …), oldest first."""
        return parts.store.everything()

    @routes.get("/exchanges")
    def exchanges() -> list[dict[str, Any]]:
        return [asdict(exchange) for exchange in parts.wire.latest()]

    @routes.post("/faults", status_code=204)
    def add_fault(fault: Fault) -> None:
        parts.faults.add(fault)

    @routes.delete("/faults", status_code=204)
    def clear_faults() -> None:
        parts.faults.clear()

    @routes.delete("/keys", status_code=204)
    def forget_keys() -> None:
        """Forget every idempotency key, as Stripe may after a day."""
        with parts.store.transaction() as opened:
            opened.forget_keys()

    @routes.put("/webhooks", status_code=204)
    def plan_webhooks(plan: WebhookPlan) -> None:
        if plan.url is not None:
            parts.postbox.url = plan.url
        parts.postbox.copies = plan.copies
        parts.postbox.is_held = plan.is_held
        parts.postbox.delay_seconds = plan.delay_seconds

    @routes.post("/webhooks/release")
    def release(wanted: Release) -> dict[str, int]:
        return {"deliveries": parts.courier.release(wanted.order, wanted.copies)}

    @routes.post("/webhooks/resend/{event_id}", status_code=204)
    def resend(event_id: str, as_new: bool = False) -> Response:
        """Deliver an event again, or as an event of its own as Stripe sometimes does; 404: there is none."""
        with parts.store.transaction() as opened:
            event = opened.find("event", event_id)
            if event is not None and as_new:
                opened.emit(event["type"], event["data"]["object"])
        if event is not None and not as_new:
            parts.courier.resend(event_id)
        parts.courier.wake()
        return Response(status_code=404 if event is None else 204)

    @routes.get("/webhooks/waiting")
    def waiting() -> dict[str, int]:
        return {"waiting": parts.courier.waiting_count()}

    _add_bank_routes(routes, parts)
    return routes


def _add_bank_routes(routes: APIRouter, parts: Parts) -> None:
    """What the payer's bank does by itself, days after a charge."""

    @routes.post("/disputes")
    def dispute(claim: BankClaim) -> dict[str, Any]:
        """The bank asks a charge back; 404: there is no such paid charge."""
        with parts.store.transaction() as opened:
            charge = _charge_of(opened, claim.payment_intent)
            if claim.is_return:
                made = return_payment(opened, charge, claim.reason)
            else:
                made = open_dispute(
                    opened, charge, claim.reason, amount=claim.amount, is_inquiry=claim.is_inquiry
                )
        parts.courier.wake()
        return made

    @routes.post("/debits/end")
    def end_all_debits(payment_intent: str = "") -> dict[str, int]:
        """The bank's days are over for every debit on its way, or for the one of an intent."""
        ended = end_debits(parts.store, only=payment_intent)
        parts.courier.wake()
        return {"ended": ended}

    @routes.post("/refunds/{refund_id}/{end}", status_code=204)
    def end_refund(refund_id: str, end: Literal["fail", "finish"]) -> None:
        """A refund comes back from the bank, or a pending one arrives; 404: there is none."""
        with parts.store.transaction() as opened:
            refund = opened.find("refund", refund_id)
            if refund is None:
                raise HTTPException(404)
            (fail_refund if end == "fail" else finish_refund)(opened, refund)
        parts.courier.wake()


def _charge_of(opened: Books, intent_id: str) -> dict[str, Any]:
    intent = opened.find("payment_intent", intent_id)
    if intent is None or intent["status"] != "succeeded":
        raise HTTPException(404)
    return opened.get("charge", intent["latest_charge"], param="charge")
