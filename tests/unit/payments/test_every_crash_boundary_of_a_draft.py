"""A process dies before every commit and vendor call of a scheduled payment and of an autopay draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assistant.db import Database
from assistant.payments.autopay_drafting import AutopayDrafting
from assistant.payments.policy import PaymentPolicy, UnderWay
from assistant.payments.scheduling_models import AutopayDraft
from assistant.payments.taking import Intent, Taking
from tests.crashing import spare_the_disk
from tests.factories import Factory
from tests.unit.payments.conftest import Desk
from tests.unit.payments.one_draft import OneDraft, require_good_draft
from tests.unit.payments.stories import Lab

on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class DraftStory:
    """What is drafted, what FakeGateway plans for the first try, and whether the bill is paid in the end."""

    kind: str
    bank: str
    is_paid: bool
    # The member's yes went well: nobody dies before the draft.
    is_set: bool = False


STORIES = {
    "a scheduled payment is made": DraftStory("scheduled", "ok", True),
    "the answer to a scheduled payment gets lost": DraftStory("scheduled", "taken", True),
    "a scheduled payment gets lost": DraftStory("scheduled", "lost", False),
    "a scheduled payment is declined": DraftStory("scheduled", "insufficient_funds", False),
    "an autopay draft is made": DraftStory("autopay", "ok", True),
    "the answer to an autopay draft gets lost": DraftStory("autopay", "taken", True),
    "an autopay draft gets lost and is tried again": DraftStory("autopay", "lost", True),
    "an autopay draft is declined and tried again": DraftStory("autopay", "insufficient_funds", True),
    "an autopay draft fails": DraftStory("autopay", "expired_card", False),
}
# Every pair of deaths too; and every single one on PostgreSQL.
PAIRS = (
    "the answer to a scheduled payment gets lost",
    "the answer to an autopay draft gets lost",
)


class DraftLab(Lab):
    """The lab of payments, with stories that begin before the member's yes and all at the same time."""

    def __init__(self, desk: Desk, factory: Factory) -> None:
        super().__init__(desk, factory)
        self._starts_at: datetime = desk.clock.now()

    def run(self, story: DraftStory, *deaths: int, **_: Any) -> int:  # type: ignore[override]
        self.desk.clock.advance(self._starts_at - self.desk.clock.now())
        one = OneDraft(self.desk, self.boundaries, next(self._numbers), "sms", kind=story.kind)
        one.prepare(self._factory)
        self.desk.gateway.plan = [story.bank]
        self.boundaries.after_commit = one.note_state
        if story.is_set:
            one.agree()
        with self.boundaries.counted(*deaths):
            one.agree()
            one.recover()
        one.leave()
        # Who dies before the charge may have sent it: it is looked up, and never sent again. Autopay tries
        # again on another day; a scheduled payment is one payment for ever, and the member decides.
        was_unsent = any(place.endswith(" charge") for place in self.boundaries.places)
        may_be_unpaid = story.kind == "scheduled" and story.is_paid and was_unsent
        try:
            require_good_draft(one, is_paid=None if may_be_unpaid else story.is_paid)
        except AssertionError as broken:
            seen = f"deaths {self.boundaries.places}, states {one.states_of}, texts {one.texts()}"
            raise AssertionError(f"{broken} ({seen})") from None
        return len(self.boundaries.passed)


@pytest.fixture
def lab(desk: Desk, factory: Factory, db: Database) -> DraftLab:
    spare_the_disk(db)
    return DraftLab(desk, factory)


@on_sqlite
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_death_anywhere_breaks_no_promise(lab: DraftLab, story: DraftStory) -> None:
    lab.die_once_anywhere(story)  # type: ignore[arg-type]


@on_sqlite
@pytest.mark.parametrize("name", PAIRS)
def test_a_second_death_anywhere_after_the_first_breaks_no_promise(lab: DraftLab, name: str) -> None:
    lab.die_twice_anywhere(replace(STORIES[name], is_set=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("db", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("name", PAIRS)
def test_a_death_anywhere_on_postgresql(lab: DraftLab, name: str) -> None:
    lab.die_once_anywhere(STORIES[name])  # type: ignore[arg-type]


# Planted bugs: each must be found, or the tests above prove nothing.


@on_sqlite
def test_charging_a_draft_before_it_is_committed_is_found(
    lab: DraftLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_intent = Taking.write_intent

    def charge_at_once(self: Taking, *given: Any) -> Intent:
        intent = write_intent(self, *given)
        self._gateway.charge(intent.request)
        return intent

    monkeypatch.setattr(Taking, "write_intent", charge_at_once)
    with pytest.raises(AssertionError, match=r"what was charged is not what was posted|charged twice"):
        lab.die_once_anywhere(STORIES["an autopay draft is made"])  # type: ignore[arg-type]


@on_sqlite
def test_trying_a_draft_again_while_its_try_is_unknown_is_found(
    lab: DraftLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(self: AutopayDrafting, tx: Session, row: AutopayDraft, *_: Any) -> None:
        row.try_count += 1

    monkeypatch.setattr(AutopayDrafting, "_claim", forget)
    monkeypatch.setattr(PaymentPolicy, "under_way", lambda *_: UnderWay(False, 0))
    with pytest.raises(AssertionError, match=r"charged twice|differ|tried at once"):
        lab.die_once_anywhere(STORIES["the answer to an autopay draft gets lost"])  # type: ignore[arg-type]
