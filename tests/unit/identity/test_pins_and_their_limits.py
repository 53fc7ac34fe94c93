"""Five wrong PINs make a pause, ten need a person or a new enrollment, and no trick gains a try."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from assistant.audit import AuditEvent
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import AccountNotChosen, NotVerified, Refusal
from assistant.identity.models import AccountSecret
from assistant.identity.service import Identity
from assistant.settings import Settings
from tests.factories import CHEAP_HASHER, Factory, MadeAccount
from tests.unit.identity.conftest import Sent

STRANGER = "+17065550199"


def try_pin(identity: Identity, session_id: str, phone: str, pin: str) -> tuple[str, object]:
    """`("ok", None)`, or the refusal's code with the one fact it carries."""
    try:
        identity.check_pin(session_id, phone, pin)
    except Refusal as refusal:
        return refusal.code, next(iter(refusal.params.values()), None)
    return "ok", None


@pytest.fixture
def session(identity: Identity, ada: MadeAccount) -> str:
    identity.recognize_by_phone("s1", ada.phone)
    return "s1"


def test_the_right_pin_verifies_a_recognized_session(
    identity: Identity, ada: MadeAccount, session: str
) -> None:
    found = identity.check_pin(session, ada.phone, ada.pin)
    assert (found.level, found.account_id, found.role) == ("verified", ada.id, "member")
    assert identity.require(session, "verified") == found


def test_a_pin_cannot_be_tried_on_an_account_that_is_only_claimed(
    identity: Identity, ada: MadeAccount
) -> None:
    for session_id, number in [("s1", ada.account_number), ("s2", "1999999999")]:
        identity.claim(session_id, number)
        with pytest.raises(NotVerified) as refused:
            identity.check_pin(session_id, STRANGER, ada.pin)
        assert refused.value.params == {"needed": "recognized"}
    with pytest.raises(AccountNotChosen):
        identity.check_pin("s3", STRANGER, ada.pin)


def test_an_account_without_a_pin_says_so_and_counts_nothing(identity: Identity, factory: Factory) -> None:
    made = factory.account(pin="")
    identity.recognize_by_phone("s1", made.phone)
    assert {try_pin(identity, "s1", made.phone, "4821") for _ in range(7)} == {("pin_not_set", None)}


def test_the_fifth_wrong_pin_begins_a_pause_of_fifteen_minutes(
    identity: Identity, ada: MadeAccount, session: str, clock: FixedClock
) -> None:
    until = clock.now() + timedelta(minutes=15)
    answers = [try_pin(identity, session, ada.phone, "9999") for _ in range(5)]
    assert answers == [
        ("pin_wrong", 4),
        ("pin_wrong", 3),
        ("pin_wrong", 2),
        ("pin_wrong", 1),
        ("identity_locked", until),
    ]
    # In the pause even the right PIN is not looked at.
    assert try_pin(identity, session, ada.phone, ada.pin) == ("identity_locked", until)
    clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    assert try_pin(identity, session, ada.phone, ada.pin) == ("identity_locked", until)
    clock.advance(timedelta(seconds=1))
    assert try_pin(identity, session, ada.phone, ada.pin) == ("ok", None)


def test_the_tenth_wrong_pin_needs_a_person_however_long_one_waits(
    identity: Identity, ada: MadeAccount, session: str, clock: FixedClock
) -> None:
    for _ in range(5):
        try_pin(identity, session, ada.phone, "9999")
    clock.advance(timedelta(minutes=15))
    last = [try_pin(identity, session, ada.phone, "9999")[0] for _ in range(5)]
    assert last == ["pin_wrong"] * 4 + ["identity_agent_needed"]
    clock.advance(timedelta(days=30))
    identity.recognize_by_phone("s2", ada.phone)
    assert try_pin(identity, "s2", ada.phone, ada.pin) == ("identity_agent_needed", None)


def test_a_new_enrollment_ends_the_need_for_a_person(
    identity: Identity, ada: MadeAccount, session: str, clock: FixedClock
) -> None:
    for _ in range(2):
        for _ in range(5):
            try_pin(identity, session, ada.phone, "9999")
        clock.advance(timedelta(minutes=15))
    identity.recognize_by_phone(session, ada.phone)
    assert try_pin(identity, session, ada.phone, ada.pin)[0] == "identity_agent_needed"
    identity.check_enrollment_code(session, ada.phone, ada.enrollment_code)
    identity.choose_pin(session, ada.phone, "7306")
    assert try_pin(identity, session, ada.phone, "7306") == ("ok", None)


def test_the_right_pin_forgets_the_wrong_ones(identity: Identity, ada: MadeAccount, session: str) -> None:
    for _ in range(3):
        for _ in range(4):
            try_pin(identity, session, ada.phone, "9999")
        assert try_pin(identity, session, ada.phone, ada.pin) == ("ok", None)


def test_wrong_pins_count_for_the_account_from_whatever_phone_and_session(
    identity: Identity, ada: MadeAccount
) -> None:
    codes = []
    for call in range(6):
        identity.claim(f"call_{call}", ada.account_number)
        identity.recognize_by_zip(f"call_{call}", f"+1706555019{call}", ada.zip_code)
        codes.append(try_pin(identity, f"call_{call}", f"+1706555019{call}", "9999")[0])
    assert codes == ["pin_wrong"] * 4 + ["identity_locked"] * 2


