"""Card numbers are found however they are written; what only looks like digits survives."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from assistant.redaction import (
    find_card_numbers,
    is_card_number,
    luhn_holds,
    mask_all_digits,
    mask_card_numbers,
    mask_log_event,
    mask_secrets,
    redact_inbound,
    tail_digits,
)
from tests.card_numbers import card_numbers, written_cards

SEPARATORS = st.sampled_from(["", " ", "-", ".", "/", "  ", " - ", ", ", "\n", "\u00a0", "\u200b", "*"])


@given(card_numbers())
def test_every_generated_card_number_passes_the_card_check(number: str) -> None:
    assert is_card_number(number)
    assert luhn_holds(number)


@given(card_numbers(), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_is_no_card_number(number: str, place: int, shift: int) -> None:
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not luhn_holds(wrong)


@given(written_cards(), st.sampled_from(["", "my card is ", "Pay with: ", "tarjeta ", "card#", "x "]))
def test_a_card_number_in_any_writing_is_masked(written: tuple[str, str], before: str) -> None:
    number, writing = written
    redacted = redact_inbound(before + writing + " thanks")
    assert redacted.had_card_number, writing
    assert number not in "".join(sign for sign in redacted.text if sign.isdigit())
    assert find_card_numbers(redacted.text) == []


@given(card_numbers(), st.lists(st.tuples(st.integers(1, 8), SEPARATORS), min_size=1, max_size=19))
def test_a_card_number_in_any_groups_is_masked(number: str, cuts: list[tuple[int, str]]) -> None:
    pieces, separators, rest = [], [], number
    for size, separator in cuts:
        pieces.append(rest[:size])
        separators.append(separator)
        rest = rest[size:]
    groups = [piece for piece in [*pieces, rest] if piece]
    if [len(group) for group in groups[:3]] == [3, 3, 4]:
        return  # written like a phone number: the stated exception
    writing = "".join(group + separator for group, separator in zip(groups, [*separators, ""], strict=False))
    assert redact_inbound(writing).had_card_number, writing


@pytest.mark.parametrize(
    "text",
    [
        "my account is 1000000001 and my zip is 30601",
        "1000000001 30601 4821",
        "706-555-0111",
        "(706) 555-0111 or +1 706 555 0112",
        "404 555 0111 5093 7",
        "confirmation 48213377",
        "pay $4,242.42 of $42,424.24",
        "84*20",
        "I have two accounts, one on 4th street",
        "2026-11-23T15:00:00.123456Z",
        "12/03/2026 8420 1000000001",
        "4242 4242 4242 4243",
    ],
)
def test_other_numbers_survive(text: str) -> None:
    redacted = redact_inbound(text)
    assert not redacted.had_card_number
    assert redacted.text == text


@given(st.from_regex(r"1[0-9]{9}", fullmatch=True), st.from_regex(r"[0-9]{5}", fullmatch=True))
def test_an_account_number_with_a_zip_survives(account_number: str, zip_code: str) -> None:
    for text in (account_number, f"{account_number} {zip_code}", f"acct {account_number}, zip {zip_code}"):
        assert mask_card_numbers(text) == text


@given(st.from_regex(r"[0-9]{1,12}", fullmatch=True))
def test_no_row_shorter_than_thirteen_digits_is_a_card(digits: str) -> None:
    assert mask_card_numbers(digits) == digits


@given(st.integers(0, 10**8))
def test_amounts_survive(cents: int) -> None:
    text = f"pay ${cents // 100:,}.{cents % 100:02d} please"
    assert mask_card_numbers(text) == text


def test_the_expiry_and_security_code_beside_a_card_go_too() -> None:
    redacted = redact_inbound("4242 4242 4242 4242 exp 12/27 cvv 123 zip 30601")
    assert not any(sign.isdigit() for sign in redacted.text)


def test_a_security_code_glued_to_the_card_goes_too() -> None:
    assert not any(sign.isdigit() for sign in redact_inbound("4242 4242 4242 4242123").text)
    assert not any(sign.isdigit() for sign in redact_inbound("42424242424242421227123").text)


@given(card_numbers(), st.data())
def test_a_card_number_split_over_texts_is_masked_when_it_is_complete(number: str, data: Any) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(number) - 1), min_size=1, max_size=3)))
    pieces = [number[a:b] for a, b in zip([0, *cuts], [*cuts, len(number)], strict=True)]
    earlier = ["hello", "my card is " + pieces[0], *pieces[1:-1]]
    redacted = redact_inbound(pieces[-1] + " exp 1227", tail_digits(earlier))
    assert redacted.had_card_number
    assert redacted.completed_earlier_text
    assert not any(sign.isdigit() for sign in redacted.text)


def test_words_between_two_texts_break_the_row() -> None:
    assert tail_digits(["4242 4242", "thanks"]) == ""
    assert not redact_inbound("or 4242 4242", tail_digits(["4242 4242"])).had_card_number
    assert not redact_inbound("42424242", tail_digits(["42424242 is my meter"])).had_card_number


def test_the_tail_is_never_longer_than_a_card_can_need() -> None:
    assert len(tail_digits(["1" * 40])) == 18


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4821", "####"),
        ("my pin is 4 8 2 1 thanks", "my pin is #### thanks"),
        ("four eight two one", "####"),
        ("cuatro ocho dos uno", "####"),
        ("press 1", "press 1"),
        ("other amount", "other amount"),
    ],
)
def test_pin_like_digits_are_masked_when_a_secret_is_expected(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked


@given(st.text(max_size=60), st.lists(written_cards(), max_size=3))
def test_a_masked_text_is_never_longer_than_the_text(text: str, cards: list[tuple[str, str]]) -> None:
    for writing in (text, *(text + card[1] for card in cards)):
        assert len(redact_inbound(writing).text) <= len(writing)
        assert len(mask_secrets(writing)) <= len(writing)
        assert len(mask_card_numbers(writing)) <= len(writing)


def test_the_earlier_pieces_of_a_card_lose_their_digits() -> None:
    assert mask_all_digits("my card is 4242 forty-two") == "my card is #"


@given(written_cards())
def test_a_card_number_in_a_log_event_is_masked_wherever_it_stands(written: tuple[str, str]) -> None:
    number, writing = written
    event = {"event": f"got {writing}", "n": int(number), "deep": {"a": [writing, {"b": writing.encode()}]}}
    event["error"] = str(ValueError(writing))
    seen = json.dumps(mask_log_event(None, "info", event), ensure_ascii=False)
    assert writing not in seen
    assert number not in seen


def test_ids_of_ours_and_of_the_vendors_are_left_alone_in_logs() -> None:
    ids = {"payment_id": "pay_4242424242424242abcdef0123456789", "sid": "SM42424242424242420000000000000000"}
    assert mask_log_event(None, "info", dict(ids)) == ids


def test_the_log_processor_works_inside_structlog() -> None:
    with structlog.testing.capture_logs(processors=[mask_log_event]) as logs:
        structlog.get_logger().warning("card 4242 4242 4242 4242", error=ValueError("4242-4242-4242-4242"))
    assert "4242" not in str(logs)


def test_a_long_text_is_read_quickly() -> None:
    digits = "".join(random.Random(7).choice("0123456789 -") for _ in range(1600))
    assert isinstance(redact_inbound(digits).text, str)
