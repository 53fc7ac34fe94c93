"""`porchlight jobs`: lists, explains in plain words and does again, without a secret and without a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from assistant import migrations
from assistant.app import build
from assistant.cli import app
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.job_report import PURPOSES
from assistant.jobs.claims import Claims
from assistant.jobs.crons import Cron
from assistant.jobs.dispatch import Dispatcher, JobKind
from assistant.jobs.engine import JobEngine
from assistant.jobs.history import JobHistory, JobState
from assistant.payments.models import Payment, PaymentMethod
from assistant.settings import Settings
from assistant.worker import Worker, kinds_of
from tests.factories import Factory
from tests.unit.jobs.conftest import until


def porchlight(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def listed(*arguments: str) -> list[dict[str, Any]]:
    shown = porchlight("jobs", "list", "--json", *arguments)
    assert shown.exit_code == 0, shown.output
    found: list[dict[str, Any]] = json.loads(shown.stdout)
    return found


def wait_for(db: Database, state: JobState) -> None:
    """Wait, outside of a command, until a job is in this state."""
    with JobHistory(db) as history:
        until(lambda: history.newest(1, state), f"a job that is {state}")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FixedClock) -> Iterator[Database]:
    """A migrated database with one unknown payment, where no worker ever ran."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORCHLIGHT_DATA_DIR", str(tmp_path))
    db = Database(f"sqlite:///{tmp_path / 'porchlight.db'}")
    migrations.upgrade(db.writer)
    account = Factory(db, clock).account()
    with db.write() as tx:
        tx.add(
            PaymentMethod(
                id="method_1",
                account_id=account.id,
                processor_id="pm_1",
                kind="card",
                brand="visa",
                last_four="4242",
                added_at=clock.now(),
            )
        )
        tx.flush()
        tx.add(
            Payment(
                id="pay_1",
                account_id=account.id,
                method_id="method_1",
                confirmation_number="48213377",
                idempotency_key="porchlight-pay_1",
                amount_cents=8420,
                fee_cents=0,
                state="unknown",
                origin="sms",
                language="en",
                created_at=clock.now(),
                submitted_at=clock.now(),
                next_lookup_at=clock.now(),
            )
        )
    yield db
    db.close()


def test_without_a_worker_it_says_so_and_still_knows_the_payment(office: Database) -> None:
    shown = porchlight("jobs", "list")
    assert shown.exit_code == 1
    assert "No worker has run on this database yet" in shown.stderr
    told = porchlight("jobs", "explain", "48213377").stdout
    assert "Payment 48213377 of $84.20 is unknown." in told
    assert "It was looked up 0 times; the next lookup is due 2026-11-23 10:00:00." in told
    assert "There is no job, payment or kind of work called x9" in porchlight("jobs", "explain", "x9").stderr


def test_a_failed_lookup_is_explained_and_done_again(office: Database, clock: FixedClock) -> None:
    answers = [RuntimeError("sk_live_secret"), True]

    def work(_key: str) -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    engine = JobEngine(office, zone="America/New_York", calls_per_second=1000, threads=2)
    kind = JobKind("payment_lookup", lambda _limit: [("pay_1",)], work)
    dispatcher = Dispatcher(office, engine, Claims(office, clock))
    dispatcher.add(kind)
    engine.add_cron(Cron("retention", 30, (3,), lambda: 0))
    engine.start("test-1")
    try:
        assert dispatcher.dispatch(kind) == 1
        wait_for(office, "failed")
        [failed] = listed("--state", "failed")
        told = porchlight("jobs", "explain", "48213377").stdout
        assert f"Job {failed['id']} asks the processor how a payment ended" in told
        assert "It failed (RuntimeError at " in told
        assert "sk_live" not in told + json.dumps(failed)
        assert f"porchlight jobs retry {failed['id']}" in told

        assert porchlight("jobs", "retry", failed["id"]).exit_code == 0
        wait_for(office, "done")
        [done] = listed("--state", "done")
        assert "It did its work." in porchlight("jobs", "explain", done["id"]).stdout
        again = porchlight("jobs", "retry", done["id"])
        assert again.exit_code == 1
        assert "is done: there is nothing to do again" in again.stderr
        assert "It runs next" in porchlight("jobs", "explain", "retention").stdout
    finally:
        engine.stop(finish_seconds=0)


def test_every_kind_of_job_has_words(settings: Settings, db: Database) -> None:
    application = build(settings, db=db)
    crons = {cron.kind for cron in Worker(application).crons}
    assert {kind.name for kind in kinds_of(application)} | crons == set(PURPOSES)
