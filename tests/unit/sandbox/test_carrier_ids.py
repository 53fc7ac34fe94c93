"""The carrier's ids stay whole in the log of its wire, which masks what reads as a card number."""

from __future__ import annotations

import uuid

import pytest

from assistant.clock import FixedClock
from assistant.sandbox.carrier import Carrier
from assistant.sandbox.carrier_wire import Answer
from assistant.sandbox.phone_models import TextIn
from assistant.settings import Settings

# One id in six hundred has digits like these: 5419 2623 8404 9888.
LIKE_A_CARD = uuid.UUID("d54192623840498885fc14ab4bed5edc")


def test_a_text_is_logged_with_the_id_that_it_was_sent_with(
    settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = uuid.UUID("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    made = iter([LIKE_A_CARD, plain, plain])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(made))
    sent: list[str] = []

    def post(_url: str, form: dict[str, str], _headers: dict[str, str]) -> Answer:
        sent.append(form["MessageSid"])
        return Answer(200, "<Response/>")

    carrier = Carrier(settings, clock, post=post)
    carrier.text_from("+17065550111", TextIn(body="PAY"))
    assert [entry.form["MessageSid"] for entry in carrier.wire.entries()] == sent
