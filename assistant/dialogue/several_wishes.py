"""Several wishes in one message: the first is served, the others are kept and offered when it is done.

"Pay 10 and change my PIN" is two wishes; "pay 10 and use my visa" is one. Only clauses that are each
understood surely, and that ask for different things, make a message two: a wish that is never offered costs
less than one that nobody had.
"""

from __future__ import annotations

import re
from dataclasses import replace

import structlog

from assistant.dialogue.engine import DialogueEngine, Reading
from assistant.dialogue.keeping import words_for_engine
from assistant.dialogue.meaning import asks_to_pay
from assistant.dialogue.running import RunningTurn
from assistant.dialogue.talk_words import talk, wish_title
from assistant.dialogue.turn import Choice, Expectation, Reply, Wish
from assistant.errors import EngineUnavailable

_LOG = structlog.get_logger(__name__)
# The intent of the choice "do that now": not the engine's, but the words of the wish, said again.
ALSO_WANTED = "also_wanted"
# A clause read less surely may be half of a sentence.
LEAST_SURE = 0.6
_MOST_CLAUSES = 6
_SHORTEST_WISH = 2
_PAYING = Reading("pay_bill", 1.0)
_LONGEST_TEXT = 320
_CLAUSE_ENDS = re.compile(
    r"(?<=[.;!?])\s+|\s*,\s*(?!\d)(?:(?:and|then|also|y|e|luego|tambi[eé]n|adem[aá]s)\s+)*"
    r"|\s+(?:(?:and|then|also|plus|after that|y|e|luego|despu[eé]s|adem[aá]s|tambi[eé]n)\s+)+",
    re.IGNORECASE,
)
# Wishes that one answer or one flow serves together.
_TOGETHER = (
    {"pay_bill", "inform_amount", "switch_method", "schedule_payment", "check_balance", "check_amount_due"}
    | {"check_due_date", "min_payment", "prepaid_balance"},
    {"payment_status", "payment_failed", "last_payment", "payment_history", "refund", "cancel_payment"},
    {"account_access", "online_account"},
    {"autopay_enroll", "autopay_manage", "autopay_cancel"},
    {"opt_out", "opt_in", "notification_settings"},
    {"office_info", "cash_places"},
    {"hardship", "payment_arrangement"},
)
# What begins like this tells more of the wish before it: "autopay, but no more than 30".
_GOES_ON = re.compile(
    r"(?:but|up to|not|no more|at most|max|only|just|with|using|for|from|on|by|pero|hasta|s[oó]lo|con|para"
    r"|por|m[aá]ximo|no m[aá]s)\b",
    re.IGNORECASE,
)
# Whoever says one of these is not asked about anything else in the same breath.
_ALONE = frozenset(
    {"human_agent", "hardship", "report_fraud", "identity_question", "outage", "dispute_charge"}
)


class SeveralWishes:
    """Finds them before the engine is asked, and leads to the next one after its answer."""

    def __init__(self, engine: DialogueEngine, pin_length: int) -> None:
        self._engine = engine
        self._pin_length = pin_length

    def words_of_first(self, turn: RunningTurn, words: str) -> str:
        """The words of the wish to serve now, the others on `turn`; all the words if they are one wish."""
        clauses = _clauses(words)
        if not 1 < len(clauses) <= _MOST_CLAUSES or not _may_hold_wishes(turn.expect):
            return words
        if words_for_engine(words, turn.expect, turn.session.language, self._pin_length) != words:
            # What must not be kept cannot wait for its turn.
            return words
        try:
            whole, *readings = self._engine.readings([words, *clauses])
        except EngineUnavailable:
            _LOG.warning("wishes_not_told_apart")
            return words
        readings = [
            _PAYING if asks_to_pay(clause, turn.session.language) else reading
            for clause, reading in zip(clauses, readings, strict=True)
        ]
        first, *others = _apart(clauses, readings) or [Wish("", words)]
        if not others or _ALONE & {whole.intent, first.intent, *(wish.intent for wish in others)}:
            return words
        turn.also_wanted = tuple(others)
        return first.words

    def lead_on(self, turn: RunningTurn, replies: list[Reply]) -> list[Reply]:
        """Where an answer asks what is next, the next wish that was told; else a word that it will come."""
        if not turn.also_wanted or not replies:
            return replies
        if replies[-1].expect.is_closing:
            wish, *rest = turn.also_wanted
            turn.also_wanted = tuple(rest)
            return [*replies[:-1], self._offer(turn, wish)]
        is_new = turn.also_wanted != turn.expect.also_wanted
        said = self._say(turn, "one_thing_at_a_time", turn.also_wanted[0])
        return [Reply(said), *replies] if is_new and _has_room(said, replies) else replies

    def _offer(self, turn: RunningTurn, wish: Wish) -> Reply:
        words = self._say(turn, "also_wanted", wish)
        title = talk("do_that_now", turn.session.language, turn.session.channel)
        choice = Choice(1, title, ALSO_WANTED, {"words": wish.words})
        return Reply(words, Expectation("choice", choices=(choice,), words=words))

    def _say(self, turn: RunningTurn, name: str, wish: Wish) -> str:
        language, channel = turn.session.language, turn.session.channel
        title = wish_title(wish.intent, language, channel) or ""
        return talk(name, language, channel, wish=title)


def _clauses(words: str) -> list[str]:
    return [part for part in _CLAUSE_ENDS.split(words.strip()) if part]


def _may_hold_wishes(expect: Expectation) -> bool:
    """Not where an answer in sentences was asked for, nor where money waits for its yes."""
    asks_for_story = any(choice.intent == "dispute_charge" for choice in expect.choices)
    return expect.kind in ("open", "choice") and not (expect.draft_id or expect.secret or asks_for_story)


def _apart(clauses: list[str], readings: list[Reading]) -> list[Wish]:
    """The wishes in the order they were said. A clause that is none by itself ("on Friday") belongs to the
    one before it, and what is served together is one."""
    wishes: dict[str, Wish] = {}
    kind = ""
    unclaimed: list[str] = []
    for clause, reading in zip(clauses, readings, strict=True):
        if _is_wish(clause, reading.intent) and reading.confidence >= LEAST_SURE:
            kind = _kind(reading.intent)
        if not kind:
            unclaimed.append(clause)
            continue
        before = wishes.get(kind, Wish(reading.intent, ""))
        said = [*unclaimed, before.words, clause]
        wishes[kind], unclaimed = replace(before, words=", ".join(each for each in said if each)), []
    return list(wishes.values())


def _is_wish(clause: str, intent: str) -> bool:
    """Whether it can be offered (an amount or a card alone cannot); a lone word may be anything."""
    is_short = len(clause.split()) < _SHORTEST_WISH
    return not is_short and not _GOES_ON.match(clause) and wish_title(intent, "en", "sms") is not None


def _kind(intent: str) -> str:
    """One name for all wishes that are served together."""
    return next((min(group) for group in _TOGETHER if intent in group), intent)


def _has_room(said: str, replies: list[Reply]) -> bool:
    last = replies[-1].expect
    choices = len("Or reply .") + sum(len(choice.title) + len("1 , ") for choice in last.choices)
    return len(said) + sum(len(reply.text) + 1 for reply in replies) + choices <= _LONGEST_TEXT
