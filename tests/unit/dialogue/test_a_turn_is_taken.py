"""A turn against a scripted engine: secrets stay here, the ladder, failures, order and the transcript."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.dialogue.engine import EngineButton, EngineReply
from assistant.dialogue.turn import Heard
from assistant.errors import EngineUnavailable
from assistant.payments.models import Payment
from tests.unit.dialogue.scripted import PHONE, Line


def test_free_words_reach_the_engine_with_who_and_where(line: Line) -> None:
    assert line.text("how much do I owe on this") == "Hello."
    [message] = line.engine.heard
    assert message.text == "how much do I owe on this"
    assert message.channel == "sms"
    assert message.metadata["phone"] == PHONE
    assert message.metadata["language"] == "en"


def test_a_pin_is_checked_here_and_neither_sent_on_nor_written_down(line: Line) -> None:
    line.expect(expect="digits", secret="pin", length=4)
    line.text("hello there you")
    session = line.app.conversation.open_text_session(PHONE)
    line.app.identity.recognize_by_phone(session.id, PHONE)
    line.text("it is 4821")
    assert line.engine.heard[-1].intent == "secret_checked"
    assert line.engine.heard[-1].entities == {"secret": "pin", "outcome": "ok"}
    assert line.app.identity.require(session.id, "verified")
    assert "4821" not in str(line.engine.heard)
    assert "4821" not in str([turn.heard for turn in line.transcript()])


def test_a_wrong_pin_tells_the_engine_how_many_tries_are_left(line: Line) -> None:
    line.expect(expect="digits", secret="pin", length=4)
    line.text("hello there you")
    session = line.app.conversation.open_text_session(PHONE)
    line.app.identity.recognize_by_phone(session.id, PHONE)
    line.expect(expect="digits", secret="pin", length=4)
    line.text("9999")
    assert line.engine.heard[-1].entities["outcome"] == "pin_wrong"
    assert line.engine.heard[-1].metadata["facts"]["tries_left"] == 4
    line.text("123")
    assert line.engine.heard[-1].entities["outcome"] == "wrong_length"
    assert line.engine.heard[-1].metadata["facts"] == {"counted": 3, "wanted": 4}


def test_words_said_instead_of_a_pin_lose_their_digits_before_the_engine(line: Line) -> None:
    line.expect(expect="digits", secret="pin", length=4)
    line.text("hello there you")
    line.text("is it 4821 or was it 4281, I do not remember")
    assert "4821" not in line.engine.heard[-1].text
    assert "4281" not in line.engine.heard[-1].text


def test_a_right_pin_confirms_the_draft_that_was_read_back(line: Line) -> None:
    session = line.app.conversation.open_text_session(PHONE)
    line.app.identity.recognize_by_phone(session.id, PHONE)
    method = line.app.payments.saved_methods.save(line.account.id, "pm_saved", is_default=True)
    draft = line.app.payments.draft(
        session_id=session.id, account_id=line.account.id, amount_cents=8420, method_id=method.id
    )
    line.expect(expect="confirm", secret="pin", length=4, draft_id=draft.id)
    line.text("pay")
    line.text("4821")
    message = line.engine.heard[-1]
    assert message.intent == "confirm_payment"
    receipt = line.app.payments.confirm(
        session_id=session.id,
        turn_id=message.metadata["turn_id"],
        language="en",
        channel="sms",
        phone=PHONE,
    )
    assert receipt.balance_cents == 0


def test_a_wrong_pin_confirms_nothing(line: Line) -> None:
    session = line.app.conversation.open_text_session(PHONE)
    line.app.identity.recognize_by_phone(session.id, PHONE)
    method = line.app.payments.saved_methods.save(line.account.id, "pm_saved", is_default=True)
    draft = line.app.payments.draft(
        session_id=session.id, account_id=line.account.id, amount_cents=8420, method_id=method.id
    )
    line.expect(expect="confirm", secret="pin", length=4, draft_id=draft.id)
    line.text("pay")
    line.text("4822")
    assert line.engine.heard[-1].intent == "secret_checked"
    current = line.app.payments.current_draft(session.id)
    assert current is not None


def test_a_yes_sent_before_the_amount_was_read_back_is_no_yes_to_it(line: Line) -> None:
    session = line.app.conversation.open_text_session(PHONE)
    line.app.identity.recognize_by_phone(session.id, PHONE)
    drafts = [
        line.app.payments.draft(
            session_id=session.id, account_id=line.account.id, amount_cents=cents, method_id=None
        )
        for cents in (131, 141)
    ]
    line.expect(expect="confirm", draft_id=drafts[0].id)
    line.text("pay one dollar thirty one")

    def read_back_the_second() -> None:
        # While this turn runs, the member's YES to the first amount is already waiting.
        yes.start()
        time.sleep(0.2)
        line.clock.advance(timedelta(seconds=1))

    yes = threading.Thread(target=line.text, args=("yes",))
    line.expect(expect="confirm", draft_id=drafts[1].id)
    line.engine.during = lambda: None if yes.ident else read_back_the_second()
    line.text("make it one forty one")
    yes.join()
    assert line.engine.heard[-1].intent == "affirm"
    line.engine.during = lambda: None
    line.expect(expect="confirm", draft_id=drafts[1].id)
    line.text("what is it now")
    line.clock.advance(timedelta(seconds=1))
    line.text("yes")
    assert line.engine.heard[-1].intent == "confirm_payment"


def test_a_pin_that_nobody_asked_for_is_not_written_down_nor_sent_on(line: Line) -> None:
    line.text("4821")
    line.text("well my pin is 4821 thanks")
    assert "4821" not in str(line.engine.heard)
    assert "4821" not in str([turn.heard for turn in line.transcript()])


def test_an_engine_that_fails_costs_an_apology_and_its_conversation_only(line: Line) -> None:
    first = line.text("hello there you") and line.engine.heard[-1].conversation
    line.engine.script.append(EngineUnavailable("0 replies"))
    assert "having trouble" in line.text("pay my bill please")
    assert line.text("hello again to you") == "Hello."
    assert line.engine.heard[-1].conversation != first
    assert [turn.outcome for turn in line.transcript()] == ["answered", "failed", "answered"]


def test_a_crash_in_our_own_code_is_an_apology_too(line: Line) -> None:
    line.engine.script.append(RuntimeError("boom"))
    assert "having trouble" in line.text("pay my bill please")


def test_silence_climbs_the_ladder_to_a_person_and_time_is_offered_before(line: Line) -> None:
    conversation = line.app.conversation
    call = conversation.open_call("CA1", PHONE)
    line.expect(expect="choice", fuller="The fuller words.", shortest="Short.")
    conversation.take(call.id, Heard("event", "call_opened"))
    said = [conversation.take(call.id, Heard("silence"))[0].text for _ in range(3)]
    assert said == [
        "The fuller words.",
        "Short.",
        "Do you need more time? Press the pound key and I will wait.",
    ]
    conversation.take(call.id, Heard("silence"))
    assert line.engine.heard[-1].intent == "human_agent"


def test_a_key_gives_more_time_and_longer_silences_from_then_on(line: Line) -> None:
    call = asked_on_a_call(line)
    for _ in range(3):
        line.app.conversation.take(call, Heard("silence"))
    replies = line.app.conversation.take(call, Heard("keys", "#"))
    assert [reply.text for reply in replies] == ["Take all the time you need.", "Question?"]
    assert replies[-1].expect.misses == 0
    found = line.app.conversation.find_call("CA1")
    assert found is not None
    assert found.expectation.is_patient
    assert not found.expectation.asks_time


def test_an_answer_that_comes_while_time_is_offered_is_taken(line: Line) -> None:
    call = asked_on_a_call(line)
    for _ in range(3):
        line.app.conversation.take(call, Heard("silence"))
    line.app.conversation.take(call, Heard("keys", "1"))
    assert line.engine.heard[-1].intent == "pay_bill"


def test_after_a_person_was_offered_a_silent_line_ends_without_the_ladder_again(
    line: Line,
) -> None:
    call = asked_on_a_call(line)
    for _ in range(4):
        line.app.conversation.take(call, Heard("silence"))
    assert "more time" in line.app.conversation.take(call, Heard("silence"))[0].text
    [reply] = line.app.conversation.take(call, Heard("silence"))
    assert "hang up" in reply.text
    assert reply.expect.kind == "hang_up"


def test_whoever_presses_keys_after_that_is_never_hung_up_on(line: Line) -> None:
    call = asked_on_a_call(line)
    for _ in range(4):
        line.app.conversation.take(call, Heard("silence"))
    for _ in range(5):
        [reply] = line.app.conversation.take(call, Heard("keys", "7"))
        assert reply.expect.kind != "hang_up"


def test_words_that_are_not_understood_are_asked_otherwise_and_then_by_a_person(line: Line) -> None:
    lost = [EngineReply("I did not understand."), EngineReply("Question?", (), {"expect": "choice"})]
    lost[0] = replace(lost[0], custom={"missed": True})
    helped, person = [EngineReply("Help. Question?")], [EngineReply("A person calls.")]
    line.engine.script += [lost, lost, helped, lost, person]
    line.text("blue bananas fly")
    assert line.engine.heard[-1].text == "blue bananas fly"
    assert line.text("green bananas fly") == "Help. Question?"
    assert line.engine.heard[-1].intent == "unsure"
    assert line.text("red bananas fly") == "A person calls."
    assert line.engine.heard[-1].intent == "human_agent"
    line.engine.script += [lost, person]
    assert line.text("pink bananas fly") == "A person calls.", "the ladder does not begin again"


def test_an_empty_text_is_helped_along_without_a_word_about_keys(line: Line) -> None:
    line.expect(expect="choice", fuller="Use the keys of your phone.")
    line.text("hello there you")
    line.text("")
    assert line.engine.heard[-1].intent == "unsure"


def test_an_understood_answer_forgives_what_was_missed(line: Line) -> None:
    lost = [EngineReply("What?", (), {"missed": True})]
    line.engine.script += [lost, [EngineReply("Fine.")], lost]
    for words in ("blue bananas fly", "how much do I owe on this", "red bananas fly"):
        line.text(words)
    assert [message.intent for message in line.engine.heard] == ["", "", ""]


def test_the_same_question_after_plain_answers_leads_to_a_person(line: Line) -> None:
    for _ in range(5):
        line.expect(expect="yes_no")
    line.text("hello there you")
    for _ in range(3):
        line.text("yes")
    assert [message.intent for message in line.engine.heard] == [
        "",
        "affirm",
        "affirm",
        "unsure",
        "affirm",
        "human_agent",
    ]


def asked_on_a_call(line: Line) -> str:
    """A call with one open question; returns its session."""
    call = line.app.conversation.open_call("CA1", PHONE)
    line.engine.script.append(
        [EngineReply("Question?", (EngineButton("pay your bill", "/pay_bill"),), {"expect": "choice"})]
    )
    line.app.conversation.take(call.id, Heard("event", "call_opened"))
    return call.id


@pytest.mark.parametrize(
    ("heard", "cents"), [("fifty", [1500, 5000]), ("17 dollars", [1700, 7000]), ("150", [11500, 15000])]
)
def test_a_spoken_amount_that_sounds_like_another_is_asked_about_once(
    line: Line, heard: str, cents: list[int]
) -> None:
    call = line.app.conversation.open_call("CA1", PHONE)
    line.expect(expect="amount")
    line.app.conversation.take(call.id, Heard("event", "call_opened"))
    [reply] = line.app.conversation.take(call.id, Heard("speech", heard))
    assert [choice.entities["amount_cents"] for choice in reply.expect.choices] == cents
    assert len(line.engine.heard) == 1
    line.app.conversation.take(call.id, Heard("speech", heard))
    assert line.engine.heard[-1].intent == "inform_amount"
    assert line.engine.heard[-1].entities["amount_cents"] in cents


def test_a_reaction_to_our_text_gets_no_answer_and_the_question_stays_open(line: Line) -> None:
    line.expect(expect="digits", length=10)
    line.text("hello there you")
    assert line.text('Liked "Question?"') == ""
    assert line.text("Le gustó «Question?»") == ""
    line.text("1000000001")
    assert line.engine.heard[-1].intent == "inform_digits"


def test_swearing_is_met_calmly_and_the_question_comes_again(line: Line) -> None:
    line.expect(expect="digits", length=10)
    line.text("hello there you")
    assert line.text("you stupid piece of shit") == (
        "I am sorry this is hard. I want to help. For a person, reply AGENT.\nQuestion?"
    )
    assert len(line.engine.heard) == 1


def test_a_third_language_gets_a_few_words_of_its_own_and_a_person(line: Line) -> None:
    said = line.text("Bonjour, je veux payer ma facture")
    assert said.startswith("Je parle seulement anglais et espagnol.")
    assert "I speak only English and Spanish." in said
    assert line.text("我想付账单").startswith("I speak only English and Spanish.")
    assert line.engine.heard == []


def test_speed_and_language_of_a_call_are_those_of_the_next_one(line: Line) -> None:
    conversation = line.app.conversation
    first = conversation.open_call("CA1", PHONE)
    conversation.take(first.id, Heard("keys", "8"))
    conversation.take(first.id, Heard("speech", "español"))
    second = conversation.open_call("CA2", PHONE)
    assert (second.language, second.speech_rate) == ("es", 90)
    other = conversation.open_call("CA3", "+17065550199")
    assert (other.language, other.speech_rate) == ("en", 100)


def test_a_relay_call_is_waited_for(line: Line) -> None:
    call = asked_on_a_call(line)
    replies = line.app.conversation.take(call, Heard("speech", "hello this is a relay call for a member"))
    assert [reply.text for reply in replies] == [
        "A relay call is fine. I will wait longer for each answer.",
        "Question?",
    ]
    line.app.conversation.take(call, Heard("keys", "1"))
    found = line.app.conversation.find_call("CA1")
    assert found is not None
    assert found.expectation.is_patient, "also at the questions that follow"


def test_repeat_says_the_question_again_and_slower_slows_down(line: Line) -> None:
    conversation = line.app.conversation
    call = conversation.open_call("CA1", PHONE)
    line.expect(expect="choice", fuller="The fuller words.")
    conversation.take(call.id, Heard("event", "call_opened"))
    conversation.take(call.id, Heard("silence"))
    assert conversation.take(call.id, Heard("keys", "9"))[0].text == "Question?"
    conversation.take(call.id, Heard("keys", "8"))
    found = conversation.find_call("CA1")
    assert found is not None
    assert found.speech_rate == 90


def test_spanish_words_switch_the_language_of_the_session(line: Line) -> None:
    line.text("hola quiero pagar mi recibo")
    assert line.engine.heard[-1].metadata["language"] == "es"
    line.text("ENGLISH")
    assert line.engine.heard[-1].metadata["language"] == "en"


def test_a_thread_that_grew_cold_is_a_new_session_that_knows_nobody(line: Line) -> None:
    old = line.app.conversation.open_text_session(PHONE)
    line.app.identity.recognize_by_phone(old.id, PHONE)
    line.clock.advance(timedelta(minutes=31))
    new = line.app.conversation.open_text_session(PHONE)
    assert new.id != old.id
    assert new.is_new
    assert line.app.identity.current(new.id) is None


def test_of_a_long_conversation_the_engine_keeps_only_where_it_stands(line: Line) -> None:
    turns = line.app.settings.session_turns
    for _ in range(2 * turns + 2):
        line.text("hello there you")
    told = [place for place, message in enumerate(line.engine.heard, start=1) if message.is_long]
    assert told == [turns + 1, 2 * turns + 1]
    assert len({message.conversation for message in line.engine.heard}) == 1
    assert len({turn.session_id for turn in line.transcript()}) == 1


def test_turns_of_one_session_wait_for_each_other(line: Line) -> None:
    running: list[int] = []
    most: list[int] = []

    def during() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.05)
        running.pop()

    line.engine.during = during
    threads = [threading.Thread(target=line.text, args=(f"hello number {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert [turn.number for turn in line.transcript()] == [1, 2, 3, 4]


def test_a_call_of_ours_continues_what_the_text_began(line: Line) -> None:
    conversation, payments = line.app.conversation, line.app.payments
    text = conversation.open_text_session(PHONE)
    line.app.identity.recognize_by_phone(text.id, PHONE)
    payments.draft(session_id=text.id, account_id=line.account.id, amount_cents=8420, method_id=None)
    call = conversation.open_call("CA1", PHONE, resume=text.id)
    conversation.take(call.id, Heard("event", "call_opened"))
    assert line.engine.heard[-1].intent == "resume"
    moved = payments.current_draft(call.id)
    assert moved is not None
    assert payments.current_draft(text.id) is None


def test_after_a_transfer_that_nobody_took_the_menu_comes_also_with_an_open_draft(line: Line) -> None:
    conversation = line.app.conversation
    call = conversation.open_call("CA1", PHONE)
    line.app.identity.claim(call.id, line.account.account_number)
    line.app.identity.recognize_by_zip(call.id, PHONE, line.account.zip_code)
    line.app.payments.draft(session_id=call.id, account_id=line.account.id, amount_cents=8420, method_id=None)
    conversation.take(call.id, Heard("event", "menu"))
    assert line.engine.heard[-1].intent == "menu", "we did not ring, so nothing is said of a call of ours"


def test_a_call_from_another_phone_continues_nothing(line: Line) -> None:
    conversation = line.app.conversation
    text = conversation.open_text_session(PHONE)
    line.app.identity.recognize_by_phone(text.id, PHONE)
    line.app.payments.draft(session_id=text.id, account_id=line.account.id, amount_cents=8420, method_id=None)
    call = conversation.open_call("CA1", "+17065550199", resume=text.id)
    conversation.take(call.id, Heard("event", "call_opened"))
    assert line.engine.heard[-1].intent == "call_opened"
    assert line.app.identity.current(call.id) is None


def test_a_card_result_is_told_without_its_token(line: Line) -> None:
    conversation = line.app.conversation
    call = conversation.open_call("CA1", PHONE)
    line.app.identity.claim(call.id, line.account.account_number)
    line.app.identity.recognize_by_zip(call.id, PHONE, line.account.zip_code)
    draft = line.app.payments.draft(
        session_id=call.id, account_id=line.account.id, amount_cents=8420, method_id=None
    )
    line.expect(expect="new_card", draft_id=draft.id)
    conversation.take(call.id, Heard("event", "call_opened"))
    conversation.take(call.id, Heard("card", card={"result": "success", "token": "pm_keyed"}))
    assert line.engine.heard[-1].entities == {"result": "success"}
    assert "pm_keyed" not in str(line.transcript()[-1].heard)
    current = line.app.payments.current_draft(call.id)
    assert current is not None
    assert current.method is not None


def test_a_call_that_a_person_took_over_is_no_open_request_any_more(line: Line) -> None:
    conversation, handoff = line.app.conversation, line.app.handoff
    call = conversation.open_call("CA1", PHONE)
    handoff.ask(
        session_id=call.id,
        account_id=None,
        phone=PHONE,
        topic="human_agent",
        summary="wants a person",
        channel="voice",
    )
    handoff.ask(
        session_id=call.id,
        account_id=None,
        phone=PHONE,
        topic="payment_amount_differs",
        summary="an amount differs",
        channel="voice",
    )
    assert len(handoff.open_requests()) == 2
    conversation.end(call.id, "transferred")
    assert [request.topic for request in handoff.open_requests()] == ["payment_amount_differs"]


@pytest.mark.parametrize(("seconds_on_the_line", "is_told"), [(3, False), (30, True)])
def test_a_caller_who_stayed_until_the_receipt_was_read_has_heard_it(
    line: Line, seconds_on_the_line: int, is_told: bool
) -> None:
    conversation, payments = line.app.conversation, line.app.payments
    call = conversation.open_call("CA1", PHONE)
    line.app.identity.claim(call.id, line.account.account_number)
    line.app.identity.recognize_by_zip(call.id, PHONE, line.account.zip_code)
    draft = payments.draft(session_id=call.id, account_id=line.account.id, amount_cents=8420, method_id=None)
    payments.attach_card(call.id, draft.id, "pm_keyed")
    line.expect(expect="confirm", draft_id=draft.id)
    conversation.take(call.id, Heard("event", "call_opened"))

    def charge() -> None:
        turn_id = line.engine.heard[-1].metadata["turn_id"]
        payments.confirm(session_id=call.id, turn_id=turn_id, language="en", channel="voice", phone=PHONE)

    line.engine.during = charge
    line.clock.advance(timedelta(seconds=1))
    conversation.take(call.id, Heard("keys", "1"))
    line.clock.advance(timedelta(seconds=seconds_on_the_line))
    conversation.end(call.id, "completed")
    with line.app.db.read() as tx:
        told_at = tx.scalars(select(Payment.told_at)).one()
    assert (told_at is not None) == is_told
