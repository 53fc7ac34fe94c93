"""How much of an exhaustive search a run makes: a fixed part by default, more in CI, all of it on demand."""

from __future__ import annotations

import os
import zlib

# `uv run task thorough` sets "part", `uv run task exhaustive` sets "all".
_SHARE = os.environ.get("PORCHLIGHT_EXHAUSTIVE", "")
# The default run tries one in so many of what CI tries.
_SHORTER = 3


def is_tried(case: object, one_in: int) -> bool:
    """Whether this run tries `case`: always in a whole one, one in so many in CI, each time the same."""
    turn, rest = divmod(zlib.crc32(repr(case).encode()), one_in)
    if _SHARE == "all":
        return True
    return rest == 0 and (_SHARE == "part" or turn % _SHORTER == 0)
