"""Words that are picked by name before or beside the engine, read from the domain files that hold them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from assistant.dialogue.turn import Channel, Language

DOMAIN = Path(__file__).parents[2] / "dialogs" / "domain"
# (file, what its responses' names begin with)
_TALK, _WISHES = ("talk.yml", "utter_talk_"), ("wishes.yml", "utter_wish_")


def talk(name: str, language: Language, channel: Channel, **blanks: str) -> str:
    """`utter_talk_<name>` for this language and channel. Unknown names and missing blanks are KeyErrors."""
    return _words(*_TALK)[name, language, channel].format_map(blanks)


def has_words(name: str) -> bool:
    """Whether there are such words."""
    return (name, "en", "sms") in _words(*_TALK)


def wish_title(intent: str, language: Language, channel: Channel) -> str | None:
    """What a wish is called where it is offered ("pay your bill"); None for what is never offered."""
    return _words(*_WISHES).get((intent, language, channel))


@cache
def _words(file: str, prefix: str) -> dict[tuple[str, str, str], str]:
    """(name, language, channel) -> template. Read once per process: words change with a new version only."""
    responses = yaml.safe_load((DOMAIN / file).read_text(encoding="utf-8"))["responses"]
    return {
        (name.removeprefix(prefix), variation["condition"][0]["value"], channel): variation["text"]
        for name, variations in responses.items()
        if name.startswith(prefix)
        for variation in variations
        for channel in ([variation["channel"]] if "channel" in variation else ["sms", "voice"])
    }
