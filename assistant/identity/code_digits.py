"""The digits of one-time codes: never stored, computed from the code's id with the service's own secret."""

from __future__ import annotations

import hashlib
import hmac

from assistant.identity.parts import Parts

_CODE_DIGITS = 6


def digits_of(parts: Parts, code_id: str) -> str:
    """The code behind an id: six digits, the first not zero, that only this service can compute."""
    first = 10 ** (_CODE_DIGITS - 1)
    return str(first + _keyed_number(parts, "one-time code", code_id) % (9 * first))


def made_up_hint(parts: Parts, account_number: str) -> str:
    """Two digits for a phone that is not on file: always the same for one number, as real ones are."""
    return f"{_keyed_number(parts, 'phone hint', account_number) % 100:02d}"


def _keyed_number(parts: Parts, purpose: str, words: str) -> int:
    key = parts.settings.internal_secret.get_secret_value().encode()
    return int.from_bytes(hmac.digest(key, f"{purpose}:{words}".encode(), hashlib.sha256))
