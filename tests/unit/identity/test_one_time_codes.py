"""One-time codes go to the phone on file, live ten minutes, work once, and tell a stranger nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from assistant.clock import FixedClock
from assistant.db import Base, Database
from assistant.errors import AccountNotChosen, IdentityRefused, NotVerified, Refusal
from assistant.identity.models import OneTimeCode
from assistant.identity.service import Identity
from tests.factories import Factory, MadeAccount
from tests.unit.identity.conftest import Sent

STRANGER = "+17065550199"


def try_code(identity: Identity, session_id: str, phone: str, code: str) -> tuple[str, object]:
    try:
        identity.check_code(session_id, phone, code)
    except Refusal as refusal:
        return refusal.code, next(iter(refusal.params.values()), None)
    return "ok", None


def wrong(code: str) -> str:
    return f"{(int(code) - 100_000 + 1) % 900_000 + 100_000}"


@pytest.fixture
def session(identity: Identity, ada: MadeAccount) -> str:
    identity.claim("s1", ada.account_number)
    return "s1"


def test_the_code_goes_to_the_phone_on_file_and_verifies(
    identity: Identity, ada: MadeAccount, session: str, sent: Sent
) -> None:
    assert identity.send_code(session, "text") == "11"
    phone, body, holds_secret = sent.texts[-1]
    assert (phone, holds_secret) == (ada.phone, True)
    assert body.startswith("Lantern Valley Electric: your code is ")
    assert len(sent.last_code()) == 6
    found = identity.check_code(session, STRANGER, sent.last_code())
    assert (found.level, found.account_id, found.phone) == ("verified", ada.id, STRANGER)


def test_a_spanish_speaking_member_gets_the_words_in_spanish(
    identity: Identity, factory: Factory, sent: Sent
) -> None:
    made = factory.account(language="es")
    identity.claim("s1", made.account_number)
    identity.send_code("s1", "text")
    assert "su código es" in sent.texts[-1][1]


def test_a_code_works_once(identity: Identity, session: str, sent: Sent) -> None:
    identity.send_code(session, "text")
    code = sent.last_code()
    assert try_code(identity, session, STRANGER, code) == ("ok", None)
    assert try_code(identity, session, STRANGER, code) == ("code_expired", None)


def test_a_right_code_sent_ten_times_at_once_verifies_once(
    identity: Identity, session: str, sent: Sent
) -> None:
    identity.send_code(session, "text")
    code = sent.last_code()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: try_code(identity, session, STRANGER, code)[0], range(10)))
    assert answers.count("ok") == 1
    assert set(answers) == {"ok", "code_expired"}


def test_a_code_has_five_tries_also_when_they_come_at_once(
    identity: Identity, session: str, sent: Sent
) -> None:
    identity.send_code(session, "text")
    code = sent.last_code()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: try_code(identity, session, STRANGER, wrong(code)), range(10)))
    assert sorted(left for answer, left in answers if answer == "code_wrong") == [0, 1, 2, 3, 4]  # type: ignore[type-var]
    assert try_code(identity, session, STRANGER, code) == ("code_expired", None)


def test_a_code_ends_after_ten_minutes(
    identity: Identity, session: str, sent: Sent, clock: FixedClock
) -> None:
    identity.send_code(session, "text")
    clock.advance(timedelta(minutes=10))
    assert try_code(identity, session, STRANGER, sent.last_code()) == ("code_expired", None)


def test_a_new_code_ends_the_old_one(identity: Identity, session: str, sent: Sent) -> None:
    identity.send_code(session, "text")
    old = sent.last_code()
    identity.send_code(session, "text")
    assert old != sent.last_code()
    assert try_code(identity, session, STRANGER, old)[0] == "code_wrong"
    assert try_code(identity, session, STRANGER, sent.last_code())[0] == "ok"


def test_a_code_belongs_to_the_session_and_account_that_asked(
    identity: Identity, factory: Factory, session: str, sent: Sent
) -> None:
    other = factory.account("1000000002", name="Walter Briggs", phone="+17065550112")
    identity.send_code(session, "text")
    code = sent.last_code()
    identity.claim("s2", "1000000001")
    assert try_code(identity, "s2", STRANGER, code)[0] == "code_expired"
    identity.claim(session, other.account_number)
    assert try_code(identity, session, STRANGER, code)[0] == "code_expired"


def test_nothing_asked_for_or_claimed_is_nothing_to_check(identity: Identity, session: str) -> None:
    assert try_code(identity, session, STRANGER, "123456")[0] == "code_expired"
    for act in (lambda: identity.send_code("s9", "text"), lambda: identity.check_code("s9", "", "123456")):
        with pytest.raises(AccountNotChosen):
            act()


def test_an_unknown_account_and_one_without_a_phone_answer_like_a_real_one(
    db: Database, identity: Identity, ada: MadeAccount, factory: Factory, sent: Sent
) -> None:
    no_phone = factory.account("1000000005", name="June Park", phone="")
    numbers = {"real": ada.account_number, "no_phone": no_phone.account_number, "unknown": "1999999999"}
    answers: dict[str, list[object]] = {}
    for index, (name, number) in enumerate(numbers.items()):
        identity.claim(name, number)
        hints = {identity.send_code(name, "text") for _ in range(5)}
        assert len(hints) == 1
        assert all(len(hint) == 2 and hint.isdigit() for hint in hints)
        phone = f"+1706555017{index}"
        answers[name] = [try_code(identity, name, phone, "000000") for _ in range(6)]
        with pytest.raises(IdentityRefused) as refused:
            identity.send_code(name, "text")
        answers[name].append((refused.value.code, refused.value.params))
    assert answers["real"] == answers["no_phone"] == answers["unknown"]
    assert [phone for phone, _, _ in sent.texts] == [ada.phone] * 5
    with db.read() as tx:
        kept = tx.scalars(select(OneTimeCode.account_number).distinct()).all()
    assert sorted(kept) == sorted(numbers.values())


def test_a_code_that_was_never_sent_cannot_be_guessed(
    identity: Identity, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = factory.account(phone="")
    monkeypatch.setattr("assistant.identity.codes.digits_of", lambda *_: "246810")
    for session_id, number in [("s1", made.account_number), ("s2", "1999999999")]:
        identity.claim(session_id, number)
        identity.send_code(session_id, "text")
        assert try_code(identity, session_id, STRANGER, "246810") == ("code_wrong", 4)


def test_codes_are_limited_per_account_whatever_session_asks(
    identity: Identity, ada: MadeAccount, sent: Sent, clock: FixedClock
) -> None:
    for number in range(5):
        identity.claim(f"s{number}", ada.account_number)
        identity.send_code(f"s{number}", "text")
    identity.claim("s5", ada.account_number)
    with pytest.raises(IdentityRefused) as refused:
        identity.send_code("s5", "text")
    assert refused.value.code == "code_limit_reached"
    assert refused.value.params == {"until": clock.now() + timedelta(hours=1)}
    assert len(sent.texts) == 5
    clock.advance(timedelta(hours=1))
    identity.send_code("s5", "text")
    assert len(sent.texts) == 6


def test_codes_are_limited_per_phone_over_its_accounts(
    identity: Identity, factory: Factory, sent: Sent
) -> None:
    for index in range(5):
        made = factory.account(f"100000004{index}", name=f"Shop {index}")
        identity.claim(f"s{index}", made.account_number)
        identity.send_code(f"s{index}", "text")
    made = factory.account("1000000045", name="Shop 5")
    identity.claim("s5", made.account_number)
    with pytest.raises(IdentityRefused) as refused:
        identity.send_code("s5", "text")
    assert refused.value.code == "code_limit_reached"
    assert len(sent.texts) == 5


def test_guessing_codes_is_limited_over_all_the_codes_of_a_session(
    identity: Identity, session: str, sent: Sent
) -> None:
    answers = []
    for _ in range(3):
        identity.send_code(session, "text")
        answers += [try_code(identity, session, STRANGER, wrong(sent.last_code()))[0] for _ in range(5)]
    assert answers == ["code_wrong"] * 10 + ["identity_locked"] * 5


def test_a_code_by_call_is_read_out_once_and_only_to_the_phone_on_file(
    identity: Identity, ada: MadeAccount, session: str, sent: Sent
) -> None:
    assert identity.send_code(session, "call") == "11"
    assert sent.texts == []
    phone, path = sent.calls[-1]
    assert phone == ada.phone
    code_id = path.removeprefix("/twilio/voice/code/")
    assert identity.code_to_speak(code_id, STRANGER) is None
    spoken = identity.code_to_speak(code_id, ada.phone)
    assert spoken is not None
    assert spoken not in path
    assert identity.code_to_speak(code_id, ada.phone) is None
    assert identity.code_to_speak("code_unknown", ada.phone) is None
    assert identity.check_code(session, STRANGER, spoken).level == "verified"


def test_an_old_code_is_not_read_out(
    identity: Identity, ada: MadeAccount, session: str, sent: Sent, clock: FixedClock
) -> None:
    identity.send_code(session, "call")
    clock.advance(timedelta(minutes=10))
    code_id = sent.calls[-1][1].rsplit("/", 1)[-1]
    assert identity.code_to_speak(code_id, ada.phone) is None


def test_no_table_holds_the_digits_of_a_code(
    db: Database, identity: Identity, session: str, sent: Sent
) -> None:
    identity.send_code(session, "text")
    code = sent.last_code()
    try_code(identity, session, STRANGER, wrong(code))
    try_code(identity, session, STRANGER, code)
    with db.read() as tx:
        stored = " ".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in tx.execute(text(f'SELECT * FROM "{table.name}"'))  # noqa: S608
        )
    assert code not in stored
    assert wrong(code) not in stored


def test_the_sessions_own_enrolled_phone_gets_the_code(
    identity: Identity, ada: MadeAccount, factory: Factory, sent: Sent
) -> None:
    identity.recognize_by_phone("s1", ada.phone)
    identity.check_enrollment_code("s1", ada.phone, ada.enrollment_code)
    identity.choose_pin("s1", "+17065550171", "7306")
    sent.texts.clear()
    identity.recognize_by_phone("s2", ada.phone)
    identity.send_code("s2", "text")
    identity.claim("s3", ada.account_number)
    identity.send_code("s3", "text")
    # A stranger's session reaches the member's newest phone.
    assert [phone for phone, _, _ in sent.texts] == [ada.phone, "+17065550171"]


def test_a_helper_who_asks_gets_no_code_because_it_could_set_the_members_pin(
    identity: Identity, factory: Factory, sent: Sent
) -> None:
    made = factory.account(role="helper")
    identity.recognize_by_phone("s1", made.phone)
    identity.send_code("s1", "text")
    assert sent.texts == []
    with pytest.raises(NotVerified):
        identity.choose_pin("s1", made.phone, "7306")


def test_a_helpers_phone_gets_no_code_for_a_stranger(
    identity: Identity, factory: Factory, sent: Sent
) -> None:
    made = factory.account(role="helper")
    identity.claim("s1", made.account_number)
    identity.send_code("s1", "text")
    assert sent.texts == []


def test_a_forgotten_session_has_to_prove_itself_again(
    identity: Identity, ada: MadeAccount, session: str, sent: Sent
) -> None:
    identity.send_code(session, "text")
    identity.check_code(session, ada.phone, sent.last_code())
    identity.forget(session)
    with pytest.raises(AccountNotChosen):
        identity.choose_pin(session, ada.phone, "7306")
    identity.claim(session, ada.account_number)
    with pytest.raises(NotVerified):
        identity.choose_pin(session, ada.phone, "7306")
