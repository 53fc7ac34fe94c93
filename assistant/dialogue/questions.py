"""A question that the service asks by itself, before the engine hears what was said."""

from __future__ import annotations

from assistant.dialogue.phrasing import amount
from assistant.dialogue.talk_words import talk
from assistant.dialogue.teens import sounds_like
from assistant.dialogue.turn import Choice, Expectation, Language, Reply
from assistant.money import CENTS_PER_DOLLAR


def which_amount(intent: str, cents: int, language: Language) -> Reply:
    """ "Did you say 15 dollars, that is 1 5, or 50 dollars, that is 5 0?", with a key for each."""
    other = sounds_like(cents)
    low, high = sorted((cents, other if other is not None else cents))
    said = {"low": amount(low, language, "voice"), "high": amount(high, language, "voice")}
    words = talk(
        "which_amount",
        language,
        "voice",
        **said,
        low_digits=_digit_by_digit(low),
        high_digits=_digit_by_digit(high),
    )
    choices = tuple(
        Choice(
            number,
            talk("choose_amount", language, "voice", amount=said[name]),
            intent,
            {"amount_cents": each},
        )
        for number, (name, each) in enumerate((("low", low), ("high", high)), start=1)
    )
    return Reply(words, Expectation("choice", choices=choices, words=words, fuller=words, shortest=words))


def _digit_by_digit(cents: int) -> str:
    """5000 -> `5 0`."""
    return " ".join(str(cents // CENTS_PER_DOLLAR))
