"""A turn's answer goes to exactly one place, whenever it comes."""

from __future__ import annotations

import threading
import time

import pytest
import structlog

from assistant.channels.turns import TurnRunner


def test_an_answer_in_time_goes_to_the_webhook_only() -> None:
    runner, late = TurnRunner(5), list[str]()
    assert runner.run(lambda: "now", when_late=late.append) == "now"
    runner.close()
    assert late == []


def test_a_late_answer_goes_to_the_message_only() -> None:
    runner, late, go_on = TurnRunner(0.02), list[str](), threading.Event()

    def work() -> str:
        assert go_on.wait(10)
        return "later"

    assert runner.run(work, when_late=late.append) is None
    go_on.set()
    runner.close()
    assert late == ["later"]


def test_an_answer_at_the_very_deadline_goes_to_exactly_one() -> None:
    seconds = 0.01
    runner, late = TurnRunner(seconds), list[str]()

    def work() -> str:
        time.sleep(seconds)
        return "just"

    answers = [runner.run(work, when_late=late.append) for _ in range(60)]
    runner.close()
    assert len([answer for answer in answers if answer]) + len(late) == 60


def test_a_late_answer_that_cannot_be_sent_is_logged() -> None:
    runner, go_on = TurnRunner(0.02), threading.Event()

    def work() -> str:
        assert go_on.wait(10)
        return "secret words"

    def fail(_answer: str) -> None:
        raise RuntimeError("secret words")

    with structlog.testing.capture_logs() as logs:
        assert runner.run(work, when_late=fail) is None
        go_on.set()
        runner.close()
    assert [entry["event"] for entry in logs] == ["late_answer_failed"]
    assert "secret" not in str(logs)


def test_work_that_raises_in_time_raises_here() -> None:
    runner = TurnRunner(5)

    def fail() -> str:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        runner.run(fail, when_late=lambda _: None)
    runner.close()
