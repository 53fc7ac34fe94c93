"""Identifiers: ours are time-ordered random strings; what a person keys is digits."""

from __future__ import annotations

import secrets
import uuid


def new_id(prefix: str) -> str:
    """`pay_0f3c…`: a random id that says what it names. 32 hex digits after the prefix."""
    return f"{prefix}_{uuid.uuid4().hex}"


def new_digits(length: int) -> str:
    """`length` random digits, the first not zero, so that nobody drops it when reading aloud."""
    first = str(secrets.randbelow(9) + 1)
    return first + "".join(str(secrets.randbelow(10)) for _ in range(length - 1))
