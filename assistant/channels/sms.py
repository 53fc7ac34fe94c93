"""Texts: `POST /twilio/sms` takes one and answers with at most one; `/twilio/sms/fallback` is for trouble."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.background import BackgroundTask
from twilio.twiml.messaging_response import MessagingResponse

from assistant.channels.dialogue_port import TakesTurns
from assistant.channels.gsm import to_gsm
from assistant.channels.split_cards import SplitCards
from assistant.channels.tongue import tongue_of
from assistant.channels.turns import TurnRunner
from assistant.channels.webhook import DuplicateGuard, Form, signed_form, twiml_response
from assistant.channels.wording import in_both, phrase, text_of
from assistant.clock import Clock
from assistant.db import Database
from assistant.dialogue.keeping import kept_words
from assistant.dialogue.phrasing import phone_number
from assistant.dialogue.turn import Heard, SessionView
from assistant.notifications.opt_outs import has_opted_out, record_opt_out, remove_opt_out
from assistant.notifications.outbox import Outbox
from assistant.redaction import mask_secrets
from assistant.settings import Settings

_log = structlog.get_logger(__name__)
# Twilio unsubscribes on these by itself, also without Advanced Opt-Out, and would refuse our answer.
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop"})
BODY_LIMIT = 1600


def sms_router(
    *,
    conversation: TakesTurns,
    db: Database,
    clock: Clock,
    settings: Settings,
    outbox: Outbox,
    guard: DuplicateGuard,
    runner: TurnRunner,
) -> APIRouter:
    """The text channel's webhooks."""
    router = APIRouter()
    channel = _TextChannel(conversation, db, clock, settings, outbox, guard, runner)
    form_of = signed_form(settings)

    @router.post("/twilio/sms")
    def take_text(form: Annotated[Form, Depends(form_of)]) -> Response:
        return channel.take(form)

    @router.post("/twilio/sms/fallback")
    def apologise(form: Annotated[Form, Depends(form_of)]) -> Response:
        # Twilio could not reach us or did not like our answer: no database, no engine, only words.
        _log.error("sms_fallback", error_code=form.get("ErrorCode"))
        return twiml_response(_message(in_both("trouble", office=phone_number(settings.office_phone, "sms"))))

    return router


