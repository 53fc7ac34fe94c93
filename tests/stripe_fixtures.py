"""The Stripe stand-in as fixtures: running, judged, and with the real gateway in front of it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.clock import Clock
from assistant.sandbox.stripe_app import create_app
from assistant.sandbox.stripe_wire import Exchange
from assistant.settings import Settings
from tests.judges.stripe_schema import StripeJudge

# Long enough for a slow machine, short enough for tests that wait for it on purpose.
TIMEOUT_SECONDS = 2
# What is still being answered may finish for so long when a server is told to end.
GRACE_SECONDS = 5


class PromptServer(uvicorn.Server):
    """Ends as soon as nothing is open: uvicorn looks up every 0.1 s, and that cost each test 0.2 s."""

    is_running = False

    async def main_loop(self) -> None:
        self._loop, self._is_told = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        self.is_running = True
        await self._is_told.wait()

    def tell_to_end(self) -> None:
        """May be called by any thread, once `is_running`."""
        self._loop.call_soon_threadsafe(self._is_told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        state, deadline = self.server_state, time.monotonic() + GRACE_SECONDS
        while (state.connections or state.tasks) and time.monotonic() < deadline:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.002)
        for task in state.tasks:
            task.cancel()
        await self.lifespan.shutdown()


class ThreadServer:
    """An ASGI app on an ephemeral loopback port, served by a thread of this process."""

    def __init__(self, app: ASGIApp) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = PromptServer(uvicorn.Config(app, ws="none", log_level="warning"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def start(self) -> None:
        self._thread.start()
        while not self._server.is_running:
            assert self._thread.is_alive(), "the server ended before it started"
            time.sleep(0.001)

    def stop(self) -> None:
        self._server.tell_to_end()
        self._thread.join()
        self._socket.close()


@dataclass(frozen=True)
class StandIn:
    """A running stand-in. `url` is what `stripe_api_base` wants."""

    url: str
    client: httpx.Client

    def books(self) -> dict[str, list[dict[str, Any]]]:
        """All objects by kind (`payment_intent`, `charge`, `refund`, `event`, …), oldest first."""
        found = self.client.get("/_control/books").raise_for_status().json()
        return {kind: found.get(kind, []) for kind in (*_KINDS, *found)}

    def charged(self) -> list[dict[str, Any]]:
        """The charges that took money."""
        return [charge for charge in self.books()["charge"] if charge["paid"]]

    def fault(self, kind: str, **how: Any) -> None:
        """Let the next matching request go wrong: see `assistant.sandbox.stripe_faults.Fault`."""
        self.client.post("/_control/faults", json={"kind": kind, **how}).raise_for_status()

    def clear_faults(self) -> None:
        self.client.delete("/_control/faults").raise_for_status()

    def forget_keys(self) -> None:
        """Forget all idempotency keys, as Stripe may after a day."""
        self.client.delete("/_control/keys").raise_for_status()

    def plan_webhooks(self, url: str, **how: Any) -> None:
        """Send events made from now on to `url`; `copies`, `is_held`, `delay_seconds` say how."""
        self.client.put("/_control/webhooks", json={"url": url, **how}).raise_for_status()

    def release_webhooks(self, order: str = "sent", copies: int = 1) -> int:
        """Let held events go, `sent`, `reversed` or `shuffled`; returns the number of deliveries."""
        answer = self.client.post("/_control/webhooks/release", json={"order": order, "copies": copies})
        return int(answer.raise_for_status().json()["deliveries"])

    def wait_for_webhooks(self, seconds: float = 10) -> None:
        """Wait until every delivery that is not held has been made."""
        deadline = time.monotonic() + seconds
        while self.client.get("/_control/webhooks/waiting").json()["waiting"]:
            assert time.monotonic() < deadline, "webhooks are still waiting"
            time.sleep(0.02)

    def send(self, method: str, path: str, form: Mapping[str, str] | None = None, *, key: str = "") -> Any:
        """A raw request with the test key, past the SDK; returns the httpx response."""
        headers = {"Authorization": "Bearer sk_test_raw"}
        if key:
            headers["Idempotency-Key"] = key
        if method == "POST":
            return self.client.post(path, data=dict(form or {}), headers=headers)
        return self.client.request(method, path, params=dict(form or {}), headers=headers)

    def keyed_card(self, number: str, *, month: int = 12, year: int = 2030, cvc: str = "123") -> str:
        """The token that the Pay connector would give for a keyed card."""
        card = {"number": number, "exp_month": str(month), "exp_year": str(year), "cvc": cvc}
        form = {"type": "card", **{f"card[{name}]": value for name, value in card.items()}}
        return str(self.send("POST", "/v1/payment_methods", form).raise_for_status().json()["id"])


def judge_running(url: str) -> int:
    """Judge the latest exchanges (up to 200) of a stand-in that runs as a process of its own.

    Raises AssertionError as the fixture's judge does; returns how many exchanges were judged.
    """
    judge = StripeJudge()
    for seen in httpx.get(f"{url}/_control/exchanges", trust_env=False).raise_for_status().json():
        judge.saw(Exchange(**seen))
    judge.rule()
    return judge.judged_count


_KINDS = ("customer", "payment_method", "payment_intent", "charge", "refund", "dispute", "event")


@pytest.fixture
def stripe_judge() -> Iterator[StripeJudge]:
    """Judges everything that goes over the stand-in's wire, and fails the test at its end."""
    judge = StripeJudge()
    yield judge
    judge.rule()


@pytest.fixture
def stripe_standin(
    tmp_path: Path, settings: Settings, clock: Clock, stripe_judge: StripeJudge
) -> Iterator[StandIn]:
    """A stand-in of this test's own, on the test's clock."""
    app = create_app(settings, tmp_path / "stripe.db", clock=clock, watch=stripe_judge.saw)
    server = ThreadServer(app)
    server.start()
    no_roots = SSLContext(PROTOCOL_TLS_CLIENT)  # plain http: spares loading the trust store for every test
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30, verify=no_roots) as client:
        yield StandIn(server.url, client)
    server.stop()


@pytest.fixture
def stripe_settings(settings: Settings, stripe_standin: StandIn) -> Settings:
    """The test's settings, pointed at the stand-in."""
    return settings.model_copy(
        update={"stripe_api_base": stripe_standin.url, "stripe_timeout_seconds": TIMEOUT_SECONDS}
    )


@pytest.fixture
def gateway(stripe_settings: Settings) -> StripeGateway:
    """The real adapter, talking to the stand-in through the real SDK."""
    return StripeGateway(stripe_settings)