def test_one_phone_cannot_try_a_pin_on_account_after_account(identity: Identity, factory: Factory) -> None:
    codes = []
    for number in range(22):
        made = factory.account(f"10000001{number:02d}", name=f"Member {number}", phone="")
        identity.claim(f"call_{number}", made.account_number)
        identity.recognize_by_zip(f"call_{number}", STRANGER, made.zip_code)
        codes.append(try_pin(identity, f"call_{number}", STRANGER, "9999")[0])
    assert codes == ["pin_wrong"] * 20 + ["identity_locked"] * 2


def test_a_restart_gives_no_new_tries(
    db: Database, clock: FixedClock, settings: Settings, sent: Sent, ada: MadeAccount
) -> None:
    codes = []
    for start in range(6):
        again = Identity(Database(db.url.render_as_string(hide_password=False)), clock, settings, sent)
        again.recognize_by_phone(f"s{start}", ada.phone)
        codes.append(try_pin(again, f"s{start}", ada.phone, "9999")[0])
        again._parts.db.close()
    assert codes == ["pin_wrong"] * 4 + ["identity_locked"] * 2


class CountingHasher(PasswordHasher):
    """Counts how often a PIN was really looked at; for threads."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.looked = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        with self._lock:
            self.looked += 1
        return super().verify(hash, password)


@pytest.mark.parametrize("replicas", [1, 3])
def test_many_wrong_pins_at_once_are_looked_at_five_times(
    db: Database, clock: FixedClock, settings: Settings, sent: Sent, ada: MadeAccount, replicas: int
) -> None:
    hasher = CountingHasher()
    url = db.url.render_as_string(hide_password=False)
    others = [Database(url) for _ in range(replicas - 1)]
    services = [Identity(each, clock, settings, sent, hasher=hasher) for each in (db, *others)]
    services[0].recognize_by_phone("s1", ada.phone)
    gate = threading.Barrier(24)

    def attack(number: int) -> str:
        gate.wait()
        return try_pin(services[number % replicas], "s1", ada.phone, f"{9000 + number}")[0]

    with ThreadPoolExecutor(24) as pool:
        codes = list(pool.map(attack, range(24)))
    for each in others:
        each.close()
    assert hasher.looked == 5
    assert codes.count("pin_wrong") == 4
    assert codes.count("identity_locked") == 20


def test_a_right_pin_among_many_wrong_ones_gains_them_nothing(
    db: Database, clock: FixedClock, settings: Settings, sent: Sent, ada: MadeAccount
) -> None:
    hasher = CountingHasher()
    identity = Identity(db, clock, settings, sent, hasher=hasher)
    identity.recognize_by_phone("s1", ada.phone)
    gate = threading.Barrier(12)

    def attack(number: int) -> str:
        gate.wait()
        return try_pin(identity, "s1", ada.phone, ada.pin if number == 0 else f"{9000 + number}")[0]

    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(attack, range(12)))
    # The member's success starts the count anew once: at most five before it, itself, and five after it.
    assert hasher.looked <= 11
    assert codes.count("ok") <= 1


def test_a_pin_that_changes_while_it_is_checked_is_not_taken(
    db: Database, clock: FixedClock, settings: Settings, sent: Sent, ada: MadeAccount
) -> None:
    class SlowHasher(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            with db.write() as tx:
                tx.execute(update(AccountSecret).values(pin_hash=CHEAP_HASHER.hash("7306")))
            return super().verify(hash, password)

    identity = Identity(db, clock, settings, sent, hasher=SlowHasher())
    identity.recognize_by_phone("s1", ada.phone)
    assert try_pin(identity, "s1", ada.phone, ada.pin)[0] == "pin_wrong"
    assert identity.current("s1") == identity.require("s1", "recognized")


def test_no_pin_is_looked_at_inside_a_transaction(
    db: Database, clock: FixedClock, settings: Settings, sent: Sent, ada: MadeAccount
) -> None:
    class WritingHasher(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            # SQLite has one writer: this would wait for ever if the caller still held it.
            with db.write() as tx:
                tx.scalar(select(AccountSecret.account_id))
            return super().verify(hash, password)

    identity = Identity(db, clock, settings, sent, hasher=WritingHasher())
    identity.recognize_by_phone("s1", ada.phone)
    assert identity.check_pin("s1", ada.phone, ada.pin).level == "verified"


def test_tries_success_and_lock_are_in_the_audit_trail_without_a_pin(
    db: Database, identity: Identity, ada: MadeAccount, session: str
) -> None:
    for _ in range(5):
        try_pin(identity, session, ada.phone, "9317")
    identity.check_enrollment_code(session, ada.phone, ada.enrollment_code)
    identity.choose_pin(session, ada.phone, "7306")
    try_pin(identity, session, ada.phone, "7306")
    with db.read() as tx:
        events = list(tx.scalars(select(AuditEvent).order_by(AuditEvent.id)))
    actions = [event.action for event in events]
    assert actions.count("pin_tried") == 6
    assert actions.count("pin_wrong") == 4
    assert actions.count("identity_locked") == 1
    assert actions[-5:] == [
        "enrollment_code_tried",
        "enrollment_code_right",
        "pin_chosen",
        "pin_tried",
        "verified",
    ]
    assert {event.account_id for event in events} == {ada.id}
    told = " ".join(str(event.detail) for event in events)
    assert all(secret not in told for secret in ("9317", "7306", ada.pin, ada.enrollment_code))
