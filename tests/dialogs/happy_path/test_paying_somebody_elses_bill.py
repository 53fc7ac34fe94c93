"""A guest pays with the account number, its ZIP and a new card, and learns nothing about the account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from assistant.billing.models import Account
from assistant.identity.verification import Role
from tests.dialogs.conftest import World
from tests.dialogs.test_no_input_bricks_a_session import Talk

GUEST_PHONE = "+17065550190"


def test_a_guest_pays_by_phone_with_keys_and_hears_no_balance(world: World) -> None:
    account = world.factory.account()
    line = world.call(GUEST_PHONE)
    heard = [line.speak("i want to pay somebody else's bill"), line.press("1000000001")]
    heard += [line.press("30601"), line.press("25#"), line.key_card()]
    assert line.expect.kind == "confirm"
    heard.append(line.press("1"))
    assert "confirmation number" in line.said
    assert world.balance(account) == 5920
    assert not [words for words in heard if "84" in words or "59 dollars" in words or "Miller" in words]


def test_una_invitada_paga_por_telefono(world: World) -> None:
    account = world.factory.account()
    line = world.call(GUEST_PHONE)
    line.speak("en español")
    line.speak("quiero pagar el recibo de otra persona")
    line.press("1000000001")
    line.press("30601")
    line.press("84*20#")
    line.key_card()
    line.press("1")
    assert "número de confirmación" in line.said
    assert world.balance(account) == 0


def test_a_wrong_zip_tells_a_guest_nothing(world: World) -> None:
    world.factory.account()
    line = world.call(GUEST_PHONE)
    line.speak("pay as a guest")
    line.press("1000000001")
    line.press("99999")
    assert line.expect.kind == "digits"
    assert world.gateway.taken_cents == 0


def test_far_too_much_is_refused_without_telling_what_is_owed(world: World) -> None:
    world.factory.account()
    line = world.call(GUEST_PHONE)
    line.speak("pay as a guest")
    line.press("1000000001")
    line.press("30601")
    line.press("400#")
    assert "cannot take that amount" in line.said
    assert "84" not in line.said


def test_a_guest_is_not_told_the_least_that_keeps_the_power_on(world: World) -> None:
    account = world.factory.account(due_on=world.clock.today() - timedelta(days=20))
    with world.app.db.write() as tx:
        notice = {"disconnect_on": world.clock.today() + timedelta(days=4), "disconnect_minimum_cents": 5000}
        tx.execute(update(Account).where(Account.id == account.id).values(**notice))
    talk = Talk(world, "voice", GUEST_PHONE)
    talk.send("guest_payment")
    talk.send("inform_digits", digits=account.account_number)
    talk.send("inform_digits", digits=account.zip_code)
    talk.send("pay_bill", option="minimum")
    assert talk.asked[0] == "amount"


@pytest.mark.parametrize("words", ["i want to pay someone else's electric bill", "guest payment"])
def test_by_text_a_guest_is_rung_because_a_card_is_never_texted(world: World, words: str) -> None:
    world.factory.account()
    line = world.thread(GUEST_PHONE)
    assert "account number" in line.text(words)
    line.text("call")
    assert len(world.queued("call")) == 1


@pytest.mark.parametrize(
    ("role", "words", "answer"),
    [
        ("helper", "pay my mom's bill", "$84.20"),
        ("helper", "pagar el recibo de mi mamá", "$84.20"),
        ("member", "pay my mom's bill", "CALL"),
        ("member", "I want to pay my neighbor's bill", "CALL"),
    ],
)
def test_a_helper_pays_for_a_parent_by_text_and_others_on_a_call(
    world: World, role: Role, words: str, answer: str
) -> None:
    world.saved_card(world.factory.account(role=role))
    assert answer in world.thread().text(words)
    assert world.gateway.taken_cents == 0
