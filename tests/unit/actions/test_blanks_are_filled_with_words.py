"""What actions give a response is phrased for the channel and language before the engine sees it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from actions.blanks import Blanks
from assistant.clock import FixedClock
from assistant.payments.views import MethodView
from assistant.settings import Settings

VISA = MethodView("method_1", "card", "visa", "4242", "", is_default=True, is_saved=True, is_expired=False)


@pytest.mark.parametrize(
    ("value", "text", "speech"),
    [
        ({"due_cents": 8420}, {"due": "$84.20"}, {"due": "84 dollars and 20 cents"}),
        ({"on": date(2026, 12, 3)}, {"on": "Dec 3"}, {"on": "December third"}),
        ({"method": VISA}, {"method": "Visa 4242"}, {"method": "Visa ending in 4 2 4 2"}),
        (
            {"told_by": datetime(2026, 11, 23, 22, 30, tzinfo=UTC)},
            {"told_by": "5:30 PM today"},
            {"told_by": "5:30 PM today"},
        ),
        ({"until": "2026-11-23T15:15:00+00:00"}, {"until": "10:15 AM today"}, {"until": "10:15 AM today"}),
        (
            {"at": datetime(2026, 11, 22, 14, 0, tzinfo=UTC)},
            {"at": "on Nov 22"},
            {"at": "on November twenty-second"},
        ),
        (
            {"confirmation_number": "48217730"},
            {"confirmation_number": "48217730"},
            {"confirmation_number": "4 8 2 1, 7 7 3 0"},
        ),
        ({"tries_left": 4}, {"tries_left": 4}, {"tries_left": 4}),
        ({"due_on": None}, {}, {}),
    ],
)
def test_each_kind_of_value_has_its_words(
    settings: Settings, clock: FixedClock, value: dict, text: dict, speech: dict
) -> None:
    assert Blanks(settings, clock, "en", "sms").fill(value) == text
    assert Blanks(settings, clock, "en", "voice").fill(value) == speech


def test_the_co_op_is_spoken_of_in_the_members_language(settings: Settings, clock: FixedClock) -> None:
    facts = Blanks(settings, clock, "es", "voice").of_coop()
    assert facts["office_phone"] == "7 0 6, 5 5 5, 0 1 0 1"
    assert facts["office_hours"] == "de las 8 de la mañana a las 5 de la tarde"
    assert facts["account_number_length"] == "10"
