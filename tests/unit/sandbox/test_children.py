"""The demo's children are watched, stopped together, and never outlive the demo."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.adapters.rasa_process import rasa_environment
from assistant.sandbox import children as children_module
from assistant.sandbox.children import ChildDied, Children, Spec, tail_of

# Starts a grandchild of its own and ignores SIGTERM, as a stuck server would.
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
    "time.sleep(60)\n",
]


def wait_until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something another process does; fail when it does not happen in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_that_ends_is_named_with_its_exit_code_and_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('the disk is on fire'); raise SystemExit(3)"]
    with Children(tmp_path) as children:
        children.start(Spec("service", command))
        with pytest.raises(ChildDied) as died:
            children.watch()
    assert died.value.reason == "The service ended by itself with exit code 3."
    assert "the disk is on fire" in died.value.tail
    assert died.value.log_path == tmp_path / "service.log"


def test_a_killed_child_is_named_with_its_signal(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        children.start(Spec("worker", [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]))
        with pytest.raises(ChildDied, match="The worker was killed by SIGKILL"):
            children.watch()


def test_the_death_of_one_stops_all_others(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]
    with Children(tmp_path) as children:
        children.start(Spec("service", command))
        wait_until(lambda: tail_of(tmp_path / "service.log") != "")
        children.start(Spec("dialogue engine", [sys.executable, "-c", "raise SystemExit(1)"]))
        with pytest.raises(ChildDied, match="The dialogue engine ended"):
            children.watch()
    assert not is_running(int(tail_of(tmp_path / "service.log")))
    assert (tmp_path / "dialogue-engine.log").exists()


def test_a_child_that_will_not_stop_is_killed_with_its_own_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children_module, "STOP_SECONDS", 0.3)
    with Children(tmp_path) as children:
        children.start(Spec("stubborn", STUBBORN))
        wait_until(lambda: tail_of(tmp_path / "stubborn.log") != "")
        grandchild = int(tail_of(tmp_path / "stubborn.log"))
        assert is_running(grandchild)
    wait_until(lambda: not is_running(grandchild))


def test_a_child_gets_its_environment_and_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os; print(os.environ['LANTERN'], os.getcwd())"]
    with Children(tmp_path) as children:
        children.start(Spec("service", command, env={"LANTERN": "lit", **os.environ}, cwd=tmp_path))
        with pytest.raises(ChildDied) as died:
            children.watch()
    assert died.value.tail == f"lit {tmp_path}"


def test_a_child_with_an_environment_of_its_own_gets_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORCHLIGHT_STRIPE_API_KEY", "rk_live_not_for_rasa")
    command = [sys.executable, "-c", "import os; print(sorted(k for k in os.environ if 'PORCHLIGHT' in k))"]
    rasa = rasa_environment("http://127.0.0.1:1/actions", "the internal one")
    with Children(tmp_path) as children:
        children.start(Spec("dialogue engine", command, env=rasa))
        with pytest.raises(ChildDied) as died:
            children.watch()
    assert died.value.tail == "['PORCHLIGHT_ACTIONS_URL', 'PORCHLIGHT_INTERNAL_SECRET']"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills children with a killed parent")
def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import pathlib, sys\n"
            "from assistant.sandbox.children import Children, Spec\n"
            "command = [sys.executable, '-c', "
            "'import os, time; print(os.getpid(), flush=True); time.sleep(60)']\n"
            "with Children(pathlib.Path(sys.argv[1])) as children:\n"
            "    children.start(Spec('service', command))\n"
            "    children.watch()\n",
            str(tmp_path),
        ]
    )
    try:
        wait_until(lambda: tail_of(tmp_path / "service.log") != "")
        child = int(tail_of(tmp_path / "service.log"))
        assert is_running(child)
    finally:
        supervisor.kill()
        supervisor.wait()
    wait_until(lambda: not is_running(child))


def test_a_leash_whose_holder_is_gone_does_not_start_anything(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    marker = tmp_path / "started"
    command = [sys.executable, "-c", f"open({str(marker)!r}, 'w')"]
    leash = [sys.executable, "-m", "assistant.sandbox.leash", str(gone.pid), *command]
    assert subprocess.run(leash, check=False).returncode == 1
    assert not marker.exists()


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_text("".join(f"line {number}\n" for number in range(1000)))
    assert tail_of(log, lines=2) == "line 998\nline 999"
    assert tail_of(tmp_path / "none.log") == ""


def test_stop_reaches_a_child_as_sigterm_so_that_it_can_finish(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('finished', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\ntime.sleep(60)\n",
    ]
    with Children(tmp_path) as children:
        children.start(Spec("service", command))
        wait_until(lambda: tail_of(tmp_path / "service.log") == "up")
    assert tail_of(tmp_path / "service.log") == "up\nfinished"
