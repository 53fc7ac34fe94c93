"""Enrolling from the paper bill, a PIN changed or forgotten, a helper, the language: without internet."""

from __future__ import annotations

import re

from tests.dialogs.ways import VERIFIED, Talk, Way, feature

NEW_PIN = "7305"


def assert_the_new_pin_pays(talk: Talk) -> None:
    """What was chosen is what now lets the member in: by text, with a card on file."""
    talk.save_card()
    talk.end()
    later = Talk(talk.coop, Way("text", talk.language), (talk.words("pay", "pagar"), NEW_PIN))
    later.talks_as(talk.account)
    later.through()
    assert talk.charged == [8420], later.transcript()
    assert talk.balance == 0


@feature(
    "enroll",
    text={
        "en": "enroll | {account} | 1 | {code} | 7305",
        "es": "quiero inscribirme | {account} | 1 | {code} | 7305",
    },
    keys="4 | 3 | {account} | 1 | {code} | 7305",
    speech={
        "en": "i want to sign up | {account} | 1 | {code} | 7305",
        "es": "quiero inscribirme | {account} | 1 | {code} | 7305",
    },
)
def test_a_phone_is_enrolled_with_the_code_of_the_paper_bill_and_pays(talk: Talk) -> None:
    talk.member(pin="", phone="")
    talk.through()
    assert talk.words("new PIN is set", "PIN nuevo est") in talk.told, talk.transcript()
    enrolled = talk.coop.app.identity.accounts_of_phone(talk.phone.number)
    assert [each.account_id for each in enrolled] == [talk.account.id]
    assert_the_new_pin_pays(talk)


@feature(
    "change the PIN",
    text={
        "en": "I want to change my PIN | 1 | {code} | 7305",
        "es": "quiero cambiar mi clave | 1 | {code} | 7305",
    },
    keys="4 | 3 | {account} | 1 | {code} | 7305",
    speech={
        "en": "change my pin | {account} | 1 | {code} | 7305",
        "es": "quiero cambiar mi clave | {account} | 1 | {code} | 7305",
    },
)
def test_a_pin_is_changed_with_the_code_of_the_paper_bill(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.words("new PIN is set", "PIN nuevo est") in talk.told, talk.transcript()
    assert_the_new_pin_pays(talk)


@feature(
    "forgotten PIN",
    text={"en": "i forgot my pin | 2", "es": "olvidé mi pin | 2"},
    keys="4 | 3 | {account} | 2",
    speech={"en": "i forgot my pin | {account} | 2", "es": "se me olvidó mi clave | {account} | 2"},
)
def test_a_forgotten_pin_is_set_anew_with_a_code_by_text(talk: Talk) -> None:
    talk.member()
    talk.through()
    code = re.search(r"\b\d{6}\b", " ".join(talk.received))
    assert code, talk.transcript()
    talk.say(code.group())
    talk.say(NEW_PIN)
    assert talk.words("new PIN is set", "PIN nuevo est") in talk.told
    assert_the_new_pin_pays(talk)


@feature(
    "name a helper",
    text={
        "en": "add a helper | {pin} | 706-559-{phone} | yes",
        "es": "quiero nombrar un ayudante | {pin} | 706-559-{phone} | sí",
    },
    keys=f"4 | 5 | {VERIFIED} | 2 | 706559{{phone}} | 1",
    speech={
        "en": f"let my daughter pay my bill | {VERIFIED} | 706559{{phone}} | yes",
        "es": f"quiero que mi hija pueda pagar mi cuenta | {VERIFIED} | 706559{{phone}} | sí",
    },
)
def test_a_helper_is_named_and_may_ask_what_is_owed(talk: Talk) -> None:
    account = talk.member()
    talk.through()
    helper_phone = f"+1706559{account.phone[-4:]}"
    assert talk.words("Done", "Listo") in talk.told, talk.transcript()
    named = talk.coop.app.identity.accounts_of_phone(helper_phone)
    assert [(each.account_id, each.role) for each in named] == [(account.id, "helper")]


@feature(
    "change of language",
    text={"en": "español | saldo", "es": "español | english | balance"},
    keys="5 | 2 | {account} | {zip}",
    speech={
        "en": "español please | cuánto debo | {account} | {zip}",
        "es": "english please | how much do i owe | {account} | {zip}",
    },
)
def test_the_other_language_is_spoken_from_then_on(talk: Talk) -> None:
    talk.member()
    talk.through()
    assert talk.told.startswith(talk.words("Debe ", "You owe ")), talk.transcript()
    assert talk.balance == 8420
