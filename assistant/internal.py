"""The internal listener, loopback only: Rasa's actions and the metrics, behind the shared secret."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import Action, ActionExecutionRejection, ActionNotFoundException

from assistant.observability import Metrics, place_of
from assistant.settings import Settings

SECRET_HEADER = "X-Porchlight-Secret"  # noqa: S105  a header's name
_LOG = structlog.get_logger(__name__)


def build_internal_app(
    settings: Settings, actions: list[Action], metrics: Metrics, refresh_gauges: Callable[[], None]
) -> FastAPI:
    """The app of the internal port. Every route wants the secret; a wrong one is 401 without words."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    secret = settings.internal_secret.get_secret_value()
    app = FastAPI(title="Porchlight internal", docs_url=None, redoc_url=None, openapi_url=None)

    def knows_secret(request: Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(given.encode(), secret.encode())

    @app.post("/actions")
    async def run_action(request: Request) -> Response:
        if not knows_secret(request):
            return Response(status_code=401)
        started = time.perf_counter()
        try:
            call: dict[str, Any] = await request.json()
        except ValueError:
            return JSONResponse({"error": "not JSON"}, status_code=422)
        answer = await _run(executor, call)
        _note(metrics, call, time.perf_counter() - started)
        return answer

    @app.get("/metrics")
    def metrics_page(request: Request) -> Response:
        if not knows_secret(request):
            return Response(status_code=401)
        refresh_gauges()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


def _note(metrics: Metrics, call: dict[str, Any], seconds: float) -> None:
    """Count and log one action call with the turn it belongs to, so that a turn's time can be split up."""
    metrics.turn_seconds.labels("action").observe(seconds)
    heard = (call.get("tracker") or {}).get("latest_message") or {}
    metadata = heard.get("metadata") or {}
    _LOG.info(
        "action",
        action=call.get("next_action"),
        session_id=metadata.get("session_id"),
        turn_id=metadata.get("turn_id"),
        ms=round(seconds * 1000, 1),
    )


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> Response:
    """Run one action; each of ours does its waiting in a thread of its own."""
    name = str(call.get("next_action") or "")
    # Rasa leaves the domain out because no action reads it; rasa-sdk would answer 449 and ask for it.
    call.setdefault("domain", {})
    try:
        result = await executor.run(call)
    except ActionExecutionRejection as rejection:
        return JSONResponse({"error": "rejected", "action_name": rejection.action_name}, status_code=400)
    except ActionNotFoundException:
        return JSONResponse({"error": "no such action", "action_name": name}, status_code=404)
    except Exception as unexpected:  # noqa: BLE001  Rasa turns a 500 into no reply, which we apologise for
        _LOG.error("action_crashed", action=name, error=type(unexpected).__name__, where=place_of(unexpected))
        return JSONResponse({"error": "failed", "action_name": name}, status_code=500)
    return JSONResponse(result.model_dump() if result is not None else {"events": [], "responses": []})
