"""Whether PostgreSQL takes part in this run: left out in words, or required and then missed loudly."""

from __future__ import annotations

import os

import pytest

POSTGRES_URL = os.environ.get("PORCHLIGHT_TEST_POSTGRES_URL", "")


def require_postgres() -> str:
    """The URL of the test server; without one the test is skipped, or fails where it is required."""
    if not POSTGRES_URL:
        leave_out = pytest.fail if os.environ.get("PORCHLIGHT_REQUIRE_POSTGRES") else pytest.skip
        leave_out("PORCHLIGHT_TEST_POSTGRES_URL is not set: PostgreSQL was left out")
    return POSTGRES_URL
