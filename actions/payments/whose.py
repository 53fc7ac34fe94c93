"""Whose bill is paid: the member's own, or somebody else's."""

from __future__ import annotations

from actions.turn import Turn

GUEST = "guest_payment"


def is_guest(turn: Turn) -> bool:
    """Whether somebody pays who need not be the member."""
    return str(turn.slot("goal")) == GUEST
