"""The payment processor's webhooks: `POST /stripe/events` checks the signature and hands the notice on."""

from typing import Annotated, Protocol

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request

from assistant.payments.gateway import ForgedNotice, PaymentGateway, ProcessorNotice

_log = structlog.get_logger(__name__)
# Stripe's events are a few kilobytes.
BODY_LIMIT = 500_000


class TakesNotices(Protocol):
    def take_notice(self, notice: ProcessorNotice) -> bool:
        """Take one event once, in any order."""
        ...


async def _raw_body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(400)
    return body


def processor_router(*, gateway: PaymentGateway, payments: TakesNotices) -> APIRouter:
    """The processor's webhook. A failure of ours is a 500 on purpose: the processor then sends it again."""
    router = APIRouter()

    @router.post("/stripe/events")
    def take_event(request: Request, body: Annotated[bytes, Depends(_raw_body)]) -> dict[str, bool]:
        try:
            notice = gateway.read_notice(body, request.headers.get("Stripe-Signature", ""))
        except ForgedNotice:
            _log.warning("processor_event_refused")
            raise HTTPException(400) from None
        payments.take_notice(notice)
        return {"received": True}

    return router
