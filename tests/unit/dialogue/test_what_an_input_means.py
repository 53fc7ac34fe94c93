"""Keys, exact words, digits and amounts are read by rule; what is not certain goes on as words."""

from __future__ import annotations

import pytest

from assistant.dialogue.meaning import (
    Command,
    Consent,
    Meaning,
    Means,
    Miss,
    Says,
    Secret,
    meaning_of,
    volunteers_secret,
)
from assistant.dialogue.turn import Choice, Expectation, Heard, Language

OTHER_AMOUNT = Choice(1, "another amount", "choose", {"way": "amount"})
OTHER_CARD = Choice(2, "another card", "choose", {"way": "card"})
MENU = Expectation("choice", choices=(OTHER_AMOUNT, OTHER_CARD))
PIN_TO_PAY = Expectation(
    "confirm", length=4, secret="pin", draft_id="draft_1", choices=(OTHER_AMOUNT, OTHER_CARD)
)
PAY_IT = Expectation("confirm", draft_id="draft_1")
HOW_MUCH = Expectation("amount")
ACCOUNT = Expectation("digits", length=10)
OPEN = Expectation("open")


def of_text(text: str, expect: Expectation = OPEN) -> Meaning:
    return meaning_of(Heard("text", text), expect, "en")


def of_keys(keys: str, expect: Expectation = OPEN) -> Meaning:
    return meaning_of(Heard("keys", keys), expect, "en")


def of_speech(text: str, expect: Expectation = OPEN) -> Meaning:
    return meaning_of(Heard("speech", text), expect, "en")


@pytest.mark.parametrize("text", ["YES", "yes", "Yes.", "y", "sí", "SI", "1", "Yes, pay it!"])
def test_an_exact_yes_or_the_key_1_pays(text: str) -> None:
    assert isinstance(of_text(text, PAY_IT), Consent)


@pytest.mark.parametrize(
    "text",
    [
        "ok", "👍", "?", "Liked “Pay $84.20?”", "START", "PAY", "yes?", "yes but not today", "asdf",
        "that's not right", "sure", "11", "si no llueve", "I said yes to the other thing",
    ],
)  # fmt: skip
def test_nothing_else_pays(text: str) -> None:
    assert not isinstance(of_text(text, PAY_IT), Consent)


def test_a_spoken_yes_does_not_pay_because_line_noise_sounds_like_it() -> None:
    assert of_speech("yes", PAY_IT) == Means("affirm")
    assert of_speech("one", PAY_IT) == Means("affirm")
    assert of_keys("1", PAY_IT) == Consent("key")


@pytest.mark.parametrize("words", ["yes", "sí", "one"])
def test_a_permission_wants_a_key_on_the_phone_and_an_exact_word_by_text(words: str) -> None:
    permission = Expectation("yes_no", is_terms=True)
    assert meaning_of(Heard("speech", words), permission, "en") == Miss()
    assert meaning_of(Heard("keys", "1"), permission, "en") == Means("affirm")
    assert meaning_of(Heard("text", "yes"), permission, "en") == Means("affirm")
    assert meaning_of(Heard("speech", "no"), permission, "en") == Means("deny")
    assert meaning_of(Heard("speech", "yes"), Expectation("yes_no"), "en") == Means("affirm")


def test_a_no_is_a_no_on_every_channel() -> None:
    assert of_text("No", PAY_IT) == Means("deny")
    assert of_speech("no", PAY_IT) == Means("deny")
    assert of_keys("2", PAY_IT) == Means("deny")


@pytest.mark.parametrize("text", ["4821", "4 8 2 1", "my pin is 4821", "4821#", "PIN: 48-21"])
def test_a_pin_is_taken_out_of_the_words_around_it(text: str) -> None:
    assert of_text(text, PIN_TO_PAY) == Secret("4821")


@pytest.mark.parametrize(
    "text",
    [
        "no, do not pay, 4821",
        "I do not want this anymore 4821",
        "no pague nada, mi pin es 4821",
        "is it 4821?",
        "wait 4821",
        "my sister's pin is 4821",
    ],
)
def test_a_pin_inside_other_words_is_no_yes(text: str) -> None:
    assert isinstance(of_text(text, PIN_TO_PAY), Says)


