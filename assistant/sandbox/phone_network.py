"""The sandbox phone network: a carrier on loopback with Twilio's REST paths, and handsets.

Its own process: `python -m assistant.sandbox.phone_network --port 8090` (settings from the environment), or
`create_app(settings)` in a test. It delivers signed webhooks to `settings.public_url`; the service reaches it
by `PORCHLIGHT_TWILIO_API_BASE=http://127.0.0.1:8090`. It refuses to start in production.

The handsets' JSON API (models in phone_models.py; a phone is E.164 with its plus, as it is or as %2B):

| request | answer |
|---|---|
| GET  /phone/health | {"ready": true, "coop_number": "+1…", "calls": "http://…"} |
| GET  /phone/{phone}/thread?after=0&wait_seconds=0 | ThreadView; texts above number `after`; waits for one |
| POST /phone/{phone}/texts  TextIn | TextSent; waits for the service's answer (at most 15 s) |
| POST /phone/{phone}/calls | CallView of a new call to the co-op, once it listens or ended |
| GET  /phone/calls/{call_id}?after=0&wait_seconds=0 | CallView; lines above `after`, waits while `busy` |
| POST /phone/calls/{call_id}/answer | CallView; a ringing call is taken |
| POST /phone/calls/{call_id}/decline | CallView; a ringing call is turned away |
| POST /phone/calls/{call_id}/input  CallInput | CallView after the co-op's answer; 409 when not listening |
| POST /phone/calls/{call_id}/hang_up | CallView; the member hangs up, also while the network is busy |
| GET  /phone/wire?after=0 | list[WireEntry], oldest first: what went over the wire |
| GET  /phone/network · PUT /phone/network  NetworkState | the network's knobs |

The page at GET /phone (assistant/sandbox/simulator) uses the same. Answers to a POST on a call hold the lines
since that POST; a GET holds those above `after`. Unknown calls are 404; what does not fit is 422. Every POST
on a call takes `?wait_seconds=20`: how long to wait for the call to listen or end before it is told as busy.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Path, Query

from assistant.clock import Clock, SystemClock
from assistant.errors import UnsafeConfiguration
from assistant.sandbox.carrier import Carrier
from assistant.sandbox.carrier_api import carrier_api
from assistant.sandbox.carrier_wire import HttpPost, Post
from assistant.sandbox.live_call import LiveCall, NotNow
from assistant.sandbox.phone_models import (
    CallInput,
    CallView,
    NetworkState,
    TextIn,
    TextSent,
    ThreadView,
    WireEntry,
)
from assistant.sandbox.simulator import add_page
from assistant.settings import Settings

Phone = Annotated[str, Path(pattern=r"^\+[1-9]\d{6,14}$")]
After = Annotated[int, Query(ge=0)]
WaitSeconds = Annotated[float, Query(ge=0, le=60)]


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    post: Post | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> FastAPI:
    """The network as a web application. Raises UnsafeConfiguration in production.

    `post` sends webhooks and `sleep` waits out pauses; a test may put its own there.
    """
    if settings.is_production:
        raise UnsafeConfiguration(["the sandbox phone network must not run in production"])
    line = HttpPost()
    carrier = Carrier(settings, clock or SystemClock(settings.coop_zone), post=post or line, sleep=sleep)

    @asynccontextmanager
    async def hang_up(_app: FastAPI) -> AsyncIterator[None]:
        yield
        line.close()

    app = FastAPI(
        title="Sandbox phone network", docs_url=None, redoc_url=None, openapi_url=None, lifespan=hang_up
    )
    app.state.carrier = carrier
    app.include_router(carrier_api(carrier))
    add_page(app, settings)
    app.include_router(_network_routes(carrier, settings))
    app.include_router(_call_routes(carrier))
    app.include_router(_text_routes(carrier))
    return app


def _network_routes(carrier: Carrier, settings: Settings) -> APIRouter:
    router = APIRouter(prefix="/phone")

    @router.get("/health")
    def health() -> dict[str, str | bool]:
        return {"ready": True, "coop_number": carrier.number, "calls": settings.public_url}

    @router.get("/wire")
    def wire(after: After = 0) -> list[WireEntry]:
        return carrier.wire.entries(after)

    @router.get("/network")
    def knobs() -> NetworkState:
        return carrier.knobs

    @router.put("/network")
    def turn_knobs(knobs: NetworkState) -> NetworkState:
        carrier.knobs = knobs
        return knobs

    return router


def _text_routes(carrier: Carrier) -> APIRouter:
    router = APIRouter(prefix="/phone")

    @router.get("/{phone}/thread")
    def thread(phone: Phone, after: After = 0, wait_seconds: WaitSeconds = 0) -> ThreadView:
        return carrier.thread(phone, after, wait_seconds)

    @router.post("/{phone}/texts")
    def text(phone: Phone, text: TextIn) -> TextSent:
        sent, answers = carrier.text_from(phone, text)
        return TextSent(sent=sent.view(), answers=[answer.view() for answer in answers])

    return router


def _call_routes(carrier: Carrier) -> APIRouter:
    router = APIRouter(prefix="/phone")

    def known(call_id: str) -> LiveCall:
        call = carrier.call(call_id)
        if call is None:
            raise HTTPException(404, "no such call")
        return call

    def settled(call: LiveCall, act: Callable[[], None], wait_seconds: float) -> CallView:
        after = len(call.call.lines)
        try:
            act()
        except NotNow as reason:
            raise HTTPException(409, str(reason)) from None
        call.settle(wait_seconds)
        return call.view(after)

    @router.post("/{phone}/calls")
    def place_call(phone: Phone, wait_seconds: WaitSeconds = 20) -> CallView:
        try:
            call = carrier.call_from(phone)
        except NotNow as reason:
            raise HTTPException(409, str(reason)) from None
        call.settle(wait_seconds)
        return call.view()

    @router.get("/calls/{call_id}")
    def look(call_id: str, after: After = 0, wait_seconds: WaitSeconds = 0) -> CallView:
        call = known(call_id)
        call.settle(wait_seconds)
        return call.view(after)

    @router.post("/calls/{call_id}/answer")
    def answer(call_id: str, wait_seconds: WaitSeconds = 20) -> CallView:
        call = known(call_id)
        return settled(call, call.pick_up, wait_seconds)

    @router.post("/calls/{call_id}/decline")
    def decline(call_id: str, wait_seconds: WaitSeconds = 20) -> CallView:
        call = known(call_id)
        if call.state != "ringing":
            raise HTTPException(409, "the call is not ringing")
        return settled(call, call.hang_up, wait_seconds)

    @router.post("/calls/{call_id}/input")
    def give(call_id: str, given: CallInput, wait_seconds: WaitSeconds = 20) -> CallView:
        call = known(call_id)
        return settled(call, lambda: call.give(given), wait_seconds)

    @router.post("/calls/{call_id}/hang_up")
    def hang_up(call_id: str, wait_seconds: WaitSeconds = 20) -> CallView:
        call = known(call_id)
        return settled(call, call.hang_up, wait_seconds)

    return router


def main() -> None:
    """Run the network on loopback with the settings of the environment."""
    parser = argparse.ArgumentParser(description="The sandbox phone network")
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    # A page that polls fills an access log with nothing.
    uvicorn.run(create_app(Settings()), host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
