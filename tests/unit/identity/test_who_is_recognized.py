"""Recognized: a text from an enrolled phone, an account number with its ZIP, or a phone that we rang."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from assistant.audit import AuditEvent
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import AccountNotChosen, IdentityRefused, NotVerified
from assistant.identity.models import AccountAccess, IdentityClaim
from assistant.identity.service import Identity, Verification
from tests.factories import Factory, MadeAccount

STRANGER = "+17065550199"


Answer = tuple[str, dict[str, object]]


def refusal_of(identity: Identity, session_id: str, phone: str, zip_code: str) -> Answer:
    with pytest.raises(IdentityRefused) as refused:
        identity.recognize_by_zip(session_id, phone, zip_code)
    return refused.value.code, refused.value.params


def test_a_text_from_the_only_enrolled_phone_is_recognized(identity: Identity, ada: MadeAccount) -> None:
    found = identity.recognize_by_phone("s1", ada.phone)
    assert (found.account_id, found.level, found.role, found.phone) == (
        ada.id,
        "recognized",
        "member",
        ada.phone,
    )
    assert identity.current("s1") == found
    assert identity.require("s1", "recognized") == found


def test_recognized_is_not_enough_where_verified_is_asked(identity: Identity, ada: MadeAccount) -> None:
    identity.recognize_by_phone("s1", ada.phone)
    with pytest.raises(NotVerified) as refused:
        identity.require("s1", "verified")
    assert refused.value.params == {"needed": "verified"}


def test_nobody_is_anybody_without_a_proof(identity: Identity, ada: MadeAccount) -> None:
    identity.claim("s1", ada.account_number)
    assert identity.current("s1") is None
    with pytest.raises(NotVerified):
        identity.require("s1", "recognized")


def test_a_phone_that_is_not_enrolled_is_not_recognized(identity: Identity, ada: MadeAccount) -> None:
    with pytest.raises(IdentityRefused) as refused:
        identity.recognize_by_phone("s1", STRANGER)
    assert refused.value.code == "phone_not_enrolled"
    assert identity.current("s1") is None


def test_claiming_somebody_elses_account_by_text_is_answered_like_an_unknown_one(
    identity: Identity, ada: MadeAccount, factory: Factory
) -> None:
    factory.account("1000000002", name="Walter Briggs", phone="+17065550112")
    answers = []
    for session_id, number in [("s1", "1000000002"), ("s2", "1999999999")]:
        identity.claim(session_id, number)
        with pytest.raises(IdentityRefused) as refused:
            identity.recognize_by_phone(session_id, ada.phone)
        answers.append((refused.value.code, refused.value.params))
    assert answers == [("phone_not_enrolled", {})] * 2


def test_with_several_accounts_one_has_to_be_picked(identity: Identity, factory: Factory) -> None:
    farm = factory.account(nickname="Farm")
    shop = factory.account("1000000002", nickname="Shop")
    choices = identity.accounts_of_phone(farm.phone)
    assert [(c.account_id, c.last_four, c.nickname, c.role) for c in choices] == [
        (farm.id, "0001", "Farm", "member"),
        (shop.id, "0002", "Shop", "member"),
    ]
    with pytest.raises(AccountNotChosen):
        identity.recognize_by_phone("s1", farm.phone)
    identity.claim_account("s1", shop.id)
    assert identity.recognize_by_phone("s1", farm.phone).account_id == shop.id


def test_a_verification_counts_for_its_own_account_only(identity: Identity, factory: Factory) -> None:
    farm = factory.account(nickname="Farm")
    shop = factory.account("1000000002", nickname="Shop")
    identity.claim_account("s1", farm.id)
    identity.recognize_by_phone("s1", farm.phone)
    identity.check_pin("s1", farm.phone, farm.pin)
    identity.claim_account("s1", shop.id)
    assert identity.current("s1") is None
    identity.claim_account("s1", farm.id)
    assert identity.require("s1", "verified").account_id == farm.id


def test_a_caller_is_recognized_by_number_and_zip(identity: Identity, ada: MadeAccount) -> None:
    identity.claim("call", ada.account_number)
    found = identity.recognize_by_zip("call", STRANGER, ada.zip_code)
    assert (found.level, found.account_id, found.phone) == ("recognized", ada.id, STRANGER)


def test_zip_without_an_account_number_asks_for_one(identity: Identity) -> None:
    with pytest.raises(AccountNotChosen):
        identity.recognize_by_zip("call", STRANGER, "30601")


def test_a_wrong_zip_and_an_unknown_account_get_the_same_answers_all_the_way(
    identity: Identity, ada: MadeAccount
) -> None:
    answers: dict[str, list[Answer]] = {}
    for session_id, phone, number in [
        ("call_1", "+17065550191", ada.account_number),
        ("call_2", "+17065550192", "1999999999"),
    ]:
        identity.claim(session_id, number)
        answers[session_id] = [refusal_of(identity, session_id, phone, "99999") for _ in range(8)]
    assert answers["call_1"] == answers["call_2"]
    codes = [code for code, _ in answers["call_1"]]
    assert codes == ["identity_not_matched"] * 5 + ["identity_locked"] * 3


def test_trying_new_numbers_is_limited_per_call(identity: Identity, ada: MadeAccount) -> None:
    for number in range(10):
        identity.claim("call", f"19999999{number:02d}")
    with pytest.raises(IdentityRefused) as refused:
        identity.claim("call", ada.account_number)
    assert refused.value.code == "identity_locked"
    # The refused number was not taken as the claim.
    assert refusal_of(identity, "call", STRANGER, ada.zip_code)[0] == "identity_not_matched"


def test_trying_zips_from_one_phone_is_limited_over_many_calls(
    identity: Identity, ada: MadeAccount, clock: FixedClock
) -> None:
    for call in range(20):
        identity.claim(f"call_{call}", ada.account_number)
        assert refusal_of(identity, f"call_{call}", STRANGER, "00000")[0] == "identity_not_matched"
    identity.claim("call_20", ada.account_number)
    code, params = refusal_of(identity, "call_20", STRANGER, ada.zip_code)
    assert (code, params) == ("identity_locked", {"until": clock.now() + timedelta(hours=1)})
    # The neighbour's phone is not held back, and the hour ends.
    assert identity.recognize_by_zip("call_20", ada.phone, ada.zip_code).level == "recognized"
    clock.advance(timedelta(hours=1))
    assert identity.recognize_by_zip("call_20", STRANGER, ada.zip_code).level == "recognized"


def test_callers_with_a_withheld_number_share_a_wider_limit(identity: Identity, ada: MadeAccount) -> None:
    withheld = ["anonymous", "", "+266696687", "Restricted"]
    refused = 0
    for call in range(120):
        identity.claim(f"call_{call}", ada.account_number)
        if refusal_of(identity, f"call_{call}", withheld[call % 4], "00000")[0] == "identity_locked":
            refused += 1
    assert refused == 20


def test_being_right_costs_no_tries(identity: Identity, ada: MadeAccount) -> None:
    for call in range(30):
        identity.claim(f"call_{call}", ada.account_number)
        assert identity.recognize_by_zip(f"call_{call}", STRANGER, ada.zip_code).level == "recognized"


def test_a_call_we_placed_to_the_phone_on_file_is_recognized(identity: Identity, ada: MadeAccount) -> None:
    assert identity.recognize_by_callback("call", ada.phone, ada.id).level == "recognized"
    with pytest.raises(IdentityRefused) as refused:
        identity.recognize_by_callback("call_2", STRANGER, ada.id)
    assert refused.value.code == "phone_not_enrolled"


def test_a_helper_is_known_as_one_on_every_level(identity: Identity, factory: Factory) -> None:
    made = factory.account(role="helper")
    assert identity.recognize_by_phone("s1", made.phone).role == "helper"
    assert identity.check_pin("s1", made.phone, made.pin).role == "helper"
    assert identity.require("s1", "verified").role == "helper"


def test_taking_a_phone_away_ends_what_it_was_recognized_for(
    db: Database, identity: Identity, ada: MadeAccount, clock: FixedClock
) -> None:
    identity.recognize_by_phone("s1", ada.phone)
    identity.check_pin("s1", ada.phone, ada.pin)
    clock.advance(timedelta(minutes=1))
    with db.write() as tx:
        tx.execute(update(AccountAccess).values(revoked_at=clock.now()))
    assert identity.current("s1") is None
    assert identity.accounts_of_phone(ada.phone) == []


def test_a_verification_ends_after_its_minutes(
    identity: Identity, ada: MadeAccount, clock: FixedClock
) -> None:
    identity.recognize_by_phone("s1", ada.phone)
    clock.advance(timedelta(minutes=29))
    identity.check_pin("s1", ada.phone, ada.pin)
    clock.advance(timedelta(minutes=29))
    assert identity.require("s1", "verified").account_id == ada.id
    clock.advance(timedelta(minutes=1))
    assert identity.current("s1") is None


def test_forgetting_ends_everything_but_the_count_of_tries(identity: Identity, ada: MadeAccount) -> None:
    identity.recognize_by_phone("s1", ada.phone)
    identity.check_pin("s1", ada.phone, ada.pin)
    identity.forget("s1")
    assert identity.current("s1") is None
    identity.recognize_by_phone("s1", ada.phone)
    assert identity.require("s1", "recognized").level == "recognized"
    with pytest.raises(NotVerified):
        identity.require("s1", "verified")


def test_only_identity_can_make_a_verification(identity: Identity, ada: MadeAccount) -> None:
    with pytest.raises(TypeError, match="only identity"):
        Verification("s1", ada.id, "verified", "member", ada.phone)
    with pytest.raises(TypeError, match="only identity"):
        Verification("s1", ada.id, "verified", "member", ada.phone, object())
    real = identity.recognize_by_phone("s1", ada.phone)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(real, level="verified")
    with pytest.raises(dataclasses.FrozenInstanceError):
        real.level = "verified"  # type: ignore[misc]


def test_what_is_not_an_account_number_is_not_kept(db: Database, identity: Identity) -> None:
    for typed in ["4821", "10000000011", "not a number", ""]:
        identity.claim("s1", typed)
        with db.read() as tx:
            assert tx.scalar(select(IdentityClaim.account_number)) == ""


def test_every_try_leaves_an_audit_event_without_the_proof(
    db: Database, identity: Identity, ada: MadeAccount
) -> None:
    identity.claim("call", ada.account_number)
    refusal_of(identity, "call", STRANGER, "99887")
    identity.recognize_by_zip("call", STRANGER, ada.zip_code)
    with db.read() as tx:
        events = list(tx.scalars(select(AuditEvent).order_by(AuditEvent.id)))
    assert [event.action for event in events] == ["zip_wrong", "zip_right", "recognized"]
    assert all("99887" not in str(event.detail) and "30601" not in str(event.detail) for event in events)
