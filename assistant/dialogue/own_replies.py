"""What the conversation says by itself: the ladder, more time, a doubt, and words that answer no question."""

from __future__ import annotations

from dataclasses import replace

from assistant.dialogue.asking import Asking
from assistant.dialogue.ladder import MISSES, is_goodbye_due, rung_after
from assistant.dialogue.meaning import Manner, Means, Says
from assistant.dialogue.phrasing import phone_number
from assistant.dialogue.questions import which_amount
from assistant.dialogue.running import RunningTurn
from assistant.dialogue.sessions import Sessions
from assistant.dialogue.talk_words import has_words, talk
from assistant.dialogue.teens import doubtful_amount
from assistant.dialogue.turn import Expectation, Reply
from assistant.settings import Settings

_SPEED_STEP, _SLOWEST, _NORMAL = 10, 70, 100
# Answers that can only be right: who gives them and hears the same question again was not understood.
_PLAIN_ANSWERS = ("affirm", "deny", "inform_digits")


class OwnReplies:
    """Holds for every form and every question, whatever feature asked it."""

    def __init__(self, asking: Asking, sessions: Sessions, settings: Settings) -> None:
        self._asking = asking
        self._sessions = sessions
        self._settings = settings

    def doubt(self, turn: RunningTurn, meaning: Says | Means) -> Reply | None:
        """The question back, when a recogniser heard one of two amounts that sound alike."""
        if turn.heard.kind != "speech":
            return None
        doubt = doubtful_amount(meaning, turn.expect)
        return None if doubt is None else which_amount(*doubt, turn.session.language)

    def answer_or_ask_otherwise(self, turn: RunningTurn, meaning: Says | Means) -> list[Reply]:
        """The engine's answer; what it did not understand twice is asked in other words, then by a person."""
        expect, channel = turn.expect, turn.session.channel
        replies = self._asking.ask(turn, meaning)
        if not (turn.is_missed or _leads_nowhere(meaning, replies, expect)):
            return replies
        turn.misses = expect.misses + 1
        if is_goodbye_due(expect, turn.misses, channel):
            return self._silent_goodbye(turn)
        if turn.misses >= MISSES or expect.is_person_offered:
            return self._offer_person(turn)
        if turn.misses == MISSES - 1:
            return self._asking.ask(turn, Means("unsure"))
        return replies

    def _offer_person(self, turn: RunningTurn) -> list[Reply]:
        turn.outcome, turn.is_person_offered = "gave_up", True
        return self._asking.ask(turn, Means("human_agent"))

    def _silent_goodbye(self, turn: RunningTurn) -> list[Reply]:
        turn.outcome = "gave_up"
        return [Reply(self._talk(turn, "silent_goodbye"), Expectation("hang_up"))]

    def mind(self, turn: RunningTurn, manner: Manner) -> list[Reply]:
        """Something that answers no question: a word about it, and the question stays open."""
        expect = turn.expect
        turn.outcome = "aside"
        if manner.name == "reaction":
            if expect.kind != "confirm":
                # A heart on our text needs no answer, and a text costs the member money.
                return []
            turn.outcome = "answered"
            return self._asking.ask(turn, Means("affirm"))
        own = f"own_{manner.tongue}"
        words = [self._talk(turn, manner.name)]
        if manner.name == "other_language" and has_words(own):
            words.insert(0, self._talk(turn, own))
        if manner.name == "other_language" or not expect.words:
            return [Reply(" ".join(words), expect)]
        return [Reply(" ".join(words)), Reply(expect.words, expect)]

    def _talk(self, turn: RunningTurn, name: str) -> str:
        office = phone_number(self._settings.office_phone, turn.session.channel)
        return talk(name, turn.session.language, turn.session.channel, office_phone=office)

    def wait(self, turn: RunningTurn, words: str) -> list[Reply]:
        """Longer silences from now on, and the question again: more time was asked for, or somebody types."""
        turn.is_patient, turn.outcome = True, "aside"
        expect = replace(turn.expect, misses=0, asks_time=False)
        again = [Reply(expect.words, expect)] if expect.words else []
        return [Reply(self._talk(turn, words), expect), *again]

    def say_again(self, turn: RunningTurn) -> list[Reply]:
        """The last reply once more; without one, the menu."""
        turn.outcome = "repeated"
        expect = turn.expect
        if not expect.words:
            return self._asking.ask(turn, Means("menu"))
        return [Reply(expect.words, expect)]

    def slower(self, turn: RunningTurn) -> list[Reply]:
        """The same again, a little slower."""
        return self._at_other_speed(turn, -_SPEED_STEP)

    def faster(self, turn: RunningTurn) -> list[Reply]:
        """The same again, a little faster, up to the normal speed."""
        return self._at_other_speed(turn, _SPEED_STEP)

    def _at_other_speed(self, turn: RunningTurn, step: int) -> list[Reply]:
        rate = min(max(turn.session.speech_rate + step, _SLOWEST), _NORMAL)
        self._sessions.set_speech_rate(turn.session.id, rate)
        turn.session = replace(turn.session, speech_rate=rate)
        return self.say_again(turn)

    def ask_again(self, turn: RunningTurn) -> list[Reply]:
        """Nothing usable came: the next rung of the ladder."""
        expect = turn.expect
        rung = rung_after(expect, turn.heard.kind, turn.session.channel)
        if rung == "person":
            return self._offer_person(turn)
        if rung == "goodbye":
            return self._silent_goodbye(turn)
        if not expect.words:
            return self._asking.ask(turn, Means("menu"))
        turn.misses = expect.misses + 1
        if turn.session.channel == "sms":
            # The other wordings of a question speak of keys.
            return self._asking.ask(turn, Means("unsure"))
        turn.outcome = "missed"
        if rung == "again":
            return [Reply(expect.words, replace(expect, misses=0))]
        if rung == "more_time":
            return [
                Reply(
                    self._talk(turn, "more_time"),
                    replace(expect, misses=turn.misses, asks_time=True, is_terms=False),
                )
            ]
        words = (expect.fuller if rung == "fuller" else expect.shortest) or expect.words
        return [Reply(words, replace(expect, misses=turn.misses))]


def _leads_nowhere(meaning: Says | Means, replies: list[Reply], expect: Expectation) -> bool:
    """Whether a plain answer met the very same question again."""
    is_plain = isinstance(meaning, Means) and meaning.intent in _PLAIN_ANSWERS
    is_same = len(replies) == 1 and bool(replies[0].text) and expect.words.endswith(replies[0].text)
    return is_plain and is_same and replies[0].expect.kind == expect.kind
