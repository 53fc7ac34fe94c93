"""What counts as an amount, and the many numbers that must never be taken for one."""

from __future__ import annotations

import pytest

from assistant.dialogue.amounts import AmountRead, find_amount, read_amount, read_keyed_amount
from assistant.money import Language


def _told(read: AmountRead | None) -> int | str | None:
    """Cents of an exact amount, the kind of a named one."""
    if read is None:
        return None
    return read.cents if read.kind == "exact" else read.kind


@pytest.mark.parametrize(
    ("answer", "cents"),
    [
        ("$84.20", 8420),
        ("  $ 84.20 ", 8420),
        ("84.20$", 8420),
        ("US$84.20", 8420),
        ("(84.20)", 8420),
        ("1,234.50", 123450),
        ("84 dollars", 8400),
        ("a 20-dollar payment", 2000),
        ("fifty bucks", 5000),
        ("50 bucks and 10 cents", 5010),
        ("$84 and 20 cents", 8420),
        ("84 dollars and 20", 8420),
        ("eighty four twenty", 8420),
        ("84 20", 8420),
        ("forty oh five", 4005),
        ("eighty-four point two oh", 8420),
        ("one twenty five fifty", 12550),
        ("one twenty dollars", 12000),
        ("a hundred", 10000),
        ("twelve hundred", 120000),
        ("2 hundred and 50", 25000),
        ("fifty cents", 50),
        ("$.50", 50),
        ("5️⃣0️⃣", 5000),
        ("５０", 5000),
        ("84 us dollars", 8400),
        ("50 dollers", 5000),
        ("1200", 120000),
        ("5", 500),
        ("umm I guess fifty, thank you ma'am", 5000),
        ("I'd like to pay $45.50 please", 4550),
        ("how about 30?", 3000),
        ("i want 2 pay 30", 3000),
        ("make it sixty", 6000),
        ("84 pesos", 8400),
    ],
)
def test_an_english_answer_is_read_to_the_cent(answer: str, cents: int) -> None:
    assert _told(read_amount(answer, "en")) == cents


@pytest.mark.parametrize(
    ("answer", "cents"),
    [
        ("cincuenta dólares con veinte centavos", 5020),
        ("84 con 20", 8420),
        ("84 con cero cinco", 8405),
        ("ochenta y cuatro veinte", 8420),
        ("ochenta y cuatro punto veinte", 8420),
        ("ochenta cuatro", 8400),
        ("84,20", 8420),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("ciento veinte", 12000),
        ("mil doscientos", 120000),
        ("dos cientos cincuenta", 25000),
        ("veinte y uno", 2100),
        ("once", 1100),
        ("cuarenta dls", 4000),
        ("84 pesos", 8400),
        ("buenos días, quiero abonar cincuenta por favor", 5000),
        ("fifty dollars", 5000),
    ],
)
def test_a_spanish_answer_is_read_to_the_cent(answer: str, cents: int) -> None:
    assert _told(read_amount(answer, "es")) == cents


