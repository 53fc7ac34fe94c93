"""Reactions, outbursts, other languages, and corrections of the account are told from answers and wishes."""

from __future__ import annotations

import pytest

from assistant.dialogue.keywords import is_other_account, is_relay_call
from assistant.dialogue.manners import is_nod, is_outburst, is_reaction, other_language
from assistant.dialogue.meaning import Manner, Says, meaning_of
from assistant.dialogue.teens import sounds_like
from assistant.dialogue.turn import Expectation, Heard


@pytest.mark.parametrize(
    "text",
    [
        *('Liked "You owe $84.20"', "Loved “Paid: $50.00”", "Disliked an image", 'Emphasized "Hello"'),
        *('👍 to "You owe $84.20"', "👍 a «Debe $84.20»", "Le gustó “Debe $84.20”", 'Le encantó "Pagado"'),
        *('Removed a heart from "You owe"', "Laughed at “Reply YES”", 'Reacted 😂 to "Reply YES"'),
        *('Reaccionó con 👍 a "Debe"', "Destacó “Debe $84.20”", 'Questioned "You owe"'),
    ],
)
def test_a_reaction_is_told_from_words(text: str) -> None:
    assert is_reaction(text)


@pytest.mark.parametrize(
    "text", ["I liked the old way better", "yes", "👍", "me gustó pagar por aquí", "loved one passed away"]
)
def test_words_are_no_reaction(text: str) -> None:
    assert not is_reaction(text)


@pytest.mark.parametrize(
    "text",
    [
        *("fuck you", "THIS IS BULLSHIT!!!", "you stupid machine", "damn it", "wtf", "go to hell idiots"),
        *("pinche máquina", "vete a la mierda", "son unos pendejos", "¡esto es una basura!"),
    ],
)
def test_an_outburst_is_noticed(text: str) -> None:
    assert is_outburst(text)


@pytest.mark.parametrize(
    "text",
    [
        *("pay the damn bill", "hell yes", "no", "why is my fucking power off", "quiero pagar la pinche luz"),
        *("go to the menu", "is this it", "what the hell do I owe", "fuck no", ""),
    ],
)
def test_a_wish_with_swearing_in_it_is_a_wish(text: str) -> None:
    assert not is_outburst(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *(("Bonjour", "french"), ("je veux payer ma facture", "french"), ("Parlez-vous français?", "french")),
        *(("ola, quero pagar minha conta", "portuguese"), ("obrigado", "portuguese")),
        *(("Ich möchte meine Rechnung bezahlen", "german"), ("magkano po ang bayad ko", "tagalog")),
        *(("mwen vle peye fakti mwen", "creole"), ("do you speak french", "french"), ("Russian?", "other")),
        *(("tôi muốn trả tiền điện", "other"), ("我想付电费", "other"), ("Хочу оплатить счёт", "other")),
        *(("전기 요금 내고 싶어요", "other"), ("do you have someone who speaks Vietnamese", "other")),
    ],
)
def test_a_third_language_is_noticed(text: str, language: str) -> None:
    assert other_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        *(
            "hola quiero pagar mi luz",
            "cuánto debo",
            "pay my bill",
            "no comment",
            "the est due date",
            "po box 12",
        ),
        *(
            "necesito hablar con una persona",
            "ok",
            "👍",
            "?",
            "1234",
            "MERCI LANE 12 is my street",
            "ola como esta",
        ),
        *("I am Polish and I have lived here for years and want to pay the bill today", "vale", "die bill"),
    ],
)
def test_our_own_two_languages_are_not_taken_for_a_third(text: str) -> None:
    assert other_language(text) is None


@pytest.mark.parametrize(
    ("text", "is_correction"),
    [
        *(("wait, not that account", True), ("wrong account", True), ("the other account please", True)),
        *(("la otra cuenta", True), ("no, esa cuenta no", True), ("pay another account", True)),
        *(("what is the balance of my other account", False), ("cuánto debo en la otra cuenta", False)),
        *(("on account of the storm I am late", False), ("add another account", False)),
    ],
)
def test_not_that_account_is_a_correction(text: str, is_correction: bool) -> None:
    assert is_other_account(text) == is_correction


def test_a_relay_operator_is_noticed() -> None:
    assert is_relay_call("Hello, this is a relay call with operator 4512")
    assert is_relay_call("le habla un operador de relevo")
    assert not is_relay_call("can you relay my message")


@pytest.mark.parametrize(
    ("dollars", "other"),
    [(15, 50), (50, 15), (13, 30), (90, 19), (115, 150), (84, None), (20, None), (100, None)],
)
def test_teens_and_tens_sound_alike(dollars: int, other: int | None) -> None:
    assert sounds_like(dollars * 100) == (None if other is None else other * 100)
    assert sounds_like(dollars * 100 + 20) is None


@pytest.mark.parametrize("nod", ["👍", "👍🏽", "🙏 🙏", "❤️", "😊👍"])
def test_a_nod_at_an_answer_wants_no_reply_and_at_a_question_it_does(nod: str) -> None:
    answered = Expectation(words="You owe $84.20. Reply MENU for more.", is_closing=True)
    assert meaning_of(Heard("text", nod), answered, "en") == Manner("reaction")
    asked = Expectation("choice", words="Which card?")
    assert isinstance(meaning_of(Heard("text", nod), asked, "en"), Says)
    assert isinstance(meaning_of(Heard("text", nod), Expectation(), "en"), Says), "nothing was said before"


@pytest.mark.parametrize("text", ["👎", "👍 pay", "😡", "", "👍?"])
def test_other_signs_are_no_nod(text: str) -> None:
    assert not is_nod(text)
