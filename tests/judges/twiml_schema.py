"""Judges TwiML by what the installed twilio-python accepts: verbs, attributes, nesting, values, our rules.

The schema is read from the library's own classes: every method of a TwiML class that nests a child tells the
child's element name, its attributes (the method's parameters) and whether it takes text. What the library
leaves open (which words an attribute may have) is added from Twilio's documents, each with its values.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

from twilio.twiml import TwiML, lower_camel
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse


class TwimlError(AssertionError):
    """A document that Twilio would not take, or not as we mean it."""


@dataclass
class Shape:
    """What one element may have: attributes, text, and children by element name."""

    attributes: frozenset[str]
    has_text: bool
    children: dict[str, Shape] = field(default_factory=dict)


_BOOLEAN = r"true|false"
_WHOLE = r"[1-9]\d*"
_LANGUAGE = r"[a-z]{2}-[A-Z]{2}"
# Values from Twilio's documents. `*` stands for every element.
_VALUES: dict[tuple[str, str], str] = {
    ("*", "method"): r"GET|POST",
    ("*", "language"): _LANGUAGE,
    ("*", "action"): r"/\S*|https://\S+",
    ("Gather", "input"): r"dtmf|speech|dtmf speech",
    ("Gather", "timeout"): rf"{_WHOLE}|auto",
    ("Gather", "numDigits"): _WHOLE,
    ("Gather", "finishOnKey"): r"[0-9#*]?",
    ("Gather", "actionOnEmptyResult"): _BOOLEAN,
    ("Gather", "bargeIn"): _BOOLEAN,
    ("Gather", "profanityFilter"): _BOOLEAN,
    ("Gather", "speechTimeout"): rf"{_WHOLE}|auto",
    (
        "Gather",
        "speechModel",
    ): r"default|phone_call|numbers_and_commands|experimental_\w+|googlev2_\w+|deepgram_\S+",
    ("Say", "voice"): r"(Polly|Google)\.[\w-]+|man|woman|alice",
    ("Say", "loop"): r"\d+",
    ("Pause", "length"): _WHOLE,
    ("Dial", "timeout"): _WHOLE,
    ("Dial", "callerId"): r"\+[1-9]\d{6,14}",
    ("Reject", "reason"): r"rejected|busy",
    ("Pay", "input"): r"dtmf",
    ("Pay", "tokenType"): r"one-time|reusable|payment-method",
    ("Pay", "chargeAmount"): r"\d+(\.\d{1,2})?",
    ("Pay", "paymentMethod"): r"credit-card|ach-debit",
    ("Pay", "securityCode"): _BOOLEAN,
    ("Pay", "postalCode"): rf"{_BOOLEAN}|[A-Za-z0-9 -]+",
    ("Pay", "minPostalCodeLength"): r"\d+",
    ("Pay", "timeout"): _WHOLE,
    ("Pay", "maxAttempts"): r"[1-3]",
    ("Pay", "currency"): r"[a-z]{3}",
    ("Pay", "validCardTypes"): r"(visa|mastercard|amex|maestro|discover|optima|jcb|diners-club|enroute| )+",
    # Of the Spanish ones only es-ES is in the documents and in the library alike.
    ("Pay", "language"): r"en-US|en-AU|en-CA|en-GB|en-IN|es-ES|fr-FR|fr-CA|it-IT|de-DE|pt-BR",
    ("Prompt", "for"): r"payment-card-number|expiration-date|security-code|postal-code",
    ("prosody", "rate"): r"x-slow|slow|medium|fast|x-fast|\d{2,3}%",
    ("say-as", "interpret-as"): r"digits|characters|spell-out|cardinal|ordinal|telephone|date|time",
}
SAY_LIMIT, MESSAGE_LIMIT = 3000, 1600


def judge(document: str) -> None:
    """Raise TwimlError when Twilio would refuse the document, or would not do what it seems to say."""
    problems = list(problems_of(document))
    if problems:
        raise TwimlError("; ".join(problems) + "\n" + document)


def problems_of(document: str) -> Iterator[str]:
    """Every problem of a TwiML document in words."""
    try:
        root = fromstring(document.encode())  # noqa: S314  written by our own service
    except ParseError as error:
        yield f"no XML: {error}"
        return
    voice, messaging = schema(VoiceResponse), schema(MessagingResponse)
    is_messaging = all(child.tag in messaging.children for child in root) and not any(
        child.tag in ("Say", "Gather", "Pause") for child in root
    )
    yield from _misfits(root, messaging if is_messaging and len(root) else voice)
    if (root.text or "").strip():
        yield "<Response> takes no text"
    if root.tag != "Response":
        yield f"the root is <{root.tag}>"
    yield from _house_rules(root)


@cache
def schema(of: type[TwiML]) -> Shape:
    """The shape of one of the library's classes, with all that may stand below it."""
    return _shape_of(of(), {})


