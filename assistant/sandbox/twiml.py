"""Executes TwiML as a phone call: says, plays and pauses, gathers keys and speech, pays, dials, hangs up.

One `Call` is one phone line. It is driven from outside (`start`, `give`, `hang_up`) and stops by itself
wherever it waits for the caller, so that tests, the terminal and the simulator drive the same thing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, fromstring

from assistant.sandbox.carrier_wire import Answer, SignedWebhooks
from assistant.sandbox.keyed_entry import KeyedEntry
from assistant.sandbox.pay_desk import PayDesk
from assistant.sandbox.phone_models import CallInput, CallLine, LineKind, Listening

# A call that fetches more documents than this goes round in circles.
DOCUMENTS_LIMIT = 300
TROUBLE = "We are sorry. An application error has occurred. Goodbye."
CALLER_HUNG_UP = "the caller hung up"

# Where the call goes next: an address and the fields to post there; None is the verb after this one.
Next = tuple[str, dict[str, str]] | None
# What the call waits for comes out; what the caller does goes in.
Verb = Generator[Listening, CallInput, Next]


class HungUp(Exception):
    """The line is gone; `because` says who or what ended it."""

    def __init__(self, because: str) -> None:
        self.because = because
        super().__init__(because)


@dataclass(frozen=True)
class Route:
    """Where a call comes from and goes to, and the carrier's settings for it."""

    call_id: str
    account_id: str
    from_phone: str
    to_phone: str
    direction: str  # `inbound` or `outbound-api`
    voice_url: str
    fallback_url: str = ""
    status_url: str = ""


