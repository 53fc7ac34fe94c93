"""`porchlight reviews`: what waits is listed with its reasons; who decided and why is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from assistant.errors import PaymentRefused
from assistant.identity.verification import grant
from assistant.settings import Settings
from tests.factories import Factory
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender

PHONE = "+17065550111"


@pytest.fixture
def office(
    tmp_path: Path, settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Application]:
    """A co-op whose processor is in memory; the command line works on its database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORCHLIGHT_DATA_DIR", str(settings.data_dir))
    gateway, sender = FakeGateway(clock), FakeSender(clock)

    def built(settings: Settings, *, db: Database, **_: object) -> Application:
        return build(settings, clock=clock, db=db, gateway=gateway, sender=sender)

    monkeypatch.setattr("assistant.cli.database.build", built)
    db = Database(settings.resolved_database_url)
    migrations.upgrade(db.writer)
    application = composition.build(settings, clock=clock, db=db, gateway=gateway, sender=sender)
    yield application
    application.close()


def hold_a_payment(office: Application, clock: FixedClock) -> str:
    """Ada wants to pay $280.00, more than three times her largest bill; returns its number."""
    account = Factory(office.db, clock).account()
    payments = office.payments
    method_id = payments.saved_methods.save(account.id, "pm_saved", is_default=True).id
    office.identity.claim_account("session_1", account.id)
    with office.db.write() as tx:
        grant(
            tx,
            clock,
            session_id="session_1",
            account_id=account.id,
            phone=PHONE,
            level="verified",
            how="pin",
            minutes=30,
        )
    draft = payments.draft(
        session_id="session_1", account_id=account.id, amount_cents=28_000, method_id=method_id
    )
    payments.record_consent(session_id="session_1", draft_id=draft.id, turn_id="turn_1", how="key")
    with pytest.raises(PaymentRefused, match="payment_held") as held:
        payments.confirm(session_id="session_1", turn_id="turn_1", language="en", channel="sms", phone=PHONE)
    return str(held.value.params["confirmation_number"])


def reviews(*arguments: str) -> Result:
    # The console keeps the width that the terminal had when its module was first imported.
    with patch.object(out, "_width", 200):
        return CliRunner().invoke(app, ["reviews", *arguments])


def waiting() -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(reviews("list", "--json", "--all").stdout)
    return listed


def test_what_waits_is_listed_with_account_amount_and_reasons(office: Application, clock: FixedClock) -> None:
    assert reviews("list").stdout == "No payment waits for a decision.\n"
    number = hold_a_payment(office, clock)
    shown = reviews("list").stdout
    for part in (number, "1000000001", "Ada Miller", "$280.00", "Nov 26 10:00", "333 % of the largest"):
        assert part in shown
    [row] = waiting()
    assert (row["confirmation_number"], row["state"], row["amount_cents"]) == (number, "waiting", 28_000)


def test_approving_charges_once_and_keeps_who_and_why(office: Application, clock: FixedClock) -> None:
    number = hold_a_payment(office, clock)
    done = reviews("approve", number, "--by", "ana", "--why", "called her")
    assert (done.exit_code, done.stdout.startswith("Approved.")) == (0, True)
    [row] = waiting()
    assert (row["state"], row["decided_by"], row["why"]) == ("approved", "ana", "called her")
    assert office.payments.all_of(1)[0].state == "succeeded"
    again = reviews("approve", number, "--by", "bob", "--why", "me too")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "It is approved by ana already; the payment is succeeded." in again.stderr
    assert reviews("list").stdout == "No payment waits for a decision.\n"
    told = CliRunner().invoke(app, ["account", "1000000001", "--json"])
    report = json.loads(told.stdout)
    assert [each["why"] for each in report["reviews"]] == ["called her"]
    assert [each["outcome"] for each in report["risk_decisions"]] == ["hold"]


def test_refusing_charges_nothing(office: Application, clock: FixedClock) -> None:
    number = hold_a_payment(office, clock)
    assert reviews("refuse", number, "--why", "not her card").exit_code == 0
    [row] = waiting()
    assert (row["state"], row["why"]) == ("refused", "not her card")
    assert row["decided_by"], "who is logged in"
    assert office.payments.all_of(1)[0].state == "refused"


def test_a_decision_wants_a_reason_and_a_number_that_was_held(office: Application) -> None:
    assert reviews("approve", "12345678").exit_code == 2
    unknown = reviews("refuse", "12345678", "--why", "x")
    assert (unknown.exit_code, "was ever held" in unknown.stderr) == (1, True)