def _shape_of(node: TwiML, known: dict[str, Shape]) -> Shape:
    """`known` keeps shapes by class, because elements nest in themselves (prosody in prosody)."""
    name = type(node).__name__
    if name not in known:
        known[name] = Shape(frozenset(), has_text=node.value is not None or _takes_words(type(node)))
        for method in _nesting_methods(type(node)):
            child, attributes = _try(node, method)
            shape = _shape_of(child, known)
            known[name].children[child.name] = Shape(attributes, shape.has_text, shape.children)
    return known[name]


def _nesting_methods(of: type[TwiML]) -> list[Any]:
    common = set(dir(TwiML))
    return [
        method
        for method_name, method in inspect.getmembers(of, inspect.isfunction)
        if method_name not in common and not method_name.startswith("_")
    ]


def _try(node: TwiML, method: Any) -> tuple[TwiML, frozenset[str]]:
    """Call a nesting method with every parameter filled; what lands in `attrs` is an attribute."""
    names = [name for name in inspect.signature(method).parameters if name not in ("self", "kwargs")]
    child = method(node, **dict.fromkeys(names, "en-US"))
    node.verbs.pop()
    renamed = {lower_camel(TwiML.MAP.get(name, name)) for name in names}
    return child, frozenset(renamed & set(child.attrs))


def _takes_words(of: type[TwiML]) -> bool:
    names = set(inspect.signature(of.__init__).parameters)
    return bool(names & {"message", "words", "url", "body", "phone_number", "number", "name", "sip_url"})


def _misfits(element: Element, shape: Shape) -> Iterator[str]:
    for child in element:
        fits = shape.children.get(child.tag)
        if fits is None:
            yield f"<{child.tag}> may not stand in <{element.tag}>"
            continue
        for name, value in child.attrib.items():
            if name not in fits.attributes:
                yield f"<{child.tag}> has no attribute {name}"
            pattern = _VALUES.get((child.tag, name)) or _VALUES.get(("*", name))
            if pattern and not re.fullmatch(pattern, value):
                yield f"<{child.tag} {name}={value!r}> is no value Twilio knows"
        if (child.text or "").strip() and not fits.has_text:
            yield f"<{child.tag}> takes no text"
        if (child.tail or "").strip() and not shape.has_text:
            yield f"<{element.tag}> takes no text"
        yield from _misfits(child, fits)


def _house_rules(root: Element) -> Iterator[str]:
    """What Twilio accepts and a member would suffer from."""
    verbs = list(root)
    for place, verb in enumerate(verbs):
        following = verbs[place + 1].tag if place + 1 < len(verbs) else ""
        if verb.tag == "Gather" and following == "Hangup":
            yield "a Hangup right after a Gather cuts slow fingers off"
        if verb.tag in ("Gather", "Pay") and not following:
            yield f"nothing stands after <{verb.tag}>: silence would end the call"
        if verb.tag == "Pay" and following != "Redirect":
            yield "a Pay needs a Redirect after it"
        if verb.tag in ("Redirect", "Hangup", "Reject") and following:
            yield f"<{following}> after <{verb.tag}> is never reached"
    for gather in root.iter("Gather"):
        if gather.get("speechModel") and not gather.get("speechTimeout", "").isdigit():
            yield "with a speechModel, speechTimeout must be a number"
        if "speech" in gather.get("input", "") and not gather.get("language"):
            yield "speech without a language"
    for pay in root.iter("Pay"):
        if pay.get("tokenType") and float(pay.get("chargeAmount") or 0):
            yield "a Pay that makes a token must not charge"
    for say in root.iter("Say"):
        words = "".join(say.itertext())
        if not words.strip():
            yield "a Say without words"
        if len(words) > SAY_LIMIT:
            yield "a Say longer than Twilio takes"
        if len(say) and "-Neural" not in say.get("voice", ""):
            yield "only a Neural voice obeys SSML"
    for redirect in root.iter("Redirect"):
        if not re.fullmatch(r"/\S*|https://\S+", (redirect.text or "").strip()):
            yield "a Redirect without an address"
    messages = list(root.iter("Message"))
    if len(messages) > 1:
        yield "more than one Message in a turn"
    for message in messages:
        body = "".join(message.itertext())
        if not body.strip() or len(body) > MESSAGE_LIMIT:
            yield "a Message with no words or too many"
