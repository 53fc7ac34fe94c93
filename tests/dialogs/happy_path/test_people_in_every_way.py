"""A person, in hours and out of hours; scams, hardship, more time, a charge that looks wrong; who we are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from assistant.billing.arrangement_models import Arrangement
from assistant.billing.models import Account
from tests.dialogs.ways import KNOWN, VERIFIED, Talk, feature

SATURDAY_NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)


@contextmanager
def at_night(talk: Talk) -> Iterator[None]:
    """The office is closed; the clock of the co-op goes back to where it was."""
    before = talk.coop.clock.now()
    talk.coop.clock.advance(SATURDAY_NIGHT - before)
    yield
    talk.coop.clock.advance(before - SATURDAY_NIGHT)


@feature(
    "a person in hours",
    text={"en": "agent", "es": "quiero hablar con una persona"},
    keys="0",
    speech={"en": "let me talk to a person", "es": "quiero hablar con alguien"},
)
def test_a_person_is_reached(talk: Talk) -> None:
    talk.member()
    talk.through()
    if talk.is_call:
        assert talk.words("connecting you", "Le comunico") in talk.told
        assert "dialed: +17065550101" in talk.phone.transcript()
    else:
        assert talk.words("by 11 AM today", "hoy a las 11 de la mañana") in talk.told
        assert [each.topic for each in talk.requests] == ["human_agent"]


@feature(
    "a person out of hours",
    text={"en": "agent", "es": "quiero hablar con una persona"},
    keys="0",
    speech={"en": "let me talk to a person", "es": "quiero hablar con alguien"},
)
def test_out_of_hours_a_call_is_promised_with_its_day(talk: Talk) -> None:
    talk.member()
    with at_night(talk):
        talk.through()
        if talk.is_call:
            talk.phone.hang_up()
    assert talk.words("Monday", "lunes") in talk.told, talk.transcript()
    assert [each.topic for each in talk.requests] == ["human_agent"]
    if talk.is_call:
        assert "dialed" not in talk.phone.transcript()


@feature(
    "scam",
    text={
        "en": "someone called me and said they will cut my power, is this you",
        "es": "me llamaron diciendo que me van a cortar la luz, son ustedes",
    },
    speech={
        "en": "someone called me asking for gift cards",
        "es": "alguien me llamó pidiendo tarjetas de regalo",
    },
    without={"keys": "a keypad cannot tell it: 0 leads to a person at every question"},
)
def test_a_scam_is_filed_and_the_member_is_warned(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("Do not pay them", "No les pague") in talk.told
    assert [each.topic for each in talk.requests] == ["scam_report"]
    assert talk.charged == []


@feature(
    "hardship",
    text={"en": "I lost my job and cannot pay", "es": "perdí mi trabajo y no puedo pagar"},
    speech={"en": "i cannot pay my bill i lost my job", "es": "no puedo pagar estoy enfermo"},
    without={"keys": "a keypad cannot tell it: more time has a key, and 0 leads to a person"},
)
def test_who_is_in_need_gets_a_person_and_no_promise_of_power(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("11 AM today", "hoy a las 11 de la mañana") in talk.told
    assert [each.topic for each in talk.requests] == ["hardship"]
    assert talk.words("stay on", "no le corten") not in talk.told


@feature(
    "more time",
    text={"en": "I need more time to pay | {pin} | yes", "es": "necesito más tiempo para pagar | {pin} | sí"},
    keys=f"4 | 4 | 1 | {VERIFIED} | 1",
    speech={
        "en": f"can i get an extension | {VERIFIED} | 1",
        "es": f"necesito más tiempo para pagar | {VERIFIED} | 1",
    },
)
def test_more_time_is_agreed_to_by_a_clear_yes(talk: Talk) -> None:
    account = talk.member(balance_cents=9640, due_on=talk.today - timedelta(days=20))
    with talk.coop.app.db.write() as tx:
        row = tx.get_one(Account, account.id)
        row.disconnect_on, row.disconnect_minimum_cents = date(2026, 11, 27), 9640
        row.disconnect_noted_at = talk.coop.clock.now()
    talk.through()
    for told in talk.heard[-2:]:
        assert talk.money(2410) in told, talk.transcript()
        assert talk.money(7230) in told
        assert talk.day(date(2026, 12, 14)) in told
    (agreed,) = talk.rows(Arrangement)
    assert (agreed.state, agreed.first_cents, agreed.rest_cents) == ("open", 2410, 7230)
    assert agreed.rest_due_on == date(2026, 12, 14)
    assert talk.balance == 9640


@feature(
    "dispute",
    text={
        "en": "a charge on my bill looks wrong | the late fee of ten dollars",
        "es": "un cobro no está bien | el cargo por atraso",
    },
    keys=f"4 | 4 | 4 | {KNOWN} | 3",
    speech={
        "en": f"i want to dispute a charge | {KNOWN} | i was charged twice for october",
        "es": f"quiero reclamar un cobro | {KNOWN} | me cobraron dos veces octubre",
    },
)
def test_a_charge_that_looks_wrong_is_written_down_for_a_person(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("I wrote down", "Anot") in talk.told, talk.transcript()
    assert talk.words("11 AM today", "hoy a las 11 de la mañana") in talk.told
    assert [each.topic for each in talk.requests] == ["dispute_charge"]
    assert talk.balance == 8420


@feature(
    "are you a robot",
    text={"en": "are you a robot", "es": "eres un robot"},
    speech={"en": "am i talking to a machine", "es": "estoy hablando con una máquina"},
    without={"keys": "the first words of every call say so"},
)
def test_that_we_are_a_machine_is_said_plainly(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("not a person", "no una persona") in talk.told
    if talk.is_call:
        assert "automated assistant" in talk.heard[0]


@feature(
    "what can you do",
    text={"en": "what can you do", "es": "qué puede hacer"},
    keys="4",
    speech={"en": "what can you do", "es": "qué puede hacer usted"},
)
def test_what_can_be_done_here_is_told(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("autopay", "pago autom") in talk.told
    assert talk.words("another day" if talk.by == "keys" else "now or later", "otro d") in talk.told
