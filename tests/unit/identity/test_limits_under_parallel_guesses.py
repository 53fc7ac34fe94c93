"""Whatever guesses come at once, from ever new phones, no more of them are judged than the limits allow."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, Phase
from hypothesis import settings as how_to_run
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import event, select

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import Refusal
from assistant.identity.models import IdentityLimit, OneTimeCode
from assistant.identity.service import Identity
from assistant.settings import Settings
from tests.conftest import MONDAY_MORNING
from tests.factories import Factory, MadeAccount
from tests.unit.identity.conftest import Sent

TRIES, TRIES_UNTIL_AGENT, TRIES_PER_SESSION = 5, 10, 10
PAUSE, HOUR = timedelta(minutes=15), timedelta(hours=1)


class CountingHasher(PasswordHasher):
    """Counts how often a PIN was really looked at."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.looked = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        with self._lock:
            self.looked += 1
        return super().verify(hash, password)


class Coop:
    """What all examples share: one database, one clock, and the numbers that have been given out."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db = db
        self.clock = FixedClock(MONDAY_MORNING)
        self.hasher = CountingHasher()
        self.sent = Sent()
        self.identity = Identity(db, self.clock, settings, self.sent, hasher=self.hasher)
        self.numbers = count(1)
        self.pool = ThreadPoolExecutor(10)

    def account(self) -> MadeAccount:
        number = next(self.numbers)
        return Factory(self.db, self.clock).account(
            f"{3_000_000_000 + number}", name=f"Member {number}", phone=f"+1706{number:07d}"
        )

    def session(self, account: MadeAccount) -> tuple[str, str]:
        """A caller that nobody has heard of, who knows the account's number and ZIP."""
        number = next(self.numbers)
        session_id, phone = f"call_{number}", f"+1912{number:07d}"
        self.identity.claim(session_id, account.account_number)
        self.identity.recognize_by_zip(session_id, phone, account.zip_code)
        return session_id, phone

    def at_once(self, guesses: list[Callable[[], object]]) -> Counter[str]:
        """All of them start at the same moment; how often each answer was given."""
        gate = threading.Barrier(len(guesses))

        def fire(guess: Callable[[], object]) -> str:
            gate.wait(timeout=30)
            try:
                guess()
            except Refusal as refusal:
                return refusal.code
            return "ok"

        return Counter(self.pool.map(fire, guesses))


class PinGuesses(RuleBasedStateMachine):
    """Wrong PINs, and now and then the member's right one, on one account from many phones at once."""

    coop: Coop

    @initialize()
    def open_account(self) -> None:
        self.ada = self.coop.account()
        self.wrong = 0
        self.locked_until: datetime | None = None

    @rule(minutes=st.sampled_from([1, 14, 15, 31]))
    def wait(self, minutes: int) -> None:
        self.coop.clock.advance(timedelta(minutes=minutes))

    @rule(wrong=st.integers(1, 8))
    def guess_wrong_at_once(self, wrong: int) -> None:
        looked, answers = self._fire(["9999"] * wrong)
        assert looked == min(wrong, self._allowed()), "more or fewer guesses were judged than allowed"
        assert answers["ok"] == 0
        assert answers["pin_wrong"] == looked - (looked > 0 and (self.wrong + looked) % TRIES == 0)
        self._count(looked)

    @rule(wrong=st.integers(0, 7), right=st.integers(1, 2))
    def guess_wrong_and_right_at_once(self, wrong: int, right: int) -> None:
        allowed = self._allowed()
        looked, answers = self._fire(["9999"] * wrong + [self.ada.pin] * right)
        if allowed == 0:
            assert (looked, answers["ok"]) == (0, 0), "somebody got in during a pause"
            return
        if wrong + right <= allowed:
            assert answers["ok"] == right
        # Each time that the member gets in, the count starts anew.
        assert looked <= allowed + answers["ok"] * TRIES
        self._read_back(most=looked - answers["ok"] + self.wrong)

    def _fire(self, pins: list[str]) -> tuple[int, Counter[str]]:
        callers = [(*self.coop.session(self.ada), pin) for pin in pins]
        before = self.coop.hasher.looked
        answers = self.coop.at_once([partial(self.coop.identity.check_pin, *caller) for caller in callers])
        return self.coop.hasher.looked - before, answers

    def _allowed(self) -> int:
        is_locked = self.locked_until is not None and self.coop.clock.now() < self.locked_until
        return 0 if is_locked or self.wrong >= TRIES_UNTIL_AGENT else TRIES - self.wrong % TRIES

    def _count(self, judged: int) -> None:
        self.wrong += judged
        if judged and self.wrong % TRIES == 0:
            self.locked_until = self.coop.clock.now() + PAUSE

    def _read_back(self, most: int) -> None:
        """Who got in between the wrong ones is chance, and so is what is counted after it."""
        key = f"pin:account:{self.ada.account_number}"
        with self.coop.db.read() as tx:
            row = tx.execute(select(IdentityLimit).where(IdentityLimit.key == key)).scalar_one()
        assert 0 <= row.failed_count <= most
        assert row.needs_agent == (row.failed_count >= TRIES_UNTIL_AGENT)
        assert row.failed_count % TRIES or row.failed_count == 0 or row.locked_until is not None
        self.wrong, self.locked_until = row.failed_count, row.locked_until


