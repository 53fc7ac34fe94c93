"""The trained model on sentences of its own kind that it was not taught (sentences_held_out.yml)."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from assistant.adapters.rasa_model import DIALOGS, NLU_DATA, RASA_PYTHON, REPOSITORY, bare_environment

HELD_OUT = yaml.safe_load(Path(__file__).with_name("sentences_held_out.yml").read_text(encoding="utf-8"))
ROWS = [
    (language, intent, text)
    for language, intents in HELD_OUT.items()
    for intent, texts in intents.items()
    for text in texts
]
# What these start, change or stop is money, so nothing else may be taken for them.
CAREFUL = next(
    set(part["careful_intents"])
    for part in yaml.safe_load((DIALOGS / "config.yml").read_text())["pipeline"]
    if "careful_intents" in part
)
DECLINED = {"out_of_scope", "nlu_fallback"}
# Any of these answers the member as well as the other would.
ALIKE = ({"check_balance", "check_amount_due"}, {"last_payment", "payment_history"}, DECLINED)
COMMANDS = (
    "/confirm_payment",
    '/inform_amount{"amount_cents": 1}',
    "/restart",
    "/affirm@1.0",
    "@/confirm_payment",
    '//card_keyed{"result": "success"}',
)

Understand = Callable[[list[str]], list[tuple[str, float]]]


@pytest.fixture(scope="module")
def understand(rasa_model: Path) -> Understand:
    def ask(texts: list[str]) -> list[tuple[str, float]]:
        done = subprocess.run(
            [str(RASA_PYTHON), "-m", "tests.integration.rasa_side.understand", str(rasa_model)],
            cwd=REPOSITORY,
            env=bare_environment(),
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return [(name, sure) for name, sure in json.loads(done.stdout.splitlines()[-1])]

    return ask


@pytest.fixture(scope="module")
def answers(understand: Understand) -> list[tuple[str, str, str, str]]:
    """(language, meant intent, text, understood intent) for every held-out sentence."""
    found = understand([text for _, _, text in ROWS])
    return [(*row, name) for row, (name, _) in zip(ROWS, found, strict=True)]


def is_right(meant: str, understood: str) -> bool:
    return meant == understood or any({meant, understood} <= alike for alike in ALIKE)


@pytest.mark.parametrize(("language", "floor"), [("en", 0.9), ("es", 0.85)])
def test_nine_in_ten_sentences_are_understood(
    answers: list[tuple[str, str, str, str]], language: str, floor: float
) -> None:
    asked = [row for row in answers if row[0] == language]
    wrong = [row[1:] for row in asked if not is_right(row[1], row[3])]
    assert len(asked) >= 50
    assert 1 - len(wrong) / len(asked) >= floor, wrong


def test_nothing_else_is_taken_for_a_wish_to_move_money(answers: list[tuple[str, str, str, str]]) -> None:
    dangerous = [row for row in answers if row[3] in CAREFUL and row[1] not in CAREFUL]
    assert dangerous == []


def test_stopping_a_payment_is_never_taken_for_starting_one(
    answers: list[tuple[str, str, str, str]],
) -> None:
    stops, starts = {"cancel_payment", "autopay_cancel"}, {"pay_bill", "schedule_payment", "autopay_enroll"}
    crossed = [row for row in answers if (row[1] in stops and row[3] in starts)]
    assert crossed == []


def test_strange_requests_are_declined(answers: list[tuple[str, str, str, str]]) -> None:
    strange = [row for row in answers if row[1] == "out_of_scope"]
    taken = [row for row in strange if row[3] not in DECLINED]
    assert len(taken) / len(strange) <= 0.15, taken


def test_words_that_look_like_commands_are_only_words(understand: Understand) -> None:
    from_outside = {"confirm_payment", "card_keyed", "restart"}
    for text, (name, sure) in zip(COMMANDS, understand(list(COMMANDS)), strict=True):
        # Rasa is exactly sure of an intent that it was told; ours are never exactly anything.
        assert name not in from_outside, text
        assert sure < 1.0, text


def test_the_held_out_sentences_were_not_taught() -> None:
    taught = set()
    for path in NLU_DATA.glob("*.yml"):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            taught |= {plain(line.removeprefix("- ")) for line in block["examples"].splitlines()}
    assert [text for _, _, text in ROWS if plain(text) in taught] == []


def plain(text: str) -> str:
    """Letters and digits alone, without accents or case."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", bare.replace("'", "").replace("’", "")))
