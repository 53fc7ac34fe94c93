"""The Stripe stand-in: a small Stripe of our own on loopback, for the demo and for every test."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.clock import Clock, SystemClock
from assistant.errors import UnsafeConfiguration
from assistant.sandbox.stripe_control import Parts, control_routes
from assistant.sandbox.stripe_debits import DebitClock
from assistant.sandbox.stripe_desk import Asked, Desk
from assistant.sandbox.stripe_faults import FaultPlan
from assistant.sandbox.stripe_postbox import Courier, Postbox
from assistant.sandbox.stripe_store import Store
from assistant.sandbox.stripe_wire import Exchange, Wire, without_card_data
from assistant.settings import Settings

_DROP = b"x-stand-in-drop"


def create_app(
    settings: Settings,
    file: Path,
    *,
    clock: Clock | None = None,
    webhook_url: str = "",
    watch: Callable[[Exchange], None] | None = None,
    bank_seconds: float | None = None,
) -> ASGIApp:
    """The stand-in with its books in `file`; events go to `webhook_url`, signed with the webhook secret.

    `watch` is told every exchange. `bank_seconds` is how long the debit of a bank account takes; without it
    until it is ended by `POST /_control/debits/end`. Raises UnsafeConfiguration in production.
    """
    if settings.is_production:
        raise UnsafeConfiguration(["the Stripe stand-in must not run in production"])
    postbox = Postbox(webhook_url, settings.stripe_webhook_secret.get_secret_value())
    store = Store(file, clock or SystemClock(settings.coop_zone), postbox)
    faults, wire = FaultPlan(), Wire(watch)
    courier = Courier(file, postbox, _webhook_watcher(postbox, wire))
    desk = Desk(store, faults, courier.wake)
    debits = None if bank_seconds is None else DebitClock(store, bank_seconds, courier.wake)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        courier.start()
        if debits is not None:
            debits.start()
        yield
        if debits is not None:
            await run_in_threadpool(debits.stop)
        await run_in_threadpool(courier.stop)

    app = FastAPI(title="Stripe stand-in", lifespan=running, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(control_routes(Parts(store, faults, postbox, courier, wire)))

    @app.api_route("/v1/{rest:path}", methods=["GET", "POST", "DELETE"])
    async def stripe_request(request: Request) -> Response:
        """Any request of Stripe's API."""
        body = (await request.body()).decode("utf-8", "replace")
        raw = body if request.method == "POST" else request.url.query
        asked = Asked(request.method, request.url.path, raw, dict(request.headers))
        answer = await run_in_threadpool(desk.answer, asked)
        key = request.headers.get("idempotency-key", "")
        seen = without_card_data(raw)
        wire.saw(
            Exchange(asked.method, asked.path, seen, answer.status, answer.body, key, dict(answer.headers))
        )
        if answer.is_dropped:
            return Response(headers={_DROP.decode(): "1"})
        return Response(answer.body, answer.status, dict(answer.headers), "application/json")

    return _Dropping(app)


def _webhook_watcher(postbox: Postbox, wire: Wire) -> Callable[[str, int], None]:
    return lambda body, status: wire.saw(Exchange("WEBHOOK", postbox.url, "", status, body))


class _Dropping:
    """Cuts the connection where the desk wants no answer to arrive."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_dropped = False

        async def watched(message: Message) -> None:
            nonlocal is_dropped
            if message["type"] == "http.response.start":
                is_dropped = any(name == _DROP for name, _ in message["headers"])
                if is_dropped:
                    # uvicorn offers no way to hang up: its request cycle, whose method `receive` is, can.
                    receive.__self__.transport.abort()  # type: ignore[attr-defined]
            if not is_dropped:
                await send(message)

        await self._app(scope, receive, watched)
        while is_dropped and (await receive())["type"] != "http.disconnect":
            pass


def main(arguments: list[str] | None = None) -> None:
    """`python -m assistant.sandbox.stripe_app --port 12111 --file books.db [--webhook-url URL]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True, help="the SQLite file of its books")
    parser.add_argument("--webhook-url", default="", help="where events are sent; empty sends none")
    parser.add_argument(
        "--bank-seconds", type=float, default=60, help="how long a debit of a bank account takes (60)"
    )
    wanted = parser.parse_args(arguments)
    try:
        app = create_app(
            Settings(), wanted.file, webhook_url=wanted.webhook_url, bank_seconds=wanted.bank_seconds
        )
    except UnsafeConfiguration as error:
        parser.error(str(error))
    uvicorn.run(app, host="127.0.0.1", port=wanted.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