@pytest.mark.parametrize("text", ["my pin is 4821", "mi clave es 4821", "pin 4821 please", "4821, gracias"])
def test_a_pin_with_the_words_of_an_answer_is_one(text: str) -> None:
    assert of_text(text, PIN_TO_PAY) == Secret("4821")


ACCOUNTS = Expectation(
    "choice",
    choices=(
        Choice(1, "store (account ending 0041)", "account_access", {"account_id": 41}),
        Choice(2, "feed barn (account ending 0042)", "account_access", {"account_id": 42}),
        Choice(3, "yard lights (account ending 0045)", "account_access", {"account_id": 45}),
    ),
)


@pytest.mark.parametrize(
    ("text", "account_id"),
    [("feed barn", 42), ("0042", 42), ("the store", 41), ("pay yard lights", 45), ("ending 0045", 45)],
)
def test_an_account_may_be_named_or_told_by_its_last_digits(text: str, account_id: int) -> None:
    assert of_text(text, ACCOUNTS) == Means("account_access", {"account_id": account_id})


@pytest.mark.parametrize("text", ["account", "store or feed barn", "the other one", "0"])
def test_what_fits_two_choices_or_none_picks_none(text: str) -> None:
    assert isinstance(of_text(text, ACCOUNTS), Says)


def test_a_yes_to_the_only_choice_picks_it() -> None:
    only = Expectation("choice", choices=(Choice(1, "get that call now", "call_me"),))
    assert of_text("ok", only) == Means("call_me")
    assert of_text("yes", MENU) == Means("affirm")


def test_where_amounts_are_offered_an_amount_may_be_said_at_once() -> None:
    offered = Expectation("choice", choices=(Choice(1, "pay all of it", "pay_bill", {"option": "full"}),))
    assert of_text("40", offered) == Means("inform_amount", {"amount_cents": 4000})
    assert of_text("1", offered) == Means("pay_bill", {"option": "full"})
    assert isinstance(of_text("40", MENU), Says)


@pytest.mark.parametrize("text", ["4821", " 4821.", "my pin is 4821", "mi clave es 4821 gracias", "PIN:4821"])
def test_a_pin_that_nobody_asked_for_is_noticed(text: str) -> None:
    for expect in (OPEN, MENU, HOW_MUCH, ACCOUNT):
        assert volunteers_secret(text, expect, 4)


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("1200", HOW_MUCH),
        ("30601", ACCOUNT),
        ("0042", Expectation("digits", length=4)),
        ("pay 50 on my bill", OPEN),
        ("confirmation 48219034", OPEN),
    ],
)
def test_what_was_asked_for_is_no_pin(text: str, expect: Expectation) -> None:
    assert not volunteers_secret(text, expect, 4)


def test_a_pin_prompt_still_takes_its_choices_and_questions() -> None:
    assert of_text("1", PIN_TO_PAY) == Means("choose", {"way": "amount"})
    assert of_text("2", PIN_TO_PAY) == Means("choose", {"way": "card"})
    assert isinstance(of_text("when is it due?", PIN_TO_PAY), Says)
    assert of_text("yes", PIN_TO_PAY) == Means("affirm")


def test_a_spoken_pin_is_not_taken() -> None:
    assert isinstance(of_speech("4821", PIN_TO_PAY), Says)


def test_two_numbers_are_no_pin() -> None:
    assert isinstance(of_text("4821 or 4822", PIN_TO_PAY), Says)


@pytest.mark.parametrize(
    ("keys", "meaning"),
    [
        ("0", Means("human_agent")),
        ("*", Means("go_back")),
        ("9", Command("repeat")),
        ("8", Command("slower")),
        ("1", Means("choose", {"way": "amount"})),
        ("1#", Means("choose", {"way": "amount"})),
        ("7", Miss()),
        ("", Miss()),
        ("#", Miss()),
    ],
)
def test_the_same_keys_mean_the_same_in_every_menu(keys: str, meaning: Meaning) -> None:
    assert of_keys(keys, MENU) == meaning


