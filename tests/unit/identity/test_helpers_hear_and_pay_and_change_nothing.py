"""A member names helpers' phones: they are recognized, told of it, and taken away at once."""

from __future__ import annotations

import pytest

from assistant.errors import IdentityRefused, NotVerified
from assistant.identity.helpers import MOST_HELPERS, as_phone
from assistant.identity.service import Identity
from tests.factories import MadeAccount
from tests.unit.identity.conftest import Sent

HELPER = "+17065550177"


def verify(identity: Identity, ada: MadeAccount, session: str = "session_1") -> None:
    identity.recognize_by_phone(session, ada.phone)
    identity.check_pin(session, ada.phone, ada.pin)


def test_a_named_helper_is_recognized_by_text_and_is_no_member(identity: Identity, ada: MadeAccount) -> None:
    verify(identity, ada)
    named = identity.name_helper("session_1", "706 555 0177")
    assert (named.last_four, len(identity.helpers("session_1"))) == ("0177", 1)
    helper = identity.recognize_by_phone("session_2", HELPER)
    assert (helper.account_id, helper.role) == (ada.id, "helper")
    assert identity.check_pin("session_2", HELPER, ada.pin).role == "helper"
    for attempt in (
        lambda: identity.helpers("session_2"),
        lambda: identity.name_helper("session_2", "7065550178"),
        lambda: identity.choose_pin("session_2", HELPER, "5093"),
    ):
        with pytest.raises(IdentityRefused, match="helper_may_not"):
            attempt()


def test_both_sides_are_told_by_text(identity: Identity, ada: MadeAccount, sent: Sent) -> None:
    verify(identity, ada)
    identity.name_helper("session_1", "7065550177")
    told = {phone: body for phone, body, _ in sent.texts}
    assert set(told) == {HELPER, ada.phone}
    assert "0001" in told[HELPER]
    assert "0177" in told[ada.phone]


def test_who_is_only_recognized_names_nobody(identity: Identity, ada: MadeAccount) -> None:
    identity.recognize_by_phone("session_1", ada.phone)
    with pytest.raises(NotVerified):
        identity.name_helper("session_1", "7065550177")
    with pytest.raises(NotVerified):
        identity.helpers("session_1")


def test_taken_away_access_ends_in_the_running_session_too(identity: Identity, ada: MadeAccount) -> None:
    verify(identity, ada)
    named = identity.name_helper("session_1", "7065550177")
    identity.recognize_by_phone("session_2", HELPER)
    identity.take_helper_away("session_1", named.access_id)
    assert identity.current("session_2") is None
    assert identity.helpers("session_1") == []
    with pytest.raises(IdentityRefused, match="phone_not_enrolled"):
        identity.recognize_by_phone("session_3", HELPER)
    with pytest.raises(IdentityRefused, match="helper_not_found"):
        identity.take_helper_away("session_1", named.access_id)
    assert identity.name_helper("session_1", "7065550177").last_four == "0177"


def test_a_members_own_phone_cannot_be_taken_away_as_a_helpers(identity: Identity, ada: MadeAccount) -> None:
    verify(identity, ada)
    for access_id in range(1, 4):
        with pytest.raises(IdentityRefused, match="helper_not_found"):
            identity.take_helper_away("session_1", access_id)
    assert identity.accounts_of_phone(ada.phone)


def test_the_same_phone_twice_an_own_phone_and_too_many_are_refused(
    identity: Identity, ada: MadeAccount
) -> None:
    verify(identity, ada)
    with pytest.raises(IdentityRefused, match="helper_phone_not_usable"):
        identity.name_helper("session_1", ada.phone)
    for number in range(MOST_HELPERS):
        identity.name_helper("session_1", f"706555020{number}")
    with pytest.raises(IdentityRefused, match="helper_named_already"):
        identity.name_helper("session_1", "7065550200")
    with pytest.raises(IdentityRefused, match="helpers_too_many"):
        identity.name_helper("session_1", "7065550209")


@pytest.mark.parametrize("digits", ["", "706555017", "70655501777", "0065550177", "7061550177", "911"])
def test_what_is_no_phone_number_is_refused(digits: str) -> None:
    with pytest.raises(IdentityRefused, match="helper_phone_not_usable"):
        as_phone(digits)


@pytest.mark.parametrize("written", ["7065550177", "+1 706-555-0177", "(706) 555 0177", "17065550177"])
def test_a_number_is_read_however_it_is_written(written: str) -> None:
    assert as_phone(written) == HELPER
