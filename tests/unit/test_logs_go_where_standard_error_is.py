"""Logs are JSON lines on whatever standard error is when they are written, with card numbers masked."""

from __future__ import annotations

import io
import json
import sys

import pytest
import structlog

from assistant.observability import configure_logging


def test_a_replaced_and_closed_standard_error_does_not_break_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    configure_logging("info")
    log = structlog.get_logger("test")
    log.info("turn", words="pay with 4242 4242 4242 4242")
    first_line = json.loads(first.getvalue())
    monkeypatch.setattr(sys, "stderr", second)
    first.close()
    log.info("turn", outcome="answered")
    assert json.loads(second.getvalue())["outcome"] == "answered"
    assert "4242 4242" not in str(first_line)
    structlog.reset_defaults()
