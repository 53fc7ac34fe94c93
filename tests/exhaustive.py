"""How much of an exhaustive search a run makes: a fixed part by default, all of it on demand."""

from __future__ import annotations

import os
import zlib

# `uv run task exhaustive` sets it.
IS_WHOLE = os.environ.get("PORCHLIGHT_EXHAUSTIVE") == "1"


def is_tried(case: object, one_in: int) -> bool:
    """Whether this run tries `case`: always in a whole one, else one case in so many, each time the same."""
    return IS_WHOLE or zlib.crc32(repr(case).encode()) % one_in == 0
