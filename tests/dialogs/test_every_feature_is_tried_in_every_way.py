"""The conversations of happy_path/: each feature by text, keypad, speech, in both languages, or why not."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.dialogs.ways import FEATURES, WAYS, Feature, Way, feature

HERE = Path(__file__).with_name("happy_path")
# The names under which issues and the office speak of what a member can do here.
# fmt: off
WANTED = frozenset(
    (
        "pay in full", "pay past due only", "pay another amount", "pay an amount named at once",
        "pay the least that keeps the power on",
        "pay with a new card", "pay with a new card by a call", "guest payment", "add to prepaid",
        "balance", "due date", "parts of the balance", "cut-off and minimum", "payment received",
        "payment received by its amount", "last payments", "year's total", "prepaid balance",
        "refund question", "fees", "schedule", "change a scheduled payment",
        "take back a scheduled payment", "autopay on", "autopay status", "autopay change",
        "autopay pause", "autopay off", "see cards", "add a card", "take a card off", "use a card first",
        "backup card", "name a card", "enroll", "change the PIN", "forgotten PIN", "name a helper",
        "change of language", "paperless", "reminders", "opt out", "opt in", "statement letter",
        "good-standing letter", "cash places", "office hours", "outage", "a person in hours",
        "a person out of hours", "scam", "hardship", "more time", "dispute", "are you a robot",
        "what can you do",
    )
)
# fmt: on


def missing_of(tried: dict[str, Feature]) -> list[str]:
    """Every way of a feature that has neither a conversation nor a reason."""
    return [
        f"{name}: {way}"
        for name, each in tried.items()
        for way in WAYS
        if not each.scripts.get(way) and not each.without.get(way)
    ]


@pytest.fixture(scope="module", autouse=True)
def all_of_happy_path() -> None:
    for path in sorted(HERE.glob("test_*_in_every_way.py")):
        importlib.import_module(f"tests.dialogs.happy_path.{path.stem}")


def test_every_feature_has_its_conversations() -> None:
    assert set(FEATURES) == WANTED
    assert missing_of(FEATURES) == []


def test_no_way_has_both_a_conversation_and_a_reason_why_not() -> None:
    both = [
        f"{name}: {way}" for name, each in FEATURES.items() for way in each.scripts if way in each.without
    ]
    assert both == []


def test_most_ways_are_there_and_two_hundred_and_fifty_are_tried() -> None:
    assert sum(len(each.scripts) for each in FEATURES.values()) >= 250


def test_a_missing_way_is_found() -> None:
    there = {Way("text", "en"): ("hello",)}
    assert missing_of({"greeting": Feature(there, dict.fromkeys(WAYS[2:], "a reason"))}) == [
        "greeting: text-es"
    ]


def test_a_feature_cannot_be_there_twice() -> None:
    with pytest.raises(AssertionError, match="there twice"):
        feature("balance", keys="2")
