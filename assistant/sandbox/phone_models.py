"""What the sandbox phone network says over its JSON API: texts, calls, what a call waits for, the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, model_validator

# ringing: the phone rings and waits for `answer` or `decline` · busy: the network is fetching or speaking ·
# listening: a Gather waits · card: a Pay waits for the card's digits · ended: the line is gone.
CallState = Literal["ringing", "busy", "listening", "card", "ended"]

# said: the co-op spoke · played · paused · keyed / spoke / silence / hung_up: what the member did ·
# dialed: a transfer was tried · card: what became of a Pay · note: anything else the network reports.
LineKind = Literal[
    "said", "played", "paused", "keyed", "spoke", "silence", "hung_up", "dialed", "card", "note"
]


# What <Pay> is made to report without asking for a card.
PayFault = Literal["none", "payment-connector-error", "validation-error", "internal-error"]


class TextIn(BaseModel):
    """A text that a member sends. `media_count` pictures are attached (the network has no pictures)."""

    body: str = Field("", max_length=1600)
    media_count: int = Field(0, ge=0, le=10)


class TextView(BaseModel):
    """One text of a thread. `body` is empty after the co-op redacted it at the carrier (`is_redacted`)."""

    number: int
    id: str
    phone: str
    direction: Literal["from_phone", "to_phone"]
    body: str
    at: datetime
    is_redacted: bool = False


class TextSent(BaseModel):
    """The text as the carrier took it, and the answers that came with the webhook's own reply."""

    sent: TextView
    answers: list[TextView]


class ThreadView(BaseModel):
    """A phone's thread with the co-op, newest last. `call_id` is the call that rings or runs, if any."""

    phone: str
    is_opted_out: bool
    call_id: str | None
    texts: list[TextView]


class CallLine(BaseModel):
    """One line of a call's transcript. A card's digits are never in it."""

    number: int
    kind: LineKind
    text: str
    language: str = ""


class Listening(BaseModel):
    """What the call waits for. `length` 0 means any; `finish_key` "" means none; `keyed` is the count so far.

    For a card, `field` is what `<Pay>` asks for now: payment-card-number, expiration-date, security-code or
    postal-code. `hears_speech` says whether spoken words are taken.
    """

    hears_keys: bool = True
    hears_speech: bool = False
    length: int = 0
    finish_key: str = ""
    keyed: int = 0
    field: str = ""


class CallView(BaseModel):
    """A call as its handset sees it."""

    id: str
    phone: str
    direction: Literal["from_phone", "to_phone"]
    state: CallState
    lines: list[CallLine]
    listening: Listening | None = None
    ended_because: str = ""


class CallInput(BaseModel):
    """Exactly one of: keys (0-9 * #), speech, or silence.

    Keys collect until the Gather's length or finish key is reached. Keys without either are handed over by
    `silence` (on a real phone: by waiting), or at once with `is_done`.
    """

    keys: str = Field("", pattern=r"^[0-9*#]*$", max_length=64)
    speech: str = Field("", max_length=600)
    confidence: float | None = Field(None, ge=0, le=1)
    silence: bool = False
    is_done: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> CallInput:
        if sum([bool(self.keys), bool(self.speech), self.silence]) != 1:
            raise ValueError("give exactly one of keys, speech, silence")
        return self


class WireEntry(BaseModel):
    """One exchange on the wire. `answer` is TwiML for webhooks and JSON for the carrier's API."""

    number: int
    at: datetime
    kind: Literal["webhook", "api"]
    method: str
    url: str
    form: dict[str, str]
    signature: str = ""
    status: int
    answer: str
    milliseconds: int


class NetworkState(BaseModel):
    """Knobs of the network. `office_picks_up`: whether a transfer is answered by a person.

    `text_fault` and `call_fault` make the carrier's API misbehave on the next creations: `refused` answers
    400 (code 21211), `broken` answers 500 without taking it, `lost_answer` takes it and answers 500.
    `pay_fault` makes the next `<Pay>` verbs end with that result.
    """

    office_picks_up: bool = True
    text_fault: Literal["none", "refused", "broken", "lost_answer"] = "none"
    call_fault: Literal["none", "refused", "broken", "lost_answer"] = "none"
    pay_fault: PayFault = "none"
