"""What follows a declined autopay draft: a table, by the reason of the decline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.payments.declines import DeclineGroup

# `not_charged`: the charge never reached the processor; the card is not to blame.
Reason = DeclineGroup | Literal["not_charged"]


@dataclass(frozen=True)
class Course:
    """`retry_after_days`: how long to wait before each further try with the same method. Then the backup
    method is used, once and at once, if there is one; then the member is told that we stop."""

    retry_after_days: tuple[int, ...] = ()
    uses_backup: bool = True


DUNNING: dict[Reason, Course] = {
    "funds": Course(retry_after_days=(3,)),
    "general": Course(retry_after_days=(1,)),
    "not_charged": Course(retry_after_days=(1, 1)),
    # The same method would only be declined again.
    "expired": Course(),
    "details": Course(),
    "authentication": Course(),
    "lost_stolen": Course(),
}


@dataclass(frozen=True)
class Step:
    """What to do next. `after_days` counts from today and is 0 for the backup method."""

    kind: Literal["retry", "backup", "stop"]
    after_days: int = 0


def next_step(reason: Reason, *, try_count: int, was_backup: bool, has_backup: bool) -> Step:
    """The step after a try that failed for `reason`: the `try_count`-th, from 1, of the draft to fail so.

    Declines are counted together, whatever the bank's reasons.
    """
    course = DUNNING[reason]
    if was_backup:
        return Step("stop")
    if try_count <= len(course.retry_after_days):
        return Step("retry", course.retry_after_days[try_count - 1])
    if course.uses_backup and has_backup:
        return Step("backup")
    return Step("stop")
