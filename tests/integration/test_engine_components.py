"""Our parts inside Rasa, checked in Rasa's own Python (3.10), which this test suite cannot import."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from assistant.adapters.rasa_model import RASA_PYTHON, REPOSITORY, bare_environment, ensure_environment


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("room", ["check_language", "check_components", "check_folding"])
def test_the_checks_on_rasas_side_hold(room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORCHLIGHT_STRIPE_API_KEY", "must not be handed on")
    ensure_environment(tmp_path / "environment.log")
    done = subprocess.run(
        [str(RASA_PYTHON), "-m", "unittest", "-v", f"tests.integration.rasa_side.{room}"],
        cwd=REPOSITORY,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    assert " tests in " in done.stderr, "no check was run"
