"""The service: the public listener and the internal one, in one process, until it is told to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import text

from assistant import migrations
from assistant.app import Application, actions_of, build
from assistant.channels.processor_events import processor_router
from assistant.channels.sms import sms_router
from assistant.channels.turns import TurnRunner
from assistant.channels.voice import voice_router
from assistant.channels.webhook import DuplicateGuard
from assistant.checks import require_safe
from assistant.internal import build_internal_app
from assistant.observability import configure_logging
from assistant.settings import Settings

_LOG = structlog.get_logger(__name__)
_INTERNAL_HOST = "127.0.0.1"
_START_SECONDS = 15


def public_app(application: Application) -> FastAPI:
    """The app of the public port: the carrier's and the processor's webhooks, and health."""
    runner = TurnRunner(application.settings.turn_answer_seconds)
    app = FastAPI(
        title="Porchlight", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_finish_turns(runner)
    )
    conversation, db, clock = application.conversation, application.db, application.clock
    settings, outbox, guard = application.settings, application.outbox, DuplicateGuard(db, clock)
    app.include_router(
        sms_router(
            conversation=conversation,
            db=db,
            clock=clock,
            settings=settings,
            outbox=outbox,
            guard=guard,
            runner=runner,
        )
    )
    app.include_router(
        voice_router(
            conversation=conversation,
            db=db,
            clock=clock,
            settings=settings,
            outbox=outbox,
            guard=guard,
            runner=runner,
            code_to_speak=application.identity.code_to_speak,
        )
    )
    app.include_router(processor_router(gateway=application.gateway, payments=application.payments))

    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health")
    def ready() -> JSONResponse:
        parts = states_of(application)
        is_ready = all(state == "ready" for state in parts.values())
        return JSONResponse(
            {"status": "ready" if is_ready else "not_ready", "parts": parts}, 200 if is_ready else 503
        )

    return app


def _finish_turns(runner: TurnRunner) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """When the server stops, the turns under way are finished: their answers are still wanted."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        runner.close()

    return lifespan


def states_of(application: Application) -> dict[str, str]:
    """Each part's state: `ready`, or why not."""
    return {"database": _database_state(application), "engine": _engine_state(application)}


def _database_state(application: Application) -> str:
    try:
        with application.db.read() as tx:
            tx.execute(text("SELECT 1"))
        return "ready" if migrations.is_current(application.db.writer) else "not migrated"
    except Exception as trouble:  # noqa: BLE001  health reports, it does not raise
        return type(trouble).__name__


def _engine_state(application: Application) -> str:
    return "ready" if application.engine.is_ready() else "no answer"


def internal_app(application: Application) -> FastAPI:
    """The app of the internal port."""
    return build_internal_app(
        application.settings, actions_of(application), application.metrics, application.refresh_gauges
    )


def serve(settings: Settings) -> None:
    """Serve both listeners until SIGTERM or SIGINT. Refuses unsafe production settings."""
    configure_logging(settings.log_level)
    require_safe(settings)
    application = build(settings)
    migrations.upgrade(application.db.writer)
    servers = [
        Listener(internal_app(application), _INTERNAL_HOST, settings.internal_port),
        Listener(public_app(application), settings.bind_host, settings.public_port),
    ]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    nudge = threading.Thread(target=_send_soon, args=(application, stop), name="outbox", daemon=True)
    try:
        for server in servers:
            server.start()
        nudge.start()
        _LOG.info("serving", port=settings.public_port, internal_port=settings.internal_port)
        while not stop.wait(0.5):
            if any(not server.is_running for server in servers):
                raise RuntimeError("a listener ended by itself")
    finally:
        for server in reversed(servers):
            server.stop()
        application.close()


def _send_soon(application: Application, stop: threading.Event) -> None:
    """Hand the outbox over at once, so that a member does not wait for the worker's next round."""
    while not stop.wait(1.0):
        _quietly(application.outbox.send_due)


def _quietly(work: Callable[[], Any]) -> None:
    try:
        work()
    except Exception as unexpected:  # noqa: BLE001  the worker does the same work again
        _LOG.error("outbox_nudge_failed", error=type(unexpected).__name__)


class Listener:
    """One uvicorn server in a thread of its own, with its own event loop and thread pool."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._port = port
        self._server = uvicorn.Server(
            uvicorn.Config(
                app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=10
            )
        )
        self._thread = threading.Thread(target=self._server.run, name=f"port-{port}", daemon=True)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    @property
    def port(self) -> int:
        """The port listened on, also when 0 was asked for."""
        sockets = self._server.servers[0].sockets
        bound: int = sockets[0].getsockname()[1]
        return bound

    def start(self) -> None:
        """Listen. Raises RuntimeError when the port cannot be had."""
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"port {self._port} cannot be listened on")
            time.sleep(0.02)

    def stop(self) -> None:
        """Finish running requests and close."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=15)
