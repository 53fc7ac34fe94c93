"""The phone channel: every step answered once, every answer speakable, nobody cut off."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from assistant.channels.turns import TurnRunner
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.dialogue.models import InboundMessage, TurnRecord
from assistant.dialogue.turn import Choice, Expectation, Heard, Reply
from assistant.sandbox.carrier import Carrier
from assistant.sandbox.phone_models import NetworkState
from tests.card_numbers import writings
from tests.fake_conversation import FakeConversation
from tests.phone_fixtures import Phone

Sign = Callable[[str, dict[str, str]], dict[str, str]]
CALL = "CA" + "1" * 32
PIN = Expectation("digits", length=4, secret="pin")
MENU = Expectation(
    "choice", choices=(Choice(1, "pay your bill", "pay_bill"), Choice(2, "Visa 4242", "switch_method"))
)


def call_form(**fields: str) -> dict[str, str]:
    return {
        "CallSid": CALL,
        "From": "+17065550111",
        "To": "+17065550100",
        "Direction": "inbound",
        "CallStatus": "in-progress",
        **fields,
    }


def signed_post(web: TestClient, sign: Sign, path: str, form: dict[str, str]) -> str:
    answer = web.post(path, data=form, headers=sign(path, form))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_call_is_greeted_and_goes_on_by_keys(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [
        [Reply("Welcome.", MENU)],
        [Reply("Enter your PIN.", PIN)],
        [Reply("Thank you. Goodbye.", Expectation("hang_up"))],
    ]
    assert ada.dial() == "Welcome. To pay your bill, press 1. For Visa 4242, press 2."
    assert ada.press("1") == "Enter your PIN."
    assert ada.press("4821") == "Thank you. Goodbye."
    assert ada.state == "ended"
    assert [heard.kind for heard in conversation.heard] == ["event", "keys", "keys"]
    assert conversation.heard[0].text == "call_opened"
    assert [heard.text for heard in conversation.heard[1:]] == ["1", "4821"]


def test_silence_speech_and_star_are_told_apart(ada: Phone, conversation: FakeConversation) -> None:
    ada.dial()
    ada.stay_silent()
    ada.say("pay my bill", 0.71)
    ada.say("hm", None)
    ada.press("*")
    ada.press("0")
    assert conversation.heard[1:] == [
        Heard("silence"),
        Heard("speech", "pay my bill", 0.71),
        Heard("speech", "hm", None),
        Heard("keys", "*"),
        Heard("keys", "0"),
    ]


@pytest.mark.parametrize("confidence", ["", "high", "7", "-1", "nan"])
def test_an_odd_confidence_is_none(
    confidence: str, web: TestClient, sign: Sign, conversation: FakeConversation
) -> None:
    signed_post(web, sign, "/twilio/voice", call_form())
    form = call_form(SpeechResult="hello", Confidence=confidence)
    signed_post(web, sign, "/twilio/voice/step/1", form)
    assert conversation.heard[-1] == Heard("speech", "hello", None)


def test_a_secret_is_keyed_and_never_listened_for(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [[Reply("Enter your PIN.", PIN)]]
    ada.dial()
    listening = ada.current.call.listening if ada.current else None
    assert listening is not None
    assert not listening.hears_speech
    assert (listening.length, listening.finish_key) == (4, "#")


def test_beside_a_pin_a_choice_is_keyed_with_pound(ada: Phone, conversation: FakeConversation) -> None:
    other = (Choice(1, "pay another amount", "pay_bill"),)
    expect = Expectation("confirm", length=4, secret="pin", draft_id="d", choices=other)
    conversation.answers = [[Reply("Enter your PIN.", expect)], [Reply("Wrong.", expect)]]
    assert ada.dial() == "Enter your PIN. To pay another amount, press 1 and pound."
    ada.press("4821")
    ada.press("1#")
    assert [heard.text for heard in conversation.heard[1:]] == ["4821", "1"]


def test_a_trailing_pound_is_noise(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [[Reply("Enter your PIN.", PIN)], [Reply("Choose.", MENU)], [Reply("Good.")]]
    ada.dial()
    heard = ada.press("4821#")
    assert "Choose." in heard
    assert [heard.text for heard in conversation.heard[1:]] == ["4821"]
    assert ada.press("1") == "Good."
    assert conversation.heard[-1] == Heard("keys", "1")


def test_a_lone_pound_where_digits_are_wanted_asks_again(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [[Reply("Enter your PIN.", PIN)], [Reply("Good.")]]
    ada.dial()
    assert ada.press("#") == "Enter your PIN."
    assert ada.press("4821") == "Good."
    assert len(conversation.heard) == 2


def test_slow_fingers_are_not_cut_off(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [[Reply("How much?", Expectation("amount"))]]
    ada.dial()
    for key in "84*20":
        ada.press(key)
    ada.press("#")
    assert conversation.heard[-1] == Heard("keys", "84*20")


def test_keys_without_pound_are_taken_after_a_pause(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [[Reply("How much?", Expectation("amount"))]]
    ada.dial()
    ada.press("50")
    ada.stay_silent()
    assert conversation.heard[-1] == Heard("keys", "50")


def test_terms_are_heard_to_the_end(ada: Phone, conversation: FakeConversation, carrier: Carrier) -> None:
    expect = Expectation("confirm", draft_id="d", is_terms=True, choices=(Choice(2, "go back", "back"),))
    conversation.answers = [[Reply("By pressing 1 you agree to …", expect)]]
    ada.dial()
    twiml = carrier.wire.entries()[-1].answer
    assert twiml.index("By pressing 1") < twiml.index("<Gather") < twiml.index("To go back, press 2")


def test_a_slower_speech_rate_and_digits_to_write_down_are_in_the_answer(
    ada: Phone, conversation: FakeConversation, carrier: Carrier
) -> None:
    def slower(_heard: Heard) -> list[Reply]:
        view = conversation.find_call(ada.current.id if ada.current else "")
        assert view is not None
        conversation.sessions.set_speech_rate(view.id, 80)
        return [Reply("Your number is 4 8 2 1, 7 7 3 0.")]

    ada.dial()
    conversation.answers = [slower]
    ada.press("8")
    twiml = carrier.wire.entries()[-1].answer
    assert '<prosody rate="80%">Your number is <prosody rate="64%">4 8 2 1, 7 7 3 0</prosody>.' in twiml


def test_spanish_is_spoken_and_heard_in_spanish(
    ada: Phone, conversation: FakeConversation, carrier: Carrier
) -> None:
    def switch(_heard: Heard) -> list[Reply]:
        view = conversation.find_call(ada.current.id if ada.current else "")
        assert view is not None
        conversation.sessions.set_language(view.id, "es")
        return [Reply("¿Qué necesita?", Expectation("choice", choices=(Choice(1, "pagar", "pay_bill"),)))]

    ada.dial()
    conversation.answers = [switch]
    assert ada.say("en español por favor") == "¿Qué necesita? Para pagar, oprima 1."
    twiml = carrier.wire.entries()[-1].answer
    assert 'voice="Polly.Lupe-Neural"' in twiml
    assert 'language="es-US"' in twiml
    assert "hints=" in twiml


def test_a_transfer_rings_the_office_and_ends_when_somebody_answers(
    ada: Phone, conversation: FakeConversation
) -> None:
    conversation.answers = [[Reply("One moment.", Expectation("transfer"))]]
    assert ada.dial() == "One moment."
    assert ada.state == "ended"
    assert "dialed: +17065550101" in ada.transcript()
    assert conversation.ended[0][1] == "transferred"


def test_a_transfer_that_nobody_takes_goes_on_with_the_call(
    ada: Phone, conversation: FakeConversation, carrier: Carrier
) -> None:
    carrier.knobs = NetworkState(office_picks_up=False)
    conversation.answers = [[Reply("One moment.", Expectation("transfer"))], [Reply("Main menu.", MENU)]]
    assert "nobody could pick up just now. Your request is with the office" in ada.dial()
    assert conversation.heard[-1] == Heard("event", "menu")
    assert ada.state == "listening"
    assert "You said keys: 1" in ada.press("1")


def test_a_transfer_that_only_leads_to_the_next_one_ends(
    ada: Phone, conversation: FakeConversation, carrier: Carrier
) -> None:
    carrier.knobs = NetworkState(office_picks_up=False)
    conversation.answers = [[Reply("One moment.", Expectation("transfer"))]] * 2
    assert "call again later" in ada.dial()
    assert ada.state == "ended"
    assert ada.transcript().count("dialed") == 1


@pytest.mark.parametrize("step", ["0", "7", "999999999999", "x", "-1", "1.5", "%2B1", "%D9%A1"])
@pytest.mark.parametrize("kind", ["step", "card", "transfer"])
def test_an_unknown_step_hears_the_current_question_again(
    kind: str, step: str, web: TestClient, sign: Sign, conversation: FakeConversation
) -> None:
    signed_post(web, sign, "/twilio/voice", call_form())
    current = signed_post(web, sign, "/twilio/voice/step/1", call_form(Digits="1"))
    assert signed_post(web, sign, f"/twilio/voice/{kind}/{step}", call_form(Digits="1")) == current
    assert len(conversation.heard) == 2


@pytest.mark.parametrize("kind", ["step", "card", "transfer", "wait"])
def test_a_step_of_a_call_we_do_not_know_starts_the_call(
    kind: str, web: TestClient, sign: Sign, conversation: FakeConversation
) -> None:
    answer = signed_post(web, sign, f"/twilio/voice/{kind}/3", call_form(Digits="1"))
    assert ">/twilio/voice</Redirect>" in answer
    assert conversation.heard == []


@pytest.mark.parametrize("path", ["", "/step/1", "/card/1", "/transfer/1", "/wait/1", "/fallback"])
def test_a_call_without_an_id_hears_an_apology(path: str, web: TestClient, sign: Sign) -> None:
    form = {"From": "+17065550111", "Digits": "1"}
    assert "something went wrong" in signed_post(web, sign, f"/twilio/voice{path}", form)


def test_a_withheld_number_is_served(web: TestClient, sign: Sign, conversation: FakeConversation) -> None:
    signed_post(web, sign, "/twilio/voice", call_form(From="anonymous"))
    view = conversation.find_call(CALL)
    assert view is not None
    assert view.phone == ""


def test_a_repeated_step_gets_the_stored_answer(
    web: TestClient, sign: Sign, conversation: FakeConversation
) -> None:
    signed_post(web, sign, "/twilio/voice", call_form())
    first = signed_post(web, sign, "/twilio/voice/step/1", call_form(Digits="1"))
    again = signed_post(web, sign, "/twilio/voice/step/1", call_form(Digits="2"))
    assert first == again
    assert [heard.text for heard in conversation.heard] == ["call_opened", "1"]


def test_the_redirect_after_a_gather_is_silence(
    web: TestClient, sign: Sign, conversation: FakeConversation
) -> None:
    signed_post(web, sign, "/twilio/voice", call_form())
    signed_post(web, sign, "/twilio/voice/step/1", call_form())
    assert conversation.heard[-1] == Heard("silence")


def test_a_long_turn_is_held_on_to_and_then_answered(
    ada: Phone, conversation: FakeConversation, runner: TurnRunner, carrier: Carrier
) -> None:
    ada.dial()
    runner.answer_seconds = 0.05
    go_on = threading.Event()
    released = threading.Timer(2.5, go_on.set)
    released.start()

    def slowly(_heard: Heard) -> list[Reply]:
        assert go_on.wait(20)
        return [Reply("Your payment went through.")]

    conversation.answers = [slowly]
    heard = ada.press("1")
    released.join()
    assert heard.startswith("One moment please. We are working on it.")
    assert "Still working. Please stay on the line." in heard
    assert heard.endswith("Your payment went through.")
    assert ada.state == "listening"
    assert len(conversation.heard) == 2


def test_a_wait_for_a_turn_that_got_lost_ends_in_words(
    web: TestClient, sign: Sign, conversation: FakeConversation, db: Database, clock: FixedClock
) -> None:
    signed_post(web, sign, "/twilio/voice", call_form())
    answer = signed_post(web, sign, "/twilio/voice/wait/1", call_form())
    assert "something went wrong" in answer


def test_a_turn_that_breaks_is_apologised_for(ada: Phone, conversation: FakeConversation) -> None:
    def break_down(_heard: Heard) -> list[Reply]:
        raise RuntimeError("secret 4821")

    conversation.answers = [break_down]
    assert "something went wrong" in ada.dial()
    assert ada.state == "ended"


def test_hanging_up_ends_the_session(ada: Phone, conversation: FakeConversation) -> None:
    ada.dial()
    ada.hang_up()
    view = conversation.find_call(ada.current.id if ada.current else "")
    assert view is not None
    assert conversation.ended == [(view.id, "completed")]


def test_an_outcome_counts_as_told_once_the_caller_is_still_there(
    ada: Phone, conversation: FakeConversation
) -> None:
    ada.dial()
    assert conversation.told_sessions == []
    ada.press("1")
    assert len(conversation.told_sessions) == 1


def test_a_call_of_ours_goes_on_with_what_a_text_began(
    ada: Phone, carrier: Carrier, conversation: FakeConversation, settings: object
) -> None:
    url = "http://127.0.0.1:8080/twilio/voice?resume=ses_1"
    carrier.ring(ada.number, url, fallback_url="", status_url="", seconds=40)
    assert "That was" in ada.pick_up() or "You said event" in ada.transcript()
    assert conversation.resumes == ["ses_1"]
    view = conversation.find_call(ada.current.id if ada.current else "")
    assert view is not None
    assert view.phone == ada.number


def test_a_member_cannot_resume_by_calling_with_a_query(
    web: TestClient, sign: Sign, conversation: FakeConversation
) -> None:
    signed_post(web, sign, "/twilio/voice?resume=ses_1", call_form())
    assert conversation.resumes == [""]


@pytest.mark.parametrize("writing", writings("378282246310005"))
def test_a_spoken_card_number_goes_nowhere(
    writing: str, ada: Phone, conversation: FakeConversation, db: Database
) -> None:
    ada.dial()
    heard = ada.say(f"my card is {writing}")
    assert "do not give your card number" in heard
    assert conversation.heard[-1] == Heard("silence", had_card_number=True)
    with db.read() as tx:
        kept = str([row.heard for row in tx.scalars(select(TurnRecord))])
        kept += str([row.answer for row in tx.scalars(select(InboundMessage))])
    assert "378282246310005" not in kept
    assert writing not in kept


def test_a_keyed_card_number_goes_nowhere(ada: Phone, conversation: FakeConversation) -> None:
    conversation.answers = [[Reply("How much?", Expectation("amount"))]]
    ada.dial()
    assert "do not give your card number" in ada.press("4242424242424242#")
    assert conversation.heard[-1] == Heard("silence", had_card_number=True)


@pytest.mark.parametrize(("account", "key"), [("4000000009", "2"), ("4000000018", "1")])
def test_an_account_number_its_zip_and_the_next_key_are_no_card_though_they_look_like_one(
    account: str, key: str, ada: Phone, conversation: FakeConversation
) -> None:
    conversation.answers = [
        [Reply("Your account number?", Expectation("digits", length=10))],
        [Reply("Your ZIP?", Expectation("digits", length=5))],
        [Reply("You owe $84.20.", MENU)],
        [Reply("All right.", MENU)],
    ]
    ada.dial()
    ada.press(account)
    ada.press("30601")
    assert ada.press(key).startswith("All right.")
    assert conversation.heard[-1] == Heard("keys", key)


def test_a_card_of_which_only_a_part_was_asked_for_is_still_one(
    ada: Phone, conversation: FakeConversation
) -> None:
    conversation.answers = [
        [Reply("How much?", Expectation("amount"))],
        [Reply("Your ZIP?", Expectation("digits", length=5))],
        [Reply("You owe $84.20.", MENU)],
    ]
    ada.dial()
    ada.press("4000000009", is_done=True)
    ada.press("30601")
    assert "do not give your card number" in ada.press("2")


def test_a_code_is_read_once_to_the_phone_that_was_rung_and_kept_nowhere(
    ada: Phone, carrier: Carrier, codes: dict[tuple[str, str], str], db: Database
) -> None:
    code_id = "code_" + "a" * 32
    codes[code_id, ada.number] = "735291"
    url = f"http://127.0.0.1:8080/twilio/voice/code/{code_id}"
    carrier.ring(ada.number, url, fallback_url="", status_url="", seconds=40)
    assert "press 1" in ada.pick_up()
    assert ada.press("1").count("7 3 5, 2 9 1") == 3
    assert ada.state == "ended"
    codes[code_id, ada.number] = "735291"
    carrier.ring(ada.number, url, fallback_url="", status_url="", seconds=40)
    assert "oprima 2" in ada.pick_up()
    assert "Su código es 7 3 5, 2 9 1" in ada.press("2")
    carrier.ring(ada.number, url, fallback_url="", status_url="", seconds=40)
    ada.pick_up()
    assert "no code to read" in ada.press("1")
    with db.read() as tx:
        assert tx.scalars(select(InboundMessage)).all() == []


def test_an_answering_machine_hears_no_code(
    ada: Phone, carrier: Carrier, codes: dict[tuple[str, str], str]
) -> None:
    code_id = "code_" + "a" * 32
    codes[code_id, ada.number] = "735291"
    url = f"http://127.0.0.1:8080/twilio/voice/code/{code_id}"
    carrier.ring(ada.number, url, fallback_url="", status_url="", seconds=40)
    ada.pick_up()
    assert "7 3 5" not in ada.stay_silent()
    assert codes


@pytest.mark.parametrize("code_id", ["x", "code_1", "%27%22", "code_" + "z" * 32])
def test_an_odd_code_id_hears_that_there_is_none(code_id: str, web: TestClient, sign: Sign) -> None:
    path = f"/twilio/voice/code/{code_id}"
    assert "no code to read" in signed_post(web, sign, path, call_form(Direction="outbound-api"))
