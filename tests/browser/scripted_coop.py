"""A co-op that answers the carrier's webhooks by a fixed script that exercises every part of the page."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from assistant.adapters.twilio_sender import TwilioSender
from assistant.settings import Settings

OFFER = "You owe $84.20 by Dec 3. Reply with your PIN to pay it with Visa 4242."
RECEIPT = "Paid $84.20 with Visa 4242. Confirmation 58210934. Balance $0.00."
MARKUP = "<img src=x onerror=\"document.title='broken'\"><b>bold</b>"
GREETING = "Thank you for calling Lantern Valley Electric."
MENU = "To pay your bill, press 1. To key a card, press 2. Or say what you need."
ASK_NUMBER = "Please key your account number. It has 10 digits."
SPANISH = "Gracias por llamar."
STILL_THERE = "Are you still there?"
GOODBYE = "Thank you. Goodbye."
VOICE = "Polly.Joanna-Neural"


class Script:
    """The script and the phone network it talks back to, once that is known."""

    def __init__(self, settings: Settings) -> None:
        self.sender: TwilioSender | None = None
        self._validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
        self.app = FastAPI()
        self.app.post("/twilio/sms")(self.text)
        self.app.post("/twilio/voice")(self.call)
        self.app.post("/twilio/voice/step")(self.step)
        self.app.post("/twilio/voice/number")(self.number)
        self.app.post("/twilio/voice/card")(self.card)
        self.app.post("/twilio/voice/status")(self.status)

    def talk_back(self, settings: Settings) -> None:
        """Reach the carrier's API at `settings.twilio_api_base`."""
        self.sender = TwilioSender(settings)

    async def text(self, request: Request) -> Response:
        form = await self._form(request)
        assert self.sender is not None
        answer = MessagingResponse()
        match form["Body"]:
            case "CALL":
                self.sender.place_call(form["From"], "/twilio/voice")
                answer.message("We are calling you now.")
            case "4821":
                self.sender.redact_text(form["MessageSid"])
                answer.message(RECEIPT)
            case "later":
                self.sender.send_text(form["From"], "Here is the late answer.")
            case "markup":
                answer.message(MARKUP)
            case _:
                answer.message(OFFER)
        return _xml(answer)

    async def call(self, request: Request) -> Response:
        await self._form(request)
        answer = VoiceResponse()
        answer.say(GREETING, voice=VOICE, language="en-US")
        _ask(answer)
        return _xml(answer)

    async def step(self, request: Request) -> Response:
        form = await self._form(request)
        answer = VoiceResponse()
        if form.get("Digits") == "1":
            gather = Gather(
                input="dtmf",
                action="/twilio/voice/number",
                num_digits=10,
                finish_on_key="#",
                action_on_empty_result=True,
            )
            gather.say(ASK_NUMBER, voice=VOICE)
            answer.append(gather)
            answer.redirect("/twilio/voice/number")
        elif form.get("Digits") == "2":
            answer.pay(action="/twilio/voice/card", charge_amount="0", token_type="payment-method")
            answer.redirect("/twilio/voice/step")
        elif form.get("SpeechResult") == "español":
            answer.say(SPANISH, voice="Polly.Lupe-Neural", language="es-US")
            _ask(answer)
        elif form.get("SpeechResult"):
            answer.say(f"I heard: {form['SpeechResult']}.", voice=VOICE)
            _ask(answer)
        else:
            answer.say(STILL_THERE, voice=VOICE)
            _ask(answer)
        return _xml(answer)

    async def number(self, request: Request) -> Response:
        form = await self._form(request)
        answer = VoiceResponse()
        answer.say(f"That was {len(form.get('Digits', ''))} digits.", voice=VOICE)
        _ask(answer)
        return _xml(answer)

    async def card(self, request: Request) -> Response:
        form = await self._form(request)
        answer = VoiceResponse()
        answer.say(f"The card: {form['Result']}. {GOODBYE}", voice=VOICE)
        answer.hangup()
        return _xml(answer)

    async def status(self, request: Request) -> Response:
        await self._form(request)
        return Response(status_code=204)

    async def _form(self, request: Request) -> dict[str, str]:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        signature = request.headers.get("X-Twilio-Signature", "")
        assert self._validator.validate(str(request.url), form, signature), "a forged webhook"
        return form


def _ask(answer: VoiceResponse) -> None:
    """Add the menu: one key or words, and a way on for silence."""
    gather = Gather(
        input="dtmf speech",
        action="/twilio/voice/step",
        language="en-US",
        num_digits=1,
        action_on_empty_result=True,
    )
    gather.say(MENU, voice=VOICE, language="en-US")
    answer.append(gather)
    answer.redirect("/twilio/voice/step")


def _xml(answer: MessagingResponse | VoiceResponse) -> Response:
    return Response(str(answer), media_type="text/xml")
