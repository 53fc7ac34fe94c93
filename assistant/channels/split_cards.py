"""Card numbers sent in pieces: joins a text with the ones before it, and takes the pieces out again."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from assistant.clock import Clock
from assistant.db import Database
from assistant.dialogue.models import InboundMessage, TurnRecord
from assistant.dialogue.turn import Expectation
from assistant.notifications.outbox import Outbox
from assistant.redaction import Redacted, mask_all_digits, redact_inbound, tail_digits
from assistant.spelled_digits import digit_runs

# A card typed in pieces comes in this many texts at most, within this time.
PIECES = 4
PIECES_WITHIN = timedelta(minutes=15)
# A person, slower, again: these keys mean the same at every question of the phone.
_KEYS_OF_EVERY_QUESTION = ("0", "8", "9")
# Amounts are kept. With more digits of them in a row they may be a card cut up, not a second try.
_AMOUNT_DIGITS = 7


@dataclass(frozen=True)
class _Piece:
    """A text as it came; kept in memory only, and no longer than a card takes to type.

    `was_asked`: the very digits of our question, or the number of a choice that we gave. `amount_digits`: how
    many digits it answers our question for an amount with.
    """

    text: str
    came_at: datetime
    was_asked: bool
    amount_digits: int


class SplitCards:
    """Remembers the newest texts of each session in this process; what it finds it also cleans up.

    Nothing that may be a piece is ever written down (see `assistant.dialogue.keeping`), so another process
    that lacks this memory lets nothing through: it only cannot tell the member why card numbers are refused.
    """

    def __init__(self, db: Database, clock: Clock, outbox: Outbox) -> None:
        self._db = db
        self._clock = clock
        self._outbox = outbox
        self._guard = threading.Lock()
        self._newest: OrderedDict[str, deque[_Piece]] = OrderedDict()

    def redact(self, session_id: str, phone: str, text: str, expect: Expectation) -> Redacted:
        """`text` as it may be kept. When it completes a card begun before, the earlier pieces go as well."""
        alone = redact_inbound(text)
        is_asked, is_choice = _is_what_we_asked(text, expect), _is_a_choice_we_gave(text, expect)
        amount_digits = _count_digits(text) if expect.kind == "amount" else 0
        with self._guard:
            # Two halves in two texts at once: whoever comes second finds the first, in either order.
            pieces = self._remembered(session_id)
            if not (is_asked and expect.secret):
                kept = "" if alone.had_card_number else text
                self._remember(
                    session_id, _Piece(kept, self._clock.now(), is_asked or is_choice, amount_digits)
                )
        # An account number, its ZIP, an amount and the key of a choice may look like a card by chance. The
        # long ones are not kept whole.
        if alone.had_card_number or is_asked:
            return alone
        if (is_choice or amount_digits) and _is_card_of_answers(text, amount_digits, pieces):
            return alone
        earlier = [piece.text for piece in pieces]
        redacted = redact_inbound(text, tail_digits(earlier))
        if not redacted.completed_earlier_text and _comes_before(text, earlier):
            redacted = Redacted(mask_all_digits(text), True, completed_earlier_text=True)
        if redacted.completed_earlier_text:
            self._scrub(session_id, phone)
        return redacted

    def _remembered(self, session_id: str) -> list[_Piece]:
        """The newest texts of the session, oldest first."""
        since = self._clock.now() - PIECES_WITHIN
        while self._newest and next(iter(self._newest.values()))[-1].came_at < since:
            self._newest.popitem(last=False)
        return [piece for piece in self._newest.get(session_id, ()) if piece.came_at >= since]

    def _remember(self, session_id: str, piece: _Piece) -> None:
        pieces = self._newest.setdefault(session_id, deque(maxlen=PIECES))
        pieces.append(piece)
        self._newest.move_to_end(session_id)

    def _written(self, session_id: str) -> Select[TurnRecord]:
        """The newest turns of the session."""
        return (
            select(TurnRecord)
            .where(
                TurnRecord.session_id == session_id,
                TurnRecord.finished_at >= self._clock.now() - PIECES_WITHIN,
            )
            .order_by(TurnRecord.number.desc())
            .limit(PIECES)
        )

    def _scrub(self, session_id: str, phone: str) -> None:
        """Take the digits out of the pieces in our transcript, and have the carrier wipe them."""
        with self._db.write() as tx:
            for turn in tx.scalars(self._written(session_id)):
                turn.heard = mask_all_digits(turn.heard)
            sent = (
                select(InboundMessage.provider_id)
                .where(
                    InboundMessage.phone == phone,
                    InboundMessage.received_at >= self._clock.now() - PIECES_WITHIN,
                    InboundMessage.provider_id.not_like("CA%"),
                )
                .order_by(InboundMessage.received_at.desc())
                .limit(PIECES + 1)
            )
            for message_id in tx.scalars(sent).all():
                self._outbox.queue_redaction(tx, phone=phone, message_id=message_id)


def _comes_before(text: str, earlier: list[str]) -> bool:
    """Whether `text` is the first half of a card whose second half came just before it."""
    return bool(earlier) and redact_inbound(earlier[-1], tail_digits([text])).completed_earlier_text


def _is_card_of_answers(text: str, amount_digits: int, pieces: list[_Piece]) -> bool:
    """Whether the answers to our last questions alone look like a card with `text` behind them."""
    answers: list[str] = []
    for piece in reversed(pieces):
        amount_digits += piece.amount_digits
        if amount_digits > _AMOUNT_DIGITS or not (piece.was_asked or piece.amount_digits):
            break
        answers.insert(0, piece.text)
    return redact_inbound(text, tail_digits(answers)).completed_earlier_text


def _count_digits(text: str) -> int:
    return sum(len(group.digits) for run in digit_runs(text) for group in run)


def _is_what_we_asked(text: str, expect: Expectation) -> bool:
    """Whether these are the very digits we asked for: the account number, then the ZIP, are no card."""
    wants_digits = expect.kind == "digits" or bool(expect.secret)
    if not expect.length:
        return wants_digits and text.strip().rstrip("#").isdecimal()
    return wants_digits and len(digit_runs(text)) == 1 and _count_digits(text) == expect.length


def _is_a_choice_we_gave(text: str, expect: Expectation) -> bool:
    """Whether this is the number of a way on that was just offered, such as 1 for yes."""
    yes_or_no = ("1", "2") if expect.kind in ("yes_no", "confirm") else ()
    offered = [str(choice.number) for choice in expect.choices]
    return text.strip().rstrip("#") in (*yes_or_no, *offered, *_KEYS_OF_EVERY_QUESTION)
