"""Paper, reminders and messages: set by the member, by text and phone."""

from __future__ import annotations

from assistant.notifications.models import ContactPreference
from assistant.notifications.opt_outs import has_opted_out
from tests.dialogs.ways import VERIFIED, Talk, feature


def is_opted_out(talk: Talk) -> bool:
    with talk.coop.app.db.read() as tx:
        return has_opted_out(tx, talk.phone.number)


@feature(
    "paperless",
    text={"en": "go paperless | {pin} | yes", "es": "ya no quiero recibos en papel | {pin} | sí"},
    keys=f"4 | 5 | {VERIFIED} | 3 | 1",
    speech={
        "en": f"stop sending paper bills | {VERIFIED} | yes",
        "es": f"no quiero más facturas en papel | {VERIFIED} | sí",
    },
)
def test_paper_bills_are_stopped_and_the_office_is_told(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("no more paper bills", "s facturas en papel") in talk.told, talk.transcript()
    assert [each.topic for each in talk.requests] == ["paperless"]
    assert [each.is_paperless for each in talk.rows(ContactPreference)] == [True]


@feature(
    "reminders",
    text={"en": "change my reminders | {pin} | 4", "es": "cambiar mis recordatorios | {pin} | 4"},
    keys=f"4 | 5 | {VERIFIED} | 4 | 1 | 4",
    speech={"en": f"change my reminder | {VERIFIED} | 4", "es": f"cambien mi recordatorio | {VERIFIED} | 4"},
)
def test_the_reminder_comes_as_many_days_before_as_was_chosen(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert "3" in talk.heard[-2], "how it was before"
    assert "7" in talk.told, talk.transcript()
    assert [each.reminder_days for each in talk.rows(ContactPreference)] == [7]


@feature(
    "opt out",
    text={"en": "stop texting me", "es": "ya no me manden mensajes"},
    speech={"en": "stop sending me texts", "es": "no me manden más mensajes"},
    without={
        "keys": "a keypad writes no words; reminders and receipts are turned off by key under 'reminders'"
    },
)
def test_messages_are_stopped_at_once_in_any_words(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("we will not text you first", "ya no le mandaremos mensajes") in talk.told
    assert is_opted_out(talk)


@feature(
    "opt in",
    text={
        "en": "stop texting me | you can text me again",
        "es": "ya no me manden mensajes | pueden mandarme mensajes otra vez",
    },
    speech={
        "en": "stop sending me texts | start texting me again",
        "es": "no me manden más mensajes | quiero recibir mensajes otra vez",
    },
    without={"keys": "a keypad writes no words"},
)
def test_messages_are_taken_up_again_in_words(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("we will text you", "le mandaremos otra vez") in talk.told
    assert not is_opted_out(talk)
