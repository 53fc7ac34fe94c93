"""From an engine's reply to a Reply with its Expectation, and the Expectation to JSON and back."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any, cast, get_args

from assistant.dialogue.engine import EngineButton, EngineReply
from assistant.dialogue.turn import Choice, Expectation, ExpectKind, Reply, SecretKind, Wish

_KINDS = get_args(ExpectKind)
_SECRETS = get_args(SecretKind)


def replies_of(engine_replies: list[EngineReply]) -> list[Reply]:
    """Channel-neutral replies; the last one that expects something decides what is expected."""
    return [Reply(reply.text, expectation_of(reply)) for reply in engine_replies]


def expectation_of(reply: EngineReply) -> Expectation:
    """Read the `custom:` block and the buttons. Raises ValueError on an unknown kind or bad payload."""
    custom = reply.custom
    kind = custom.get("expect") or ("choice" if reply.buttons else "open")
    secret = custom.get("secret") or ""
    if kind not in _KINDS or secret not in _SECRETS:
        raise ValueError(f"a reply expects {kind!r} with secret {secret!r}: no such thing")
    # In "1 pays it" the first number is taken.
    first = 2 if kind == "confirm" and not secret else 1
    return Expectation(
        kind=cast("ExpectKind", kind),
        length=int(custom.get("length") or 0),
        secret=cast("SecretKind", secret),
        draft_id=str(custom.get("draft_id") or ""),
        choices=tuple(_choice(number, button) for number, button in enumerate(reply.buttons, start=first)),
        words=reply.text,
        fuller=str(custom.get("fuller") or ""),
        shortest=str(custom.get("shortest") or ""),
        is_terms=bool(custom.get("is_terms")),
        is_closing=bool(custom.get("is_closing")),
        undo=str(custom.get("undo") or ""),
    )


def joined_expectation(replies: list[Reply]) -> Expectation:
    """What a turn's replies expect together: that of the last reply, with the words of all of them."""
    last = replies[-1].expect
    words = "\n".join(reply.text for reply in replies if reply.text)
    # What can be undone is told by the receipt, before the closing question.
    return replace(last, words=words, undo=next((r.expect.undo for r in replies if r.expect.undo), ""))


def _choice(number: int, button: EngineButton) -> Choice:
    """`/intent{"entity": "value"}` -> a numbered choice."""
    intent, brace, entities = button.payload.removeprefix("/").partition("{")
    return Choice(number, button.title, intent, json.loads(brace + entities) if brace else {})


def to_json(expect: Expectation) -> dict[str, Any]:
    return asdict(expect)


def from_json(stored: dict[str, Any]) -> Expectation:
    choices = tuple(Choice(**choice) for choice in stored.get("choices", ()))
    also_wanted = tuple(Wish(**wish) for wish in stored.get("also_wanted", ()))
    return Expectation(**{**stored, "choices": choices, "also_wanted": also_wanted})
