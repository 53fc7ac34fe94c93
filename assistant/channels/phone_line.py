"""A call, step by step: each webhook is one numbered step, answered once with words and what to wait for."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from fastapi import Response
from sqlalchemy import select
from starlette.background import BackgroundTask

from assistant.channels.dialogue_port import TakesTurns
from assistant.channels.split_cards import SplitCards
from assistant.channels.spoken import Speaker
from assistant.channels.tongue import Tongue, tongue_of
from assistant.channels.turns import TurnRunner
from assistant.channels.webhook import DuplicateGuard, Form, twiml_response
from assistant.channels.wording import phrase
from assistant.clock import Clock
from assistant.db import Database
from assistant.dialogue.models import InboundMessage
from assistant.dialogue.phrasing import phone_number
from assistant.dialogue.turn import Heard, Reply, SessionView
from assistant.notifications.outbox import Outbox
from assistant.redaction import find_card_numbers
from assistant.settings import Settings

_log = structlog.get_logger(__name__)
# What <Pay> may report; anything else is a fault of the connection.
CARD_RESULTS = frozenset(
    {
        "success",
        "too-many-failed-attempts",
        "payment-connector-error",
        "caller-interrupted-with-star",
        "caller-hung-up",
        "validation-error",
        "internal-error",
    }
)
# More steps than any call has.
STEP_LIMIT = 1000
# The caller hears nothing while a wait is answered, so it is short.
WAIT_SECONDS = 2
_POUND = "#"
_ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class PhoneLine:
    """Answers the webhooks of calls with TwiML. Whatever comes missing or out of order gets words."""

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
        self._office = phone_number(settings.office_phone, "voice")
        self._outbox = outbox
        self._guard = guard
        self._runner = runner
        self._speaker = Speaker(settings)
        self._split_cards = SplitCards(db, clock, outbox)

    def open(self, form: Form) -> Response:
        """Step 0: a member called, or picked up a call of ours (`?resume=` names the text it continues)."""
        call_id = form.sid("CallSid")
        if not call_id:
            return twiml_response(self.apology())
        is_ours = form.get("Direction").startswith("outbound")
        phone = form.phone("To" if is_ours else "From")
        resume = form.query.get("resume", "") if is_ours else ""

        def greet() -> str:
            view = self._conversation.open_call(call_id, phone, resume)
            return self._take(view, Heard("event", "call_opened"), next_step=1)

        return self._once(call_id, 0, phone, greet)

    def step(self, step: str, form: Form) -> Response:
        """The caller keyed, spoke, or stayed silent."""
        number, view = self._place(step, form)
        if number is None or view is None:
            return self._current_question(form)
        if _is_noise(form) and not view.expectation.asks_time:
            # A pound sign after the last digit came too late to belong to it: ask the same again.
            return self._current_question(form)
        call_id = form.sid("CallSid")
        return self._once(call_id, number, view.phone, lambda: self._heard(view, form, number))

    def card(self, step: str, form: Form) -> Response:
        """<Pay> is over. The token stands for a card whose digits we never saw."""
        number, view = self._place(step, form)
        if number is None or view is None:
            return self._current_question(form)
        heard = Heard("card", card=_card_of(form))
        call_id = form.sid("CallSid")
        return self._once(call_id, number, view.phone, lambda: self._take(view, heard, number + 1))

    def transferred(self, step: str, form: Form) -> Response:
        """The transfer is over: somebody talked to the member, or nobody picked up."""
        number, view = self._place(step, form)
        if number is None or view is None:
            return self._current_question(form)
        if form.get("DialCallStatus") in ("completed", "answered"):
            self._conversation.end(view.id, "transferred")
            return twiml_response(self._speaker.hang_up())
        return self._once(form.sid("CallSid"), number, view.phone, lambda: self._nobody_there(view, number))

    def _nobody_there(self, view: SessionView, number: int) -> str:
        """Go on with the menu; when that leads to a person again, say goodbye instead of ringing for ever."""
        replies = self._conversation.take(view.id, Heard("event", "menu"))
        tongue = tongue_of(self._db, view.id)
        if not replies or replies[-1].expect.kind == "transfer":
            words = phrase("nobody_now", tongue.language, office=self._office)
            return self._speaker.goodbye(tongue, words)
        first = Reply(phrase("nobody_there", tongue.language))
        return self._speaker.answer([first, *replies], tongue, number + 1)

    def wait(self, step: str, form: Form) -> Response:
        """The caller was asked to hold on: the answer, or a little more patience."""
        call_id = form.sid("CallSid")
        number = _number(step)
        view = self._conversation.find_call(call_id) if call_id else None
        if number is None or view is None:
            return self._current_question(form)
        key = f"{call_id}:{number}"
        answer = self._guard.wait(key, WAIT_SECONDS)
        tongue = tongue_of(self._db, view.id)
        if answer is not None:
            return twiml_response(answer)
        if self._guard.is_abandoned(key):
            _log.error("call_turn_lost", session_id=view.id)
            return twiml_response(self.apology())
        return twiml_response(self._speaker.hold_on(tongue, number, is_first=False))

    def status(self, form: Form) -> Response:
        """The line is gone."""
        call_id = form.sid("CallSid")
        view = self._conversation.find_call(call_id) if call_id else None
        if view is not None and form.get("CallStatus") in _ENDED:
            self._conversation.end(view.id, form.get("CallStatus"))
        return Response(status_code=204)

    def apology(self) -> str:
        """Words for trouble of ours in both languages, the office's number, and the end of the call."""
        return self._speaker.goodbye_in_both("trouble_spoken", office=self._office)

    def _once(self, call_id: str, number: int, phone: str, work: Callable[[], str]) -> Response:
        """Answer this step: with the stored answer, or by doing the work, or by asking for patience."""
        key = f"{call_id}:{number}"
        stored = self._guard.answer(key)
        if stored is not None:
            return twiml_response(stored)
        if not self._guard.claim(key, phone):
            waited = self._guard.wait(key, self._runner.answer_seconds)
            return twiml_response(waited or self._speaker.hold_on(Tongue("en"), number, is_first=True))

        def kept() -> str:
            answer = self._safely(work)
            self._guard.keep(key, answer)
            return answer

        answer = self._runner.run(kept, when_late=lambda _: self._nudge())
        if answer is None:
            view = self._conversation.find_call(call_id)
            tongue = Tongue("en") if view is None else tongue_of(self._db, view.id)
            answer = self._speaker.hold_on(tongue, number, is_first=True)
        response = twiml_response(answer)
        response.background = BackgroundTask(self._nudge)
        return response

    def _safely(self, work: Callable[[], str]) -> str:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  a member never gets a traceback
            _log.error("call_failed", error=type(error).__name__)
            return self.apology()

    def _heard(self, view: SessionView, form: Form, number: int) -> str:
        # The caller is still there, so what the last answer told was heard.
        self._conversation.told(view.id)
        digits, speech = form.get("Digits").strip(), form.get("SpeechResult").strip()
        if _is_noise(form):
            digits = _POUND
        words = digits or speech
        if self._split_cards.redact(view.id, view.phone, words, view.expectation).had_card_number:
            _log.warning("card_number_removed", session_id=view.id, channel="voice")
            warning = Reply(phrase("card_spoken", view.language))
            return self._take(view, Heard("silence", had_card_number=True), number + 1, first=warning)
        if digits:
            return self._take(view, Heard("keys", digits), number + 1)
        heard = Heard("speech", speech, _confidence(form)) if speech else Heard("silence")
        return self._take(view, heard, number + 1)

    def _take(self, view: SessionView, heard: Heard, next_step: int, *, first: Reply | None = None) -> str:
        replies = self._conversation.take(view.id, heard)
        said = [first, *replies] if first else replies
        return self._speaker.answer(said, tongue_of(self._db, view.id), next_step)

    def _place(self, step: str, form: Form) -> tuple[int | None, SessionView | None]:
        """The step and the call, when this step is one that we asked for: the one before it was answered."""
        call_id, number = form.sid("CallSid"), _number(step)
        view = self._conversation.find_call(call_id) if call_id else None
        if number is None or number == 0 or view is None:
            return None, view
        was_asked = self._guard.answer(f"{call_id}:{number - 1}") is not None
        return (number if was_asked else None), view

    def _current_question(self, form: Form) -> Response:
        """A step that leads nowhere: say again what was said last, or start the call."""
        call_id = form.sid("CallSid")
        if not call_id:
            return twiml_response(self.apology())
        answered = select(InboundMessage.provider_id, InboundMessage.answer).where(
            InboundMessage.provider_id.like(f"{call_id}:%"), InboundMessage.answer.is_not(None)
        )
        with self._db.read() as tx:
            steps = {int(key.rpartition(":")[2]): answer for key, answer in tx.execute(answered)}
        answer = steps[max(steps)] if steps else None
        return twiml_response(answer or self._speaker.begin_again())

    def _nudge(self) -> None:
        self._outbox.send_due()


