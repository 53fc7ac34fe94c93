"""`python -m assistant.cli`, for child processes that must run with this very Python."""

from __future__ import annotations

from assistant.cli import app

app()
