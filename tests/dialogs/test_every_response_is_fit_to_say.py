"""Rules for our words: both languages and channels, short, plain, no links, answerable by keypad."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from actions.intents import ASIDES
from assistant import errors
from assistant.channels.gsm import gsm_length
from assistant.channels.wording import text_of
from assistant.dialogue.engine import EngineButton, EngineReply
from assistant.dialogue.expecting import replies_of
from assistant.dialogue.turn import Reply
from tests.dialogs.words import Wording, ease, filled, grade, responses, syllables, wordings
from tests.for_each import for_each

ALL = wordings()
# The carrier takes these as its own commands.
CARRIER_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START"}
ASKING = {"choice", "digits", "amount", "yes_no", "confirm"}
HIGHEST_GRADE = 6
# Fernandez Huerta: 70 to 80 is the sixth grade, more is easier.
LEAST_EASE = 70
# What is said in one text with a question: asides, account answers, and refusals that ask again.
COMES_FIRST = {f"utter_{intent}" for intent in ASIDES} | {
    "utter_arrangement_asked",
    "utter_arrangement_left",
    "utter_arrangement_not_agreed",
    "utter_bill_compared",
    "utter_bill_not_compared",
    "utter_code_expired",
    "utter_disconnect_met",
    "utter_disconnect_passed",
    "utter_dispute_left",
    "utter_disputed_amount",
    "utter_disputed_fee",
    "utter_disputed_missing",
    "utter_disputed_other",
    "utter_disputed_words",
    "utter_good_standing_queued",
    "utter_least_arranged",
    "utter_made_of",
    "utter_made_of_with_credit",
    "utter_no_payment_in",
    "utter_no_payment_in_year",
    "utter_not_prepaid",
    "utter_payment_found",
    "utter_payment_not_found",
    "utter_payment_not_found_amount",
    "utter_payments_in",
    "utter_payments_last",
    "utter_payments_more",
    "utter_places_no_more",
    "utter_places_office_only",
    "utter_prepaid_empty",
    "utter_prepaid_left",
    "utter_prepaid_left_days",
    "utter_refund_made",
    "utter_statement_queued",
    "utter_year_total",
    "utter_year_total_compared",
    "utter_code_wrong",
    "utter_disconnect",
    "utter_draft_expired",
    "utter_draft_not_confirmed",
    "utter_enrollment_code_used",
    "utter_fees_none",
    "utter_identity_not_matched",
    "utter_least_due",
    "utter_least_past_due",
    "utter_lookups_paused",
    "utter_not_paid",
    "utter_not_understood",
    "utter_owes",
    "utter_none_owes",
    "utter_only_one_owes",
    "utter_owes_in_all_short",
    "utter_owes_past_due",
    "utter_owes_with_notice",
    "utter_pay_in_turn",
    "utter_payment_at_bank",
    "utter_payment_received",
    "utter_payment_under_way",
    "utter_payment_in_review",
    "utter_pin_is_set",
    "utter_pin_not_set",
    "utter_pin_weak",
    "utter_pin_wrong",
    "utter_wrong_length",
    "utter_you_were_paying",
}
QUESTIONS = ("utter_ask_", "utter_offer", "utter_read_back", "utter_what_next", "utter_menu")


def reply_of(wording: Wording) -> Reply:
    """The reply as the service gets it from the engine."""

    def fill(value: object) -> object:
        return filled(value, wording.language) if isinstance(value, str) else value

    buttons = [
        EngineButton(filled(each["title"], wording.language), each["payload"]) for each in wording.buttons
    ]
    custom = {name: fill(value) for name, value in wording.custom.items()}
    return replies_of([EngineReply(filled(wording.text, wording.language), buttons, custom)])[0]


@for_each(responses())
def test_each_response_has_one_wording_for_each_language_and_channel(name: str) -> None:
    places = Counter((each.language, each.channel) for each in ALL if each.response == name)
    one_channel = {each.get("channel") for each in responses()[name]}
    channels = one_channel if one_channel in ({"sms"}, {"voice"}) else {"sms", "voice"}
    assert places == {(language, channel): 1 for language in ("en", "es") for channel in channels}


@for_each(responses())
def test_the_blanks_are_the_same_in_both_languages(name: str) -> None:
    def blanks(language: str) -> set[str]:
        return {
            blank
            for each in ALL
            if each.response == name and each.language == language
            for text in each.spoken
            for blank in re.findall(r"\{(\w+)\}", text)
        }

    assert blanks("en") == blanks("es")


@for_each([each for each in ALL if each.channel == "sms"])
def test_a_text_with_its_choices_fits_320_characters(wording: Wording) -> None:
    text = text_of([reply_of(wording)], wording.language)  # type: ignore[arg-type]
    assert gsm_length(text) <= 320, text


@for_each([each for each in ALL if each.response in COMES_FIRST])
def test_an_answer_fits_together_with_the_question_behind_it(first: Wording) -> None:
    for second in ALL:
        is_question = second.response.startswith(QUESTIONS) and second.channel == first.channel == "sms"
        if is_question and second.language == first.language:
            text = text_of([reply_of(first), reply_of(second)], first.language)  # type: ignore[arg-type]
            assert gsm_length(text) <= 320, text


@pytest.mark.parametrize("language", ["en", "es"])
def test_places_of_the_longest_names_fit_with_the_way_to_more(language: str) -> None:
    store = "x" * 30 + ", " + "y" * 30
    hours = {
        "en": "Monday to Saturday 7:30 AM to 10:30 PM, fee $1.50",
        "es": "de lunes a sábado de 7:30 a 22:30, cargo $1.50",
    }
    by_name = {each.response: each for each in ALL if each.language == language and each.channel == "sms"}
    places, more = by_name["utter_places_with_amount"], by_name["utter_more_or_menu"]
    listed = ". ".join([f"{store}, {hours[language]}"] * 2)
    first = Reply(filled(places.text.replace("{places}", listed), language))
    text = text_of([first, reply_of(more)], language)  # type: ignore[arg-type]
    assert gsm_length(text) <= 320, text


@pytest.mark.parametrize(
    ("language", "line"), [("en", "Dec 31, 2025 $584.20"), ("es", "30 de noviembre de 2025 $584.20")]
)
def test_a_page_of_payments_fits_with_the_way_to_more(language: str, line: str) -> None:
    by_name = {each.response: each for each in ALL if each.language == language and each.channel == "sms"}
    for name in ("utter_payments_last", "utter_payments_more", "utter_payments_in"):
        words = by_name[name].text.replace("{payments}", ", ".join([line] * 4))
        replies = [Reply(filled(words, language)), reply_of(by_name["utter_more_or_menu"])]
        text = text_of(replies, language)  # type: ignore[arg-type]
        assert gsm_length(text) <= 320, text


@for_each(ALL)
def test_no_word_is_the_carriers_and_nothing_links_or_asks_for_what_we_never_ask(wording: Wording) -> None:
    for text in wording.spoken:
        assert not CARRIER_WORDS & set(re.findall(r"\b[A-Z]{3,}\b", text)), text
        assert not re.search(r"https?:|www\.|\.(com|org|net)\b", text), text
        assert not re.search(
            r"(reply|text|send|responda|mande)\w* (with |con )?(your |su )?(card|tarjeta)", text
        )


@for_each([each for each in ALL if each.response == "utter_capabilities"])
def test_what_can_you_do_is_answered_with_every_feature(wording: Wording) -> None:
    named = {
        "en": (
            "now or later",
            "autopay",
            "past payments",
            "letters",
            "cards",
            "reminders",
            "more time",
            "person",
        ),
        "es": (
            "otro día",
            "automático",
            "pagos pasados",
            "cartas",
            "tarjetas",
            "avisos",
            "más tiempo",
            "persona",
        ),
    }[wording.language]
    assert [each for each in named if each not in wording.text] == []


@for_each([each for each in ALL if each.channel == "voice"])
def test_a_spoken_question_has_a_fuller_and_a_shorter_wording(wording: Wording) -> None:
    kind = wording.custom.get("expect") or ("choice" if wording.buttons else "")
    if kind in ASKING and wording.response not in ("utter_ask_which_account", "utter_ask_account_last_four"):
        is_by_text_only = wording.response == "utter_ask_pin_for_methods"
        assert is_by_text_only or {"fuller", "shortest"} <= set(wording.custom)


@for_each([each for each in ALL if each.channel == "voice"])
def test_the_phone_numbers_the_choices_itself(wording: Wording) -> None:
    own_keys = {"0", "1"} if wording.custom.get("expect") == "confirm" else {"0"}
    if wording.buttons and wording.response != "utter_call_opened":
        for text in wording.spoken:
            assert set(re.findall(r"(?:press|oprima)(?: el)? (\d)", text, re.IGNORECASE)) <= own_keys, text


@for_each(ALL)
def test_a_reply_expects_something_that_the_service_knows(wording: Wording) -> None:
    expect = reply_of(wording).expect
    assert len(expect.choices) <= 5
    if expect.kind == "confirm":
        assert expect.draft_id
    if expect.secret:
        assert expect.length > 0


# The few words of languages that are neither of ours stand in both.
OURS = [each for each in ALL if not each.response.startswith("utter_talk_own_")]


@for_each([each for each in OURS if each.language == "es"])
def test_the_spanish_is_plain(wording: Wording) -> None:
    text = re.sub(r"\{\w+\}", "dos", wording.text)
    if len(text.split()) >= 9:
        assert round(ease(text)) >= LEAST_EASE, f"{ease(text):.0f}: {text}"


@pytest.mark.parametrize(
    ("word", "count"), [("cuenta", 2), ("días", 2), ("quiere", 2), ("idea", 3), ("muy", 1)]
)
def test_spanish_syllables_are_counted_as_they_are_said(word: str, count: int) -> None:
    assert syllables(word) == count


@for_each([each for each in OURS if each.language == "en"])
def test_the_english_is_plain(wording: Wording) -> None:
    # Names, times and numbers are not our words; a handful of words has no sensible grade.
    text = re.sub(r"\{\w+\}", "it", wording.text)
    if len(text.split()) >= 9:
        assert round(grade(text)) <= HIGHEST_GRADE, f"{grade(text):.1f}: {text}"


def test_every_refusal_has_words() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {code for kind in kinds if issubclass(kind, errors.Refusal) for code in kind.codes}
    assert {f"utter_{code}" for code in codes} <= set(responses())


def test_spanish_is_the_fifth_key_of_the_greeting_in_either_language() -> None:
    for wording in ALL:
        if wording.response == "utter_call_opened":
            wanted = "es" if wording.language == "en" else "en"
            assert wording.buttons[4]["payload"] == f'/change_language{{"language": "{wanted}"}}'
            assert "5" in wording.text
