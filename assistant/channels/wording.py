"""What a channel itself says, and how replies become one text: choices, joining, length, GSM-7."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from assistant.channels.gsm import gsm_length, to_gsm
from assistant.dialogue.turn import Choice, Expectation, Language, Reply

# What a member should get at most, and what the carrier takes at most.
TEXT_GOAL, TEXT_LIMIT = 320, 1600

# Every word that a channel says by itself, where the co-op keeps its other words.
PHRASES_FILE = Path(__file__).parents[2] / "dialogs" / "domain" / "channels.yml"


@cache
def _phrases() -> dict[tuple[str, str], str]:
    responses = yaml.safe_load(PHRASES_FILE.read_text(encoding="utf-8"))["responses"]
    return {
        (name.removeprefix("utter_channel_"), variation["condition"][0]["value"]): variation["text"]
        for name, variations in responses.items()
        for variation in variations
    }


def phrase(name: str, language: Language, **blanks: str) -> str:
    """One of the channel's own sentences. Unknown names and missing blanks are KeyErrors."""
    return _phrases()[name, language].format_map(blanks)


def in_both(name: str, **blanks: str) -> str:
    """A sentence in English and Spanish, for when nobody can say which the member speaks."""
    return f"{phrase(name, 'en', **blanks)} {phrase(name, 'es', **blanks)}"


def text_of(replies: Sequence[Reply], language: Language) -> str:
    """The turn's replies as one text: joined, choices numbered, GSM-7, at most 1,600 characters; "" for none.

    Repeated lines are dropped and, when the text is longer than 320 characters, empty lines too.
    """
    lines: list[str] = []
    for reply in replies:
        words = reply.text.strip()
        if words and words not in lines:
            lines.append(words)
    if replies:
        lines += _written_choices(replies[-1].expect, language)
    text = to_gsm("\n".join(lines))
    if gsm_length(text) > TEXT_GOAL:
        text = re.sub(r"\s*\n\s*", "\n", re.sub(r"[ \t]{2,}", " ", text))
    return _fitting(text)


def lowered(title: str) -> str:
    """A choice's title in the middle of a sentence: "Other amount" -> "other amount"; "Visa 4242" stays."""
    return title if _is_name(title) else title[:1].lower() + title[1:]


def _is_name(title: str) -> bool:
    """Whether a title names a thing ("Visa 4242", "REPEAT") rather than telling what to do."""
    first = title.partition(" ")[0]
    is_capital = first[:1].isupper()
    return is_capital and (any(sign.isdecimal() for sign in title) or first[1:].lower() != first[1:])


def _written_choices(expect: Expectation, language: Language) -> list[str]:
    if not expect.choices:
        return []
    numbered = ", ".join(f"{choice.number} {lowered(choice.title)}" for choice in expect.choices)
    # The words already said how to agree; the choices are what else there is.
    is_beside = expect.kind == "confirm" or (bool(expect.secret) and expect.kind != "choice")
    return [phrase("reply_beside" if is_beside else "reply", language, choices=numbered)]


def spoken_choices(choices: Sequence[Choice], language: Language, *, needs_pound: bool = False) -> str:
    """ "To hear your balance, press 1. For Visa 4242, press 2."; with pound, "press 1 and pound"."""
    form = "press_pound" if needs_pound else "press"
    return " ".join(
        phrase(
            f"{form}_for" if _is_name(choice.title) else form,
            language,
            title=lowered(choice.title),
            number=str(choice.number),
        )
        for choice in choices
    )


def _fitting(text: str) -> str:
    """`text` cut at the last sentence that fits the carrier's limit."""
    if gsm_length(text) <= TEXT_LIMIT:
        return text
    short = text[: TEXT_LIMIT - 1]
    while gsm_length(short) > TEXT_LIMIT:
        short = short[:-1]
    end = max(short.rfind(mark) for mark in (". ", ".\n", "? ", "! "))
    return short[: end + 1] if end > TEXT_GOAL else short
