"""Reminders, receipts, quiet hours and paper are set by the member, and by nobody else."""

from __future__ import annotations

from datetime import time

import pytest

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import IdentityRefused, NotVerified
from assistant.handoff.service import Handoff
from assistant.identity.preferences import MemberPreferences
from assistant.identity.service import Identity
from assistant.notifications.preferences import ContactPreferences, Preferences
from assistant.settings import Settings
from tests.factories import MadeAccount

HELPER = "+17065550177"


@pytest.fixture
def handoff(db: Database, clock: FixedClock, settings: Settings) -> Handoff:
    return Handoff(db, clock, settings)


@pytest.fixture
def preferences(
    db: Database, clock: FixedClock, settings: Settings, identity: Identity, handoff: Handoff
) -> MemberPreferences:
    contacts = ContactPreferences(clock, settings)
    return MemberPreferences(db, clock, identity=identity, contacts=contacts, handoff=handoff)


def verify(identity: Identity, account: MadeAccount, session: str = "session_1") -> None:
    identity.recognize_by_phone(session, account.phone)
    identity.check_pin(session, account.phone, account.pin)


def test_without_a_choice_the_co_ops_own_settings_hold(
    preferences: MemberPreferences, identity: Identity, ada: MadeAccount
) -> None:
    verify(identity, ada)
    assert preferences.of("session_1") == Preferences(3, True, time(20), time(9), False)


def test_each_choice_is_kept_and_leaves_the_others(
    preferences: MemberPreferences, identity: Identity, ada: MadeAccount
) -> None:
    verify(identity, ada)
    preferences.set_reminder("session_1", 5)
    preferences.set_receipts("session_1", has_receipts=False)
    preferences.set_quiet_hours("session_1", time(18), time(10))
    preferences.set_paperless("session_1", is_paperless=True)
    assert preferences.of("session_1") == Preferences(5, False, time(18), time(10), True)
    assert preferences.set_reminder("session_1", 0).reminder_days == 0


def test_too_many_days_are_refused(
    preferences: MemberPreferences, identity: Identity, ada: MadeAccount
) -> None:
    verify(identity, ada)
    with pytest.raises(IdentityRefused, match="reminder_days_not_possible"):
        preferences.set_reminder("session_1", 15)


def test_only_a_verified_member_changes_them(
    preferences: MemberPreferences, identity: Identity, ada: MadeAccount
) -> None:
    identity.recognize_by_phone("session_1", ada.phone)
    with pytest.raises(NotVerified):
        preferences.set_paperless("session_1", is_paperless=True)
    identity.check_pin("session_1", ada.phone, ada.pin)
    identity.name_helper("session_1", HELPER)
    identity.recognize_by_phone("session_2", HELPER)
    identity.check_pin("session_2", HELPER, ada.pin)
    with pytest.raises(IdentityRefused, match="helper_may_not"):
        preferences.set_reminder("session_2", 1)


def test_going_paperless_tells_the_office_once(
    preferences: MemberPreferences, identity: Identity, ada: MadeAccount, handoff: Handoff
) -> None:
    verify(identity, ada)
    for _ in range(2):
        preferences.set_paperless("session_1", is_paperless=True)
    assert [each.topic for each in handoff.open_requests()] == ["paperless"]


def test_going_back_to_paper_in_the_same_session_tells_the_office_what_holds_now(
    preferences: MemberPreferences, identity: Identity, ada: MadeAccount, handoff: Handoff
) -> None:
    verify(identity, ada)
    preferences.set_paperless("session_1", is_paperless=True)
    preferences.set_paperless("session_1", is_paperless=False)
    assert [each.summary for each in handoff.open_requests()] == ["Print and post the bills again."]


@pytest.mark.parametrize(
    ("local", "is_quiet"), [(time(20), True), (time(3), True), (time(9), False), (time(19, 59), False)]
)
def test_quiet_hours_pass_midnight(local: time, is_quiet: bool) -> None:
    assert Preferences(3, True, time(20), time(9), False).is_quiet_at(local) is is_quiet


def test_quiet_hours_within_a_day() -> None:
    at_work = Preferences(3, True, time(9), time(17), False)
    assert at_work.is_quiet_at(time(12))
    assert not at_work.is_quiet_at(time(17))
