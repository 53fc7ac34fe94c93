"""Other commands find the running demo by its lock and record, and a leftover record fools nobody."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path

import pytest

from assistant.sandbox.running import (
    LOCK_NAME,
    AlreadyRunning,
    Ports,
    demo_settings,
    environment_of,
    find_running,
    holding,
    recorded,
)
from assistant.settings import Settings

PORTS = Ports(public=8080, internal=8081, rasa=8082, stripe=8083, phone_network=8084)


def test_a_running_demo_is_found_with_its_ports(tmp_path: Path) -> None:
    assert find_running(tmp_path) is None
    with holding(tmp_path), recorded(tmp_path, PORTS):
        assert find_running(tmp_path) == PORTS
    assert find_running(tmp_path) is None


def test_the_record_of_a_killed_demo_is_ignored(tmp_path: Path) -> None:
    with recorded(tmp_path, PORTS):
        assert find_running(tmp_path) is None


def test_a_command_that_looks_just_now_does_not_keep_a_demo_from_starting(tmp_path: Path) -> None:
    with (tmp_path / LOCK_NAME).open("a") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(0.2, lambda: fcntl.flock(looking, fcntl.LOCK_UN)).start()
        with holding(tmp_path), recorded(tmp_path, PORTS):
            assert find_running(tmp_path) == PORTS


def test_two_demos_cannot_hold_one_folder(tmp_path: Path) -> None:
    with holding(tmp_path), pytest.raises(AlreadyRunning), holding(tmp_path):
        pytest.fail("the second demo got the folder")


def test_the_demo_never_reaches_a_real_vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORCHLIGHT_STRIPE_API_KEY", "rk_live_real")
    monkeypatch.setenv("PORCHLIGHT_TWILIO_AUTH_TOKEN", "real-token")
    monkeypatch.setenv("PORCHLIGHT_STRIPE_API_BASE", "https://api.stripe.com")
    settings = demo_settings(tmp_path, PORTS)
    assert settings.stripe_api_key.get_secret_value().startswith("sk_test_porchlight")
    assert settings.twilio_auth_token.get_secret_value() != "real-token"
    assert settings.stripe_api_base == "http://127.0.0.1:8083"
    assert settings.twilio_api_base == "http://127.0.0.1:8084"
    assert not settings.is_production


def test_children_read_the_same_settings_from_their_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(PORTS, tmp_path).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == demo_settings(tmp_path, PORTS)
