"""`porchlight letters`: one PDF for each letter that waits, with what the letter's row says, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from assistant import migrations
from assistant.adapters.letter_pdf import write_letter
from assistant.billing.letters import LetterView
from assistant.billing.service import Billing
from assistant.cli import app
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.settings import Settings
from tests.factories import Factory
from tests.unit.billing.proofs import MadeProof


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORCHLIGHT_DATA_DIR", str(tmp_path / "data"))


def letters(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["letters", *arguments])


def test_letters_become_pages_with_true_facts_and_wait_no_more(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "data").mkdir()
    db = Database(f"sqlite:///{tmp_path / 'data' / 'porchlight.db'}")
    migrations.upgrade(db.writer)
    made = Factory(db, clock).account(name="Ada Miller & Sons")
    billing, proof = Billing(db, clock), MadeProof(made.id)
    copy = billing.letters.ask_statement(proof, "en")
    good = billing.letters.ask_good_standing(proof, "es", billing.summary(made.id))
    db.close()

    assert "Ada Miller & Sons" in letters("list").stdout
    printed = letters("print", "--to", "mail")
    assert (printed.exit_code, "Written to mail: 2" in printed.stdout) == (0, True)
    assert "No letter waits." in letters("print", "--to", "mail").stdout

    page = text_of(tmp_path / "mail" / f"{copy.id}.pdf")
    for part in (
        "Copy of your bill",
        "Ada Miller & Sons",
        "4 Mill Road",
        "$84.20",
        "December 3, 2026",
        "0001",
    ):
        assert part in page
    assert "1000000001" not in page
    page = text_of(tmp_path / "mail" / f"{good.id}.pdf")
    for part in (
        "Carta de buen pagador",
        "23 de noviembre de 2026",
        "no tenía nada vencido",
        "(706) 555-0101",
    ):
        assert part in page


def test_what_another_clerk_prints_meanwhile_is_not_printed_again(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    db = Database(f"sqlite:///{tmp_path / 'data' / 'porchlight.db'}")
    migrations.upgrade(db.writer)
    billing = Billing(db, clock)
    billing.letters.ask_statement(MadeProof(Factory(db, clock).account().id), "en")

    def write_while_another_prints(letter: LetterView, settings: Settings, path: Path) -> None:
        assert billing.letters.mark_printed([letter.id], by="another clerk") == 1
        write_letter(letter, settings, path)

    monkeypatch.setattr("assistant.cli.letters.write_letter", write_while_another_prints)
    assert "Written to mail: 0" in letters("print", "--to", "mail").stdout
    assert list((tmp_path / "mail").iterdir()) == []
    db.close()


def text_of(path: Path) -> str:
    pages = PdfReader(path).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())
