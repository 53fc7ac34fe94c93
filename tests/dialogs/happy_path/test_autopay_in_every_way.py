"""Autopay is turned on, asked about, changed, paused and left: its terms, its row and its mandate agree."""

from __future__ import annotations

from datetime import date

from assistant.payments.models import Mandate
from assistant.payments.scheduling_models import AutopayEnrollment
from tests.dialogs.ways import KNOWN, VERIFIED, Talk, Way, feature

TURN_ON = {
    "en": ("sign me up for autopay", "{pin}", "yes"),
    "es": ("quiero el pago automático", "{pin}", "sí"),
}


def has_autopay(talk: Talk) -> None:
    """A member with a card and autopay on, turned on by text before."""
    account = talk.member(card=True)
    before = Talk(talk.coop, Way("text", talk.language), TURN_ON[talk.language])
    before.talks_as(account)
    before.through()
    before.end()
    assert the_enrollment(talk).state == "active", before.transcript()


def the_enrollment(talk: Talk) -> AutopayEnrollment:
    """The one row; nothing was charged by talking about it."""
    (row,) = talk.rows(AutopayEnrollment)
    assert talk.charged == []
    return row


@feature(
    "autopay on",
    text={"en": "sign me up for autopay | {pin} | yes", "es": "quiero el pago automático | {pin} | sí"},
    keys=f"4 | 2 | {KNOWN} | 1 | {{pin}} | 1",
    speech={
        "en": f"set up autopay | {VERIFIED} | 1",
        "es": f"quiero poner el pago automático | {VERIFIED} | 1",
    },
)
def test_autopay_is_turned_on_by_a_yes_to_its_terms(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    terms = talk.heard[-2]
    assert talk.words("till you turn it off", "hasta que") in terms
    assert talk.money(8420) in talk.told
    assert talk.day(date(2026, 12, 3)) in talk.told
    row = the_enrollment(talk)
    assert (row.state, row.amount_kind, row.days_before) == ("active", "full", 0)
    (mandate,) = [each for each in talk.rows(Mandate) if each.purpose == "autopay"]
    assert (mandate.language, mandate.consent_how) == (talk.language, "key" if talk.is_call else "word")


@feature(
    "autopay status",
    text={"en": "is autopay on", "es": "tengo pago automático"},
    keys=f"4 | 2 | {KNOWN}",
    speech={"en": f"do i have autopay | {KNOWN}", "es": f"tengo pago automático | {KNOWN}"},
)
def test_that_autopay_is_on_and_what_comes_next_are_told(talk: Talk) -> None:
    has_autopay(talk)
    talk.through()
    assert talk.words("Autopay is on", "tico est") in talk.told
    assert talk.money(8420) in talk.told
    assert talk.day(date(2026, 12, 3)) in talk.told
    assert the_enrollment(talk).state == "active"


@feature(
    "autopay change",
    text={
        "en": "change my autopay | {pin} | 2 | 2 | 5 | yes",
        "es": "cambiar mi pago automático | {pin} | 2 | 2 | 5 | sí",
    },
    keys=f"4 | 2 | {KNOWN} | 1 | {{pin}} | 2 | 2 | 5# | 1",
    speech={
        "en": f"change my autopay | {VERIFIED} | 2 | 2 | 5# | 1",
        "es": f"cambiar mi pago automático | {VERIFIED} | 2 | 2 | 5# | 1",
    },
)
def test_the_day_of_autopay_is_changed_by_a_yes_to_the_new_terms(talk: Talk) -> None:
    has_autopay(talk)
    talk.through()
    assert talk.words("5 days before", "5 días antes" if talk.is_call else "5 dias antes") in talk.heard[-2]
    assert talk.day(date(2026, 11, 28)) in talk.told
    row = the_enrollment(talk)
    assert (row.state, row.days_before) == ("active", 5)


@feature(
    "autopay pause",
    text={"en": "pause autopay | {pin} | yes", "es": "pausar el pago automático | {pin} | sí"},
    keys=f"4 | 2 | {KNOWN} | 2 | {{pin}} | 1",
    speech={
        "en": f"pause my autopay | {VERIFIED} | yes",
        "es": f"pausar el pago automático | {VERIFIED} | sí",
    },
)
def test_autopay_is_paused_and_what_is_owed_stays_due(talk: Talk) -> None:
    has_autopay(talk)
    talk.through()
    assert talk.words("is paused", "en pausa") in talk.told
    assert talk.words("still due", "sigue pendiente") in talk.told
    assert the_enrollment(talk).state == "paused"


@feature(
    "autopay off",
    text={"en": "turn off autopay | {pin} | yes", "es": "quitar el pago automático | {pin} | sí"},
    keys=f"4 | 2 | {KNOWN} | 3 | {{pin}} | 1",
    speech={
        "en": f"turn off autopay | {VERIFIED} | yes",
        "es": f"quitar el pago automático | {VERIFIED} | sí",
    },
)
def test_autopay_is_left_and_its_mandate_revoked(talk: Talk) -> None:
    has_autopay(talk)
    talk.through()
    assert talk.words("Autopay is off", "ya no hay pago autom") in talk.told
    assert the_enrollment(talk).state == "left"
    assert all(each.revoked_at for each in talk.rows(Mandate) if each.purpose == "autopay")
