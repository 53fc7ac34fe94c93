"""The text channel: one reply a turn, whatever is sent, and nothing that must not be kept."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from assistant.channels.turns import TurnRunner
from assistant.db import Database
from assistant.dialogue.models import InboundMessage, TurnRecord
from assistant.dialogue.turn import Choice, Expectation, Heard, Reply
from assistant.notifications.models import OutboxMessage
from assistant.notifications.opt_outs import has_opted_out
from assistant.notifications.outbox import Outbox
from assistant.settings import Settings
from tests.card_numbers import writings
from tests.fake_conversation import FakeConversation
from tests.fake_sender import FakeSender
from tests.phone_fixtures import Phone

VISA = "4242424242424242"
Sign = Callable[[str, dict[str, str]], dict[str, str]]


def signed_post(web: TestClient, sign: Sign, form: dict[str, str]) -> str:
    answer = web.post("/twilio/sms", data=form, headers=sign("/twilio/sms", form))
    assert answer.status_code == 200
    return answer.text


def test_a_text_is_answered_with_one_message(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [[Reply("You owe $84.20."), Reply("Pay it now?", Expectation("yes_no"))]]
    assert ada.text("balance") == "You owe $84.20.\nPay it now?"
    assert conversation.heard == [Heard("text", "balance")]


def test_choices_are_numbered_below_the_words(ada: Phone, conversation: FakeConversation) -> None:
    choices = (Choice(1, "pay all of it", "pay_bill"), Choice(2, "pay another amount", "pay_bill"))
    conversation.answers = [[Reply("You owe $84.20.", Expectation("choice", choices=choices))]]
    assert ada.text("pay") == "You owe $84.20.\nReply 1 pay all of it, 2 pay another amount."


def test_spanish_choices_and_letters_fit_gsm(
    ada: Phone, conversation: FakeConversation, db: Database
) -> None:
    view = conversation.open_text_session(ada.number)
    conversation.sessions.set_language(view.id, "es")
    expect = Expectation("choice", choices=(Choice(1, "pagar más", "pay_bill"),))
    conversation.answers = [[Reply("¿Cuánto pagará mañana, señor? Dígame “ya”…", expect)]]
    assert ada.text("hola") == '¿Cuanto pagara mañana, señor? Digame "ya"...\nResponda 1 pagar mas.'


def test_no_reply_is_no_message(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [[]]
    assert ada.text("thanks") == ""


def test_the_turn_is_told_once_its_reply_has_left(ada: Phone, conversation: FakeConversation) -> None:
    ada.text("pay")
    assert conversation.told_sessions == [conversation.open_text_session(ada.number).id]


def test_a_picture_without_words_is_answered_kindly(ada: Phone, conversation: FakeConversation) -> None:
    assert "cannot see pictures" in ada.text("", media_count=1)
    assert conversation.heard == []
    assert "hello" in ada.text("hello", media_count=1)


def test_an_empty_text_is_silence(ada: Phone, conversation: FakeConversation) -> None:
    ada.text("   ")
    assert conversation.heard == [Heard("silence")]


def test_the_longest_text_is_taken_whole_and_answered_in_one_message(
    ada: Phone, conversation: FakeConversation
) -> None:
    conversation.answers = [lambda heard: [Reply("A sentence of words. " * 120)]]
    answer = ada.text("x" * 1600)
    assert conversation.heard[0].text == "x" * 1600
    assert len(answer) <= 1600
    assert answer.endswith("words.")


@pytest.mark.parametrize("missing", ["MessageSid", "From", "Body", "NumMedia", "To"])
def test_absent_fields_get_twiml_and_no_error(missing: str, web: TestClient, sign: Sign) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "From": "+17065550111", "To": "+17065550100", "Body": "hi"}
    form.pop(missing, None)
    assert "<Response" in signed_post(web, sign, form)


@pytest.mark.parametrize("phone", ["12345", "anonymous", "", "+0", "+4242424242424242", "+378282246310005"])
def test_a_sender_that_is_no_phone_is_not_answered_or_kept(
    phone: str, web: TestClient, sign: Sign, db: Database
) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "From": phone, "Body": "hi"}
    assert "<Message" not in signed_post(web, sign, form)
    with db.read() as tx:
        assert tx.scalars(select(InboundMessage)).all() == []


def test_control_characters_are_dropped(web: TestClient, sign: Sign, conversation: FakeConversation) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "From": "+17065550111", "Body": "he\x00ll\x0bo"}
    signed_post(web, sign, form)
    assert conversation.heard[0].text == "hello"


@pytest.mark.parametrize("word", ["STOP", "stop.", "Unsubscribe", "QUIT", "optout"])
@pytest.mark.parametrize("kind", ["STOP", ""])
def test_an_opt_out_is_stored_and_not_answered(
    word: str, kind: str, web: TestClient, sign: Sign, db: Database, conversation: FakeConversation
) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "From": "+17065550111", "Body": word, "OptOutType": kind}
    assert "<Message" not in signed_post(web, sign, form)
    assert conversation.heard == []
    with db.read() as tx:
        assert has_opted_out(tx, "+17065550111")


def test_opting_out_and_in_again_leaves_the_carrier_the_last_word(
    ada: Phone, db: Database, conversation: FakeConversation
) -> None:
    assert "unsubscribed" in ada.text("STOP")
    assert ada.text("hello") == ""
    assert "subscribed again" in ada.text("START")
    with db.read() as tx:
        assert not has_opted_out(tx, ada.number)
    assert "hello" in ada.text("hello")


def test_start_from_a_newcomer_is_a_hello(ada: Phone, conversation: FakeConversation) -> None:
    assert "START" in ada.text("START")


def test_help_with_advanced_opt_out_is_left_to_the_carrier(
    web: TestClient, sign: Sign, conversation: FakeConversation, db: Database
) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "From": "+17065550111", "Body": "HELP", "OptOutType": "HELP"}
    assert "<Message" not in signed_post(web, sign, form)
    assert conversation.heard == []
    with db.read() as tx:
        assert not has_opted_out(tx, "+17065550111")


def test_a_flood_is_acknowledged_and_answered_once(
    ada: Phone, conversation: FakeConversation, settings: Settings
) -> None:
    answers = [ada.text(f"text {number}") for number in range(settings.sender_texts_per_minute + 5)]
    assert len(conversation.heard) == settings.sender_texts_per_minute
    assert [answer for answer in answers if "many messages" in answer] == [answers[20]]
    assert answers[21:] == ["", "", "", ""]
    assert "unsubscribed" in ada.text("STOP")


def test_one_phone_s_flood_does_not_touch_another(
    ada: Phone, carrier: object, conversation: FakeConversation, settings: Settings
) -> None:
    for number in range(settings.sender_texts_per_minute + 1):
        ada.text(f"text {number}")
    other = Phone(ada.carrier, "+17065550112")
    assert "hello" in other.text("hello")


@pytest.mark.parametrize("writing", writings(VISA))
def test_a_texted_card_number_never_gets_past_the_channel(
    writing: str, ada: Phone, conversation: FakeConversation, db: Database, sender: FakeSender
) -> None:
    answer = ada.text(f"pay with {writing} exp 12/27 cvv 987")
    assert "never text a card number" in answer
    assert "reply CALL" in answer
    assert conversation.heard == []
    assert sender.redacted == [ada.carrier.texts[0].id]
    with db.read() as tx:
        assert tx.scalars(select(TurnRecord)).all() == []


def test_a_card_number_in_pieces_is_taken_out_of_what_was_kept(
    ada: Phone, conversation: FakeConversation, db: Database, sender: FakeSender
) -> None:
    ada.text("my card is 4242 4242")
    ada.text("4242")
    assert "never text a card number" in ada.text("4242 exp 1227")
    with db.read() as tx:
        kept = " ".join(turn.heard for turn in tx.scalars(select(TurnRecord)))
    assert "4242" not in kept
    assert "my card is" in kept
    assert set(sender.redacted) == {text.id for text in ada.carrier.texts if text.direction == "from_phone"}


def test_the_account_number_and_then_the_zip_are_no_card(ada: Phone, conversation: FakeConversation) -> None:
    view = conversation.open_text_session(ada.number)
    # Together these digits pass for an American Express card; each was asked for.
    account_number, zip_code = "3782822463", "10005"
    conversation.expect(view.id, Expectation("digits", length=10))
    conversation.answers = [[Reply("And the ZIP code?", Expectation("digits", length=5))]]
    ada.text(account_number)
    ada.text(zip_code)
    assert [heard.text for heard in conversation.heard] == [account_number, zip_code]


def test_the_account_number_the_zip_and_then_an_amount_are_no_card(
    ada: Phone, conversation: FakeConversation
) -> None:
    view = conversation.open_text_session(ada.number)
    # Together these digits pass for a Visa card of 16; each was asked for.
    answers = ["my account is 4242-424242", "four two four two four", "2 dollars", "1"]
    conversation.expect(view.id, Expectation("digits", length=10))
    conversation.answers = [
        [Reply("And the ZIP code?", Expectation("digits", length=5))],
        [Reply("How much?", Expectation("amount"))],
        [Reply("$2.00. Reply YES.", Expectation("confirm"))],
    ]
    for answer in answers:
        ada.text(answer)
    assert [heard.text for heard in conversation.heard] == answers


def test_a_card_in_pieces_is_no_amount_however_often_an_amount_is_asked(
    ada: Phone, conversation: FakeConversation, db: Database
) -> None:
    view = conversation.open_text_session(ada.number)
    conversation.expect(view.id, Expectation("amount"))
    conversation.answers = [[Reply("How much?", Expectation("amount"))]] * 4
    for piece in ["4242", "4242", "4242"]:
        ada.text(piece)
    assert "never text a card number" in ada.text("4242")
    with db.read() as tx:
        assert "4242" not in " ".join(turn.heard for turn in tx.scalars(select(TurnRecord)))


def test_a_pin_is_wiped_at_the_carrier(
    ada: Phone, conversation: FakeConversation, sender: FakeSender, db: Database
) -> None:
    view = conversation.open_text_session(ada.number)
    conversation.expect(view.id, Expectation("digits", length=4, secret="pin"))
    conversation.answers = [[Reply("Thanks.", Expectation("digits", length=4, secret="pin"))]]
    ada.text("4821")
    assert conversation.heard[0].text == "4821"
    ada.text("why?")
    assert sender.redacted == [ada.carrier.texts[0].id]


def test_a_turn_that_takes_too_long_is_answered_afterwards(
    app: FastAPI,
    ada: Phone,
    conversation: FakeConversation,
    runner: TurnRunner,
    sender: FakeSender,
    db: Database,
) -> None:
    runner.answer_seconds = 0.05
    go_on = threading.Event()

    def slowly(_heard: Heard) -> list[Reply]:
        assert go_on.wait(10)
        return [Reply("Paid $84.20. Señor, ¿más?")]

    conversation.answers = [slowly]
    assert ada.text("yes") == ""
    go_on.set()
    runner.close()
    assert sender.bodies_to(ada.number) == ["Paid $84.20. Señor, ¿mas?"]
    assert len(conversation.told_sessions) == 1
    with db.read() as tx:
        assert tx.scalars(select(OutboxMessage.is_answer)).all() == [True]


def test_a_turn_that_breaks_is_apologised_for_and_leaves_no_traceback(
    ada: Phone, conversation: FakeConversation
) -> None:
    def break_down(_heard: Heard) -> list[Reply]:
        raise RuntimeError("secret 4821")

    conversation.answers = [break_down]
    answer = ada.text("yes")
    assert "something went wrong" in answer
    assert "706-555-0101" in answer
    assert "4821" not in answer


def test_what_a_turn_queued_goes_out_after_its_reply(
    ada: Phone, conversation: FakeConversation, outbox: Outbox, sender: FakeSender, db: Database
) -> None:
    def queue(_heard: Heard) -> list[Reply]:
        with db.write() as tx:
            outbox.queue_text(tx, phone="+17065550112", body="Code 1", dedupe_key="c", holds_secret=True)
        return [Reply("Sent.")]

    conversation.answers = [queue]
    ada.text("send me a code")
    assert sender.bodies_to("+17065550112") == ["Code 1"]


def test_the_fallback_apologises_with_the_office_s_number(web: TestClient, sign: Sign) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "From": "+17065550111", "ErrorCode": "11200"}
    answer = web.post("/twilio/sms/fallback", data=form, headers=sign("/twilio/sms/fallback", form))
    assert "706-555-0101" in answer.text


def test_a_failing_webhook_brings_the_fallback_s_words(
    ada: Phone, conversation: FakeConversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_phone: str) -> None:
        raise RuntimeError

    monkeypatch.setattr(conversation, "open_text_session", break_down)
    assert "706-555-0101" in ada.text("hello")
