"""Chromium, and a phone network whose co-op answers by a script: the page is under test, not the dialogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant import migrations
from assistant.adapters.stripe_gateway import StripeGateway
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.sandbox.coop import create_coop
from assistant.sandbox.phone_network import create_app as create_network
from assistant.sandbox.stripe_app import create_app as create_stripe
from assistant.settings import Settings
from tests.browser.scripted_coop import Script
from tests.stripe_fixtures import ThreadServer

# How long the page takes says more about the machine than about the page; what never comes still fails.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Simulator:
    """A running simulator. `url` is the page's address."""

    url: str


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The real phone network with the real demo co-op behind it, and webhooks answered by the script."""
    folder = tmp_path_factory.mktemp("simulator")
    settings = Settings(_env_file=None, data_dir=folder)
    stripe = ThreadServer(create_stripe(settings, folder / "stripe.db"))
    stripe.start()
    settings = settings.model_copy(update={"stripe_api_base": stripe.url})
    _make_coop(settings, folder)
    script = Script(settings)
    service = ThreadServer(script.app)
    service.start()
    settings = settings.model_copy(update={"public_url": service.url})
    network = ThreadServer(create_network(settings))
    network.start()
    script.talk_back(settings.model_copy(update={"twilio_api_base": network.url}))
    yield Simulator(f"{network.url}/phone")
    for server in (network, service, stripe):
        server.stop()


def _make_coop(settings: Settings, folder: Path) -> None:
    db = Database(settings.resolved_database_url)
    migrations.upgrade(db.writer)
    create_coop(db, SystemClock(settings.coop_zone), StripeGateway(settings), folder)
    db.close()


@pytest.fixture
def page(browser: Browser, simulator: Simulator, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page, loaded, on a desk-sized screen; any script error or console error fails the test.

    A test chooses another screen with `@pytest.mark.parametrize("page", [{"width": 360, …}], indirect=True)`.
    """
    screen = getattr(request, "param", {})
    context = browser.new_context(
        viewport={"width": screen.get("width", 1600), "height": screen.get("height", 950)},
        color_scheme=screen.get("colors", "light"),
        has_touch=screen.get("touch", False),
        reduced_motion="reduce",
    )
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    opened.goto(f"{simulator.url}?phone={screen.get('phone', '+17065550111')}")
    opened.wait_for_selector("#member-list[aria-busy=false]", state="attached")
    yield opened
    context.close()
    expected = screen.get("trouble")
    assert [trouble for trouble in troubles if not expected or expected not in trouble] == []
