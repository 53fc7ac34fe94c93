"""Which proof is needed next for a goal, given what identity knows of this session."""

from __future__ import annotations

from actions.base import slots
from actions.goals import GOALS
from actions.identity.knowing import known, must_choose_account
from actions.turn import Event, Turn

__all__ = ["begin_identifying", "is_known_enough", "known", "must_choose_account", "next_way"]

# What the member is asked for now. `pick` asks which way to set a PIN; `no_pin` is a caller who goes on
# without one and pays with a card keyed now.
ZIP, PIN, PICK, ENROLLMENT_CODE, CODE, NEW_PIN, NO_PIN = (
    "zip",
    "pin",
    "pick",
    "enrollment_code",
    "code",
    "new_pin",
    "no_pin",
)
CLAIMED = "claimed"
# "Not that account", in the member's words.
OTHER_ACCOUNT = "other_account"
# Fills the form's slots when it ends without a proof.
OVER = "over"
# Where the form leads when numbers never match: to a person, like anybody who is not understood.
PERSON = "person"
# Where the form leads when a question in the middle of a payment is not pursued.
BACK_TO_PAYING = "back_to_paying"


def is_known_enough(turn: Turn, goal: str, *, way: str | None = None, is_chosen: bool = False) -> bool:
    """Whether the goal can go on. Texted payments ask for the PIN together with the yes."""
    need = GOALS[goal].need
    if need == "guest":
        return _knows_guests_account(turn, goal)
    verification = known(turn, is_chosen=is_chosen)
    if verification is None or need == "new_pin":
        return False
    if need == "recognized" or verification.level == "verified":
        return True
    return need == "payment" and (turn.channel == "sms" or (way or turn.slot("way")) == NO_PIN)


def _knows_guests_account(turn: Turn, goal: str) -> bool:
    """By text a guest is sent to the phone; there the account is asked for this very wish."""
    if turn.channel == "sms":
        return True
    return turn.slot("goal") == goal and turn.services.identity.current(turn.session_id) is not None


def next_way(turn: Turn, goal: str) -> str:
    """The proof to ask for once the account is known or claimed."""
    is_known = turn.services.identity.current(turn.session_id) is not None
    if GOALS[goal].need == "new_pin" or (turn.channel == "sms" and not is_known):
        return PICK
    return PIN if is_known else ZIP


def may_choose_pin(turn: Turn) -> bool:
    """Whether the session has shown the old PIN or a code already: then only the new one is asked."""
    current = turn.services.identity.current(turn.session_id)
    return current is not None and current.level == "verified" and current.role == "member"


def begin_identifying(turn: Turn, goal: str, *, wants_new_pin: bool, is_chosen: bool = False) -> list[Event]:
    """Slots for a fresh identify_form."""
    if GOALS[goal].need == "guest":
        turn.services.identity.forget(turn.session_id)
        return slots(account=None, proof=None, way=ZIP)
    is_known = known(turn, is_chosen=is_chosen) is not None
    way = None
    if wants_new_pin:
        way = NEW_PIN if may_choose_pin(turn) else PICK
    elif is_known:
        way = next_way(turn, goal)
    return slots(account=CLAIMED if is_known else None, proof=None, way=way)
