"""Letters by mail, places for cash, and the office: told with the day, the amount and the hours."""

from __future__ import annotations

from datetime import date

from assistant.billing.letter_models import Letter
from tests.dialogs.ways import VERIFIED, Talk, feature

BY = date(2026, 11, 25)


def assert_mailed(talk: Talk, kind: str) -> None:
    """One letter is queued in the member's language, and its day and street are told."""
    assert talk.day(BY) in talk.told, talk.transcript()
    assert "4 Mill Road" in talk.told
    assert [(each.kind, each.language) for each in talk.rows(Letter)] == [(kind, talk.language)]
    assert talk.charged == []


@feature(
    "statement letter",
    text={"en": "mail me a copy of my bill | {pin}", "es": "mándeme una copia de mi factura | {pin}"},
    keys=f"4 | 4 | 5 | 1 | {VERIFIED}",
    speech={
        "en": f"i need a copy of my bill | {VERIFIED}",
        "es": f"necesito una copia de mi recibo | {VERIFIED}",
    },
)
def test_a_copy_of_the_bill_is_mailed(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.money(8420) in talk.told
    assert_mailed(talk, "statement_copy")


@feature(
    "good-standing letter",
    text={
        "en": "I need a letter of good standing | {pin}",
        "es": "necesito una carta de buen pagador | {pin}",
    },
    keys=f"4 | 4 | 5 | 2 | {VERIFIED}",
    speech={
        "en": f"i need a letter of good standing | {VERIFIED}",
        "es": f"necesito una carta de que estoy al corriente | {VERIFIED}",
    },
)
def test_a_letter_of_good_standing_is_mailed(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("good standing", "al corriente") in talk.told
    assert_mailed(talk, "good_standing")


@feature(
    "cash places",
    text={"en": "where can I pay cash", "es": "dónde puedo pagar en efectivo"},
    keys="4 | 4 | 5 | 4",
    speech={"en": "where can i pay with cash", "es": "dónde pago en efectivo"},
)
def test_where_cash_is_taken_is_told_with_its_hours(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert "12 Depot Street" in talk.told
    assert talk.words("8 AM to 5 PM", "de las 8 de la mañana a las 5 de la tarde") in talk.told


@feature(
    "office hours",
    text={"en": "what are your hours", "es": "a qué hora abren"},
    keys="4 | 4 | 5 | 5 | 4",
    speech={"en": "what time does the office open", "es": "a qué hora cierra la oficina"},
)
def test_the_offices_hours_and_address_are_told(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("Monday to Friday, 8 AM to 5 PM", "de lunes a viernes") in talk.told, talk.transcript()
    assert "12 Depot Street" in talk.told


@feature(
    "outage",
    text={"en": "my power is out", "es": "no tengo luz"},
    keys="4 | 4 | 5 | 5 | 3",
    speech={"en": "my power is out", "es": "se fue la luz"},
)
def test_the_number_for_outages_and_the_warning_of_fallen_wires_are_told(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert ("7 0 6, 5 5 5, 0 1 0 2" if talk.is_call else "706-555-0102") in talk.told, talk.transcript()
    assert "911" in talk.told
