"""What an input means, given what was asked: keys, exact words, digits and amounts are read here, by rule.

Pure: it reads nothing and changes nothing. Whatever is not certain goes to the engine as words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.dialogue.amounts import find_amount, read_amount, read_keyed_amount
from assistant.dialogue.keywords import (
    COMMAND_OF,
    INTENT_OF,
    is_money_yes,
    is_no,
    is_other_account,
    is_relay_call,
    is_yes,
    picked_number,
    plain,
)
from assistant.dialogue.manners import is_nod, is_outburst, is_reaction, other_language
from assistant.dialogue.turn import Choice, Expectation, Heard, Language
from assistant.money import CENTS_PER_DOLLAR

ConsentHow = Literal["key", "word"]
# The choice beside offered wishes that says "neither": it counts as not understood once more.
NONE_OF_THESE = "nlu_fallback"
# A name of a choice has at least this many letters or digits.
_SHORTEST_NAME = 4
_LONGEST_SECRET = 8
# Keys that always mean the same on the phone.
_PERSON, _REPEAT, _SLOWER, _BACK = "0", "9", "8", "*"
# With any other word beside it, digits are not an answer to "what is your PIN (or code)?".
_BESIDE_DIGITS = """
    my the pin is it s its code here on bill number enrollment ok yes please pls thanks
    mi el la es clave codigo numero de recibo factura inscripcion si por favor gracias aqui esta
