"""Members of every temper, on text, keypad and speech, in both languages: their bill gets paid, and rightly.

`PORCHLIGHT_VIRTUAL_MEMBERS=500 uv run pytest -n 0 -s` on this file is the long form; it prints the figures.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
from datetime import timedelta

from tests.dialogs.conftest import World
from tests.dialogs.virtual_members import (
    TEMPERS,
    Goal,
    VirtualMember,
    Visit,
    ask_owed,
    pay_all,
    pay_part,
    reach_person,
)

COUNT = int(os.environ.get("PORCHLIGHT_VIRTUAL_MEMBERS", "48"))
OWED_CENTS = 8420
_WAYS = tuple(itertools.product(TEMPERS, ("text", "keys", "speech"), ("en", "es")))
# Of the payments that are meant, this many are made without a person's help.
_SHARE_PAID = 0.95


def goal_of(chance: random.Random) -> Goal:
    part = pay_part(chance.choice((1500, 5000, 6000, 4000, 3000)))
    return chance.choices((pay_all(OWED_CENTS), part, ask_owed(OWED_CENTS), reach_person()), (4, 4, 1, 1))[0]


def visit_of(world: World, number: int) -> Visit:
    """The visit of member `number`; the number is the seed."""
    chance = random.Random(number)
    temper, by, language = _WAYS[number % len(_WAYS)]
    account = world.factory.account(
        f"{2_000_000_000 + number}",
        name=f"Member {number}",
        phone=f"+1706556{number:04d}",
        language=language,
    )
    world.saved_card(account)
    world.clock.advance(timedelta(minutes=1))
    member = VirtualMember(world, account, goal_of(chance), temper, language, by, chance)
    line = world.thread(account.phone) if by == "text" else world.call(account.phone, f"CA{number}")
    if by != "text" and language == "es":
        line.speak("español")
    return member.visit(line)


def report(visits: list[Visit]) -> str:
    paying = [visit for visit in visits if visit.goal.cents]
    paid = sum(visit.is_reached for visit in paying)
    lines = [
        f"{len(visits)} members: {paid} of {len(paying)} payments made, "
        f"{sum(visit.is_reached for visit in visits)} goals reached, "
        f"median {statistics.median(visit.turns for visit in visits)} turns, "
        f"{sum(visit.met_person and not visit.is_reached for visit in visits)} ended with a person, "
        f"{sum(visit.is_dead_end for visit in visits)} dead ends, "
        f"{sum(bool(visit.wrong_cents) for visit in visits)} wrong amounts"
    ]
    for visit in visits:
        if not visit.is_reached or visit.wrong_cents:
            wish = f"{visit.goal.name} ({visit.goal.cents})"
            lines += [f"-- {wish}, {visit.temper.name}, {visit.by}, {visit.language}", *visit.trace]
    return "\n".join(lines)


def test_members_pay_what_they_mean_and_nobody_is_lost(world: World) -> None:
    visits = [visit_of(world, number) for number in range(COUNT)]
    told = report(visits)
    print(told)  # noqa: T201  the figures of the long form
    assert [visit.wrong_cents for visit in visits if visit.wrong_cents] == [], told
    assert not any(visit.is_dead_end for visit in visits), told
    paying = [visit for visit in visits if visit.goal.cents]
    assert sum(visit.is_reached for visit in paying) >= _SHARE_PAID * len(paying), told
