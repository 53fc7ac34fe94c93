"""What an answer opens with, once: how a payment of an earlier session ended when nobody told it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.dialogue.phrasing import amount, digits
from assistant.dialogue.running import RunningTurn
from assistant.dialogue.turn import Reply
from assistant.notifications.words import Words
from assistant.payments.service import Payments

# A text is no longer than this.
_TEXT_LENGTH = 320


@dataclass(frozen=True)
class News:
    """Words that the answer opens with, and the payment they tell of."""

    words: str
    payment_id: str

    def before(self, replies: list[Reply]) -> list[Reply]:
        """The replies with the news in front; what they expect stays as it is."""
        return [replace(replies[0], text=f"{self.words} {replies[0].text}"), *replies[1:]]


class EarlierNews:
    """Finds what the member of a turn is still to hear."""

    def __init__(self, payments: Payments, words: Words) -> None:
        self._payments = payments
        self._words = words

    def for_turn(self, turn: RunningTurn, replies: list[Reply]) -> News | None:
        """None when there is nothing, or it is not known who this is. A text that would grow too long goes
        without; the next one has room."""
        if turn.outcome != "answered" or not replies:
            return None
        earlier = self._payments.earlier_news(turn.session.id)
        if earlier is None:
            return None
        language, channel = turn.session.language, turn.session.channel
        words = self._words.text(
            f"earlier_{earlier.kind}",
            language,
            total=amount(earlier.total_cents, language, channel),
            confirmation_number=digits(earlier.confirmation_number, channel),
        )
        is_too_long = channel == "sms" and len(words) + _length(replies) > _TEXT_LENGTH
        return None if is_too_long else News(words, earlier.payment_id)


def _length(replies: list[Reply]) -> int:
    """About as long as the text of these replies will be, with its numbered choices."""
    choices = sum(len(choice.title) + 4 for one in replies for choice in one.expect.choices)
    return choices + sum(len(one.text) + 10 for one in replies)
