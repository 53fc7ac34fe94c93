"""An amount or a day that was read back is corrected, and only what was corrected is paid or set."""

from __future__ import annotations

from datetime import date

from assistant.payments.scheduling_models import ScheduledPayment
from tests.dialogs.ways import VERIFIED, Talk, in_every_way


@in_every_way(
    text={
        "en": "pay my bill | no, make it 62 | {pin}",
        "es": "quiero pagar mi recibo | no, mejor 62 | {pin}",
    },
    keys=f"1 | {VERIFIED} | 2 | 26*00# | 2 | 62*00# | 1",
    speech={
        "en": f"pay twenty six dollars | {VERIFIED} | no, make it sixty two dollars | 1",
        "es": f"quiero pagar mi recibo | {VERIFIED} | no, mejor sesenta y dos dólares | 1",
    },
)
def test_the_corrected_amount_is_paid_and_nothing_else(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.money(6200) in talk.heard[-2], talk.transcript()
    assert talk.money(6200) in talk.told
    assert talk.charged == [6200]
    assert talk.balance == 2220


@in_every_way(
    text={
        "en": "pay my bill on december first | {pin} | no, make it friday | yes",
        "es": "quiero pagar el primero de diciembre | {pin} | no, mejor el viernes | sí",
    },
    keys=f"4 | 1 | {VERIFIED} | 1 | 2 | 2 | 1",
    speech={
        "en": f"pay my bill on the first of december | {VERIFIED} | no, make it friday | 1",
        "es": f"quiero pagar el primero de diciembre | {VERIFIED} | no, mejor el viernes | 1",
    },
)
def test_the_corrected_day_is_set(talk: Talk) -> None:
    talk.member(card=True)
    talk.through()
    assert talk.day(date(2026, 11, 27)) in talk.heard[-2], talk.transcript()
    assert [each.pay_on for each in talk.rows(ScheduledPayment)] == [date(2026, 11, 27)]
    assert talk.charged == []
