"""Proofs as identity would make them, for services that lie below it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MadeProof:
    """What a service sees of a Verification."""

    account_id: int
    level: str = "verified"
    role: str = "member"
    session_id: str = "session_1"
    phone: str = "+17065550111"
