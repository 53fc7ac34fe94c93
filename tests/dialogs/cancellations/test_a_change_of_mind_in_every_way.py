"""A change of mind at the last question: nothing is paid, set or taken off, and that is said."""

from __future__ import annotations

from assistant.payments.scheduling_models import ScheduledPayment
from tests.dialogs.ways import VERIFIED, Talk, in_every_way


@in_every_way(
    text={"en": "pay my bill | no | 3", "es": "quiero pagar mi recibo | no | 3"},
    keys=f"1 | {VERIFIED} | * | *",
    speech={
        "en": f"pay my bill | {VERIFIED} | no | 3",
        "es": f"quiero pagar mi recibo | {VERIFIED} | no | 3",
    },
)
def test_a_payment_that_was_read_back_is_left(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.words("Nothing was paid", "No se pag") in talk.told, talk.transcript()
    assert talk.charged == []
    assert talk.balance == 8420


@in_every_way(
    text={
        "en": "pay my bill on december first | {pin} | no | no",
        "es": "quiero pagar el primero de diciembre | {pin} | no | no",
    },
    keys=f"4 | 1 | {VERIFIED} | *",
    speech={
        "en": f"pay my bill on the first of december | {VERIFIED} | no | no",
        "es": f"quiero pagar el primero de diciembre | {VERIFIED} | no | no",
    },
)
def test_a_payment_for_a_later_day_is_not_set(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.words("Nothing is set", "No se puso") in talk.told, talk.transcript()
    assert talk.rows(ScheduledPayment) == []
    assert talk.charged == []


@in_every_way(
    text={"en": "remove my card | {pin} | no", "es": "quiten mi tarjeta | {pin} | no"},
    keys=f"4 | 5 | {VERIFIED} | 1 | 2 | 2",
    speech={"en": f"take my card off | {VERIFIED} | no", "es": f"quiten mi tarjeta | {VERIFIED} | no"},
)
def test_a_card_stays_where_it_is(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.words("nothing was changed", "no se cambi") in talk.told, talk.transcript()
    assert talk.cards == ["4242"]
