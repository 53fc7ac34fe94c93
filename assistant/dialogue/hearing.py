"""What a recogniser is unsure of is noise, and a yes wants more certainty than a wish. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.dialogue.keywords import is_yes, picked_number
from assistant.dialogue.turn import Expectation, Heard

_ASKS_YES = ("yes_no", "confirm")


@dataclass(frozen=True)
class Hearing:
    """Bounds on a recogniser's confidence, both 0..1: words below `words_from`, and a yes below `yes_from`,
    count as not heard.

    No confidence at all means sure: not every recogniser gives one. Exactly 0 is how some write "not set", so
    words of 0 are taken; a yes of 0 is not, because a key settles it at the cost of one question.
    """

    words_from: float
    yes_from: float

    def is_too_faint(self, heard: Heard, expect: Expectation) -> bool:
        """Whether this must be asked again. Keys, texts and silence are never faint."""
        sure = heard.confidence
        if heard.kind != "speech" or sure is None:
            return False
        return 0 < sure < self.words_from or (sure < self.yes_from and _is_taken_for_yes(heard.text, expect))


def _is_taken_for_yes(words: str, expect: Expectation) -> bool:
    """An exact yes, or the spoken number that means it."""
    return is_yes(words) or (expect.kind in _ASKS_YES and picked_number(words) == 1)
