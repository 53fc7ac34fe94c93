"""What passes between channels and dialogue: what was heard, what is replied, what is expected next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Channel = Literal["sms", "voice"]
Language = Literal["en", "es"]

# text: a text message · speech: a recogniser's words · keys: the dial pad · silence: nothing came ·
# card: the result of <Pay> · event: something the channel itself reports (call opened, line cut)
HeardKind = Literal["text", "speech", "keys", "silence", "card", "event"]

# How the next answer is asked for. `confirm` is the only kind that can move money.
ExpectKind = Literal[
    "open", "choice", "digits", "amount", "yes_no", "confirm", "new_card", "transfer", "hang_up", "nothing"
]

# Digits that must never reach the dialogue engine, a log or a table: checked on our side, told as outcome.
SecretKind = Literal["", "pin", "new_pin", "code", "enrollment_code"]


@dataclass(frozen=True)
class Heard:
    """One input, already redacted of card numbers. `text` is words or keys (`84*20`), empty for silence.

    `confidence` is 0..1 for speech when the recogniser gives one. `card` holds the parts of a `<Pay>` result
    that are safe: result, token, last_four, brand, expires.
    """

    kind: HeardKind
    text: str = ""
    confidence: float | None = None
    card: dict[str, str] = field(default_factory=dict)
    had_card_number: bool = False


@dataclass(frozen=True)
class Choice:
    """One numbered way on: `title` is what it is called; `intent` and `entities` tell what it means."""

    number: int
    title: str
    intent: str
    entities: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """Something that was asked for beside something else: its intent, and the words that told it."""

    intent: str
    words: str


@dataclass(frozen=True)
class Expectation:
    """What the last reply asked for. Stored on the session between turns as JSON.

    `length` is the count of digits wanted (0 = any); `fuller` and `shortest` are the words of the second and
    third try; `draft_id` is what a `confirm` would charge; `is_terms` says: read without barge-in;
    `is_patient`: longer silences are allowed; `is_person_offered`: the ladder led to a person already;
    `is_closing`: what was wanted is done, and the reply asks what is next; `undo`: what "cancel it" means.
    """

    kind: ExpectKind = "open"
    length: int = 0
    secret: SecretKind = ""
    draft_id: str = ""
    choices: tuple[Choice, ...] = ()
    words: str = ""
    fuller: str = ""
    shortest: str = ""
    is_terms: bool = False
    misses: int = 0
    # The caller is asked whether more time is needed: then any key that answers nothing gives it.
    asks_time: bool = False
    is_closing: bool = False
    undo: str = ""
    # These three stay with the session from turn to turn.
    is_patient: bool = False
    is_person_offered: bool = False
    also_wanted: tuple[Wish, ...] = ()
    # When the reply was made, ISO: a yes that was sent before it cannot mean it.
    asked_at: str = ""


@dataclass(frozen=True)
class Reply:
    """Channel-neutral words and what is expected next. The channel writes choices in its own way."""

    text: str
    expect: Expectation = Expectation()


@dataclass(frozen=True)
class SessionView:
    """What a channel needs to know of a session."""

    id: str
    channel: Channel
    phone: str
    language: Language
    is_new: bool
    expectation: Expectation
    speech_rate: int = 100
