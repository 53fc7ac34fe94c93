"""The walk over the phone line on small made-up lines: it presses everything, and finds a planted fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest

from assistant.dialogue.turn import Expectation, Heard, Reply
from tests.dialogs.conftest import Line
from tests.dialogs.test_every_response_is_fit_to_say import reply_of
from tests.dialogs.walking import Caller, Walk
from tests.dialogs.words import wordings

SPOKEN = {(each.language, each.response): reply_of(each) for each in wordings() if each.channel == "voice"}
MENU, NEXT, BYE, PERSON = "utter_menu", "utter_what_next", "utter_goodbye", "utter_transfer"
KEEP, OFFER = "utter_ask_keep_card", "utter_read_back"
SURE, AGAIN = "utter_ask_remove", "utter_ask_receipts_off"
# Prompt -> key -> prompt; a key that is not here leads to the same prompt again, three times to a person.
HEALTHY = {
    MENU: {"1": KEEP, "2": NEXT, "3": NEXT, "4": NEXT, "5": "es utter_menu", "0": PERSON},
    NEXT: {"1": KEEP, "2": MENU, "3": BYE, "*": MENU, "0": PERSON},
    KEEP: {"1": OFFER, "2": NEXT, "*": MENU, "0": PERSON},
    OFFER: {"1": NEXT, "2": MENU, "3": KEEP, "*": KEEP, "0": PERSON},
}
DEAD_END = Reply("There is nothing here.")


@dataclass
class Bank:
    """Takes ten dollars at the keys in `takes`, and the ledger hears of it unless it is `deaf`."""

    takes: frozenset[tuple[str, str]] = frozenset({(OFFER, "1")})
    is_deaf: bool = False
    taken_cents: int = 0
    posted_cents: int = 0

    def hear(self, here: str, keys: str) -> None:
        if (here, keys) in self.takes:
            self.taken_cents += 1000
            self.posted_cents += 0 if self.is_deaf else 1000


@dataclass
class MadeUpLine:
    """A call on a line of this table; `bank` takes ten dollars where `takes` says."""

    ways: dict[str, dict[str, str]]
    pressed: set[tuple[str, str]]
    bank: Bank
    patience: int = 3
    misses: int = 0
    here: str = MENU
    replies: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hear(Heard("event", "call_opened"))

    def hear(self, heard: Heard) -> None:
        self.pressed.add((self.here, heard.text))
        self.bank.hear(self.here, heard.text)
        is_known = heard.text in {*self.ways.get(self.here, {}), "8", "9", "call_opened"}
        self.misses = 0 if is_known else self.misses + 1
        self.here = self.ways.get(self.here, {}).get(heard.text, self.here)
        if self.misses == self.patience:
            self.here = PERSON
        language, _, name = self.here.rpartition(" ")
        self.replies = [SPOKEN.get((language or "en", name), DEAD_END)]

    @property
    def said(self) -> str:
        return self.replies[-1].text

    @property
    def expect(self) -> Expectation:
        return self.replies[-1].expect


def walk_over(
    ways: dict[str, dict[str, str]],
    pressed: set[tuple[str, str]] | None = None,
    bank: Bank | None = None,
    patience: int = 3,
) -> Walk:
    lines, its_bank = set() if pressed is None else pressed, bank or Bank()

    def call() -> Caller:
        line = cast("Line", MadeUpLine(ways, lines, its_bank, patience))
        return Caller(line, lambda keys: keys, lambda: its_bank.taken_cents, lambda: its_bank.posted_cents)

    return Walk(call, "en").run()


def test_every_key_of_every_prompt_is_pressed_also_behind_a_yes_that_changes_things() -> None:
    pressed: set[tuple[str, str]] = set()
    walk = walk_over(HEALTHY, pressed)
    assert walk.troubles == []
    assert walk.not_pressed == []
    assert walk.heard == {MENU, NEXT, BYE, PERSON, KEEP, OFFER}
    wanted = {MENU: "12345*", NEXT: "123*", KEEP: "12*", OFFER: "123*"}
    assert {(prompt, key) for prompt, keys in wanted.items() for key in keys} <= pressed


@pytest.mark.parametrize(
    ("prompt", "key", "leads_to"),
    [
        (NEXT, "2", "a dead end"),
        (OFFER, "2", "es utter_menu"),
        (KEEP, "2", "utter_not_understood"),
        (OFFER, "1", "utter_not_expected"),
        (MENU, "9", NEXT),
        (MENU, "8", NEXT),
    ],
)
def test_a_planted_fault_is_found(prompt: str, key: str, leads_to: str) -> None:
    walk = walk_over({**HEALTHY, prompt: {**HEALTHY[prompt], key: leads_to}})
    assert walk.troubles != []


def test_a_question_that_is_asked_for_ever_is_found() -> None:
    walk = walk_over(HEALTHY, patience=1000)
    assert [each for each in walk.troubles if "asked for ever" in each]


@pytest.mark.parametrize(("prompt", "key"), [(OFFER, "2"), (KEEP, "1"), (MENU, "9"), (OFFER, "*")])
def test_money_that_moves_without_a_yes_to_what_was_read_back_is_found(prompt: str, key: str) -> None:
    walk = walk_over(HEALTHY, bank=Bank(takes=frozenset({(prompt, key)})))
    assert [each for each in walk.troubles if "took money without a yes" in each]


def test_a_charge_that_the_ledger_does_not_know_is_found() -> None:
    assert walk_over(HEALTHY, bank=Bank(is_deaf=True)).troubles != []


def test_a_prompt_behind_a_yes_is_reached_again_by_the_keys_that_led_there() -> None:
    """Behind a yes the walk does not look for ways: after two yeses each key wants a call of its own."""
    away = {"1": NEXT, "2": NEXT, "*": MENU, "0": PERSON}
    ways = {**HEALTHY, KEEP: {**away, "1": SURE}, SURE: {**away, "1": AGAIN}, AGAIN: away}
    pressed: set[tuple[str, str]] = set()
    assert walk_over(ways, pressed).not_pressed == []
    assert {(AGAIN, key) for key in "12*"} <= pressed


def test_a_prompt_that_only_one_caller_ever_met_is_told_as_not_pressed() -> None:
    """Whatever comes first at the menu is met once; then the way there is gone."""
    ways = {name: dict(keys) for name, keys in HEALTHY.items()}
    once = iter([OFFER])
    calls: list[MadeUpLine] = []

    def call() -> Caller:
        ways[MENU]["1"] = next(once, NEXT)
        ways[NEXT]["1"] = NEXT
        ways[OFFER]["3"] = ways[OFFER]["*"] = MENU
        calls.append(MadeUpLine(ways, set(), Bank()))
        return Caller(cast("Line", calls[-1]), lambda keys: keys)

    walk = Walk(call, "en", most_keys=300).run()
    assert len(calls) > 1
    assert [each for each in walk.not_pressed if OFFER in each]
