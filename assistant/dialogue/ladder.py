"""The ladder: what is said when nothing usable came, turn after turn, and after a person was offered."""

from __future__ import annotations

from typing import Literal

from assistant.dialogue.turn import Channel, Expectation, HeardKind

# fuller, shortest: the question in other words · more_time: does the caller need it · person: a transfer or a
# promised call · again: the same question · goodbye: nobody is there, and a person is promised already.
Rung = Literal["fuller", "shortest", "more_time", "person", "again", "goodbye"]

# Misses in a row before a person is offered.
MISSES = 3
# What a question is asked anew for before it is left.
_FULLER, _SHORTEST = 1, 2


def rung_after(expect: Expectation, heard: HeardKind, channel: Channel) -> Rung:
    """What to do about one more miss. Nobody who presses keys or writes is ever hung up on."""
    misses = expect.misses + 1
    if expect.is_person_offered:
        return _rung_after_offer(misses, heard, channel)
    if misses == _FULLER:
        return "fuller"
    if misses == _SHORTEST:
        return "shortest"
    if misses == MISSES and channel == "voice" and heard == "silence":
        return "more_time"
    return "person"


def _rung_after_offer(misses: int, heard: HeardKind, channel: Channel) -> Rung:
    """The ladder does not begin again: a text gets the same promise, a silent line a last chance."""
    if channel == "sms":
        return "person"
    if heard == "keys":
        return "again"
    return "more_time" if misses == 1 else "goodbye"


def is_goodbye_due(expect: Expectation, misses: int, channel: Channel) -> bool:
    """Whether talk that nobody understands, say from a television, has kept the line long enough."""
    return channel == "voice" and expect.is_person_offered and misses >= MISSES
