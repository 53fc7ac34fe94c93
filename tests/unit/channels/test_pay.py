"""`<Pay>`: every result of Twilio's reaches the dialogue, and no digit of a card does."""

from __future__ import annotations

import pytest

from assistant.dialogue.turn import Expectation, Heard, Reply
from assistant.sandbox.carrier import Carrier
from assistant.sandbox.pay_connector import connector_of
from assistant.sandbox.pay_desk import ConnectorRefused, KeyedCard
from assistant.sandbox.phone_models import NetworkState, PayFault
from assistant.settings import Settings
from tests.fake_conversation import FakeConversation
from tests.phone_fixtures import Phone

PAY = [Reply("Now key in your card.", Expectation("new_card", draft_id="draft_1"))]


@pytest.fixture
def paying(
    ada: Phone, conversation: FakeConversation, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> Phone:
    """A phone that was just asked for its card; every card becomes pm_test."""
    monkeypatch.setattr(carrier._pay_desk, "_tokenize", lambda _card: "pm_test")
    conversation.answers = [PAY]
    ada.dial()
    return ada


def card_of(conversation: FakeConversation) -> dict[str, str]:
    assert conversation.heard[-1].kind == "card"
    return conversation.heard[-1].card


def test_a_keyed_card_becomes_a_token(
    paying: Phone, conversation: FakeConversation, carrier: Carrier
) -> None:
    assert paying.state == "card"
    for keys in ("4242424242424242#", "1227", "123#", "30601#"):
        paying.press(keys)
    assert card_of(conversation) == {
        "result": "success",
        "token": "pm_test",
        "last_four": "4242",
        "brand": "visa",
        "expires": "1227",
    }
    everything = paying.transcript() + str(carrier.wire.entries())
    assert "4242424242424242" not in everything
    assert "keyed: ••••••••••••••••" in paying.transcript()


def test_an_american_express_has_fifteen_digits_and_four_behind(
    paying: Phone, conversation: FakeConversation
) -> None:
    for keys in ("378282246310005#", "1227", "1234#", "30601#"):
        paying.press(keys)
    assert card_of(conversation)["brand"] == "amex"


@pytest.mark.parametrize(
    "entries",
    [
        ("4242424242424241#",) * 3,
        ("1#", "2#", "3#"),
        ("36227206271667#",) * 3,
        ("4242424242424242#", "1326", "0126", "9999"),
        ("4242424242424242#", "1227", "12#", "12345#", "#"),
        ("4242424242424242#", "1227", "123#", "1#", "2#", "3#"),
    ],
)
def test_too_many_wrong_entries_end_it(
    entries: tuple[str, ...], paying: Phone, conversation: FakeConversation
) -> None:
    for keys in entries:
        paying.press(keys)
    assert card_of(conversation)["result"] == "too-many-failed-attempts"


def test_a_wrong_entry_may_be_corrected(paying: Phone, conversation: FakeConversation) -> None:
    assert "does not fit" in paying.press("4242424242424241#")
    for keys in ("4242424242424242#", "1227", "123#", "30601#"):
        paying.press(keys)
    assert card_of(conversation)["result"] == "success"


def test_silence_is_a_wrong_entry_and_slow_keys_are_not(
    paying: Phone, conversation: FakeConversation
) -> None:
    paying.stay_silent()
    for key in "4242424242424242":
        paying.press(key)
    paying.stay_silent()
    for keys in ("1227", "123#", "30601#"):
        paying.press(keys)
    assert card_of(conversation)["result"] == "success"


def test_star_stops_it(paying: Phone, conversation: FakeConversation) -> None:
    paying.press("4242*")
    assert card_of(conversation) == {
        "result": "caller-interrupted-with-star",
        "token": "",
        "last_four": "",
        "brand": "",
        "expires": "",
    }


def test_hanging_up_in_the_middle_is_reported(paying: Phone, conversation: FakeConversation) -> None:
    paying.press("4242")
    paying.hang_up()
    assert card_of(conversation)["result"] == "caller-hung-up"
    assert paying.state == "ended"
    assert conversation.ended[0][1] == "completed"


@pytest.mark.parametrize("fault", ["payment-connector-error", "validation-error", "internal-error"])
def test_faults_of_the_carrier_reach_the_dialogue(
    fault: PayFault, ada: Phone, conversation: FakeConversation, carrier: Carrier
) -> None:
    carrier.knobs = NetworkState(pay_fault=fault)
    conversation.answers = [PAY]
    ada.dial()
    assert card_of(conversation)["result"] == fault


def test_a_connector_that_gives_no_token_is_an_error(
    paying: Phone, conversation: FakeConversation, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_card: KeyedCard) -> str:
        raise ConnectorRefused

    monkeypatch.setattr(carrier._pay_desk, "_tokenize", refuse)
    for keys in ("4242424242424242#", "1227", "123#", "30601#"):
        paying.press(keys)
    assert card_of(conversation)["result"] == "payment-connector-error"


def test_without_a_processor_no_card_becomes_a_token(settings: Settings) -> None:
    card = KeyedCard("4242424242424242", "1227", "123", "30601", "visa")
    with pytest.raises(ConnectorRefused):
        connector_of(settings)(card)


def test_in_spanish_the_prompts_are_spanish_and_the_language_is_one_twilio_has(
    ada: Phone, conversation: FakeConversation, carrier: Carrier
) -> None:
    def switch(_heard: Heard) -> list[Reply]:
        view = conversation.find_call(ada.current.id if ada.current else "")
        assert view is not None
        conversation.sessions.set_language(view.id, "es")
        return PAY

    ada.dial()
    conversation.answers = [switch]
    assert "Marque el número de la tarjeta" in ada.press("1")
    assert '<Pay action="/twilio/voice/card/2" chargeAmount="0"' in carrier.wire.entries()[-1].answer
    assert 'language="es-ES"' in carrier.wire.entries()[-1].answer
