"""The demo stops everything when it is told to or when a part dies, and says in a sentence what is wrong."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from assistant.sandbox.children import tail_of
from assistant.sandbox.demo import run
from assistant.sandbox.running import holding
from assistant.sandbox.starting import DemoOptions
from tests.unit.sandbox.test_children import is_running, wait_until

# The supervisor as it is, with one small child in place of the five real ones.
SUPERVISOR = """
import sys
from pathlib import Path
from rich.console import Console
from assistant.sandbox import demo, starting
from assistant.sandbox.children import Spec

def run(self):
    self.children.start(Spec("service", [sys.executable, "-c", sys.argv[2]]))
    self.children.watch()

starting.Starting.run = run
sys.exit(demo.run(starting.DemoOptions(0, Path(sys.argv[1]), False, False), Console(width=200)))
"""
LIVES = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
DIES = "import time; print('the disk is on fire', flush=True); time.sleep(0.2); raise SystemExit(7)"


def start_supervisor(folder: Path, child: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISOR, str(folder), child]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run_here(options: DemoOptions) -> tuple[int, str]:
    """The exit code, and what was written, on one line."""
    written = StringIO()
    code = run(options, Console(file=written, width=500))
    return code, written.getvalue()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_it_stops_everything_and_says_so(tmp_path: Path, how: signal.Signals) -> None:
    supervisor = start_supervisor(tmp_path / "demo", LIVES)
    log = tmp_path / "demo" / "logs" / "service.log"
    wait_until(lambda: tail_of(log) != "", seconds=30)
    child = int(tail_of(log))
    assert is_running(child)
    supervisor.send_signal(how)
    said, _ = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 0
    assert "The demo has stopped" in said
    assert "Traceback" not in said
    assert not is_running(child)


def test_when_a_part_dies_the_reason_and_its_last_words_are_told(tmp_path: Path) -> None:
    supervisor = start_supervisor(tmp_path / "demo", DIES)
    said, _ = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert "The service ended by itself with exit code 7. Everything else was stopped." in said
    assert "the disk is on fire" in said
    assert "service.log" in said
    assert "Traceback" not in said


def test_a_taken_port_is_told_with_another_one(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        port = int(listener.getsockname()[1])
        code, said = run_here(DemoOptions(port, tmp_path / "demo"))
    assert code == 1
    assert f"Port {port} is taken by another program." in said
    assert "porchlight demo --port" in said


def test_a_second_demo_in_one_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    with holding(folder):
        code, said = run_here(DemoOptions(0, folder))
    assert code == 1
    assert "A demo already runs from" in said


def test_fresh_never_empties_a_folder_that_is_not_the_demos(tmp_path: Path) -> None:
    (tmp_path / "porchlight.db").write_text("members")
    code, said = run_here(DemoOptions(0, tmp_path, is_fresh=True))
    assert code == 1
    assert "no demo made" in said
    assert (tmp_path / "porchlight.db").read_text() == "members"


def test_fresh_leaves_a_database_elsewhere_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORCHLIGHT_DATABASE_URL", "postgresql+psycopg://porchlight@localhost/members")
    code, said = run_here(DemoOptions(0, tmp_path / "demo", is_fresh=True))
    assert code == 1
    assert "PORCHLIGHT_DATABASE_URL points elsewhere" in said


def test_no_python_for_rasa_is_told_as_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without uv on the path and with another lock than the one installed, the environment cannot be made.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("assistant.adapters.rasa_model.RASA_PYTHON", tmp_path / "python")
    code, said = run_here(DemoOptions(0, tmp_path / "demo"))
    assert code == 1
    assert "uv is not installed" in said
    assert "Traceback" not in said