class Call:
    """A call that runs TwiML. `lines` is what is heard and done; `listening` is what it waits for now."""

    def __init__(
        self,
        route: Route,
        webhooks: SignedWebhooks,
        pay_desk: PayDesk,
        *,
        office_picks_up: Callable[[], bool] = lambda: True,
        sleep: Callable[[float], None] = time.sleep,
        on_line: Callable[[], None] = lambda: None,
    ) -> None:
        self.route = route
        self.lines: list[CallLine] = []
        self.listening: Listening | None = None
        self.ended_because = ""
        self._webhooks = webhooks
        self._pay_desk = pay_desk
        self._office_picks_up = office_picks_up
        self._sleep = sleep
        self._on_line = on_line
        self._is_cut = False
        # Keys pressed beyond what a Gather took: they break into the next one.
        self._early_keys = ""
        self._steps = self._documents()

    def start(self) -> None:
        """The call is picked up: run until it waits for the caller or ends."""
        self._advance(lambda: next(self._steps))

    def give(self, given: CallInput) -> None:
        """The caller keys, speaks, or stays silent. Raises ValueError when nothing is waited for."""
        if self.listening is None:
            raise ValueError("the call is not listening")
        self.listening = None
        self._advance(lambda: self._steps.send(given))

    def hang_up(self) -> None:
        """The caller hangs up; a call that is busy in another thread notices after its next step."""
        self._is_cut = True
        if self.listening is not None:
            self.listening = None
            self._advance(lambda: self._steps.throw(HungUp(CALLER_HUNG_UP)))

    def turn_away(self, status: str) -> None:
        """The call never began: `status` is Twilio's word for why (`busy`, `no-answer`)."""
        self.ended_because = f"nobody took it ({status})"
        if self.route.status_url:
            self._webhooks.send(self.route.status_url, self._fields(status))

    def _advance(self, step: Callable[[], Listening]) -> None:
        try:
            self.listening = step()
        except StopIteration:
            self._end("there was nothing more to say")
        except HungUp as end:
            self._end(end.because)

    def _end(self, because: str) -> None:
        if because == CALLER_HUNG_UP:
            self._add("hung_up", "")
        self.ended_because = because
        if self.route.status_url:
            self._webhooks.send(self.route.status_url, {**self._fields("completed"), "CallDuration": "1"})

    def _documents(self) -> Generator[Listening, CallInput, None]:
        url, form, status = self.route.voice_url, dict[str, str](), "ringing"
        for _ in range(DOCUMENTS_LIMIT):
            document = self._fetch(url, {**self._fields(status), **form})
            following = yield from self._perform_all(document)
            if following is None:
                return
            url, form, status = self._webhooks.resolve(following[0], below=url), following[1], "in-progress"
        raise HungUp("the call went round in circles")

    def _perform_all(self, document: Element) -> Verb:
        for verb in document:
            following = yield from self._perform(verb)
            if following is not None:
                return following
        return None

    def _perform(self, verb: Element) -> Verb:
        match verb.tag:
            case "Say" | "Play" | "Pause":
                # Nobody collects keys now.
                self._early_keys = ""
                self._sound(verb)
            case "Redirect":
                return (verb.text or "").strip(), {}
            case "Gather":
                return (yield from self._gather(verb))
            case "Pay":
                return (yield from self._pay(verb))
            case "Dial":
                return self._dial(verb)
            case "Hangup":
                raise HungUp("the co-op hung up")
            case "Reject":
                raise HungUp(f"the co-op rejected the call ({verb.get('reason', 'rejected')})")
            case _:
                self._add("note", f"This network does not know <{verb.tag}>.")
                raise HungUp("an application error")
        return None

    def _sound(self, verb: Element) -> None:
        self._stop_if_cut()
        if verb.tag == "Say":
            words = " ".join("".join(verb.itertext()).split())
            self._add("said", words, verb.get("language", ""))
        elif verb.tag == "Play":
            self._add("played", (verb.text or "").strip() or verb.get("digits", ""))
        else:
            seconds = int(verb.get("length") or 1)
            self._add("paused", f"{seconds} s")
            self._sleep(seconds)
            self._stop_if_cut()

    def _gather(self, gather: Element) -> Verb:
        pressed, self._early_keys = self._early_keys, ""
        if not pressed:  # keys break into the words of a Gather
            for verb in gather:
                self._sound(verb)
        entry = KeyedEntry(gather)
        while not entry.take(pressed):
            given = yield entry.listening()
            self._note_given(given)
            pressed = given.keys
            if given.speech and entry.hears_speech and not entry.keyed:
                return _action(gather), _speech_fields(given)
            # Speech that nobody listens to is silence, and so is the end of typing.
            if not given.keys or (given.is_done and not entry.ends_with(pressed)):
                entry.take(pressed)
                if not entry.keyed and gather.get("actionOnEmptyResult") != "true":
                    return None
                break
        self._early_keys = entry.left_over
        return _action(gather), {
            "Digits": entry.keyed,
            "FinishedOnKey": entry.finished_on,
            "msg": "Gather End",
        }

    def _pay(self, pay: Element) -> Verb:
        try:
            result = yield from self._pay_desk.take(pay, self._say_words, self._add)
        except HungUp:
            # The co-op is told, and nobody hears its answer.
            url = self._webhooks.resolve(_action(pay), below=self.route.voice_url)
            self._webhooks.send(url, {**self._fields("completed"), "Result": "caller-hung-up"})
            raise
        if result["Result"] != "success":
            self._add("card", result["Result"])
        return _action(pay), result

    def _dial(self, dial: Element) -> Next:
        number = "".join(dial.itertext()).strip()
        is_answered = self._office_picks_up()
        self._add("dialed", number)
        words = "A person answers and takes it from here." if is_answered else "It rings, and nobody answers."
        self._add("note", words)
        action = dial.get("action")
        if action is None:
            return None
        return action, {
            "DialCallStatus": "completed" if is_answered else "no-answer",
            "DialCallSid": "CA" + "d" * 32,
        }

    def _fetch(self, url: str, form: dict[str, str]) -> Element:
        """The document at `url`; at trouble the fallback's; at more trouble the end of the call."""
        self._stop_if_cut()
        answer = self._webhooks.send(url, form)
        document = _document(answer)
        if document is None and self.route.fallback_url:
            code = "11200" if not answer.is_ok else "12100"
            trouble = {"ErrorCode": code, "ErrorUrl": url}
            document = _document(self._webhooks.send(self.route.fallback_url, {**form, **trouble}))
        self._stop_if_cut()
        if document is None:
            self._add("said", TROUBLE)
            raise HungUp("an application error")
        return document

    def _fields(self, status: str) -> dict[str, str]:
        route = self.route
        return {
            "AccountSid": route.account_id,
            "ApiVersion": "2010-04-01",
            "CallSid": route.call_id,
            "CallStatus": status,
            "Direction": route.direction,
            "From": route.from_phone,
            "Caller": route.from_phone,
            "To": route.to_phone,
            "Called": route.to_phone,
        }

    def _stop_if_cut(self) -> None:
        if self._is_cut:
            raise HungUp(CALLER_HUNG_UP)

    def _note_given(self, given: CallInput) -> None:
        kind: LineKind = "keyed" if given.keys else "spoke" if given.speech else "silence"
        self._add(kind, given.keys or given.speech)

    def _say_words(self, words: str) -> None:
        self._add("said", words)

    def _add(self, kind: LineKind, text: str, language: str = "") -> None:
        self.lines.append(CallLine(number=len(self.lines) + 1, kind=kind, text=text, language=language))
        self._on_line()


def messages_in(answer: Answer) -> list[str] | None:
    """The texts in a messaging webhook's answer; None when it is no usable TwiML."""
    document = _document(answer)
    if document is None or any(verb.tag not in ("Message", "Redirect") for verb in document):
        return None
    return ["".join(message.itertext()).strip() for message in document.findall("Message")]


def _document(answer: Answer) -> Element | None:
    if not answer.is_ok:
        return None
    try:
        document = fromstring(answer.body.encode())  # noqa: S314  the answer of our own service
    except ParseError:
        return None
    return document if document.tag == "Response" else None


def _action(verb: Element) -> str:
    """Where a verb's result is posted; the document's own address when it names none."""
    return verb.get("action", "")


def _speech_fields(given: CallInput) -> dict[str, str]:
    fields = {"SpeechResult": given.speech}
    if given.confidence is not None:
        fields["Confidence"] = str(given.confidence)
    return fields