def _number(step: str) -> int | None:
    """A step's number, or None for what is none."""
    return (
        int(step)
        if step.isascii() and step.isdigit() and len(step) <= 4 and int(step) <= STEP_LIMIT
        else None
    )


def _is_noise(form: Form) -> bool:
    """Nothing but the pound key."""
    digits = form.get("Digits").strip()
    is_pound_only = bool(digits) and not digits.strip("#")
    return is_pound_only or (not digits and form.get("FinishedOnKey") == "#")


def _confidence(form: Form) -> float | None:
    """Twilio's confidence, 0 to 1; it may be absent or empty."""
    try:
        value = float(form.get("Confidence"))
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _card_of(form: Form) -> dict[str, str]:
    """The parts of a <Pay> result that are safe to keep; a success without a token is none."""
    result, token = form.get("Result"), _matching(r"pm_\w{1,60}", form.get("PaymentToken"))
    is_known = result in CARD_RESULTS and (token or result != "success")
    return {
        "result": result if is_known else "internal-error",
        "token": token,
        "last_four": re.sub(r"\D", "", form.get("PaymentCardNumber"))[-4:],
        "brand": _matching(r"[a-z-]{1,20}", form.get("PaymentCardType")),
        "expires": _matching(r"\d{4}", form.get("ExpirationDate")),
    }


def _matching(pattern: str, value: str) -> str:
    """The value when it has the form it should have, else "": a connector set up wrong may send digits."""
    return value if re.fullmatch(pattern, value) and not find_card_numbers(value) else ""