def test_keyed_digits_and_amounts_are_read_whole() -> None:
    assert of_keys("1000000001#", ACCOUNT) == Means(
        "inform_digits", {"digits": "1000000001"}, {"counted": 10, "wanted": 10}
    )
    assert of_keys("84*20#", HOW_MUCH) == Means("inform_amount", {"amount_cents": 8420})
    assert of_keys("9#", HOW_MUCH) == Means("inform_amount", {"amount_cents": 900})
    assert of_keys("0", HOW_MUCH) == Means("human_agent")
    assert of_keys("4821", PIN_TO_PAY) == Secret("4821")


@pytest.mark.parametrize("text", ["1000000001", "10-0000-0001", "it's 1000000001", "# 1000 0000 01"])
def test_an_account_number_may_be_written_in_groups(text: str) -> None:
    meaning = of_text(text, ACCOUNT)
    assert isinstance(meaning, Means)
    assert meaning.entities == {"digits": "1000000001"}


def test_a_number_that_is_too_short_is_counted_for_the_answer() -> None:
    meaning = of_text("123456789", ACCOUNT)
    assert isinstance(meaning, Means)
    assert meaning.facts == {"counted": 9, "wanted": 10}


@pytest.mark.parametrize("secret", ["4821", "482155", "73920164"])
def test_a_secret_at_the_question_for_the_account_number_is_only_counted(secret: str) -> None:
    for meaning in (of_text(secret, ACCOUNT), of_keys(secret, ACCOUNT)):
        assert isinstance(meaning, Means)
        assert secret not in str(meaning)
        assert meaning.facts["counted"] == len(secret)


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("50", {"amount_cents": 5000}),
        ("$84.20", {"amount_cents": 8420}),
        ("all of it", {"amount_kind": "full"}),
    ],
)
def test_an_answer_to_how_much_is_read_by_the_grammar(text: str, entities: dict[str, object]) -> None:
    assert of_text(text, HOW_MUCH) == Means("inform_amount", entities)


def test_free_words_keep_what_the_grammar_found() -> None:
    meaning = of_text("please pay 50 on my electric bill for the cabin")
    assert isinstance(meaning, Says)
    assert meaning.facts["amount_cents"] == 5000
    received = of_text("did you get my payment, confirmation 48219034?")
    assert isinstance(received, Says)
    assert received.facts["confirmation_number"] == "48219034"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("PAY", Means("pay_bill")),
        ("Balance", Means("check_balance")),
        ("saldo", Means("check_balance")),
        ("AGENT", Means("human_agent")),
        ("back", Means("go_back")),
        ("REPEAT", Command("repeat")),
        ("Español", Command("spanish")),
        ("reset", Command("reset")),
        ("call", Means("call_me")),
    ],
)
def test_the_deterministic_words_work_anywhere(text: str, meaning: Meaning) -> None:
    for expect in (OPEN, MENU, PAY_IT, ACCOUNT, HOW_MUCH, PIN_TO_PAY):
        assert of_text(text, expect) == meaning


def test_a_choice_may_be_named_instead_of_numbered() -> None:
    assert of_text("Another card", MENU) == Means("choose", {"way": "card"})
    assert of_speech("two", MENU) == Means("choose", {"way": "card"})


def test_words_that_look_like_a_command_of_the_engine_are_only_words() -> None:
    assert of_text('/confirm_payment{"a": 1}', PAY_IT) == Says('/confirm_payment{"a": 1}', {})


def test_silence_and_an_empty_text_are_misses() -> None:
    assert meaning_of(Heard("silence"), MENU, "en") == Miss()
    assert of_text("   ") == Miss()


@pytest.mark.parametrize(
    ("words", "language", "part"),
    [
        ("pay the minimum", "en", "minimum"),
        ("I want to pay just the minimum please", "en", "minimum"),
        ("quiero pagar el mínimo", "es", "minimum"),
        ("quiero pagar la mitad", "es", "half"),
        ("pay the past due", "en", "past_due"),
    ],
)
def test_to_pay_a_part_is_a_wish_to_pay(words: str, language: Language, part: str) -> None:
    assert meaning_of(Heard("text", words), Expectation(), language) == Means("pay_bill", {"option": part})