@pytest.mark.parametrize(
    ("answer", "language", "kind"),
    [
        ("all of it", "en", "full"),
        ("the whole thing please", "en", "full"),
        ("everything", "en", "full"),
        ("what I owe", "en", "full"),
        ("just the past due", "en", "past_due"),
        ("all of the past due", "en", "past_due"),
        ("what's overdue", "en", "past_due"),
        ("half", "en", "half"),
        ("half of what I owe", "en", "half"),
        ("the minimum", "en", "minimum"),
        ("the least I can pay", "en", "minimum"),
        ("todo", "es", "full"),
        ("lo que debo", "es", "full"),
        ("la cuenta completa por favor", "es", "full"),
        ("lo vencido", "es", "past_due"),
        ("el saldo atrasado", "es", "past_due"),
        ("la mitad", "es", "half"),
        ("lo mínimo", "es", "minimum"),
    ],
)
def test_an_amount_can_be_named_without_a_number(answer: str, language: Language, kind: str) -> None:
    read = read_amount(answer, language)
    assert read == AmountRead(None, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer",
    [
        # could be two sums
        *(
            "one twenty",
            "two fifty",
            "one oh five",
            "84.5",
            "84,20",
            "$12,34",
            "84 dollars and 5",
            "8420",
            "forty fifty",
        ),
        *(
            "fifty-sixty",
            "50 or 60",
            "50-60",
            "$50-$60",
            "50 to 60",
            "between 50 and 60",
            "84 . 20",
            "eight four two zero",
        ),
        # a bound, a share, a change
        *(
            "more than 50",
            "up to 50",
            "at least 50",
            "50 or so",
            "50ish",
            "50 more",
            "add 20",
            "50%",
            "50 percent",
        ),
        *(
            "half of 84",
            "more than half",
            "all but 20",
            "all except 20",
            "84 and a half",
            "twice",
            "50 each",
            "50 a month",
        ),
        *("two payments of 50", "a couple hundred", "2k", "two grand", "50²", "50½", "1/2"),
        # not money to be paid
        *(
            "-50",
            "minus 50",
            "0",
            "$0.00",
            "50€",
            "£50",
            "50 pounds",
            "not 50",
            "50, no",
            "I don't want to pay 50",
        ),
        *(
            "4821",
            "12345",
            "1000000001",
            "the 15th",
            "12/3",
            "Dec 3",
            "3 de diciembre",
            "el 15",
            "at 5",
            "5pm",
            "5:30",
        ),
        *(
            "card ending in 4242",
            "my visa 4242",
            "24 hours",
            "2 days",
            "deme 10 días",
            "5 minutes",
            "30601 is my zip",
        ),
        *(
            "the second one",
            "one",
            "uno",
            "option 1",
            "I am 84 years old",
            "I paid 50",
            "ya pagué 50",
            "pagué 50",
        ),
        # no amount at all
        *(
            "",
            "yes",
            "no",
            "I don't know",
            "that is all, thanks",
            "is everything okay",
            "eso es todo gracias",
            "todo bien",
        ),
        *(
            "balance right now",
            "how do I pay this",
            "i want 2 pay",
            "what is the minimum",
            "¿cuánto es?",
            "thanks 👍",
            # digits to the eye, and none to count with
            "50² hundred",
            "2² hundred and 50",
            "2 hundred and ²²",
        ),
    ],
)
def test_an_answer_that_is_not_one_sure_amount_is_refused(answer: str) -> None:
    assert read_amount(answer, "en") is None


