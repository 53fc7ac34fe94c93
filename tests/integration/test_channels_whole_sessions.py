"""Whole sessions through the carrier: signed webhooks, trained engine, real services, Stripe stand-in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI

from assistant.adapters.stripe_gateway import StripeGateway
from assistant.app import Application, build
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.sandbox.carrier import Carrier
from assistant.serve import public_app
from assistant.settings import Settings
from tests.conftest_rasa import RunningRasa
from tests.dialogs.conftest import internal_listener
from tests.factories import Factory, MadeAccount
from tests.fake_sender import FakeSender
from tests.phone_fixtures import Phone, post_to
from tests.stripe_fixtures import StandIn

LANDLINE = "+17065550999"


@dataclass
class World:
    """The co-op, its carrier and its processor."""

    application: Application
    carrier: Carrier
    account: MadeAccount
    sender: FakeSender

    def balance(self) -> int:
        return self.application.billing.summary(self.account.id).balance_cents


@pytest.fixture
def world(
    rasa: RunningRasa,
    db: Database,
    clock: FixedClock,
    settings: Settings,
    factory: Factory,
    stripe_standin: StandIn,
) -> Iterator[World]:
    settings = settings.model_copy(update={"stripe_api_base": stripe_standin.url})
    engine, sender = rasa.engine(), FakeSender(clock)
    application = build(
        settings, clock=clock, db=db, engine=engine, gateway=StripeGateway(settings), sender=sender
    )
    app: FastAPI = public_app(application)
    carrier = Carrier(settings, clock, post=post_to(app, settings), sleep=lambda _: None)
    with internal_listener(application) as answer:
        rasa.answer_raw_with(answer)
        yield World(application, carrier, factory.account(), sender)
    engine.close()


def test_a_member_pays_by_text_with_a_pin(world: World, stripe_standin: StandIn) -> None:
    world.application.payments.saved_methods.save(world.account.id, "pm_card_visa", is_default=True)
    ada = Phone(world.carrier, world.account.phone)
    offer = ada.text("pay my bill")
    assert "$84.20" in offer
    assert "PIN" in offer
    receipt = ada.text(world.account.pin)
    number = re.search(r"\b\d{8}\b", receipt)
    assert number, receipt
    assert world.balance() == 0
    assert [charge["amount"] for charge in stripe_standin.charged()] == [8420]
    # The PIN is wiped at the carrier, and the receipt is told once.
    pin_text = [text for text in world.carrier.texts if text.body == world.account.pin]
    assert [text.id for text in pin_text] == world.sender.redacted
    assert world.sender.bodies_to(ada.number) == []


def test_a_caller_pays_by_keypad_alone_with_a_card_keyed_there(world: World, stripe_standin: StandIn) -> None:
    caller = Phone(world.carrier, LANDLINE)
    assert "To pay your bill, press 1." in caller.dial()
    caller.press("1")
    caller.press(world.account.account_number + "#")
    caller.press(world.account.zip_code + "#")
    caller.press(world.account.pin + "#")
    assert caller.state == "card", caller.transcript()
    for keys in ("4242424242424242#", "1230", "123#", "30601#"):
        heard = caller.press(keys)
    assert "keep" in heard, caller.transcript()
    caller.press("2")
    receipt = caller.press("1")
    assert "balance is now 0 dollars" in receipt, caller.transcript()
    assert world.balance() == 0
    assert [charge["amount"] for charge in stripe_standin.charged()] == [8420]
    caller.hang_up()
    assert "4242424242424242" not in caller.transcript()


def test_silence_all_along_ends_with_a_person_and_never_with_a_click(world: World) -> None:
    caller = Phone(world.carrier, LANDLINE)
    caller.dial()
    caller.press("1")
    for _ in range(4):
        if caller.state != "listening":
            break
        caller.stay_silent()
    assert "dialed: +17065550101" in caller.transcript()


def test_a_text_asks_for_a_call_and_the_call_goes_on(world: World) -> None:
    ada = Phone(world.carrier, world.account.phone)
    ada.text("pay my bill")
    assert ada.text("CALL")
    path = world.sender.calls[-1][2]
    assert path.startswith("/twilio/voice?resume=")
    url = world.application.settings.public_url + path
    world.carrier.ring(ada.number, url, fallback_url="", status_url="", seconds=40)
    heard = ada.pick_up()
    assert ada.state in ("listening", "card"), heard
    assert heard