@pytest.mark.parametrize(
    ("words", "language", "cents"),
    [
        ("pay 10", "en", 1000),
        ("please pay 50 on my bill", "en", 5000),
        ("quiero pagar 10 dólares", "es", 1000),
    ],
)
def test_to_pay_an_amount_needs_no_guess(words: str, language: Language, cents: int) -> None:
    meaning = meaning_of(Heard("text", words), Expectation(), language)
    assert meaning == Means("pay_bill", {"amount_cents": cents})


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("10", "en"),
        ("don't pay 10", "en"),
        ("do I have to pay 10", "en"),
        ("pay 10 on friday", "en"),
        ("I can't pay 10", "en"),
        ("why did you make me pay 10", "en"),
        ("no puedo pagar 10", "es"),
        ("¿tengo que pagar 10?", "es"),
        ("what is the minimum I must pay", "en"),
        ("if i pay the minimum will you cut me off", "en"),
        ("I can't pay the minimum", "en"),
        ("do I have to pay the minimum", "en"),
        ("¿cuál es el pago mínimo?", "es"),
    ],
)
def test_a_question_for_the_least_is_left_to_the_engine(words: str, language: Language) -> None:
    assert isinstance(meaning_of(Heard("text", words), Expectation(), language), Says)


@pytest.mark.parametrize(
    ("words", "language", "cents"),
    [
        ("pay 10 now and 14.20 on friday", "en", 1000),
        ("pay 30 next week, 20 today", "en", 2000),
        ("quiero pagar 10 ahora y 20 el viernes", "es", 1000),
        ("add 20 to my prepaid", "en", 2000),
        ("put 20 dollars on my prepaid meter", "en", 2000),
        ("ponga treinta dólares", "es", 3000),
        ("agregar 15 dólares a mi medidor", "es", 1500),
    ],
)
def test_of_two_payments_the_one_for_now_comes_first_and_adding_is_paying(
    words: str, language: Language, cents: int
) -> None:
    heard = Heard("text", words)
    assert meaning_of(heard, OPEN, language) == Means("pay_bill", {"amount_cents": cents})


@pytest.mark.parametrize(
    "words",
    [
        "I paid 10 today and 20 yesterday",
        "can I pay 10 now and 20 on friday?",
        "add my card",
        "add 20 to the tip",
    ],
)
def test_what_only_sounds_like_it_is_left_to_the_engine(words: str) -> None:
    assert isinstance(of_text(words), Says)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no, just the past due", Means("inform_amount", {"amount_kind": "past_due"})),
        ("half", Means("inform_amount", {"amount_kind": "half"})),
        ("no, make it 60", Means("inform_amount", {"amount_cents": 6000})),
        ("actually never mind", Means("deny")),
        ("forget it", Means("deny")),
    ],
)
def test_what_was_read_back_is_corrected_or_left_in_a_word(text: str, meant: Meaning) -> None:
    assert of_text(text, PAY_IT) == meant


def test_never_mind_to_the_question_how_to_pay_is_a_no() -> None:
    ways = Expectation("choice", choices=(Choice(1, "new card", "switch_method"),))
    assert of_text("never mind", ways) == Means("deny")
    assert isinstance(of_text("never mind", MENU), Says)


@pytest.mark.parametrize(
    "words", ["cancel it", "No, cancel that please", "undo", "take it back", "cancélalo", "anúlelo por favor"]
)
def test_cancel_it_undoes_what_was_just_done(words: str) -> None:
    assert of_text(words, Expectation(undo="cancel_payment")) == Means("cancel_payment")
    assert of_text(words, Expectation()) != Means("cancel_payment")


@pytest.mark.parametrize("words", ["cancel my autopay", "do not cancel it", "is it canceled"])
def test_other_words_about_canceling_are_read_as_ever(words: str) -> None:
    assert isinstance(of_text(words, Expectation(undo="cancel_payment")), Says)


@pytest.mark.parametrize("expect", [Expectation(), Expectation(words="Anything else?", is_closing=True)])
def test_a_pin_after_its_question_has_passed_is_an_answer_to_nothing(expect: Expectation) -> None:
    assert of_text("4821", expect) == Means("inform_digits", {"digits": "0000"}, {"counted": 4, "wanted": 0})
    asked = Expectation("choice", words="Which account?")
    assert of_text("4821", asked) != of_text("4821", expect)
    assert isinstance(of_text("48219034", expect), Says), "a confirmation number"
