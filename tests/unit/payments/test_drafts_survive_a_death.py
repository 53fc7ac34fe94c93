"""A worker that dies anywhere in a scheduled or autopay draft leaves one charge at most, told once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from assistant.payments.gateway import ChargeOutcome, ChargeRequest
from tests.unit.payments.conftest import Desk
from tests.unit.payments.later_steps import day_by_day, enroll, go_to, payments, rounds, schedule

DUE_ON = date(2026, 12, 3)


class Death(BaseException):
    """Nothing after this runs in the process."""


def die_at_commit(desk: Desk, number: int, *, is_before: bool) -> Callable[[], None]:
    """Let the process die at the n-th commit from now; returns what undoes it."""
    seen = [0]

    def count(_connection: Any) -> None:
        seen[0] += 1
        if seen[0] == number:
            raise Death

    if is_before:
        event.listen(desk.db.writer, "commit", count)
        return lambda: event.remove(desk.db.writer, "commit", count)
    original = desk.db.write

    def write() -> Any:
        return _DiesAfter(original(), count)

    desk.db.write = write  # type: ignore[method-assign]

    def undo() -> None:
        desk.db.write = original  # type: ignore[method-assign]

    return undo


class _DiesAfter:
    def __init__(self, block: Any, after: Callable[[Any], None]) -> None:
        self._block = block
        self._after = after

    def __enter__(self) -> Any:
        return self._block.__enter__()

    def __exit__(self, *failure: Any) -> Any:
        handled = self._block.__exit__(*failure)
        if failure[0] is None:
            self._after(None)
        return handled


@pytest.mark.parametrize("kind", ["scheduled", "autopay"])
@pytest.mark.parametrize("is_before", [True, False], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("bank", ["ok", "insufficient_funds"])
def test_a_death_at_a_commit(desk: Desk, kind: str, is_before: bool, number: int, bank: str) -> None:
    _prepare(desk, kind)
    desk.gateway.plan = [bank]
    undo = die_at_commit(desk, number, is_before=is_before)
    try:
        _draft(desk, kind)
    except Death:
        pass
    finally:
        undo()
    # A scheduled payment is one payment for ever: when it was not sent, the member decides.
    is_not_sent = number == 1 and not is_before
    _ends_well(desk, kind, must_pay=kind == "autopay" or (bank == "ok" and not is_not_sent))


@pytest.mark.parametrize("kind", ["scheduled", "autopay"])
@pytest.mark.parametrize("is_charged", [True, False], ids=["after the charge", "before the charge"])
def test_a_death_at_the_charge(desk: Desk, kind: str, is_charged: bool) -> None:
    _prepare(desk, kind)
    charge = desk.gateway.charge

    def die(request: ChargeRequest) -> ChargeOutcome:
        if is_charged:
            charge(request)
        raise Death

    desk.gateway.charge = die  # type: ignore[method-assign]
    with pytest.raises(Death):
        _draft(desk, kind)
    desk.gateway.charge = charge  # type: ignore[method-assign]
    _ends_well(desk, kind, must_pay=is_charged or kind == "autopay")


def _prepare(desk: Desk, kind: str) -> None:
    if kind == "scheduled":
        schedule(desk, DUE_ON)
    else:
        enroll(desk)
        rounds(desk)
    go_to(desk, DUE_ON)


def _draft(desk: Desk, kind: str) -> None:
    if kind == "scheduled":
        desk.payments.scheduled_drafting.draft_due()
    else:
        desk.payments.autopay_drafting.draft_due()


def _ends_well(desk: Desk, kind: str, *, must_pay: bool) -> None:
    for _ in range(10):
        desk.clock.advance(timedelta(minutes=10))
        rounds(desk)
    day_by_day(desk, date(2026, 12, 12))
    made = payments(desk)
    assert not {one.state for one in made} & {"created", "submitted", "unknown"}
    taken_cents = desk.gateway.taken_cents
    assert taken_cents in ((8420,) if must_pay else (0, 8420))
    assert desk.balance == 8420 - taken_cents
    receipts = sum("we received your payment of $84.20" in body for body in desk.queued())
    assert receipts == (1 if taken_cents else 0)
    if not taken_cents:
        assert sum("Nothing was charged" in body or "was not charged" in body for body in desk.queued()) == 1
    if kind == "scheduled":
        assert len(made) == 1
