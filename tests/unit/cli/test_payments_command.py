"""`porchlight payments`: what only a person can find out is listed, and ended in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from typer.testing import CliRunner, Result

from assistant import app as composition
from assistant import migrations
from assistant.app import Application, build
from assistant.cli import app
from assistant.cli.common import out
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import PaymentUnknown
from assistant.identity.verification import grant
from assistant.settings import Settings
from tests.factories import Factory
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender

PHONE = "+17065550111"


@pytest.fixture
def gateway(clock: FixedClock) -> FakeGateway:
    return FakeGateway(clock)


@pytest.fixture
def office(
    tmp_path: Path,
    settings: Settings,
    clock: FixedClock,
    gateway: FakeGateway,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Application]:
    """A co-op whose processor is in memory; the command line works on its database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORCHLIGHT_DATA_DIR", str(settings.data_dir))
    sender = FakeSender(clock)

    def built(settings: Settings, *, db: Database, **_: object) -> Application:
        return build(settings, clock=clock, db=db, gateway=gateway, sender=sender)

    monkeypatch.setattr("assistant.cli.database.build", built)
    db = Database(settings.resolved_database_url)
    migrations.upgrade(db.writer)
    application = composition.build(settings, clock=clock, db=db, gateway=gateway, sender=sender)
    yield application
    application.close()


def unknown_for_a_day(office: Application, clock: FixedClock, gateway: FakeGateway) -> str:
    """Ada pays $84.20, the answer gets lost, and the processor is silent for a day; returns its number."""
    account = Factory(office.db, clock).account()
    payments = office.payments
    method_id = payments.saved_methods.save(account.id, "pm_saved", is_default=True).id
    office.identity.claim_account("s1", account.id)
    with office.db.write() as tx:
        grant(
            tx,
            clock,
            session_id="s1",
            account_id=account.id,
            phone=PHONE,
            level="verified",
            how="pin",
            minutes=30,
        )
    draft = payments.draft(session_id="s1", account_id=account.id, amount_cents=8420, method_id=method_id)
    payments.record_consent(session_id="s1", draft_id=draft.id, turn_id="t1", how="key")
    gateway.plan = ["taken"]
    with pytest.raises(PaymentUnknown) as unknown:
        payments.confirm(session_id="s1", turn_id="t1", language="en", channel="sms", phone=PHONE)
    gateway.is_down = True
    for _ in range(27):
        clock.advance(timedelta(hours=1))
        payments.sweep()
    gateway.is_down = False
    return str(unknown.value.params["confirmation_number"])


def run(*arguments: str) -> Result:
    with patch.object(out, "_width", 200):
        return CliRunner().invoke(app, ["payments", *arguments])


def test_an_unknown_payment_is_listed_and_ended_by_the_charge_that_was_seen(
    office: Application, clock: FixedClock, gateway: FakeGateway
) -> None:
    number = unknown_for_a_day(office, clock, gateway)
    shown = run("unknown")
    assert shown.exit_code == 0
    for words in (number, "1000000001 Ada Miller", "$84.20", "not found"):
        assert words in shown.stdout
    assert json.loads(run("unknown", "--json").stdout)[0]["confirmation_number"] == number
    ended = run("resolve", number, "--charged", "pi_1", "--why", "saw it")
    assert (ended.exit_code, "posted to the account" in ended.stdout) == (0, True)
    again = run("resolve", number, "--charged", "pi_1", "--why", "saw it")
    assert (again.exit_code, "ended so before" in again.stdout) == (0, True)
    assert "No payment waits" in run("unknown").stdout


def test_what_the_processor_does_not_confirm_is_refused_in_a_sentence(
    office: Application, clock: FixedClock, gateway: FakeGateway
) -> None:
    number = unknown_for_a_day(office, clock, gateway)
    refused = run("resolve", number, "--not-charged", "--why", "saw nothing")
    assert (refused.exit_code, "use --charged pi_1" in refused.stderr) == (1, True)
    for both_or_none in ((), ("--charged", "pi_1", "--not-charged")):
        unclear = run("resolve", number, "--why", "saw it", *both_or_none)
        assert (unclear.exit_code, "Say either" in unclear.stderr) == (1, True)
