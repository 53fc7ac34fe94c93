"""The demo co-op is made once, through the real import and the real gateway, with dates around today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant import migrations
from assistant.adapters.stripe_gateway import StripeGateway
from assistant.billing.arrangement_rules import ArrangementPolicy, terms_for
from assistant.billing.models import Account, LedgerEntry, Member, Statement
from assistant.billing.service import Billing
from assistant.billing.standing import Prepaid
from assistant.billing.views import Span
from assistant.clock import FixedClock
from assistant.db import Base, Database
from assistant.identity.hashing import PIN_HASHER, is_match
from assistant.identity.models import AccountAccess, AccountSecret
from assistant.identity.weak_pins import weakness_of
from assistant.payments.methods import Methods
from assistant.payments.models import Mandate, PaymentMethod
from assistant.sandbox.coop import create_coop
from assistant.sandbox.coop_members import DemoMember, list_members, rows
from assistant.sandbox.preflight import DemoFailed
from assistant.sandbox.stripe_app import create_app
from assistant.settings import Settings
from tests.conftest import MONDAY_MORNING
from tests.factories import Factory
from tests.judges.stripe_schema import StripeJudge
from tests.stripe_fixtures import ThreadServer
from tests.unit.billing.proofs import MadeProof


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, StripeGateway]]:
    """A demo co-op made once, for all tests that only read it."""
    folder = tmp_path_factory.mktemp("coop")
    settings = Settings(_env_file=None, data_dir=folder)
    judge, clock = StripeJudge(), FixedClock(MONDAY_MORNING)
    server = ThreadServer(create_app(settings, folder / "stripe.db", clock=clock, watch=judge.saw))
    server.start()
    gateway = StripeGateway(settings.model_copy(update={"stripe_api_base": server.url}))
    db = Database(settings.resolved_database_url)
    migrations.upgrade(db.writer)
    create_coop(db, clock, gateway, folder)
    yield db, gateway
    db.close()
    server.stop()
    judge.rule()


@pytest.fixture
def coop(made: tuple[Database, StripeGateway]) -> Database:
    return made[0]


@pytest.fixture
def members(coop: Database, settings: Settings, clock: FixedClock) -> dict[str, DemoMember]:
    """The demo co-op's accounts by the name of who holds the phone (of several, the last)."""
    return {member.name: member for member in list_members(coop, settings)}


