"""How replies become TwiML: words as SSML, and a Gather, Pay, Dial or Hangup for what is expected next."""

# mypy: disallow-untyped-calls=False
# (twilio's TwiML classes have no annotations)

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Gather, Prompt, Say, VoiceResponse

from assistant.channels.tongue import Tongue
from assistant.channels.wording import phrase, spoken_choices
from assistant.dialogue.turn import Expectation, Language, Reply
from assistant.settings import Settings

# Twilio takes 3,000 characters in a Say that uses SSML; this leaves room for the marks.
SAY_LIMIT = 2500
# How long somebody may think in the middle of a sentence.
SPEECH_TIMEOUT_SECONDS = 3
# A relay operator types what is said, and reads what is typed back.
PATIENT_SPEECH_SECONDS = 6
# Tuned for phone lines; with a model named, speechTimeout must be a number.
SPEECH_MODEL = "phone_call"
DIAL_SECONDS = 25
WAIT_SECONDS = 3
PAY_TIMEOUT_SECONDS = 10
# `discover` is not among Twilio's defaults.
CARD_TYPES = "visa mastercard amex discover"
PAY_FIELDS = ("payment-card-number", "expiration-date", "security-code", "postal-code")

_BOTH: tuple[Language, Language] = ("en", "es")
_SPEECH_LANGUAGE: dict[Language, str] = {"en": "en-US", "es": "es-US"}
# The only Spanish that both Twilio's documents and its library know for Pay.
_PAY_LANGUAGE: dict[Language, str] = {"en": "en-US", "es": "es-ES"}
_HINTS: dict[Language, dict[str, str]] = {
    "en": {
        "yes_no": "yes, no, yeah, nope, correct, repeat, go back, a person",
        "open": "pay my bill, balance, amount due, due date, last payment, a person, repeat, help, español",
    },
    "es": {
        "yes_no": "sí, no, correcto, repetir, regresar, una persona",
        "open": "pagar mi factura, saldo, cuánto debo, cuándo vence, último pago, una persona, repetir",
    },
}
# "4 8 2 1, 7 7 3 0": digits said one by one; or six and more written together.
_SLOW = re.compile(r"(?<!\d)(?:\d(?:, | )){3,}\d(?!\d)|(?<![\d$.,])\d{6,}(?![\d.,]\d)")


