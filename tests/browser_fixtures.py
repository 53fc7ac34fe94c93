"""One Chromium for each file of tests: an open Playwright is a running event loop to all that comes after."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """The browser's path from PORCHLIGHT_CHROMIUM or the system; empty when there is none."""
    named = os.environ.get("PORCHLIGHT_CHROMIUM", "")
    return named or next((path for name in _NAMES if (path := shutil.which(name))), "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, closed with its file: later tests in the same process may start event loops of their own."""
    path = find_chromium()
    if not path:
        if os.environ.get("PORCHLIGHT_REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is required here and was not found: apt-get install chromium")
        pytest.skip("no Chromium: install it, or set PORCHLIGHT_CHROMIUM to its path")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], headless=True)
        yield opened
        opened.close()