@pytest.mark.parametrize(
    ("answer", "language", "cents"),
    [
        ("50, no, 60", "en", 6000),
        ("50 no 60", "en", 6000),
        ("not 50, 60", "en", 6000),
        ("60, not 50", "en", 6000),
        ("60 instead of 50", "en", 6000),
        ("50 wait make it 60", "en", 6000),
        ("I can't pay 84.20, just 50", "en", 5000),
        ("all of it... no, 50", "en", 5000),
        ("the full amount, 84.20", "en", 8420),
        ("no, 60", "es", 6000),
        ("50, no, 60", "es", 6000),
        ("50 perdón 60", "es", 6000),
        ("no 50 sino 60", "es", 6000),
        ("50 mejor 60", "es", 6000),
        ("60 no 50", "es", None),
        ("50 no 60", "es", None),
        ("no quiero pagar 50", "es", None),
    ],
)
def test_a_correction_counts_and_an_unclear_one_does_not(
    answer: str, language: Language, cents: int | None
) -> None:
    assert _told(read_amount(answer, language)) == cents


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("pay 50 on my bill", "en", 5000),
        ("no, make it 60", "en", 6000),
        ("put 45.50 on my card ending 4242", "en", 4550),
        ("pay $84.20 on 12/3", "en", 8420),
        ("pay 60 by the 3rd", "en", 6000),
        ("can I pay 50 in 10 days", "en", 5000),
        ("pay 50, my account is 1000000001", "en", 5000),
        ("I live at 12 oak street, pay 50", "en", 5000),
        ("my bill is 84.20, I want to pay 50", "en", 5000),
        ("I have 3 kids and can pay 50 dollars", "en", 5000),
        ("change it from 50 to 60", "en", 6000),
        ("pay 1200 on my bill", "en", 120000),
        ("the amount is 1250", "en", 125000),
        ("pay 50 4 my mom", "en", 5000),
        ("pay it in full", "en", "full"),
        ("can you pay the past due", "en", "past_due"),
        ("pay half of it", "en", "half"),
        ("pay the minimum", "en", "minimum"),
        ("quiero pagar 45.50 con mi tarjeta 4242", "es", 4550),
        ("pagar 50 el viernes", "es", 5000),
        ("pague 50 el 15", "es", 5000),
        ("debo 84.20 y quiero pagar 50", "es", 5000),
        ("pagar 84 con 2 tarjetas", "es", 8400),
        ("cámbialo a 60", "es", 6000),
        ("quiero pagar todo el saldo", "es", "full"),
    ],
)
def test_the_one_amount_in_a_sentence_is_found(text: str, language: Language, found: int | str) -> None:
    assert _told(find_amount(text, language)) == found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *(
            (text, "en")
            for text in ("pay 50 or 60", "pay 50 and 60", "pay 50 now and 34 later", "pay between 50 and 60")
        ),
        *(
            (text, "en")
            for text in ("two payments of 50", "pay 50 a month", "pay 50 every week", "split it 50 50")
        ),
        *(
            (text, "en")
            for text in (
                "pay 4821",
                "pay with 4242",
                "my pin is 4821",
                "pay on the 13th",
                "pay dec 3",
                "pay 12/3",
            )
        ),
        *(
            (text, "en")
            for text in ("call me at 706 555 0111", "it is 5 o'clock", "give me 10 more days", "pay 2 months")
        ),
        *(
            (text, "en")
            for text in (
                "pay 50 20 days from now",
                "pay for 2 accounts",
                "this one",
                "pay one bill",
                "menu 2",
            )
        ),
        *((text, "en") for text in ("what do i have 2 pay 4 my bill", "my card 4 the lights was declined")),
        *(
            (text, "en")
            for text in (
                "I paid 50 yesterday",
                "you charged me 84.20",
                "why is my bill 120 dollars",
                "I owe 84.20",
            )
        ),
        *(
            (text, "en")
            for text in (
                "why was I charged a 35 dollar fee",
                "is there a 2 dollar fee?",
                "my bill went up 50 dollars",
            )
        ),
        *(
            (text, "en")
            for text in ("someone took 500 dollars from my account", "did you get my payment of 84.20")
        ),
        *(
            (text, "en")
            for text in (
                "how much is past due",
                "what is the minimum payment",
                "am I past due",
                "that is all",
            )
        ),
        *(
            (text, "en")
            for text in ("can I pay less than the full amount", "I can't pay in full", "don't pay 50")
        ),
        *(
            (text, "en")
            for text in ("pay 84.5", "pay 50%", "pay -50", "pay 50 pounds", "add 20 dollars", "pay 50 pesos")
        ),
        *(
            (text, "es")
            for text in ("pagar 50 o 60", "ya pagué 50", "me cobraron 50", "cuánto debo", "dos pagos de 50")
        ),
        *(
            (text, "es")
            for text in (
                "pagar el 15",
                "50 por mes",
                "un cargo de 15",
                "tengo 2 cuentas",
                "no puedo pagar 84",
            )
        ),
    ],
)
def test_a_sentence_without_one_clean_amount_gives_none(text: str, language: Language) -> None:
    assert find_amount(text, language) is None


@pytest.mark.parametrize(
    ("keys", "cents"),
    [
        ("84*20", 8420),
        ("84*20#", 8420),
        ("84", 8400),
        ("84*", 8400),
        ("0084*05", 8405),
        ("0*50", 50),
        ("8420", 842000),
        ("84*2", None),
        ("84*200", None),
        ("84**20", None),
        ("*20", None),
        ("0", None),
        ("0*00", None),
        ("", None),
        ("#", None),
        ("1000000001", None),
        ("8 4", None),
    ],
)
def test_keys_are_dollars_star_and_two_digits_of_cents(keys: str, cents: int | None) -> None:
    assert read_keyed_amount(keys) == cents