class Speaker:
    """Writes TwiML for one service; step numbers make every webhook of a call tell-apart."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._voices: dict[Language, str] = {"en": settings.voice_en, "es": settings.voice_es}

    def answer(self, replies: Sequence[Reply], tongue: Tongue, next_step: int) -> str:
        """The TwiML of a turn's replies. Whatever comes next is posted to step `next_step`."""
        response = VoiceResponse()
        expect = replies[-1].expect if replies else Expectation()
        words = [reply.text.strip() for reply in replies if reply.text.strip()]
        match expect.kind:
            case "new_card":
                self._say_all(response, words or [phrase("card_first", tongue.language)], tongue)
                self._pay(response, tongue, next_step)
            case "transfer":
                self._say_all(response, words, tongue)
                self._dial(response, next_step)
            case "hang_up":
                self._say_all(response, words, tongue)
                response.hangup()
            case _:
                self._ask(response, words, expect, tongue, next_step)
        return str(response)

    def hold_on(self, tongue: Tongue, step: int, *, is_first: bool) -> str:
        """The caller is told that we are at work, and comes back for the answer of `step`."""
        response = VoiceResponse()
        self._say(response, phrase("hold_on" if is_first else "still_working", tongue.language), tongue)
        response.pause(length=WAIT_SECONDS)
        response.redirect(f"/twilio/voice/wait/{step}", method="POST")
        return str(response)

    def goodbye(self, tongue: Tongue, words: str) -> str:
        """Words, and the end of the call."""
        return self.answer([Reply(words, Expectation("hang_up"))], tongue, 0)

    def goodbye_in_both(self, name: str, **blanks: str) -> str:
        """A phrase in both languages, and the end of the call."""
        response = VoiceResponse()
        for language in _BOTH:
            self._say(response, phrase(name, language, **blanks), Tongue(language))
        response.hangup()
        return str(response)

    def hang_up(self) -> str:
        """The end of the call without a word: somebody else had the last one."""
        response = VoiceResponse()
        response.hangup()
        return str(response)

    def begin_again(self) -> str:
        """Send a call that we do not know to the start."""
        response = VoiceResponse()
        response.redirect("/twilio/voice", method="POST")
        return str(response)

    def code_waits(self, code_id: str) -> str:
        """Ask for a key before a code is read out: an answering machine has no fingers."""
        response = VoiceResponse()
        gather = Gather(
            input="dtmf",
            num_digits=1,
            timeout=self._settings.gather_timeout_seconds,
            action=f"/twilio/voice/code/{code_id}/spoken",
            method="POST",
        )
        for language in (*_BOTH, *_BOTH):
            words = phrase("code_waits", language, coop=self._settings.coop_short_name)
            self._say(gather, words, Tongue(language))
        response.append(gather)
        for language in _BOTH:
            self._say(response, phrase("no_code", language), Tongue(language))
        return str(response)

    def _ask(
        self, response: VoiceResponse, words: list[str], expect: Expectation, tongue: Tongue, step: int
    ) -> None:
        if expect.is_terms or expect.kind == "confirm":
            # What a key agrees to is heard to the end: keys are lost while something is said outside a
            # Gather, also those that were pressed too early and meant for another question.
            self._say_all(response, words, tongue)
            words = []
        if expect.choices:
            # Beside a longer number a single key is known to be all only after pound, or a pause.
            choices = spoken_choices(expect.choices, tongue.language, needs_pound=_wants_digits(expect))
            words = [*words, choices]
        action = f"/twilio/voice/step/{step}"
        gather = Gather(action=action, method="POST", **self._gather_options(expect, tongue.language))
        self._say_all(gather, words, tongue)
        response.append(gather)
        # Reached only when Twilio does not post the empty Gather.
        response.redirect(action, method="POST")

    def _gather_options(self, expect: Expectation, language: Language) -> dict[str, Any]:
        options: dict[str, Any] = {
            "input": "dtmf",
            "timeout": self._timeout(expect),
            "action_on_empty_result": True,
        }
        if _wants_digits(expect):
            options["finish_on_key"] = "#"
            if expect.length:
                options["num_digits"] = expect.length
        else:
            # One key is enough, and star and pound are keys too.
            options |= {"num_digits": 1, "finish_on_key": ""}
        # Numbers and secrets are keyed: a recogniser mishears digits, and others are in the room.
        if expect.kind != "digits" and not expect.secret:
            options |= {
                "input": "dtmf speech",
                "language": _SPEECH_LANGUAGE[language],
                "speech_model": SPEECH_MODEL,
                "speech_timeout": PATIENT_SPEECH_SECONDS if expect.is_patient else SPEECH_TIMEOUT_SECONDS,
                "profanity_filter": False,
                "hints": _hints(expect, language),
            }
        return options

    def _timeout(self, expect: Expectation) -> int:
        rules = self._settings
        return rules.patient_timeout_seconds if expect.is_patient else rules.gather_timeout_seconds

    def _pay(self, response: VoiceResponse, tongue: Tongue, step: int) -> None:
        """Twilio takes the card and gives us a token; the digits never reach us, and nothing is charged."""
        action = f"/twilio/voice/card/{step}"
        pay = response.pay(
            input="dtmf",
            action=action,
            timeout=PAY_TIMEOUT_SECONDS,
            max_attempts=3,
            security_code=True,
            postal_code=True,
            min_postal_code_length=5,
            payment_connector=self._settings.twilio_pay_connector,
            payment_method="credit-card",
            token_type="payment-method",  # noqa: S106  the kind of token, not one
            charge_amount="0",
            currency="usd",
            valid_card_types=CARD_TYPES,
            language=_PAY_LANGUAGE[tongue.language],
        )
        for field in PAY_FIELDS:
            prompt = Prompt(for_=field)
            self._say(prompt, phrase(field, tongue.language), tongue)
            pay.append(prompt)
        response.redirect(action, method="POST")

    def _dial(self, response: VoiceResponse, step: int) -> None:
        dial = response.dial(
            action=f"/twilio/voice/transfer/{step}",
            method="POST",
            timeout=DIAL_SECONDS,
            caller_id=self._settings.twilio_phone_number,
        )
        dial.number(self._settings.office_phone)

    def _say_all(self, parent: TwiML, words: Sequence[str], tongue: Tongue) -> None:
        for said in words:
            self._say(parent, said, tongue)

    def _say(self, parent: TwiML, words: str, tongue: Tongue) -> None:
        say = Say(voice=self._voices[tongue.language], language=_SPEECH_LANGUAGE[tongue.language])
        holder: Any = say if tongue.rate == 100 else say.prosody(rate=f"{tongue.rate}%")
        _append_words(holder, words[:SAY_LIMIT], tongue.rate)
        parent.append(say)


def _wants_digits(expect: Expectation) -> bool:
    """Whether the answer may be more than one key."""
    return expect.kind in ("digits", "amount") or bool(expect.secret)


def _append_words(holder: Any, words: str, rate: int) -> None:
    """Words into a Say or prosody, with numbers that are to be written down said slowly, digit by digit."""
    place = 0
    for number in _SLOW.finditer(words):
        if number.start() > place:
            holder.append(words[place : number.start()])
        slow = holder.prosody(rate=f"{max(rate * 4 // 5, 40)}%")
        if number.group().isdecimal():
            slow.say_as(number.group(), interpret_as="digits")
        else:
            slow.append(number.group())
        place = number.end()
    if place < len(words):
        holder.append(words[place:])


def _hints(expect: Expectation, language: Language) -> str:
    """What the recogniser should expect to hear; commas part the hints."""
    titles = [re.sub(r"[^\w\s']", " ", choice.title).strip() for choice in expect.choices]
    kind = "yes_no" if expect.kind in ("yes_no", "confirm") else "open"
    return ", ".join([*titles, _HINTS[language][kind]])
