"""Whatever order tries, waits, restarts and enrollments come in, the limits agree with a plain model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import Refusal
from assistant.identity.models import AccountSecret
from assistant.identity.service import Identity
from assistant.settings import Settings
from tests.conftest import MONDAY_MORNING
from tests.factories import CHEAP_HASHER, Factory
from tests.unit.identity.conftest import Sent

PAUSE = timedelta(minutes=15)
PINS = ("4821", "7306")
Opened = tuple[Database, Settings]


class PinLimits(RuleBasedStateMachine):
    """One account, tried from ever new phones. The model is three numbers and a clock."""

    open_database: Callable[[], Opened]

    def __init__(self) -> None:
        super().__init__()
        self.db, self.rules = self.open_database()
        self.clock = FixedClock(MONDAY_MORNING)
        self.ada = Factory(self.db, self.clock).account()
        self.sent = Sent()
        self.pin = self.ada.pin
        self.wrong = 0
        self.locked_until: datetime | None = None
        self.phones = count(200)
        self.restart()

    @rule()
    def restart(self) -> None:
        self.identity = Identity(self.db, self.clock, self.rules, self.sent, hasher=CHEAP_HASHER)

    @rule(minutes=st.sampled_from([1, 14, 15, 61]))
    def wait(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule(times=st.sampled_from([1, 4, 5, 6]))
    def try_wrong_pins(self, times: int) -> None:
        for _ in range(times):
            self._try_a_wrong_pin()

    @rule()
    def try_the_right_pin(self) -> None:
        answer = self._try(self.pin)
        if self._is_paused():
            assert answer == self._pause_answer()
            return
        assert answer == ("ok", None)
        self.wrong, self.locked_until = 0, None

    @precondition(lambda self: self.wrong >= 5)
    @rule()
    def enroll_anew(self) -> None:
        session_id, phone = self._new_session()
        with self.db.write() as tx:
            tx.get_one(AccountSecret, self.ada.id).enrollment_code_used_at = None
        self.identity.check_enrollment_code(session_id, phone, self.ada.enrollment_code)
        self.pin = PINS[self.pin == PINS[0]]
        self.identity.choose_pin(session_id, phone, self.pin)
        self.wrong, self.locked_until = 0, None

    def teardown(self) -> None:
        self.db.close()

    def _try_a_wrong_pin(self) -> None:
        answer = self._try("9999")
        if self._is_paused():
            assert answer == self._pause_answer()
            return
        self.wrong += 1
        if self.wrong % 5 == 0:
            self.locked_until = self.clock.now() + PAUSE
        expected = self._pause_answer() if self.wrong % 5 == 0 else ("pin_wrong", 5 - self.wrong % 5)
        assert answer == expected

    def _try(self, pin: str) -> tuple[str, object]:
        session_id, phone = self._new_session()
        try:
            self.identity.check_pin(session_id, phone, pin)
        except Refusal as refusal:
            current = self.identity.current(session_id)
            assert current is not None
            assert current.level == "recognized"
            return refusal.code, next(iter(refusal.params.values()), None)
        return "ok", None

    def _new_session(self) -> tuple[str, str]:
        number = next(self.phones)
        phone = f"+17065550{number:03d}"
        self.identity.claim(f"call_{number}", self.ada.account_number)
        self.identity.recognize_by_zip(f"call_{number}", phone, self.ada.zip_code)
        return f"call_{number}", phone

    def _is_paused(self) -> bool:
        return self.wrong >= 10 or (self.locked_until is not None and self.clock.now() < self.locked_until)

    def _pause_answer(self) -> tuple[str, object]:
        return ("identity_agent_needed", None) if self.wrong >= 10 else ("identity_locked", self.locked_until)


def test_pin_limits_agree_with_their_model(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count()

    def open_database() -> Opened:
        path = tmp_path / f"{next(numbers)}.db"
        shutil.copy(sqlite_template, path)
        db = Database(f"sqlite:///{path}")
        # The rule is tested here, not the disk.
        event.listen(db.writer, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        return db, Settings(_env_file=None, data_dir=tmp_path)

    monkeypatch.setattr(PinLimits, "open_database", staticmethod(open_database), raising=False)
    run_state_machine_as_test(
        PinLimits,
        settings=settings(
            max_examples=40,
            stateful_step_count=12,
            deadline=None,
            # Every step is several commits, so a failure is shown as found instead of being made shorter.
            phases=(Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