def counts(db: Database) -> dict[str, int]:
    with db.read() as tx:
        return {
            table.name: tx.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def summary_of(db: Database, number: str) -> tuple[int, Account]:
    with db.read() as tx:
        account = tx.scalars(select(Account).where(Account.account_number == number)).one()
        balance = tx.scalar(
            select(func.sum(LedgerEntry.amount_cents)).where(
                LedgerEntry.account_id == account.id, LedgerEntry.book == "member"
            )
        )
        return int(balance or 0), account


def test_every_member_is_as_described(
    members: dict[str, DemoMember], coop: Database, clock: FixedClock
) -> None:
    ada = members["Ada Miller"]
    assert (ada.phone, ada.amount_due_cents, ada.saved_card) == ("+17065550111", 8420, "Visa 4242")
    assert ada.due_on == clock.today() + timedelta(days=10)
    balance, walter = summary_of(coop, members["Walter Briggs"].account_number)
    assert balance == 18455
    assert walter.disconnect_on == clock.today() + timedelta(days=4)
    assert walter.disconnect_minimum_cents == 9640
    assert members["Walter Briggs"].due_on == clock.today() - timedelta(days=12)
    assert members["Rosa Delgado"].language == "es"
    assert members["Grace Okafor"].amount_due_cents == 0
    assert summary_of(coop, members["Grace Okafor"].account_number)[0] == -2500
    assert summary_of(coop, members["Dale Pruitt"].account_number)[1].is_cash_only
    assert members["June Park"].pin == ""
    assert members["Harold Quinn"].saved_card == ""


def test_the_business_has_five_accounts_on_one_phone(members: dict[str, DemoMember], coop: Database) -> None:
    with coop.read() as tx:
        numbers = tx.scalars(
            select(Account.nickname)
            .join(AccountAccess, AccountAccess.account_id == Account.id)
            .where(AccountAccess.phone == members["Hollis Feed & Seed"].phone)
        ).all()
    assert sorted(numbers) == ["feed barn", "grain dryer", "office", "store", "yard lights"]


def test_the_daughter_is_a_helper_on_her_mothers_account(
    members: dict[str, DemoMember], coop: Database
) -> None:
    daughter = members["Beth Lane for Dorothy Lane"]
    assert daughter.account_number == members["Dorothy Lane"].account_number
    with coop.read() as tx:
        access = tx.scalars(select(AccountAccess).where(AccountAccess.phone == daughter.phone)).one()
    assert access.role == "helper"


def test_phones_that_are_not_enrolled_have_no_access(members: dict[str, DemoMember], coop: Database) -> None:
    with coop.read() as tx:
        enrolled = set(tx.scalars(select(AccountAccess.phone)))
    assert members["June Park"].phone not in enrolled
    assert members["Harold Quinn"].phone not in enrolled


def test_pins_and_codes_work_and_are_kept_hashed(members: dict[str, DemoMember], coop: Database) -> None:
    ada = members["Ada Miller"]
    _, account = summary_of(coop, ada.account_number)
    with coop.read() as tx:
        secret = tx.get_one(AccountSecret, account.id)
    assert is_match(PIN_HASHER, secret.pin_hash or "", ada.pin)
    assert ada.enrollment_code not in (secret.enrollment_code_hash or "")
    assert secret.enrollment_code_hash is not None


def test_one_card_has_expired_and_the_others_have_not(
    members: dict[str, DemoMember], coop: Database, clock: FixedClock, made: tuple[Database, StripeGateway]
) -> None:
    methods = Methods(coop, clock, made[1])
    expired = {
        member.name
        for member in members.values()
        for method in methods.saved(summary_of(coop, member.account_number)[1].id)
        if method.is_expired
    }
    assert expired == {"Nina Cole"}


def accounts_with_method() -> set[str]:
    """Those with a saved card, and those with a bank account on file."""
    cards = {row["account_number"] for row in rows("phones.csv") if row["saved_method"]}
    return cards | {row["account_number"] for row in rows("bank_mandates.csv")}


def test_every_account_has_a_card_of_its_own_at_the_processor(
    members: dict[str, DemoMember], coop: Database
) -> None:
    with coop.read() as tx:
        tokens = tx.scalars(select(PaymentMethod.processor_id)).all()
    assert len(tokens) == len(set(tokens)) == len(accounts_with_method())
    assert all(token.startswith("pm_") and "_" not in token[3:] for token in tokens)


def test_a_second_start_changes_nothing_also_on_a_later_day(
    db: Database, clock: FixedClock, gateway: StripeGateway, tmp_path: Path
) -> None:
    create_coop(db, clock, gateway, tmp_path)
    before = counts(db)
    clock.advance(timedelta(days=3))
    create_coop(db, clock, gateway, tmp_path)
    assert counts(db) == before
    with db.read() as tx:
        due_on = tx.scalar(select(Statement.due_on).where(Statement.statement_number == "S-0001-3"))
    assert due_on == date(2026, 12, 3)


def test_a_start_that_broke_off_is_finished_by_the_next(
    db: Database, clock: FixedClock, gateway: StripeGateway, stripe_settings: Settings, tmp_path: Path
) -> None:
    class BreaksOff(StripeGateway):
        count = 0

        def attach_method(self, method_id: str, *, customer_id: str) -> str:
            self.count += 1
            if self.count == 3:
                raise KeyboardInterrupt
            return super().attach_method(method_id, customer_id=customer_id)

    with pytest.raises(KeyboardInterrupt):
        create_coop(db, clock, BreaksOff(stripe_settings), tmp_path)
    create_coop(db, clock, gateway, tmp_path)
    with db.read() as tx:
        cards = tx.scalar(select(func.count()).select_from(PaymentMethod))
    assert cards == len(accounts_with_method())


def test_a_bank_account_comes_with_its_mandate_as_at_a_co_op(
    members: dict[str, DemoMember], coop: Database
) -> None:
    assert members["Ray Dalton"].saved_card == "Bank account 6789"
    with coop.read() as tx:
        mandate, method = tx.execute(
            select(Mandate, PaymentMethod).join(PaymentMethod, PaymentMethod.id == Mandate.method_id)
        ).one()
    assert (mandate.purpose, mandate.consent_how, method.last_four) == ("bank_debit", "paper", "6789")


def test_a_database_with_other_members_is_left_alone(
    db: Database, clock: FixedClock, gateway: StripeGateway, factory: Factory, tmp_path: Path
) -> None:
    factory.account("5550001112")
    before = counts(db)
    with pytest.raises(DemoFailed, match="accounts that are not the demo's"):
        create_coop(db, clock, gateway, tmp_path)
    assert counts(db) == before


def test_nothing_is_listed_where_there_is_no_demo_co_op(db: Database, settings: Settings) -> None:
    assert list_members(db, settings) == []


def test_a_listed_member_is_plain_json_with_the_promised_names(members: dict[str, DemoMember]) -> None:
    listed = members["Ada Miller"].as_json()
    promised = {
        "name",
        "phone",
        "account_number",
        "pin",
        "zip",
        "enrollment_code",
        "amount_due_cents",
        "note",
    }
    assert promised <= set(listed)
    assert listed["due_on"] == "2026-12-03"


def test_no_demo_pin_would_be_refused_when_chosen(clock: FixedClock) -> None:
    zips = {row["account_number"]: row["billing_zip"] for row in rows("accounts.csv")}
    pins = {row["pin"]: row for row in rows("phones.csv") if row["pin"]}
    for pin, row in pins.items():
        own_numbers = [row["phone"], row["account_number"], zips[row["account_number"]]]
        assert weakness_of(pin, length=4, own_numbers=own_numbers, today=clock.today()) == "", row
    assert len(pins) >= 10


def test_every_member_number_is_fictional_and_every_name_is_listed(
    members: dict[str, DemoMember], coop: Database
) -> None:
    assert all(member.phone.startswith("+170655501") for member in members.values())
    with coop.read() as tx:
        names = set(tx.scalars(select(Member.name)))
    assert {name.split(" for ")[-1] for name in members} == names


def test_there_is_a_prepaid_member_one_with_a_long_history_and_places_for_cash(
    members: dict[str, DemoMember], coop: Database, clock: FixedClock
) -> None:
    billing = Billing(coop, clock)
    lena = billing.standing(billing.id_of(members["Lena Fox"].account_number) or 0)
    assert lena.prepaid == Prepaid(2340, 5)
    tom = billing.id_of(members["Tom Barlow"].account_number) or 0
    two_years = Span(clock.today() - timedelta(days=2 * 366), clock.today())
    assert billing.history.billed_in(MadeProof(tom), two_years).count == 24
    assert billing.history.paid_in(MadeProof(tom), two_years).count == 23
    assert billing.summary(tom).past_due_cents == 0
    near = billing.places.near(billing.id_of(members["Rosa Delgado"].account_number), size=1)
    assert near.places[0].name == "Mill Creek Grocery"
    assert near.has_more


def test_the_member_with_a_notice_can_be_given_more_time(
    members: dict[str, DemoMember], coop: Database, clock: FixedClock
) -> None:
    billing = Billing(coop, clock)
    walter = billing.summary(billing.id_of(members["Walter Briggs"].account_number) or 0)
    terms = terms_for(walter, ArrangementPolicy(), clock.today())
    assert (terms.first_cents, terms.rest_cents) == (2410, 7230)
