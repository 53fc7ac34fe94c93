"""Letters tell what is true on their day, once, to the mailing address; places come the nearest first."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from assistant.billing.importing_places import import_places
from assistant.billing.models import Account, MailingAddress
from assistant.billing.service import Billing
from assistant.billing.views import Span
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.errors import ImportRejected, LetterRefused, NotVerified
from tests.factories import Factory
from tests.unit.billing.proofs import MadeProof

TODAY = date(2026, 11, 23)
PLACES = (
    "place_number,name,street,city,zip,open_days,opens,closes,fee\n"
    "P-1,Bell Market,9 Main Street,Athens,30601,every_day,07:00,22:00,1.50\n"
    "P-2,Adams Bank,2 Elm Street,Comer,30629,weekdays,09:00,17:00,0.00\n"
    "P-3,Crow Drugs,7 Oak Street,Athens,30601,not_sunday,08:00,20:00,1.50\n"
)


@pytest.fixture
def billing(db: Database, clock: FixedClock) -> Billing:
    return Billing(db, clock)


def test_a_copy_of_the_newest_bill_goes_to_the_service_location(billing: Billing, factory: Factory) -> None:
    made = factory.account(due_on=date(2026, 12, 3))
    letter = billing.letters.ask_statement(MadeProof(made.id), "en")
    assert (letter.kind, letter.name, letter.street, letter.zip) == (
        "statement_copy",
        "Ada Miller",
        "4 Mill Road",
        "30601",
    )
    assert letter.facts["bill_cents"] == 8420
    assert letter.facts["due_on"] == "2026-12-03"
    assert letter.facts["account_last_four"] == "0001"
    # Monday, Tuesday, Wednesday: two working days.
    assert letter.goes_by == date(2026, 11, 25)


def test_asking_twice_is_one_letter_and_a_printed_one_may_be_asked_for_again(
    billing: Billing, factory: Factory
) -> None:
    proof = MadeProof(factory.account().id)
    first = billing.letters.ask_statement(proof, "en")
    assert billing.letters.ask_statement(proof, "en").id == first.id
    assert billing.letters.mark_printed([first.id], by="office") == 1
    assert billing.letters.mark_printed([first.id], by="office") == 0
    assert billing.letters.queued() == []
    assert billing.letters.ask_statement(proof, "en").id != first.id


def test_the_bill_of_a_month_is_copied_or_there_is_none(billing: Billing, factory: Factory) -> None:
    made = factory.account()
    factory.statement(made.id, 7100, issued_on=date(2026, 5, 4), due_on=date(2026, 5, 28))
    may = Span(date(2026, 5, 1), date(2026, 5, 31))
    assert billing.letters.ask_statement(MadeProof(made.id), "en", may).facts["bill_cents"] == 7100
    june = Span(date(2026, 6, 1), date(2026, 6, 30))
    with pytest.raises(LetterRefused, match="statement_not_found"):
        billing.letters.ask_statement(MadeProof(made.id), "en", june)


def test_letters_go_to_the_mailing_address_where_there_is_one(
    db: Database, billing: Billing, factory: Factory
) -> None:
    made = factory.account()
    with db.write() as tx:
        tx.add(MailingAddress(account_id=made.id, street="PO Box 12", city="Comer", state="GA", zip="30629"))
    letter = billing.letters.ask_statement(MadeProof(made.id), "es")
    assert (letter.street, letter.city, letter.language) == ("PO Box 12", "Comer", "es")


def test_good_standing_is_proved_only_when_it_is_true(
    db: Database, billing: Billing, factory: Factory
) -> None:
    good, late = factory.account(), factory.account("1000000002", due_on=TODAY - timedelta(days=1))
    noticed = factory.account("1000000003")
    with db.write() as tx:
        tx.execute(update(Account).where(Account.id == noticed.id).values(disconnect_on=TODAY))
    proof = MadeProof(good.id)
    letter = billing.letters.ask_good_standing(proof, "en", billing.summary(good.id))
    assert (letter.kind, letter.as_of, letter.facts["bill_count"]) == ("good_standing", TODAY, 1)
    assert billing.letters.ask_good_standing(proof, "en", billing.summary(good.id)).id == letter.id
    for account in (late, noticed):
        with pytest.raises(LetterRefused, match="not_in_good_standing"):
            billing.letters.ask_good_standing(MadeProof(account.id), "en", billing.summary(account.id))


def test_letters_are_for_verified_members(billing: Billing, factory: Factory) -> None:
    made = factory.account()
    proof = MadeProof(made.id, level="recognized")
    with pytest.raises(NotVerified):
        billing.letters.ask_statement(proof, "en")
    with pytest.raises(NotVerified):
        billing.letters.ask_good_standing(proof, "en", billing.summary(made.id))


def test_places_in_the_members_zip_come_first(
    db: Database, billing: Billing, factory: Factory, tmp_path: Path
) -> None:
    path = tmp_path / "places.csv"
    path.write_text(PLACES)
    assert import_places(db, path).new == 3
    near = billing.places.near(factory.account().id, size=2)
    assert [place.name for place in near.places] == ["Bell Market", "Crow Drugs"]
    assert near.has_more
    assert [place.name for place in billing.places.near(None, skip=1, size=2).places] == [
        "Bell Market",
        "Crow Drugs",
    ]


def test_the_file_of_places_is_the_whole_list(db: Database, billing: Billing, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text(PLACES)
    import_places(db, path)
    assert import_places(db, path).unchanged == 3
    path.write_text("".join(PLACES.splitlines(keepends=True)[:2]).replace("1.50", "2.00"))
    count = import_places(db, path)
    assert (count.new, count.changed) == (0, 3)
    assert [place.fee_cents for place in billing.places.near(None, size=5).places] == [200]
    path.write_text(PLACES.replace("22:00", "25:00"))
    with pytest.raises(ImportRejected) as refused:
        import_places(db, path)
    assert refused.value.problems == [(2, "closes", "is not a time as 08:00")]