class CodeGuesses(RuleBasedStateMachine):
    """Wrong codes, and the right one, in one session at once; a code is good once, and for five tries."""

    coop: Coop

    @initialize()
    def open_session(self) -> None:
        self.ada = self.coop.account()
        self.session_id, self.phone = self.coop.session(self.ada)
        self.wrong = self.left = 0
        self.expires_at = self.coop.clock.now()
        self.locked_until: datetime | None = None
        self.counting_since: datetime | None = None

    @rule(minutes=st.sampled_from([1, 9, 10, 61]))
    def wait(self, minutes: int) -> None:
        self.coop.clock.advance(timedelta(minutes=minutes))

    @rule()
    def ask_for_a_code(self) -> None:
        answer = self.coop.at_once([lambda: self.coop.identity.send_code(self.session_id, "text")])
        if answer["code_limit_reached"]:
            return
        assert answer["ok"] == 1
        self.left, self.expires_at = TRIES, self.coop.clock.now() + timedelta(minutes=10)

    @rule(wrong=st.integers(1, 7))
    def guess_wrong_at_once(self, wrong: int) -> None:
        allowed = self._allowed()
        answers = self._fire(["000000"] * wrong)
        assert answers["code_wrong"] == min(wrong, allowed), "more or fewer guesses were judged than allowed"
        assert answers["ok"] == 0
        self._count(answers["code_wrong"])

    @rule(wrong=st.integers(0, 6), right=st.integers(1, 3))
    def guess_wrong_and_right_at_once(self, wrong: int, right: int) -> None:
        allowed = self._allowed()
        code = self.coop.sent.last_code() if self.coop.sent.texts else "111111"
        answers = self._fire(["000000"] * wrong + [code] * right)
        assert answers["ok"] <= min(allowed, 1), "a code was good twice, or when it was none"
        assert answers["code_wrong"] + answers["ok"] <= allowed
        if wrong + right <= allowed:
            assert answers["ok"] == 1
        self._count(answers["code_wrong"])
        self._read_back()

    def _fire(self, codes: list[str]) -> Counter[str]:
        check = partial(self.coop.identity.check_code, self.session_id, self.phone)
        return self.coop.at_once([partial(check, code) for code in codes])

    def _allowed(self) -> int:
        now = self.coop.clock.now()
        if (self.locked_until is not None and now < self.locked_until) or now >= self.expires_at:
            return 0
        is_over = self.counting_since is not None and now >= self.counting_since + HOUR
        counted = 0 if is_over else self.wrong
        return min(self.left, TRIES_PER_SESSION - counted % TRIES_PER_SESSION)

    def _count(self, judged: int) -> None:
        if judged == 0:
            return
        now = self.coop.clock.now()
        if self.counting_since is None or now >= self.counting_since + HOUR:
            self.counting_since, self.wrong = now, 0
        self.left -= judged
        self.wrong += judged
        if self.wrong % TRIES_PER_SESSION == 0:
            self.locked_until = now + HOUR

    def _read_back(self) -> None:
        """Who came first among the right and the wrong is chance."""
        key = f"code:session:{self.session_id}"
        with self.coop.db.read() as tx:
            newest = select(OneTimeCode).where(OneTimeCode.session_id == self.session_id)
            code = tx.scalars(newest.order_by(OneTimeCode.expires_at.desc()).limit(1)).first()
            counted = tx.scalars(select(IdentityLimit).where(IdentityLimit.key == key)).first()
        if code is not None:
            assert 0 <= code.tries_left <= TRIES
            self.left = 0 if code.used_at is not None else code.tries_left
        if counted is not None:
            self.wrong, self.locked_until = counted.failed_count, counted.locked_until
            self.counting_since = counted.window_started_at


@pytest.mark.parametrize("machine", [PinGuesses, CodeGuesses])
def test_guesses_at_once_gain_nothing(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch, machine: type[PinGuesses | CodeGuesses]
) -> None:
    if db.is_sqlite:
        # The rule is tested here, not the disk.
        event.listen(db.writer, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    coop = Coop(db, settings)
    monkeypatch.setattr(machine, "coop", coop, raising=False)
    with coop.pool:
        run_state_machine_as_test(
            machine,
            settings=how_to_run(
                max_examples=8,
                stateful_step_count=6,
                deadline=None,
                # Threads take turns as they like: a failure is shown as it was found, not made shorter.
                phases=(Phase.generate,),
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
