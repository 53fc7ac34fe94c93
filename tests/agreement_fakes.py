"""Services that do nothing: enough to make every action and read its name."""

from __future__ import annotations

from unittest.mock import create_autospec

from actions.services import Services


def no_services() -> Services:
    """A Services whose parts must not be called."""
    return create_autospec(Services, instance=True)
