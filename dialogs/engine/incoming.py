"""What the service may send to our channel: checked, and made harmless where a member wrote it."""

from dataclasses import dataclass, field
from typing import Any, Collection, Dict, List

CHANNELS = ("sms", "voice")
LANGUAGES = ("en", "es")
LONGEST_TEXT = 2000
LONGEST_CONVERSATION = 100
MOST_TEXTS = 10
# Structured input needs no guess, so Rasa's thresholds must not doubt it.
CERTAIN = 1.0


class Malformed(Exception):
    """The request is not one of ours. The message says which part, and never repeats its value."""


@dataclass(frozen=True)
class Incoming:
    """One turn: `text` for the NLU, or `intent` with `entities`, which skips it.

    `is_long`: so much was said before that only where the conversation stands is to be kept.
    """

    conversation: str
    channel: str
    text: str
    intent: str
    entities: Dict[str, Any] = field(default_factory=dict)
    metadata: Dict[str, Any] = field(default_factory=dict)
    is_long: bool = False

    @property
    def parse_data(self) -> Dict[str, Any]:
        """The meaning in the form that Rasa's NLU would have given it."""
        return {
            "text": self.text,
            "intent": {"name": self.intent, "confidence": CERTAIN},
            "intent_ranking": [{"name": self.intent, "confidence": CERTAIN}],
            "entities": [
                {"entity": name, "value": value, "start": 0, "end": 0, "extractor": "porchlight"}
                for name, value in self.entities.items()
            ],
        }


def read_turn(body: Any, intents: Collection[str], entities: Collection[str]) -> Incoming:
    """The turn in a request's JSON; Malformed when a part is missing, too long, or unknown to the domain."""
    if not isinstance(body, dict):
        raise Malformed("the body is not a JSON object")
    conversation = _string(body, "conversation", LONGEST_CONVERSATION)
    if not conversation:
        raise Malformed("conversation is empty")
    if body.get("channel") not in CHANNELS:
        raise Malformed("channel is not sms or voice")
    text = _string(body, "text", LONGEST_TEXT)
    intent = _string(body, "intent", LONGEST_TEXT)
    if bool(intent) == ("text" in body and text != ""):
        raise Malformed("give either text or an intent")
    if intent and intent not in intents:
        raise Malformed("the intent is not in the domain")
    named = _object(body, "entities")
    if not intent and named:
        raise Malformed("entities come with an intent")
    if unknown := [name for name in named if name not in entities]:
        raise Malformed(f"{len(unknown)} of the entities are not in the domain")
    if not isinstance(body.get("is_long", False), bool):
        raise Malformed("is_long is not true or false")
    metadata = _object(body, "metadata")
    if metadata.get("language") not in LANGUAGES:
        metadata = {**metadata, "language": LANGUAGES[0]}
    # The text of a structured turn is its intent's name, in Rasa's own notation, without the values.
    words = f"/{intent}" if intent else harmless(text)
    if not words:
        # Nothing but command marks was written: that is not understood, and Rasa must not see "".
        intent, words = "nlu_fallback", "/nlu_fallback"
    return Incoming(conversation, body["channel"], words, intent, named, metadata, bool(body.get("is_long")))


def read_texts(body: Any) -> List[str]:
    """The texts of a request that asks what words would be taken for; Malformed when they are not such."""
    texts = body.get("texts") if isinstance(body, dict) else None
    if not isinstance(texts, list) or not 1 <= len(texts) <= MOST_TEXTS:
        raise Malformed(f"texts is not a list of 1 to {MOST_TEXTS}")
    return [harmless(_string({"text": text}, "text", LONGEST_TEXT)) for text in texts]


def harmless(text: str) -> str:
    """A member's words without the marks that Rasa would obey as a command (`/restart`, `/pay@0.9{…}`)."""
    words = text.strip()
    while words[:1] in ("/", "@"):
        words = words[1:].strip()
    return words


def _string(body: Dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Malformed(f"{name} is not a string")
    if len(value) > longest:
        raise Malformed(f"{name} is longer than {longest} characters")
    return value


def _object(body: Dict[str, Any], name: str) -> Dict[str, Any]:
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise Malformed(f"{name} is not an object")
    return value


def reply_element(message: Dict[str, Any]) -> Dict[str, Any]:
    """One utterance of Rasa -> one reply: words, choices and the `custom` block together."""
    buttons: List[Dict[str, Any]] = message.get("buttons") or []
    return {
        "text": message.get("text") or "",
        "buttons": [{"title": button["title"], "payload": button["payload"]} for button in buttons],
        "custom": message.get("custom") or {},
    }
