"""Who was cut off while paying hears how it ended when the next session knows who it is: once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.app import Application, build
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.dialogue.engine import EngineReply
from assistant.dialogue.turn import Heard
from assistant.errors import PaymentDeclined, PaymentUnknown
from assistant.handoff.models import HandoffRequest
from assistant.notifications.opt_outs import record_opt_out
from assistant.settings import Settings
from tests.factories import Factory, MadeAccount
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender
from tests.unit.dialogue.scripted import ScriptedEngine

PHONE, KITCHEN = "+17065550111", "+17065550999"


@dataclass
class Caller:
    """One member who pays, is cut off, and comes back by call or by text."""

    app: Application
    engine: ScriptedEngine
    gateway: FakeGateway
    clock: FixedClock
    account: MadeAccount
    calls: int = 0

    def call(self, phone: str = KITCHEN, *, is_known: bool = True) -> str:
        """Dial, from the kitchen phone, which is not on file, unless told otherwise; returns the session."""
        self.calls += 1
        session = self.app.conversation.open_call(f"CA{self.calls}", phone)
        if is_known:
            self.app.identity.claim(session.id, self.account.account_number)
            self.app.identity.recognize_by_zip(session.id, phone, self.account.zip_code)
        return session.id

    def text(self) -> str:
        session = self.app.conversation.open_text_session(PHONE)
        self.app.identity.recognize_by_phone(session.id, PHONE)
        return session.id

    def say(self, session_id: str, words: str = "how much do I owe on this") -> str:
        kind = "text" if self.app.sessions.get(session_id).channel == "sms" else "speech"
        replies = self.app.conversation.take(session_id, Heard(kind, words))
        return " ".join(reply.text for reply in replies)

    def charge(self, session_id: str, bank: str, channel: str = "voice", phone: str = KITCHEN) -> None:
        """The charge leaves, and the session hears nothing of it."""
        payments = self.app.payments
        draft = payments.draft(
            session_id=session_id, account_id=self.account.id, amount_cents=8420, method_id=None
        )
        payments.attach_card(session_id, draft.id, "pm_keyed")
        payments.record_consent(session_id=session_id, draft_id=draft.id, turn_id="t", how="key")
        self.gateway.plan = [bank]
        with suppress(PaymentDeclined, PaymentUnknown):
            payments.confirm(session_id=session_id, turn_id="t", language="en", channel=channel, phone=phone)
        self.app.conversation.end(session_id, "canceled")

    def wait(self, minutes: int = 40) -> None:
        for _ in range(minutes // 10):
            self.clock.advance(timedelta(minutes=10))
            self.app.payments.sweep()
            self.app.outbox.send_due()
            self.app.payments.untold.hand_over()

    def tasks(self) -> list[tuple[str, str]]:
        with self.app.db.read() as tx:
            rows = tx.scalars(select(HandoffRequest).where(HandoffRequest.state == "open"))
            return [(row.topic, row.summary) for row in rows]


@pytest.fixture
def caller(db: Database, clock: FixedClock, settings: Settings, factory: Factory) -> Caller:
    engine, gateway = ScriptedEngine(), FakeGateway(clock)
    app = build(settings, clock=clock, db=db, engine=engine, gateway=gateway, sender=FakeSender(clock))
    return Caller(app, engine, gateway, clock, factory.account(phone=PHONE))


@pytest.mark.parametrize(
    ("bank", "words"),
    [
        ("ok", "your payment of 84 dollars and 20 cents from earlier went through. Confirmation "),
        ("taken", "your payment of 84 dollars and 20 cents from earlier went through. Confirmation "),
        (
            "insufficient_funds",
            "84 dollars and 20 cents from earlier did not go through. Nothing was charged.",
        ),
        ("lost", "we checked your payment of 84 dollars and 20 cents from earlier. It was not charged."),
    ],
)
def test_the_next_call_opens_with_how_it_ended_and_the_one_after_does_not(
    caller: Caller, bank: str, words: str
) -> None:
    caller.charge(caller.call(), bank)
    caller.wait(120)
    second = caller.call()
    first_answer = caller.say(second)
    assert first_answer.startswith("Before we go on: ")
    assert words in first_answer
    assert first_answer.endswith(" Hello.")
    assert caller.say(second) == "Hello."
    assert caller.say(caller.call()) == "Hello."


def test_nothing_is_told_before_it_is_known_who_calls(caller: Caller) -> None:
    caller.charge(caller.call(), "ok")
    caller.wait()
    stranger = caller.call(is_known=False)
    assert caller.say(stranger) == "Hello."
    assert "Before we go on" in caller.say(caller.call())


@pytest.mark.parametrize("phone", ["+17065550777", "withheld", ""])
def test_a_guest_with_the_number_and_zip_hears_nothing_and_uses_nothing_up(
    caller: Caller, phone: str
) -> None:
    caller.charge(caller.call(), "ok")
    caller.wait()
    assert caller.say(caller.call(phone)) == "Hello."
    assert "Before we go on" in caller.say(caller.call(PHONE))


def test_a_hidden_number_is_nobodys_own_but_the_pin_is(caller: Caller) -> None:
    caller.charge(caller.call("withheld"), "ok", phone="withheld")
    caller.wait()
    assert caller.say(caller.call("withheld")) == "Hello."
    session = caller.call("withheld")
    caller.app.identity.check_pin(session, "withheld", caller.account.pin)
    assert "Before we go on" in caller.say(session)


def test_that_a_guests_bank_said_no_is_news_for_the_guest_alone(caller: Caller) -> None:
    caller.charge(caller.call(), "insufficient_funds")
    caller.wait()
    assert caller.say(caller.text()) == "Hello."
    assert "Before we go on" in caller.say(caller.call())


def test_a_text_session_opens_with_it_too_and_in_spanish(caller: Caller) -> None:
    caller.charge(caller.call(), "ok")
    caller.wait()
    session = caller.text()
    caller.app.sessions.set_language(session, "es")
    answer = caller.say(session, "cuánto debo de mi cuenta")
    assert answer.startswith("Antes de seguir: su pago de $84.20 de hace poco sí se hizo. Confirmación ")


def test_a_text_that_would_grow_too_long_leaves_it_to_the_next(caller: Caller) -> None:
    caller.charge(caller.call(), "ok")
    caller.wait()
    session = caller.text()
    caller.engine.script = [[EngineReply("x" * 260)]]
    assert caller.say(session) == "x" * 260
    assert caller.say(session).startswith("Before we go on")


def test_what_a_text_told_in_the_same_thread_is_not_told_again(caller: Caller) -> None:
    caller.charge(caller.text(), "taken", channel="sms")
    caller.wait()
    assert caller.say(caller.text()) == "Hello."


def test_who_heard_the_outcome_and_went_on_hears_it_once(caller: Caller) -> None:
    session = caller.call()
    draft = caller.app.payments.draft(
        session_id=session, account_id=caller.account.id, amount_cents=8420, method_id=None
    )
    caller.app.payments.attach_card(session, draft.id, "pm_keyed")
    caller.engine.script = [[EngineReply("Pay it?", (), {"expect": "confirm", "draft_id": draft.id})]]
    caller.say(session)
    caller.engine.during = lambda: _charge_in_the_turn(caller, session)
    caller.app.conversation.take(session, Heard("keys", "1"))
    caller.engine.during = lambda: None
    assert caller.say(session) == "Hello."
    assert caller.say(caller.call()) == "Hello."


def _charge_in_the_turn(caller: Caller, session: str) -> None:
    turn_id = caller.engine.heard[-1].metadata["turn_id"]
    caller.app.payments.confirm(
        session_id=session, turn_id=turn_id, language="en", channel="voice", phone=KITCHEN
    )


def test_a_text_that_cannot_be_delivered_becomes_a_persons_task_once(caller: Caller) -> None:
    with caller.app.db.write() as tx:
        record_opt_out(tx, phone=PHONE, how="carrier_word", at=caller.clock.now())
    caller.charge(caller.call(), "taken")
    caller.wait(60)
    [(topic, summary)] = caller.tasks()
    assert topic == "tell_payment_outcome"
    assert "did not reach the phone (opted_out). Tell the member: " in summary
    assert "we received your payment of $84.20" in summary
    assert "Before we go on" in caller.say(caller.call())


def test_a_caller_without_any_phone_on_file_hears_it_next_time_and_a_person_has_the_task(
    caller: Caller, factory: Factory
) -> None:
    caller.account = factory.account("1000000009", name="Harold Quinn", phone="")
    caller.charge(caller.call(), "ok")
    caller.wait()
    assert [topic for topic, _ in caller.tasks()] == ["tell_payment_outcome"]
    assert "Before we go on" in caller.say(caller.call())
    assert [topic for topic, _ in caller.tasks()] == ["tell_payment_outcome"]