class _TextChannel:
    def __init__(
        self,
        conversation: TakesTurns,
        db: Database,
        clock: Clock,
        settings: Settings,
        outbox: Outbox,
        guard: DuplicateGuard,
        runner: TurnRunner,
    ) -> None:
        self._conversation = conversation
        self._db = db
        self._clock = clock
        self._settings = settings
        self._outbox = outbox
        self._guard = guard
        self._runner = runner
        self._split_cards = SplitCards(db, clock, outbox)
        self._shield = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(settings.sender_texts_per_minute)

    def take(self, form: Form) -> Response:
        """One delivery of one text. Whatever is missing or odd, Twilio gets TwiML and no error."""
        message_id, phone = form.sid("MessageSid") or form.sid("SmsSid"), form.phone("From")
        if not message_id or not phone:
            # Without an id it cannot be told from its repeat; without a phone nobody can be answered.
            _log.warning("text_unusable", has_id=bool(message_id), has_phone=bool(phone))
            return twiml_response(_EMPTY)
        stored = self._guard.answer(message_id)
        if stored is not None:
            return twiml_response(stored)
        if self._is_opt_word(form, phone):
            self._guard.claim(message_id, phone)
            self._guard.keep(message_id, _EMPTY)
            return twiml_response(_EMPTY)
        if not self._shield.hit(self._limit, phone):
            return self._too_many(phone, message_id, form.get("Body"))
        if not self._guard.claim(message_id, phone):
            waited = self._guard.wait(message_id, self._runner.answer_seconds)
            return twiml_response(_EMPTY if waited is None else waited)
        return self._answer(message_id, phone, form)

    def _answer(self, message_id: str, phone: str, form: Form) -> Response:
        view = self._conversation.open_text_session(phone)

        def when_late(words: str) -> None:
            self._send_late(message_id, view, words)

        words = self._runner.run(lambda: self._turn(view, message_id, form), when_late=when_late)
        answer = _EMPTY if words is None else _message(words)
        self._guard.keep(message_id, answer)
        return self._with_afterwork(answer, view.id if words else "")

    def _turn(self, view: SessionView, message_id: str, form: Form) -> str:
        """Take the turn; the words of the answer. Never raises: a member never gets a traceback."""
        try:
            return self._words(view, message_id, form)
        except Exception as error:  # noqa: BLE001
            _log.error("text_failed", session_id=view.id, error=type(error).__name__)
            return phrase("trouble", view.language, office=phone_number(self._settings.office_phone, "sms"))

    def _words(self, view: SessionView, message_id: str, form: Form) -> str:
        body = form.get("Body").strip()[:BODY_LIMIT]
        if not body and form.get("NumMedia") not in ("", "0"):
            return phrase("pictures", view.language)
        redacted = self._split_cards.redact(view.id, view.phone, body, view.expectation)
        heard = Heard("text" if body else "silence", body)
        kept = kept_words(heard, view.expectation, view.language, self._settings.pin_length)
        if redacted.had_card_number or kept != body:
            with self._db.write() as tx:
                self._outbox.queue_redaction(tx, phone=view.phone, message_id=message_id)
        if redacted.had_card_number:
            # Not a turn: what was asked before is still open, and the engine gets nothing of this.
            _log.warning("card_number_removed", session_id=view.id, channel="sms")
            pay_phone = phone_number(self._settings.twilio_phone_number, "sms")
            return phrase("card_texted", view.language, pay_phone=pay_phone)
        replies = self._conversation.take(view.id, heard)
        return text_of(replies, tongue_of(self._db, view.id).language)

    def _send_late(self, message_id: str, view: SessionView, words: str) -> None:
        """The turn took longer than Twilio waits: its answer goes out as a message of its own."""
        with self._db.write() as tx:
            key = f"late:{message_id}"
            self._outbox.queue_text(tx, phone=view.phone, body=to_gsm(words), dedupe_key=key, is_answer=True)
        self._conversation.told(view.id)
        self._outbox.send_due()

    def _is_opt_word(self, form: Form, phone: str) -> bool:
        """Whether Twilio answers this text itself (STOP and its like); then we remember it and are silent."""
        kind = form.get("OptOutType").upper()
        word = form.get("Body").strip().strip(".!").lower()
        if kind == "STOP" or (not kind and word in STOP_WORDS):
            with self._db.write() as tx:
                record_opt_out(tx, phone=phone, how="carrier_word", at=self._clock.now())
            return True
        if kind == "START" or (not kind and word in START_WORDS):
            with self._db.write() as tx:
                # Who left in own words never left at the carrier, so the carrier will not answer: we do.
                was_out = has_opted_out(tx, phone, how="carrier_word")
                remove_opt_out(tx, phone=phone)
            # A newcomer's "start" is a hello.
            return was_out or bool(kind)
        return bool(kind)

    def _too_many(self, phone: str, message_id: str, body: str) -> Response:
        """Say it once a minute; the rest is only acknowledged. The carrier wipes digits all the same."""
        _log.warning("text_shielded")
        if mask_secrets(body) != body:
            with self._db.write() as tx:
                self._outbox.queue_redaction(tx, phone=phone, message_id=message_id)
        if not self._shield.hit(RateLimitItemPerMinute(1), "told", phone):
            return twiml_response(_EMPTY)
        return twiml_response(_message(in_both("too_many")))

    def _with_afterwork(self, answer: str, told_session_id: str) -> Response:
        """The response, and what is due once it has left: nobody needs to send its outcome again."""

        def afterwork() -> None:
            if told_session_id:
                self._conversation.told(told_session_id)
            self._outbox.send_due()

        response = twiml_response(answer)
        response.background = BackgroundTask(afterwork)
        return response


def _message(words: str) -> str:
    response = MessagingResponse()  # type: ignore[no-untyped-call]
    if words:
        response.message(to_gsm(words))  # type: ignore[no-untyped-call]
    return str(response)


_EMPTY = _message("")
