"""The command line: it prints what was asked for, says plainly what is wrong, and starts at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from assistant import migrations
from assistant.billing.models import Account
from assistant.cli import MODULE_OF, app
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.sandbox.coop_members import DATA_DIR
from assistant.sandbox.running import Ports, holding, recorded
from assistant.settings import Settings
from tests.factories import Factory

CSV_FILES = [str(DATA_DIR / f"{name}.csv") for name in ("members", "accounts", "statements")]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of a developer's is read, and the default data folder is the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORCHLIGHT_DATA_DIR", str(tmp_path / "data"))


def porchlight(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def migrated(folder: Path) -> Database:
    """The database of a data folder, brought up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    db = Database(f"sqlite:///{folder / 'porchlight.db'}")
    migrations.upgrade(db.writer)
    return db


def test_every_command_is_found_and_has_help() -> None:
    for name in MODULE_OF:
        shown = porchlight(name, "--help")
        assert shown.exit_code == 0, name
        assert f" {name} " in shown.output


def test_an_unknown_command_is_named() -> None:
    shown = porchlight("pay-everything")
    assert shown.exit_code == 2
    assert "pay-everything" in shown.output


def test_texting_loads_neither_the_service_nor_the_database() -> None:
    script = (
        "import sys, assistant.cli.phone\n"
        "heavy = {'sqlalchemy', 'fastapi', 'stripe', 'twilio', 'rasa_sdk', 'alembic'} & set(sys.modules)\n"
        "raise SystemExit(', '.join(sorted(heavy)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.stderr.strip() == ""


def test_check_names_every_reason_and_fails() -> None:
    shown = porchlight("check")
    assert shown.exit_code == 1
    for part in ("PORCHLIGHT_ENVIRONMENT", "PORCHLIGHT_STRIPE_API_KEY", "PORCHLIGHT_PUBLIC_URL"):
        assert part in shown.stderr
    assert "demo-only-not-a-secret" not in shown.output


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORCHLIGHT_PUBLIC_PORT", "hush-hush")
    shown = porchlight("check")
    assert shown.exit_code == 1
    assert "PORCHLIGHT_PUBLIC_PORT" in shown.stderr
    assert "hush-hush" not in shown.output
    assert "Traceback" not in shown.output


def test_account_prints_the_promised_json(tmp_path: Path, clock: FixedClock) -> None:
    db = migrated(tmp_path / "data")
    Factory(db, clock).account()
    db.close()
    shown = porchlight("account", "1000000001", "--json")
    assert shown.exit_code == 0
    report = json.loads(shown.stdout)
    assert report["balance_cents"] == report["amount_due_cents"] == 8420
    assert report["due_on"] == "2026-12-03"
    assert [line["amount_cents"] for line in report["ledger"]] == [8420]
    assert report["payments"] == []
    assert "$84.20" in porchlight("account", "1000000001").stdout


def test_an_unknown_account_and_a_missing_database_are_told_plainly(tmp_path: Path) -> None:
    missing = porchlight("account", "1000000001")
    assert (missing.exit_code, "There is no database at" in missing.stderr) == (1, True)
    assert not (tmp_path / "data" / "porchlight.db").exists()
    migrated(tmp_path / "data").close()
    unknown = porchlight("account", "9999999999")
    assert (unknown.exit_code, unknown.stderr) == (1, "There is no account 9999999999.\n")


def test_members_without_a_demo_says_how_to_get_one(tmp_path: Path) -> None:
    migrated(tmp_path / "data").close()
    shown = porchlight("members", "--json")
    assert shown.exit_code == 1
    assert "porchlight demo" in shown.stderr


def test_migrate_and_import_take_the_shipped_files_twice(tmp_path: Path) -> None:
    assert porchlight("migrate").exit_code == 0
    first = porchlight("import", *CSV_FILES)
    assert (first.exit_code, "accounts: 19 new, 0 changed, 0 as before" in first.stdout) == (0, True)
    again = porchlight("import", *CSV_FILES)
    assert "statements: 0 new, 0 changed, 50 as before" in again.stdout
    db = migrated(tmp_path / "data")
    with db.read() as tx:
        assert len(tx.scalars(select(Account)).all()) == 19
    db.close()


def test_a_bad_file_is_told_by_row_and_column(tmp_path: Path) -> None:
    porchlight("migrate")
    bad = tmp_path / "members.csv"
    bad.write_text("member_number,name,language\nLV-1,Ada,en\nLV-2,,fr\n")
    shown = porchlight("import", str(bad), *CSV_FILES[1:])
    assert shown.exit_code == 1
    assert "members.csv was not imported" in shown.stderr
    assert "- row 3, name: is empty" in shown.stderr
    assert "- row 3, language: is not one of en, es" in shown.stderr


@pytest.mark.parametrize("command", [["text", "--from", "+17065550111", "hi"], ["members"], ["demo"]])
def test_the_sandbox_refuses_to_run_in_production(
    command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PORCHLIGHT_ENVIRONMENT", "production")
    shown = porchlight(*command)
    assert shown.exit_code == 1
    assert "never" in shown.output
    assert not (tmp_path / "data").exists()


def test_production_with_unsafe_settings_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORCHLIGHT_ENVIRONMENT", "production")
    shown = porchlight("serve")
    assert shown.exit_code == 1
    assert "must not run in production" in shown.stderr
    assert "PORCHLIGHT_STRIPE_API_KEY is a test key" in shown.stderr


def test_texting_without_a_running_demo_says_how_to_start_one() -> None:
    shown = porchlight("text", "--from", "+17065550111", "hi")
    assert shown.exit_code == 1
    assert "porchlight demo" in shown.stderr


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    ports = Ports(1, 2, 3, 4, 5)
    with holding(tmp_path / "data"), recorded(tmp_path / "data", ports):
        shown = porchlight("text", "--from", "Ada", "hi")
    assert shown.exit_code == 1
    assert "is not a phone number" in shown.stderr


def test_commands_beside_a_demo_use_its_addresses(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with holding(tmp_path / "data"), recorded(tmp_path / "data", Ports(1, 2, 3, 4, 5)):
        shown = porchlight("text", "--from", "+17065550111", "hi")
    assert shown.exit_code == 1
    assert "The phone network does not answer" in shown.stderr


def test_the_settings_of_the_command_line_are_those_of_the_environment(tmp_path: Path) -> None:
    assert Settings().data_dir == tmp_path / "data"
