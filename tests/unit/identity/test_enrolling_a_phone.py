"""Enrolling needs no internet: account number, a code, a PIN; and weak PINs are refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import AccountNotChosen, IdentityRefused, NotVerified, Refusal
from assistant.identity.models import AccountAccess, AccountSecret
from assistant.identity.service import Identity
from assistant.identity.weak_pins import weakness_of
from tests.factories import CHEAP_HASHER, Factory, MadeAccount
from tests.unit.identity.conftest import Sent

NEW_PHONE = "+17065550171"
GOOD_PIN = "7306"


def try_code(identity: Identity, session_id: str, phone: str, code: str) -> tuple[str, object]:
    try:
        identity.check_enrollment_code(session_id, phone, code)
    except Refusal as refusal:
        return refusal.code, next(iter(refusal.params.values()), None)
    return "ok", None


@pytest.fixture
def june(factory: Factory) -> MadeAccount:
    """A member with a paper bill and nothing else on file."""
    return factory.account("1000000005", name="June Park", phone="", pin="", enrollment_code="64820197")


def test_account_number_bill_code_and_a_pin_enroll_a_phone(identity: Identity, june: MadeAccount) -> None:
    identity.claim("s1", june.account_number)
    identity.check_enrollment_code("s1", NEW_PHONE, june.enrollment_code)
    assert identity.current("s1") is None
    found = identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)
    assert (found.level, found.account_id, found.role) == ("verified", june.id, "member")
    assert [choice.account_id for choice in identity.accounts_of_phone(NEW_PHONE)] == [june.id]
    identity.recognize_by_phone("s2", NEW_PHONE)
    assert identity.check_pin("s2", NEW_PHONE, GOOD_PIN).level == "verified"


def test_a_code_to_the_phone_on_file_enrolls_another_phone(
    identity: Identity, factory: Factory, sent: Sent
) -> None:
    ada = factory.account()
    identity.claim("s1", ada.account_number)
    identity.send_code("s1", "text")
    identity.check_code("s1", NEW_PHONE, sent.last_code())
    identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)
    assert identity.recognize_by_phone("s2", NEW_PHONE).account_id == ada.id


def test_the_phones_on_file_are_told_about_a_new_one(
    identity: Identity, factory: Factory, sent: Sent
) -> None:
    ada = factory.account()
    identity.claim("s1", ada.account_number)
    identity.check_enrollment_code("s1", NEW_PHONE, ada.enrollment_code)
    identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)
    assert [(phone, secret) for phone, _, secret in sent.texts] == [(ada.phone, False)]
    assert "a new phone can now use your account ending 0001" in sent.texts[0][1]


def test_a_bill_code_works_once(identity: Identity, june: MadeAccount) -> None:
    identity.claim("s1", june.account_number)
    identity.check_enrollment_code("s1", NEW_PHONE, june.enrollment_code)
    identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)
    identity.claim("s2", june.account_number)
    assert try_code(identity, "s2", "+17065550172", june.enrollment_code)[0] == "enrollment_code_used"
    with pytest.raises(NotVerified):
        identity.choose_pin("s2", "+17065550172", "5208")


def test_two_sessions_with_the_same_bill_code_cannot_both_choose(
    identity: Identity, june: MadeAccount
) -> None:
    for session_id in ("s1", "s2"):
        identity.claim(session_id, june.account_number)
        identity.check_enrollment_code(session_id, NEW_PHONE, june.enrollment_code)

    def choose(session_id: str) -> str:
        try:
            identity.choose_pin(session_id, NEW_PHONE, GOOD_PIN)
        except IdentityRefused as refusal:
            return refusal.code
        return "ok"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(choose, ["s1", "s2"])) == ["enrollment_code_used", "ok"]


def test_a_wrong_code_and_an_unknown_account_are_answered_alike(
    identity: Identity, june: MadeAccount, factory: Factory
) -> None:
    no_code = factory.account("1000000006", name="Earl Tucker", enrollment_code="")
    answers = []
    for session_id, phone, number in [
        ("s1", "+17065550181", june.account_number),
        ("s2", "+17065550182", "1999999999"),
        ("s3", "+17065550183", no_code.account_number),
    ]:
        identity.claim(session_id, number)
        answers.append([try_code(identity, session_id, phone, "11112222") for _ in range(7)])
    assert answers[0] == answers[1] == answers[2]
    assert [code for code, _ in answers[0]] == ["identity_not_matched"] * 4 + ["identity_locked"] * 3


def test_bill_codes_are_limited_per_account_also_at_once(
    identity: Identity, june: MadeAccount, clock: FixedClock
) -> None:
    for index in range(12):
        identity.claim(f"s{index}", june.account_number)
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda n: try_code(identity, f"s{n}", f"+170655501{n:02d}", "11112222")[0], range(12))
        )
    assert answers.count("identity_not_matched") == 4
    assert answers.count("identity_locked") == 8
    assert try_code(identity, "s0", NEW_PHONE, june.enrollment_code)[0] == "identity_locked"
    clock.advance(timedelta(minutes=15))
    assert try_code(identity, "s0", NEW_PHONE, june.enrollment_code)[0] == "ok"


def test_permission_to_choose_a_pin_ends_and_belongs_to_its_account(
    identity: Identity, june: MadeAccount, factory: Factory, clock: FixedClock
) -> None:
    ada = factory.account()
    identity.claim("s1", june.account_number)
    identity.check_enrollment_code("s1", NEW_PHONE, june.enrollment_code)
    identity.claim("s1", ada.account_number)
    with pytest.raises(NotVerified):
        identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)
    identity.claim("s1", june.account_number)
    clock.advance(timedelta(minutes=30))
    with pytest.raises(NotVerified):
        identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)


def test_a_pin_is_chosen_by_nobody_who_proved_nothing(identity: Identity, factory: Factory) -> None:
    ada = factory.account()
    with pytest.raises(AccountNotChosen):
        identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)
    identity.recognize_by_phone("s1", ada.phone)
    with pytest.raises(NotVerified) as refused:
        identity.choose_pin("s1", ada.phone, GOOD_PIN)
    assert refused.value.params == {"needed": "verified"}


def test_a_verified_member_can_change_the_pin_without_enrolling_the_phone_at_hand(
    identity: Identity, factory: Factory, sent: Sent
) -> None:
    ada = factory.account()
    identity.claim("call", ada.account_number)
    identity.recognize_by_zip("call", NEW_PHONE, ada.zip_code)
    identity.check_pin("call", NEW_PHONE, ada.pin)
    identity.choose_pin("call", NEW_PHONE, GOOD_PIN)
    assert identity.accounts_of_phone(NEW_PHONE) == []
    assert sent.texts == []
    identity.recognize_by_phone("s2", ada.phone)
    assert identity.check_pin("s2", ada.phone, GOOD_PIN).level == "verified"


def test_a_new_pin_ends_what_others_had_proved_for_the_account(identity: Identity, factory: Factory) -> None:
    ada = factory.account()
    identity.recognize_by_phone("thief", ada.phone)
    identity.check_pin("thief", ada.phone, ada.pin)
    identity.claim("s1", ada.account_number)
    identity.check_enrollment_code("s1", NEW_PHONE, ada.enrollment_code)
    identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)
    assert identity.current("thief") is None
    assert identity.require("s1", "verified").account_id == ada.id


def test_a_withheld_number_is_not_enrolled(db: Database, identity: Identity, june: MadeAccount) -> None:
    identity.claim("call", june.account_number)
    identity.check_enrollment_code("call", "+266696687", june.enrollment_code)
    assert identity.choose_pin("call", "+266696687", GOOD_PIN).level == "verified"
    with db.read() as tx:
        assert tx.scalars(select(AccountAccess)).all() == []


def test_a_weak_pin_changes_nothing_and_the_next_may_be_tried(
    db: Database, identity: Identity, june: MadeAccount
) -> None:
    identity.claim("s1", june.account_number)
    identity.check_enrollment_code("s1", NEW_PHONE, june.enrollment_code)
    for pin, reason in [("1234", "run"), ("0005", "own_number"), ("0171", "own_number"), ("123", "length")]:
        with pytest.raises(IdentityRefused) as refused:
            identity.choose_pin("s1", NEW_PHONE, pin)
        assert (refused.value.code, refused.value.params) == ("pin_weak", {"reason": reason})
    with db.read() as tx:
        assert tx.scalar(select(AccountSecret.pin_hash)) is None
    assert identity.choose_pin("s1", NEW_PHONE, GOOD_PIN).level == "verified"


def test_the_pin_is_kept_as_an_argon2_hash(db: Database, identity: Identity, june: MadeAccount) -> None:
    identity.claim("s1", june.account_number)
    identity.check_enrollment_code("s1", NEW_PHONE, june.enrollment_code)
    identity.choose_pin("s1", NEW_PHONE, GOOD_PIN)
    with db.read() as tx:
        secret = tx.scalars(select(AccountSecret)).one()
    assert secret.pin_hash is not None
    assert secret.pin_hash.startswith("$argon2id$")
    assert CHEAP_HASHER.verify(secret.pin_hash, GOOD_PIN)


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("7777", "repeats"),
        ("1212", "repeats"),
        ("1122", "repeats"),
        ("9339", "repeats"),
        ("1234", "run"),
        ("7890", "run"),
        ("4321", "run"),
        ("1098", "run"),
        ("2580", "keypad"),
        ("1987", "year"),
        ("2026", "year"),
        ("5501", "own_number"),
        ("0601", "own_number"),
        ("482", "length"),
        ("48211", "length"),
        ("48a1", "length"),
        ("٤٨٢١", "length"),
        ("", "length"),
    ],
)
def test_pins_that_many_people_would_guess_are_refused(pin: str, reason: str) -> None:
    numbers = ("1000000001", "30601", "+17065550111")
    assert weakness_of(pin, length=4, own_numbers=numbers, today=date(2026, 11, 23)) == reason


@pytest.mark.parametrize("pin", ["4821", "3957", "6194", "9046", "4244", "1587", "2749", "8808"])
def test_most_pins_are_good(pin: str) -> None:
    numbers = ("1000000001", "30601", "+17065550111")
    assert weakness_of(pin, length=4, own_numbers=numbers, today=date(2026, 11, 23)) == ""


def test_longer_pins_are_judged_by_the_same_rules() -> None:
    def judge(pin: str) -> str:
        return weakness_of(pin, length=6, own_numbers=("1000482915",), today=date(2026, 11, 23))

    assert [judge(pin) for pin in ("123123", "121212", "234567", "482915", "739204")] == [
        "repeats",
        "repeats",
        "run",
        "own_number",
        "",
    ]


def test_at_least_nine_of_ten_pins_can_be_chosen() -> None:
    numbers = ("1000000001", "30601", "+17065550111")
    good = [
        pin
        for pin in (f"{number:04d}" for number in range(10_000))
        if not weakness_of(pin, length=4, own_numbers=numbers, today=date(2026, 11, 23))
    ]
    assert len(good) >= 9_000
