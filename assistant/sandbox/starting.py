"""Starts the parts of the demo in order, waits until a real turn is answered, and watches them."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext

import httpx
from alembic.util import CommandError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from assistant import migrations
from assistant.adapters.rasa_model import REPOSITORY
from assistant.adapters.rasa_process import (
    ensure_environment,
    ensure_model,
    rasa_command,
    rasa_environment,
)
from assistant.adapters.stripe_gateway import StripeGateway
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.dialogue.models import DialogueSession, TurnRecord
from assistant.sandbox.children import Children, Spec
from assistant.sandbox.coop import create_coop
from assistant.sandbox.coop_members import list_members
from assistant.sandbox.preflight import DemoFailed
from assistant.sandbox.running import Ports, environment_of, recorded
from assistant.sandbox.steps import Progress, print_welcome
from assistant.settings import Settings

READY_SECONDS = 180
# A number of the demo's range that belongs to nobody.
TEST_PHONE = "+17065550199"
_HTTP_SECONDS = 20


@dataclass(frozen=True)
class DemoOptions:
    """What was asked for on the command line. `port` 0 means any."""

    port: int
    data_dir: Path
    is_fresh: bool = False
    opens_browser: bool = True


@dataclass(frozen=True)
class Starting:
    """One start of the demo, from the trained model to the watch over its children."""

    options: DemoOptions
    ports: Ports
    settings: Settings
    children: Children
    progress: Progress

    def run(self) -> None:
        model = self._prepare_rasa()
        self._start_rasa(model)
        self._start_sandbox()
        with self.progress.step("Bringing the database up to date"):
            db = self._open_database()
        with self.progress.step("Opening the demo co-op") as step:
            self._wait_for(f"{self.settings.stripe_api_base}/_control/health", "Stripe stand-in")
            clock = SystemClock(self.settings.coop_zone)
            create_coop(db, clock, StripeGateway(self.settings), self.options.data_dir)
            members = list_members(db, self.settings)
            step.found = f"{len({member.name for member in members})} people"
        self._start_service()
        with self.progress.step("Starting the service, the worker and the dialogue engine"):
            self._wait_for(f"{self.ports.phone_network_url}/phone/health", "phone network")
            self._wait_for(f"{self.settings.public_url}/health", "service")
        with self.progress.step("Taking a first turn: a signed text that wants an answer"):
            self._take_a_turn(db)
        db.close()
        with recorded(self.options.data_dir, self.ports):
            print_welcome(self.progress.console, self.settings, self.ports, members)
            if self.options.opens_browser:
                _open_browser(self.ports.simulator_url)
            self.children.watch()

    def _open_database(self) -> Database:
        db = Database(self.settings.resolved_database_url)
        try:
            migrations.upgrade(db.writer)
        except (SQLAlchemyError, CommandError) as error:
            raise DemoFailed(
                f"The database could not be brought up to date ({type(error).__name__}). "
                "Start over with --fresh, or look at PORCHLIGHT_DATABASE_URL if you set it."
            ) from error
        return db

    def _prepare_rasa(self) -> Path:
        with self.progress.step("Dialogue engine's environment (the first time takes some minutes)"):
            ensure_environment(self.options.data_dir.absolute() / "logs" / "rasa-environment.log")
        with self.progress.step("Dialogue model (trained when dialogs or words have changed)"):
            return ensure_model()

    def _start_rasa(self, model: Path) -> None:
        actions_url = f"http://127.0.0.1:{self.ports.internal}/actions"
        self.children.start(
            Spec(
                "dialogue engine",
                rasa_command(model, self.ports.rasa),
                env=rasa_environment(actions_url, self.settings.internal_secret.get_secret_value()),
                cwd=REPOSITORY,
            )
        )

    def _start_sandbox(self) -> None:
        books = self.options.data_dir.absolute() / "stripe.db"
        events_url = f"{self.settings.public_url}/stripe/events"
        self._start_python(
            "Stripe stand-in",
            "assistant.sandbox.stripe_app",
            *("--port", str(self.ports.stripe), "--file", str(books), "--webhook-url", events_url),
        )
        self._start_python(
            "phone network", "assistant.sandbox.phone_network", "--port", str(self.ports.phone_network)
        )

    def _start_service(self) -> None:
        self._start_python("service", "assistant.cli", "serve")
        self._start_python("worker", "assistant.cli", "worker")

    def _start_python(self, name: str, module: str, *arguments: str) -> None:
        environment = environment_of(self.ports, self.options.data_dir)
        self.children.start(Spec(name, [sys.executable, "-m", module, *arguments], env=environment))

    def _wait_for(self, url: str, what: str) -> None:
        wait_until(lambda: _is_ok(url), self.children, what)

    def _take_a_turn(self, db: Database) -> None:
        """Text the co-op as a member would; an apology is no answer. Raises DemoFailed."""
        url = f"{self.ports.phone_network_url}/phone/{TEST_PHONE}/texts"
        try:
            sent = httpx.post(url, json={"body": "hello"}, timeout=_HTTP_SECONDS, trust_env=False)
            is_answered = sent.is_success and _outcome_of_last_turn(db) == "answered"
        except httpx.HTTPError:
            is_answered = False
        self.children.require_alive()
        if not is_answered:
            raise DemoFailed(
                "Everything started, but a first text was not answered properly. "
                f"Look into service.log and dialogue-engine.log in {self.options.data_dir / 'logs'}."
            )


def _outcome_of_last_turn(db: Database) -> str | None:
    newest = (
        select(TurnRecord.outcome)
        .join(DialogueSession, DialogueSession.id == TurnRecord.session_id)
        .where(DialogueSession.phone == TEST_PHONE)
        .order_by(TurnRecord.started_at.desc())
        .limit(1)
    )
    with db.read() as tx:
        return tx.scalar(newest)


def wait_until(is_ready: Callable[[], bool], children: Children, what: str) -> None:
    """Wait for a part of the demo. ChildDied when a child ends first, DemoFailed after READY_SECONDS."""
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready():
        children.require_alive()
        if time.monotonic() > deadline:
            raise DemoFailed(f"The {what} was not ready after {READY_SECONDS} s. Its log tells more.")
        time.sleep(0.1)


def _is_ok(url: str) -> bool:
    try:
        # Plain http on loopback: loading certificates for each look takes more than the look.
        response = httpx.get(url, timeout=5, trust_env=False, verify=SSLContext(PROTOCOL_TLS_CLIENT))
        return response.status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _open_browser(url: str) -> None:
    """Open the simulator where there is a screen; a text browser would take the terminal over."""
    has_screen = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if has_screen:
        webbrowser.open(url)
