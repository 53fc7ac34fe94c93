"""A prompt of the phone line as a caller meets it, and every key that can be pressed at it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache

from actions.intents import PAYING
from assistant.dialogue.turn import Choice, Expectation, Language, Reply
from tests.dialogs.words import Wording, wordings

_REPROMPTS = ("fuller", "shortest")
# Wherever they are offered, these lead to the same.
_SAME_EVERYWHERE = {"change_language", "goodbye", "human_agent"}
# After these nobody listens to the line any more.
ENDS = ("transfer", "hang_up")
# A choice of these intents is a wish, whatever is being asked; the others answer the question.
_WISH_OF = {
    **dict.fromkeys(PAYING, "pay_bill"),
    **dict.fromkeys(("autopay_enroll", "autopay_manage", "autopay_cancel"), "autopay"),
    **dict.fromkeys(("schedule_payment", "cancel_payment"), "later"),
    **dict.fromkeys(
        (
            "check_balance",
            "payment_status",
            "min_payment",
            "refund",
            "payment_history",
            "bill_details",
            "get_statement",
            "good_standing_letter",
            "payment_arrangement",
            "dispute_charge",
            "guest_payment",
            "account_access",
            "update_payment_method",
            "helper_access",
            "paperless",
            "notification_settings",
            "cash_places",
        ),
        "",
    ),
}
# The part of the menu for cards, helpers, paper and texts.
_SETTINGS = "notification_settings all"
# These ask for nothing; what led here is done, or not begun.
_AT_REST = re.compile(
    r"utter_(call_opened|menu|more_choices|choices_\w+|what_next|anything_else|more_or_menu|ask_settings|"
    r"call_promised|transfer|goodbye)$"
)
# Asked for every wish alike: wrong digits and other ways are tried for one of them.
_WHO = re.compile(r"utter_ask_(account_number|zip|pin|pin_or_card|way|code|enrollment_code|new_pin)$")
# What answers a question for digits, and what does not. In braces: what this caller has on paper.
_DIGITS = {
    "utter_ask_account_number": ("{account}", "1999999999", "123"),
    "utter_ask_zip": ("{zip}", "99999", "123"),
    "utter_ask_enrollment_code": ("{enrollment}", "11111111", "123"),
    "utter_ask_code": ("{code}", "111111", "123"),
    "utter_ask_new_pin": ("7305", "1111", "123"),
    "utter_ask_later_other_day": ("1127", "0231", "1230"),
    "utter_ask_autopay_day_count": ("5", "40"),
    "utter_ask_helper_phone": ("7065550177", "1234567890", "123"),
}
_PIN = ("{pin}", "7391", "123")
_AMOUNTS = ("20*00", "0*50", "900*00", "500*00", "**")
_CARDS = (
    "success",
    "too-many-failed-attempts",
    "payment-connector-error",
    "caller-interrupted-with-star",
    "validation-error",
    "internal-error",
)


@dataclass(frozen=True)
class Key:
    """Something to press. `goes_on`: a choice or a right answer, pressed for every wish; others are pressed
    once at each response, or once for each kind of question."""

    label: str
    keys: str
    goes_on: bool = True
    once_for_kind: bool = False
    # What is asked for from now on; None: the same as before.
    wish: str | None = None
    # After it the account is another one than before.
    is_deed: bool = False
    # The question stays, for a while.
    is_no_answer: bool = False


@dataclass(frozen=True)
class Prompt:
    """A question: the response that it is, what it expects, and the wish that it serves."""

    name: str
    kind: str
    secret: str
    choices: tuple[str, ...]
    wish: str

    def __str__(self) -> str:
        return f"{self.name} {list(self.choices) or self.kind} for {self.wish or 'nothing yet'}"


def prompt_of(replies: list[Reply], language: Language, wish: str) -> Prompt:
    """The question that a turn ends with. Saved cards, days and accounts differ from call to call: how many
    choices of one kind there are does not matter."""
    last = replies[-1]
    name = (names_of(last, language) or ["?"])[-1]
    choices = tuple(dict.fromkeys(label_of(each) for each in last.expect.choices))
    return Prompt(name, last.expect.kind, last.expect.secret, choices, "" if _AT_REST.match(name) else wish)


def names_of(reply: Reply, language: Language) -> list[str]:
    """The responses whose words a reply has, one after the other; `?` where no words of this language fit."""
    *before, last = reply.text.split("\n")
    return [
        *(_response_of(each, language, None) for each in before),
        _response_of(last, language, reply.expect),
    ]


def is_reprompt(reply: Reply, language: Language) -> bool:
    """Whether a question was only asked in its fuller or shorter words."""
    return _response_of(reply.text, language, reply.expect) == "?" and _reprompts(reply, language) != []


def label_of(choice: Choice) -> str:
    """`pay_bill other_amount`: what a choice means, without whose card, account or day it is."""
    option = choice.entities.get("option") or ""
    if isinstance(choice.entities.get("method_id"), str):
        option = "new_card" if choice.entities["method_id"] == "new_card" else f"{option} card".strip()
    return f"{choice.intent} {option}".strip()


def keys_at(prompt: Prompt, expect: Expectation) -> list[Key]:
    """Every key to press at a prompt: what changes least comes first, what ends the call last."""
    if prompt.kind == "new_card":
        # Here the keypad is the card's.
        return [Key(f"card: {each}", each, goes_on=each == "success") for each in _CARDS]
    choices = list({label_of(each): _key_of(each, prompt.wish) for each in expect.choices}.values())
    if _WHO.match(prompt.name) and prompt.wish != "account_access":
        choices = [replace(each, goes_on=False) for each in choices]
    # At a question for an amount, 9 is nine dollars.
    asides = [_aside(*each) for each in (("again", "9"), ("slower", "8")) if prompt.kind != "amount"]
    if prompt.kind in ("choice", "yes_no", "confirm"):
        asides.append(replace(_aside("no key of this prompt", "77"), is_no_answer=True))
    return [*choices, *asides, *_answers(prompt), Key("back", "*", goes_on=False), _aside("person", "0")]


def _aside(label: str, keys: str) -> Key:
    """The same key at every prompt."""
    return Key(label, keys, goes_on=False, once_for_kind=True)


def _answers(prompt: Prompt) -> list[Key]:
    if prompt.secret == "pin" or prompt.name in _DIGITS:
        right, *wrong = _PIN if prompt.secret == "pin" else _DIGITS[prompt.name]
        bad = [Key(f"wrong digits {each}", each, goes_on=False, is_no_answer=True) for each in wrong]
        # The right ones first: behind a wrong account number no ZIP is right.
        return [Key("right digits", right, is_deed=prompt.kind == "confirm"), *bad]
    if prompt.kind == "confirm":
        return [Key("yes", "1", is_deed=True)]
    if prompt.kind == "yes_no":
        return [Key("no", "2"), Key("yes", "1", is_deed=True)]
    if prompt.kind == "amount":
        # A guest hears nothing of what is owed, and so other refusals.
        is_guest = prompt.wish == "guest_payment"
        return [Key(f"amount {each}", each, goes_on=is_guest or each == _AMOUNTS[0]) for each in _AMOUNTS]
    return []


def _key_of(choice: Choice, now: str) -> Key:
    label, wish = label_of(choice), _WISH_OF.get(choice.intent)
    is_proof = choice.intent == "account_access" and choice.entities != {}
    is_guests = (now, wish) == ("guest_payment", "pay_bill")
    if label in ("switch_method card", _SETTINGS) or is_proof or is_guests:
        # These answer a question about whatever is asked for, or only lead to more wishes.
        wish = None
    is_same_everywhere = choice.intent in _SAME_EVERYWHERE
    return Key(
        label,
        str(choice.number),
        goes_on=not is_same_everywhere,
        wish=choice.intent if wish == "" else wish,
    )


def _response_of(text: str, language: Language, expect: Expectation | None) -> str:
    fitting = [
        wording
        for wording, pattern, _ in _spoken(language)
        if pattern.fullmatch(text) and (expect is None or _asks_alike(wording, expect))
    ]
    # `You owe {due}.` fits many words; the one that says most by itself is meant.
    return (
        max(fitting, key=lambda each: (len(each.buttons), _own_letters(each.text))).response
        if fitting
        else "?"
    )


def _own_letters(text: str) -> int:
    return len(re.sub(r"{\w+}", "", text))


def _reprompts(reply: Reply, language: Language) -> list[str]:
    return [
        wording.response
        for wording, _, others in _spoken(language)
        if any(other.fullmatch(reply.text) for other in others) and _asks_alike(wording, reply.expect)
    ]


def _asks_alike(wording: Wording, expect: Expectation) -> bool:
    wanted = wording.custom.get("expect", expect.kind), wording.custom.get("secret", "")
    if wanted != (expect.kind, expect.secret):
        return False
    offered = {(choice.intent, choice.entities.get("option")) for choice in expect.choices}
    return {_payload(each["payload"]) for each in wording.buttons} <= offered


def _payload(payload: str) -> tuple[str, str | None]:
    intent, brace, entities = payload.removeprefix("/").partition("{")
    return intent, json.loads(brace + entities).get("option") if brace else None


Spoken = tuple[Wording, re.Pattern[str], list[re.Pattern[str]]]


@cache
def _spoken(language: Language) -> list[Spoken]:
    """Every wording of the phone line, as a pattern of its text and patterns of its reprompts."""
    return [
        (each, _pattern(each.text), [_pattern(each.custom[n]) for n in _REPROMPTS if n in each.custom])
        for each in wordings()
        if each.language == language and each.channel == "voice"
    ]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "(.*)", re.escape(text)))
