"""Every process of the benchmark on loopback: our service and its Rasa, the stock pair, what they share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from assistant import migrations
from assistant.adapters.rasa_model import DIALOGS, RASA_PYTHON, REPOSITORY, bare_environment
from assistant.adapters.rasa_process import rasa_command, rasa_environment
from assistant.db import Database
from assistant.sandbox.children import Children, Spec
from assistant.sandbox.running import Ports, demo_settings, environment_of
from assistant.sandbox.starting import wait_until
from assistant.settings import Settings
from tests.benchmarks.carrier import Carrier
from tests.conftest_rasa import free_port

_STOCK = Path(__file__).parent / "stock"


@dataclass(frozen=True)
class Stand:
    """What runs: our side by its settings, the stock side by its address, and our service's log."""

    settings: Settings
    stock_url: str
    service_log: Path


@contextmanager
def standing(model: Path, work_dir: Path, database_url: str = "") -> Iterator[Stand]:
    """Both sides on one model, database and processor stand-in. `database_url` empty means SQLite.

    `work_dir` is emptied first. ChildDied or DemoFailed when a process does not come up.
    """
    shutil.rmtree(work_dir, ignore_errors=True)
    (work_dir / "logs").mkdir(parents=True)
    with Carrier() as carrier, Children(work_dir / "logs") as children:
        ports = Ports(free_port(), free_port(), free_port(), free_port(), carrier.port)
        settings = demo_settings(work_dir, ports).model_copy(update={"database_url": database_url})
        db = Database(settings.resolved_database_url)
        migrations.upgrade(db.writer)
        db.close()
        environment = environment_of(ports, work_dir) | {"PORCHLIGHT_DATABASE_URL": database_url}
        _start_shared(children, ports, environment, work_dir)
        _start_ours(children, ports, environment, settings, model)
        stock_url = _start_stock(children, environment, model)
        wait_until(lambda: _is_up(f"{settings.public_url}/health"), children, "service")
        wait_until(lambda: _is_up(stock_url), children, "stock Rasa")
        yield Stand(settings, stock_url, work_dir / "logs" / "service.log")


def _start_shared(children: Children, ports: Ports, environment: dict[str, str], work_dir: Path) -> None:
    arguments = ["--port", str(ports.stripe), "--file", str(work_dir / "stripe.db")]
    children.start(_python("Stripe stand-in", "assistant.sandbox.stripe_app", arguments, environment))
    health = f"http://127.0.0.1:{ports.stripe}/_control/health"
    wait_until(lambda: _is_up(health), children, "Stripe stand-in")


def _start_ours(
    children: Children, ports: Ports, environment: dict[str, str], settings: Settings, model: Path
) -> None:
    actions_url = f"http://127.0.0.1:{ports.internal}/actions"
    rasa = rasa_environment(actions_url, settings.internal_secret.get_secret_value())
    children.start(Spec("dialogue engine", rasa_command(model, ports.rasa), env=rasa, cwd=REPOSITORY))
    children.start(_python("service", "assistant.cli", ["serve"], environment))


def _start_stock(children: Children, environment: dict[str, str], model: Path) -> str:
    """Plain `rasa run` and rasa-sdk's server; returns the address of the former."""
    actions, rasa = free_port(), free_port()
    children.start(
        _python("stock actions", "tests.benchmarks.stock_actions", ["--port", str(actions)], environment)
    )
    # fmt: off
    command = [
        str(RASA_PYTHON), "-m", "rasa", "run", "--model", str(model),
        "--endpoints", str(_STOCK / "endpoints.yml"), "--credentials", str(_STOCK / "credentials.yml"),
        "--interface", "127.0.0.1", "--port", str(rasa),
    ]
    # fmt: on
    url = f"http://127.0.0.1:{actions}/webhook"
    children.start(
        Spec("stock Rasa", command, env={**bare_environment(), "STOCK_ACTIONS_URL": url}, cwd=DIALOGS.parent)
    )
    wait_until(lambda: _is_up(f"http://127.0.0.1:{actions}/health"), children, "stock action server")
    return f"http://127.0.0.1:{rasa}"


def _python(name: str, module: str, arguments: list[str], environment: dict[str, str]) -> Spec:
    return Spec(name, [sys.executable, "-m", module, *arguments], env=environment, cwd=REPOSITORY)


def _is_up(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
