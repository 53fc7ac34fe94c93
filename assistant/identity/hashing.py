"""How PINs and enrollment codes are kept: argon2, with a stand-in hash for accounts that do not exist."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# About 30 ms on one core of a small server: nothing to a caller, much to someone who stole the table.
PIN_HASHER = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)

# Enrollment codes are long and random, and a nightly file brings tens of thousands of them: about 0.5 ms.
ENROLLMENT_CODE_HASHER = PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1)

# Checked where an account or its code does not exist, so that the answer takes as long as a wrong one.
NO_ENROLLMENT_CODE = ENROLLMENT_CODE_HASHER.hash("no account has this code")


def is_match(hasher: PasswordHasher, stored_hash: str, digits: str) -> bool:
    """Whether the digits are those behind the hash. The hash says itself how it was made."""
    try:
        return hasher.verify(stored_hash, digits)
    except VerifyMismatchError:
        return False
