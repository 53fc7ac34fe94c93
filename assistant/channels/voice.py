"""The phone channel's webhooks: answer, steps, card, transfer, wait, codes read out, hang-up, fallback."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Response

from assistant.channels.dialogue_port import TakesTurns
from assistant.channels.phone_line import PhoneLine
from assistant.channels.spoken_codes import CodeToSpeak, SpokenCodes
from assistant.channels.turns import TurnRunner
from assistant.channels.webhook import DuplicateGuard, Form, signed_form, twiml_response
from assistant.clock import Clock
from assistant.db import Database
from assistant.notifications.outbox import Outbox
from assistant.settings import Settings

_log = structlog.get_logger(__name__)


def voice_router(
    *,
    conversation: TakesTurns,
    db: Database,
    clock: Clock,
    settings: Settings,
    outbox: Outbox,
    guard: DuplicateGuard,
    runner: TurnRunner,
    code_to_speak: CodeToSpeak,
) -> APIRouter:
    """Steps are text in the paths on purpose: an odd one gets TwiML, not a validation error."""
    router = APIRouter()
    line = PhoneLine(conversation, db, clock, settings, outbox, guard, runner)
    codes = SpokenCodes(settings, code_to_speak)
    form_of = signed_form(settings)

    @router.post("/twilio/voice")
    def answer_call(form: Annotated[Form, Depends(form_of)]) -> Response:
        return line.open(form)

    @router.post("/twilio/voice/step/{step}")
    def take_step(step: str, form: Annotated[Form, Depends(form_of)]) -> Response:
        return line.step(step, form)

    @router.post("/twilio/voice/card/{step}")
    def take_card(step: str, form: Annotated[Form, Depends(form_of)]) -> Response:
        return line.card(step, form)

    @router.post("/twilio/voice/transfer/{step}")
    def after_transfer(step: str, form: Annotated[Form, Depends(form_of)]) -> Response:
        return line.transferred(step, form)

    @router.post("/twilio/voice/wait/{step}")
    def wait_for_step(step: str, form: Annotated[Form, Depends(form_of)]) -> Response:
        return line.wait(step, form)

    @router.post("/twilio/voice/status")
    def note_status(form: Annotated[Form, Depends(form_of)]) -> Response:
        return line.status(form)

    @router.post("/twilio/voice/code/{code_id}")
    def offer_code(code_id: str, form: Annotated[Form, Depends(form_of)]) -> Response:
        return codes.offer(code_id)

    @router.post("/twilio/voice/code/{code_id}/spoken")
    def speak_code(code_id: str, form: Annotated[Form, Depends(form_of)]) -> Response:
        return codes.speak(code_id, form)

    @router.post("/twilio/voice/fallback")
    def apologise(form: Annotated[Form, Depends(form_of)]) -> Response:
        # Twilio could not reach us or did not like our answer: no database, no engine, only words.
        _log.error("voice_fallback", error_code=form.get("ErrorCode"))
        return twiml_response(line.apology())

    return router
