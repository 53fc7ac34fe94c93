"""Keeping a card for later: the member's yes or no, with the very words that were said."""

from __future__ import annotations

from actions.base import slots
from actions.turn import Event, Turn


def take_keep_answer(turn: Turn, *, keeps: bool) -> list[Event]:
    """Tell payments before the charge, because the processor cannot keep a card afterwards.

    A yes that was only read out of a sentence gives no permission: the question comes again.
    """
    if keeps and turn.words:
        return slots(keep_card=None)
    turn.services.payments.keep_card(
        turn.session_id,
        keeps,
        words=_words_of_question(turn),
        language=turn.language,
        turn_id=turn.id,
        how="key" if turn.channel == "voice" else "word",
    )
    return slots(keep_card="yes" if keeps else "no")


def _words_of_question(turn: Turn) -> str:
    """What we asked, as it was sent: the newest utterance of the question about keeping."""
    for event in reversed(turn.tracker.events):
        metadata = event.get("metadata") or {}
        if event.get("event") == "bot" and metadata.get("utter_action") == "utter_ask_keep_card":
            return str(event.get("text") or "")
    raise LookupError("the question about keeping the card is not in this conversation")
