"""The dunning table: short funds wait, dead cards do not, the backup comes once, and it always ends."""

from __future__ import annotations

from typing import get_args

import pytest

from assistant.payments.declines import DeclineGroup
from assistant.payments.dunning import DUNNING, Reason, Step, next_step


@pytest.mark.parametrize(
    ("reason", "try_count", "was_backup", "has_backup", "step"),
    [
        ("funds", 1, False, True, Step("retry", 3)),
        ("funds", 2, False, True, Step("backup")),
        ("funds", 2, False, False, Step("stop")),
        ("funds", 3, True, False, Step("stop")),
        ("lost_stolen", 1, False, True, Step("backup")),
        ("lost_stolen", 1, False, False, Step("stop")),
        ("expired", 1, False, False, Step("stop")),
        ("general", 1, False, False, Step("retry", 1)),
        ("not_charged", 2, False, False, Step("retry", 1)),
    ],
)
def test_what_follows(reason: Reason, try_count: int, was_backup: bool, has_backup: bool, step: Step) -> None:
    assert next_step(reason, try_count=try_count, was_backup=was_backup, has_backup=has_backup) == step


def test_every_reason_of_a_decline_has_a_course() -> None:
    assert set(DUNNING) == {*get_args(DeclineGroup), "not_charged"}


@pytest.mark.parametrize("reason", sorted(DUNNING))
def test_every_course_ends_after_a_few_tries(reason: Reason) -> None:
    was_backup, tries = False, 0
    while True:
        tries += 1
        step = next_step(reason, try_count=tries, was_backup=was_backup, has_backup=not was_backup)
        if step.kind == "stop":
            break
        was_backup = step.kind == "backup"
        assert step.after_days >= (0 if was_backup else 1)
    assert tries <= 5
