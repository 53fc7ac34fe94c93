"""Slow callers: longer silences once asked for, and the pound key as the answer to "more time?"."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.channels.spoken import PATIENT_SPEECH_SECONDS, Speaker
from assistant.channels.tongue import Tongue
from assistant.dialogue.turn import Choice, Expectation, Reply
from assistant.settings import Settings
from tests.fake_conversation import FakeConversation
from tests.phone_fixtures import Phone

ASKED = Expectation("choice", choices=(Choice(1, "pay your bill", "pay_bill"),), words="What now?")


def test_a_patient_question_waits_longer_for_keys_and_speech(settings: Settings) -> None:
    speaker = Speaker(settings)
    quick = speaker.answer([Reply("What now?", ASKED)], Tongue("en"), 1)
    patient = speaker.answer([Reply("What now?", replace(ASKED, is_patient=True))], Tongue("en"), 1)
    assert f'timeout="{settings.gather_timeout_seconds}"' in quick
    assert f'timeout="{settings.patient_timeout_seconds}"' in patient
    assert f'speechTimeout="{PATIENT_SPEECH_SECONDS}"' in patient


def test_pound_is_an_answer_only_while_more_time_is_offered(
    ada: Phone, conversation: FakeConversation
) -> None:
    conversation.answers = [[Reply("Do you need more time?", replace(ASKED, asks_time=True))]]
    ada.dial()
    ada.press("#")
    assert [(heard.kind, heard.text) for heard in conversation.heard[1:]] == [("keys", "#")]
    ada.press("#")
    assert len(conversation.heard) == 2, "beside any other question it is noise"


def test_terms_cannot_be_interrupted_and_everything_else_can(settings: Settings) -> None:
    speaker = Speaker(settings)
    terms = speaker.answer([Reply("The terms.", replace(ASKED, is_terms=True))], Tongue("en"), 1)
    assert terms.index("The terms.") < terms.index("<Gather")
    usual = speaker.answer([Reply("What now?", ASKED)], Tongue("en"), 1)
    assert usual.index("<Gather") < usual.index("What now?") < usual.index("</Gather>")
    assert re.search(r'<Gather[^>]*input="dtmf speech"', usual)