"""
_MAY_STAND_BESIDE_DIGITS = frozenset(_BESIDE_DIGITS.split())
# Eight digits alone are a confirmation number, ten an account.
_STRAY = re.compile(r"\d{4,7}")
_SAYS_PIN = re.compile(
    r"\b(pin|clave|contrasena|passcode|password)\b.*\d{4,8}\b|\b\d{4,8}\b.*\b(pin|clave)\b"
)
# How members name a card -> the processor's word for its brand.
_BRANDS = {
    **{"visa": "visa", "mastercard": "mastercard", "master card": "mastercard"},
    **{"amex": "amex", "american express": "amex", "discover": "discover"},
}
_CLAUSES = re.compile(r"\b(?:and|then|y|luego|despu[eé]s)\b|[;,](?!\d)")
_NOW = re.compile(r"\b(?:now|today|ahora|hoy)\b")
_PAYS = re.compile(r"\b(?:pay|send|put|pagar|pago|pague|pagare|mandar)\b")
_FAR_TOO_MUCH = re.compile(
    r"(?:(?:please|i|want|need|would|like|to|quiero|por favor) )*(?:pay|pagar|pago|pague) (\d{5,6})"
    r"(?: (?:dollars|dolares|please|por favor))*"
)
_ADDS = re.compile(
    r"\b(?:add|put|load|agreg(?:ar|ue|o|a)|pon(?:er|ga|go|gale)|abon(?:ar|e|o)|recarg(?:ar|ue|o|a))\b"
)
_ONTO = re.compile(
    r"\b(?:on|to|onto|a|al|en)\b (?:(?:my|the|mi|el|la)\b )?"
    r"(?:prepaid|prepay|pre-?paid|prepago|meter|medidor|account|cuenta|power|luz|electric)"
    r"(?: (?:meter|account|power|electric|prepagad[ao]|prepago))?"
)
_NEVER_MIND = re.compile(
    r"(?:(?:no|oh|ok|okay|well|actually|just|ya|mejor|pues) )*"
    r"(?:never ?mind|nvm|forget (?:it|that|about it)|olvid[ae](?:lo|selo)|ya no|dej[ae]lo)"
    r"(?: (?:it|that|then|please|thanks|gracias|por favor))*"
)
_UNDO = re.compile(
    r"(?:(?:no|oh|oops|wait|sorry|please|actually|ay|perdon|mejor|por favor|quiero|i want to|can you) )*"
    r"(?:undo|(?:cancel|undo|reverse) (?:it|that|this|that one)|take (?:it|that|this) back"
    r"|(?:cancel|anul)(?:alo|elo|ala|ela|arlo|arla)|deshazlo|deshagalo)"
    r"(?: (?:please|now|por favor|gracias|thanks))*"
)
_BRAND = re.compile(rf"\b({'|'.join(_BRANDS)})\b")
_CONFIRMATION = re.compile(r"(?<!\d)\d{8}(?!\d)")


@dataclass(frozen=True)
class Says:
    """Free words for the engine, with what our own grammars found in them."""

    text: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Means:
    """A structured intent: no reading of words is needed."""

    intent: str
    entities: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Secret:
    """Digits to be checked on our side."""

    digits: str


@dataclass(frozen=True)
class Consent:
    """An exact yes to the draft that was read back."""

    how: ConsentHow


@dataclass(frozen=True)
class Command:
    """Something the conversation does itself."""

    name: Literal["repeat", "slower", "faster", "more_time", "relay", "reset", "english", "spanish"]


@dataclass(frozen=True)
class Manner:
    """No answer to any question: the conversation says something itself, and the question stays open."""

    name: Literal["reaction", "upset", "other_language"]
    tongue: str = ""


@dataclass(frozen=True)
class Miss:
    """Nothing usable came: silence, noise, or a key that leads nowhere."""


Meaning = Says | Means | Secret | Consent | Command | Manner | Miss


def meaning_of(heard: Heard, expect: Expectation, language: Language) -> Meaning:
    """Read one input in the light of the last question."""
    if heard.kind == "silence":
        return Miss()
    if heard.kind == "keys":
        return _of_keys(heard.text, expect)
    if heard.kind == "event":
        return Means(heard.text)
    return _of_words(heard, expect, language)


def _of_keys(keys: str, expect: Expectation) -> Meaning:
    pressed = keys.strip().rstrip("#").strip()
    if not _wants_digits(expect) and expect.kind != "amount":
        pressed = _unstuck(pressed)
    if pressed == _BACK:
        return Means("go_back")
    if pressed == _PERSON:
        return Means("human_agent")
    if not pressed:
        return _no_use(expect)
    picked = _pick(int(pressed), expect) if len(pressed) == 1 and pressed.isdecimal() else None
    if picked is not None:
        return picked
    if expect.kind == "amount":
        cents = read_keyed_amount(pressed)
        return Miss() if cents is None else Means("inform_amount", {"amount_cents": cents})
    if pressed == _REPEAT:
        return Command("repeat")
    if pressed == _SLOWER:
        return Command("slower")
    digits = pressed.replace(_BACK, "")
    if _wants_digits(expect) and digits:
        return _of_digits(digits, expect)
    return _no_use(expect)


def _unstuck(pressed: str) -> str:
    """One key that stuck, `1111`, is that key."""
    return pressed[0] if len(set(pressed)) == 1 else pressed


def _no_use(expect: Expectation) -> Meaning:
    """A key that answers nothing; somebody who was asked about more time wants it."""
    return Command("more_time") if expect.asks_time else Miss()


def _of_words(heard: Heard, expect: Expectation, language: Language) -> Meaning:
    text = heard.text.strip()
    if not text:
        return Miss()
    for read in (_read_manner, _read_number, _read_secret, _read_yes_no, _read_command, _read_title):
        meaning = read(heard, expect)
        if meaning is not None:
            return meaning
    if _gives_up(text, expect):
        return Means("deny")
    if expect.undo and _UNDO.fullmatch(plain(text)):
        return Means(expect.undo)
    if expect.kind == "amount" or expect.draft_id or _offers_amounts(expect):
        # Where an amount was read back, "no, just the past due" puts another in its place.
        amount = read_amount(text, language)
        if amount is not None:
            return _amount_meaning(amount.cents, amount.kind)
    if expect.kind == "digits" and not expect.secret:
        digits = only_digits(text)
        if digits:
            return _of_digits(digits, expect)
    if heard.kind == "text" and _is_stray_secret(text, expect):
        return _of_digits("0" * len(only_digits(text)), expect)
    wish = _wish_to_pay(text, language)
    if wish is not None:
        return wish
    cents = _part_for_now(text, language) or _added(text, language)
    if cents is not None:
        return Means("pay_bill", {"amount_cents": cents})
    foreign = None if heard.kind == "speech" else other_language(text)
    return Manner("other_language", foreign) if foreign else Says(text, facts_of(text, language))


def _read_manner(heard: Heard, expect: Expectation) -> Meaning | None:
    """A heart on our text, an outburst, a bare question mark."""
    text = heard.text.strip()
    if is_reaction(text) or (is_nod(text) and _asks_nothing(expect)):
        return Manner("reaction")
    if is_outburst(text):
        return Manner("upset")
    return Means("unsure") if text and not text.strip("?¿ ") else None


def _asks_nothing(expect: Expectation) -> bool:
    """Whether an answer was the last word: whoever nods at it waits for nothing."""
    return bool(expect.words) and (expect.is_closing or (expect.kind == "open" and not expect.choices))


def _read_number(heard: Heard, expect: Expectation) -> Meaning | None:
    number = picked_number(heard.text)
    return None if number is None else _pick(number, expect, is_speech=heard.kind == "speech")


def _read_secret(heard: Heard, expect: Expectation) -> Meaning | None:
    # Secrets are keyed or texted, never spoken: others are in the room.
    if not expect.secret or heard.kind == "speech":
        return None
    if "?" in heard.text or set(_letters(heard.text)) - _MAY_STAND_BESIDE_DIGITS:
        # "no, do not pay, 4821" holds the PIN and is no yes.
        return None
    digits = only_digits(heard.text)
    if expect.kind == "confirm" and _is_amount_beside(heard.text, digits, expect.length):
        return None
    return _of_digits(digits, expect) if digits else None


def _is_stray_secret(text: str, expect: Expectation) -> bool:
    """A PIN or code, alone, where nothing is asked for any more: an answer to a question that is gone."""
    is_asked = bool(expect.words) and not expect.is_closing
    return not is_asked and _STRAY.fullmatch(text.strip()) is not None


def _letters(text: str) -> list[str]:
    """The words of a text, without digits and signs."""
    return re.sub(r"\d", " ", plain(text)).split()


def _is_amount_beside(text: str, digits: str, length: int) -> bool:
    """Where a PIN is the yes, `no, make it 60` and `45.50` correct the amount and cost no try."""
    if re.search(r"\$|\d[.,]\d\d(?!\d)", text):
        return True
    return len(digits) != length and any(letter.isalpha() for letter in text)


def _read_yes_no(heard: Heard, expect: Expectation) -> Meaning | None:
    if expect.kind == "confirm":
        if is_no(heard.text):
            return Means("deny")
        # A recogniser hears "yes" in line noise: on the phone money wants a key.
        if heard.kind == "text" and not expect.secret and is_money_yes(heard.text):
            return Consent("word")
        return Means("affirm") if is_yes(heard.text) else None
    if expect.kind in ("yes_no", "choice", "open", "amount", "digits", "new_card"):
        if is_yes(heard.text):
            if heard.kind == "speech" and _wants_permission(expect):
                return Miss()
            only = _only_choice(expect)
            return Means("affirm") if only is None else Means(only.intent, only.entities)
        if is_no(heard.text):
            return Means(NONE_OF_THESE if _offers_none(expect) else "deny")
    return None


def _only_choice(expect: Expectation) -> Choice | None:
    """What a bare yes picks: the one choice there is, beside "none of these"."""
    offered = [choice for choice in expect.choices if choice.intent != NONE_OF_THESE]
    return offered[0] if expect.kind == "choice" and len(offered) == 1 else None


def _offers_none(expect: Expectation) -> bool:
    """Whether a bare no picks "none of these"."""
    return any(choice.intent == NONE_OF_THESE for choice in expect.choices)


def _read_command(heard: Heard, _expect: Expectation) -> Meaning | None:
    words = plain(heard.text)
    command = COMMAND_OF.get(words)
    if command is not None:
        return Command(command)  # type: ignore[arg-type]
    if is_relay_call(heard.text):
        return Command("relay")
    if is_other_account(heard.text):
        return Means("account_access", {"option": "other_account"})
    intent = INTENT_OF.get(words)
    return None if intent is None else Means(intent)


def _read_title(heard: Heard, expect: Expectation) -> Meaning | None:
    """A choice that is named: the whole title, or a part of it that only one title has."""
    words = plain(heard.text)
    titles = [(choice, plain(choice.title)) for choice in expect.choices]
    for choice, title in titles:
        if title == words:
            return Means(choice.intent, choice.entities)
    if len(words) < _SHORTEST_NAME or expect.kind != "choice":
        return None
    named = [choice for choice, title in titles if _holds(title, words) or _holds(words, _name(choice))]
    return Means(named[0].intent, named[0].entities) if len(named) == 1 else None


def _name(choice: Choice) -> str:
    """`yard lights (account ending 0045)` -> `yard lights`."""
    return plain(choice.title.partition("(")[0])


def _holds(text: str, part: str) -> bool:
    """Whether `part` stands in `text` as whole words."""
    return f" {part} " in f" {text} "


def _pick(number: int, expect: Expectation, *, is_speech: bool = False) -> Meaning | None:
    if expect.kind == "confirm" and not expect.secret and number == 1:
        return Means("affirm") if is_speech else Consent("key")
    for choice in expect.choices:
        if choice.number == number:
            return Means(choice.intent, choice.entities)
    if is_speech and number == 1 and _wants_permission(expect):
        return Miss()
    if expect.kind in ("yes_no", "confirm") and number in (1, 2) and not expect.secret:
        return Means("affirm" if number == 1 else "deny")
    return None


def _wants_permission(expect: Expectation) -> bool:
    """Whether a yes becomes a mandate: on the phone that wants a key, which the second asking says."""
    return expect.kind == "yes_no" and expect.is_terms


def _of_digits(digits: str, expect: Expectation) -> Meaning:
    if expect.secret:
        return Secret(digits)
    fits = not expect.length or len(digits) == expect.length
    # Digits of another length may be a PIN or code at the wrong question: only their count goes on.
    kept = digits if fits or len(digits) > _LONGEST_SECRET else "0" * len(digits)
    return Means("inform_digits", {"digits": kept}, {"counted": len(digits), "wanted": expect.length})


def _wants_digits(expect: Expectation) -> bool:
    return expect.kind == "digits" or bool(expect.secret)


def _offers_amounts(expect: Expectation) -> bool:
    """Whether the choices are amounts to pay: then an amount may be said instead of a number."""
    return any(
        choice.entities.get("option") in ("full", "past_due") or "amount_cents" in choice.entities
        for choice in expect.choices
    )


def _wish_to_pay(text: str, language: Language) -> Means | None:
    """`pay 10`, `pay the minimum`, `quiero pagar la mitad`: nothing but a wish to pay so much.

    "What is the minimum?" is a question, and "10" alone may be anything.
    """
    far_too_much = _FAR_TOO_MUCH.fullmatch(plain(text))
    if far_too_much is not None:
        # Told so, instead of being offered what is owed: `pay 50000`, or `pay 13307` without its point.
        return Means("pay_bill", {"amount_cents": int(far_too_much[1]) * CENTS_PER_DOLLAR})
    wanted, alone = find_amount(text, language), read_amount(text, language)
    if wanted is None or wanted != alone:
        return None
    if wanted.kind != "exact":
        return Means("pay_bill", {"option": wanted.kind})
    is_wish = _PAYS.search(plain(text)) is not None and "?" not in text
    return Means("pay_bill", {"amount_cents": wanted.cents}) if is_wish else None


def asks_to_pay(text: str, language: Language) -> bool:
    """Whether words name an amount and that it is to be paid: `pagar 20`. Two words are few to an engine."""
    return find_amount(text, language) is not None and _PAYS.search(plain(text)) is not None


def _part_for_now(text: str, language: Language) -> int | None:
    """Cents of `10 now` in "pay 10 now and 14.20 on Friday": two payments, of which this one comes first."""
    amounts = {
        clause: amount.cents
        for clause in _CLAUSES.split(text.casefold())
        if (amount := find_amount(f"pay {clause}", language)) is not None and amount.cents is not None
    }
    for_now = [cents for clause, cents in amounts.items() if _NOW.search(clause)]
    is_wish = _PAYS.search(plain(text)) is not None and "?" not in text
    return for_now[0] if is_wish and len(amounts) > 1 and len(for_now) == 1 else None


def _added(text: str, language: Language) -> int | None:
    """Cents of "add 20 to my prepaid": paying, in the words of a member whose power is paid ahead."""
    as_paying, count = _ADDS.subn("pay", text.casefold(), count=1)
    amount = read_amount(_ONTO.sub("", as_paying), language) if count else None
    return None if amount is None else amount.cents


def _gives_up(text: str, expect: Expectation) -> bool:
    """`never mind` where something was read back or a way to pay was asked is a no, not one step back."""
    asks_method = any(choice.intent == "switch_method" for choice in expect.choices)
    return (bool(expect.draft_id) or asks_method) and _NEVER_MIND.fullmatch(plain(text)) is not None


def _amount_meaning(cents: int | None, kind: str) -> Means:
    if kind == "exact" and cents is not None:
        return Means("inform_amount", {"amount_cents": cents})
    return Means("inform_amount", {"amount_kind": kind})


def volunteers_secret(text: str, expect: Expectation, pin_length: int) -> bool:
    """Whether a text holds what looks like a PIN or code that nobody asked for.

    `4821` alone, unless digits or an amount are asked for that it can be, and `my pin is 4821` always.
    """
    if _SAYS_PIN.search(plain(text)):
        return True
    is_bare = re.fullmatch(rf"\W*\d{{{pin_length}}}\W*", text) is not None
    wants_it = expect.kind == "digits" and expect.length in (0, pin_length)
    return is_bare and not wants_it and not (expect.kind == "amount" and read_amount(text, "en"))


def only_digits(text: str) -> str:
    """The digits of an answer that is digits with few words around (`my pin is 48-21`); else empty.

    Two separate numbers are no answer: nobody can tell which was meant.
    """
    runs = re.findall(r"\d(?:[\d\s.\-]*\d)?", text)
    words = re.sub(r"[\d\W_]+", " ", text).split()
    few_words = 6
    if len(runs) != 1 or len(words) > few_words:
        return ""
    return re.sub(r"\D", "", runs[0])


def facts_of(text: str, language: Language) -> dict[str, Any]:
    """What our own grammars find in words: an amount, a brand of card, a confirmation number."""
    facts: dict[str, Any] = {}
    amount = find_amount(text, language)
    if amount is not None:
        facts["amount_kind"] = amount.kind
        if amount.cents is not None:
            facts["amount_cents"] = amount.cents
    brand = _BRAND.findall(plain(text))
    if len(set(brand)) == 1:
        facts["card_brand"] = _BRANDS[brand[0]]
    confirmation = _CONFIRMATION.findall(text)
    if len(confirmation) == 1:
        facts["confirmation_number"] = confirmation[0]
    return facts
