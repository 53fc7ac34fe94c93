"""Bank accounts come on file by import only: with evidence, by token, as a whole file or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.billing.import_report import FileCount
from assistant.errors import ImportRejected
from assistant.payments.importing_mandates import import_bank_mandates
from assistant.payments.models import Mandate, PaymentMethod
from tests.unit.payments.conftest import Desk


def mandates(desk: Desk) -> list[Mandate]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(Mandate)))


def on_file(desk: Desk) -> list[tuple[str, str, str]]:
    return [
        (one.kind, one.brand, one.last_four) for one in desk.payments.saved_methods.saved(desk.account.id)
    ]


def test_an_imported_bank_account_is_on_file_with_its_evidence(desk: Desk, tmp_path: Path) -> None:
    assert desk.bank_account(tmp_path) == FileCount(new=1)
    assert on_file(desk) == [("bank_account", "First Farmers Bank", "6789")]
    [mandate] = mandates(desk)
    assert (mandate.purpose, mandate.consent_how, mandate.turn_id) == ("bank_debit", "paper", "ACH-17")
    assert mandate.words == "You may debit my account ending in 6789."
    assert mandate.given_at == datetime(2025, 3, 10, 16, tzinfo=UTC)
    with desk.db.read() as tx:
        row = tx.scalars(select(PaymentMethod)).one()
    assert (row.processor_id, row.customer_id, row.is_default) == ("pm_bank", "cus_bank", True)


def test_the_same_file_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.bank_account(tmp_path)
    assert desk.bank_account(tmp_path) == FileCount(unchanged=1)
    assert desk.bank_account(tmp_path, bank_name="Farmers") == FileCount(changed=1)
    assert len(mandates(desk)) == 1


def test_a_bank_account_does_not_push_the_members_card_aside(desk: Desk, tmp_path: Path) -> None:
    card = desk.saved_card()
    desk.bank_account(tmp_path)
    assert desk.payments.saved_methods.saved(desk.account.id)[0].id == card


def test_a_revoked_mandate_takes_the_account_off_and_its_evidence_stays(desk: Desk, tmp_path: Path) -> None:
    desk.bank_account(tmp_path)
    assert desk.bank_account(tmp_path, revoked="yes") == FileCount(changed=1)
    assert on_file(desk) == []
    assert [one.revoked_at for one in mandates(desk)] == [desk.clock.now()]
    assert desk.bank_account(tmp_path, revoked="yes") == FileCount(unchanged=1)
    assert desk.bank_account(tmp_path) == FileCount(unchanged=1), "what is off stays off"
    assert on_file(desk) == []


def test_what_the_member_took_off_here_stays_off(desk: Desk, tmp_path: Path) -> None:
    desk.bank_account(tmp_path)
    desk.verify()
    [bank] = desk.payments.saved_methods.saved(desk.account.id)
    desk.gateway.attached.append("pm_bank")
    desk.payments.wallet.remove(desk.session, bank.id, channel="sms")
    assert desk.bank_account(tmp_path) == FileCount(unchanged=1)
    assert on_file(desk) == []


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        ({"method_id": "000123456789"}, "method_id", "is not a token as pm_…"),
        ({"customer_id": "pm_1"}, "customer_id", "is not a token as cus_…"),
        ({"last_four": "123456789"}, "last_four", "is not a number of 4 digits"),
        ({"bank_name": ""}, "bank_name", "is empty"),
        ({"signed_on": "2031-01-01"}, "signed_on", "is a day to come"),
        ({"signed_how": "email"}, "signed_how", "is not one of paper, web, phone"),
        ({"signed_how": ""}, "signed_how", "is not one of paper, web, phone"),
        ({"mandate_words": ""}, "mandate_words", "is empty"),
        ({"mandate_reference": ""}, "mandate_reference", "is empty"),
        ({"account_number": "9999999999"}, "account_number", "is not an account: import accounts first"),
    ],
)
def test_a_bad_row_is_named_by_row_and_column_and_nothing_is_taken(
    desk: Desk, tmp_path: Path, cells: dict[str, str], column: str, problem: str
) -> None:
    with pytest.raises(ImportRejected) as refused:
        desk.bank_account(tmp_path, **cells)
    assert refused.value.problems == [(2, column, problem)]
    assert on_file(desk) == []


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        (
            {"last_four": "1111"},
            "last_four",
            "is another than before: another bank account has another token",
        ),
        (
            {"customer_id": "cus_x"},
            "customer_id",
            "is another than before: another bank account has another token",
        ),
        ({"mandate_words": "Other."}, "mandate_words", "is another than before: evidence does not change"),
    ],
)
def test_what_is_on_file_is_not_turned_into_something_else(
    desk: Desk, tmp_path: Path, cells: dict[str, str], column: str, problem: str
) -> None:
    desk.bank_account(tmp_path)
    with pytest.raises(ImportRejected) as refused:
        desk.bank_account(tmp_path, **cells)
    assert refused.value.problems == [(2, column, problem)]


def test_a_card_that_a_member_keyed_is_not_taken_over(desk: Desk, tmp_path: Path) -> None:
    desk.saved_card()
    with pytest.raises(ImportRejected) as refused:
        desk.bank_account(tmp_path, method_id="pm_saved")
    assert refused.value.problems == [(2, "method_id", "is a method that did not come from such a file")]


def test_one_bad_row_keeps_the_good_one_out(desk: Desk, tmp_path: Path) -> None:
    desk.bank_account(tmp_path)
    file = tmp_path / "bank_mandates.csv"
    header, row = file.read_text(encoding="utf-8").splitlines()
    good, bad = row.replace("pm_bank", "pm_2"), row.replace("pm_bank", "pm_3").replace("6789,", "67,")
    file.write_text("\n".join((header, good, bad)), encoding="utf-8")
    with pytest.raises(ImportRejected) as refused:
        import_bank_mandates(desk.db, desk.clock, file, account_number_length=10)
    assert refused.value.problems == [(3, "last_four", "is not a number of 4 digits")]
    assert len(on_file(desk)) == 1
