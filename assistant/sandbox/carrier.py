"""The carrier's state: threads of texts, calls, opt-outs, the wire log and the knobs. In memory only."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from assistant.clock import Clock
from assistant.redaction import mask_card_numbers
from assistant.sandbox.carrier_wire import Post, SignedWebhooks, WireLog
from assistant.sandbox.live_call import LiveCall, NotNow
from assistant.sandbox.pay_connector import connector_of
from assistant.sandbox.pay_desk import PayDesk
from assistant.sandbox.phone_models import NetworkState, TextIn, TextView, ThreadView
from assistant.sandbox.twiml import Call, Route, messages_in
from assistant.settings import Settings

# What the carrier answers by itself, with Advanced Opt-Out.
_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
_START = frozenset({"start", "unstop"})
_STOP_ANSWER = "You are unsubscribed and will get no more messages. Reply START to get messages again."
_START_ANSWER = "You are subscribed again. Reply HELP for help, STOP to stop."


@dataclass
class Text:
    """One text as the carrier keeps it."""

    number: int
    id: str
    phone: str
    direction: Literal["from_phone", "to_phone"]
    body: str
    at: datetime
    is_redacted: bool = False

    def view(self) -> TextView:
        return TextView(**vars(self))


class Carrier:
    """One account with one number. Every public method may be called from any thread."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        post: Post,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`post` sends webhooks, `sleep` waits out pauses; a test may put its own there."""
        self.number = settings.twilio_phone_number
        self.account_id = settings.twilio_account_sid
        self.auth_token = settings.twilio_auth_token.get_secret_value()
        self.knobs = NetworkState()
        self.texts: list[Text] = []
        self.calls: dict[str, LiveCall] = {}
        self.wire = WireLog(clock)
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._opted_out: set[str] = set()
        self._changed = threading.Condition()
        self._webhooks = SignedWebhooks(
            auth_token=self.auth_token,
            base_url=settings.public_url,
            post=post,
            on_exchange=self.wire.note_webhook,
        )
        self._pay_desk = PayDesk(
            connector_of(settings), today=clock.today, fault=lambda: self.knobs.pay_fault
        )

    # Texts

    def text_from(self, phone: str, text: TextIn) -> tuple[Text, list[Text]]:
        """A member texts: the text, and what came back with the webhook's answer."""
        sent = self.add_text(phone, "from_phone", text.body)
        word = text.body.strip().strip(".!").lower()
        form = {
            "MessageSid": sent.id,
            "SmsSid": sent.id,
            "AccountSid": self.account_id,
            "ApiVersion": "2010-04-01",
            "From": phone,
            "To": self.number,
            "Body": text.body,
            "NumMedia": str(text.media_count),
            "NumSegments": "1",
        }
        answers: list[Text] = []
        if word in _STOP or (word in _START and phone in self._opted_out):
            is_stop = word in _STOP
            form["OptOutType"] = "STOP" if is_stop else "START"
            (self._opted_out.add if is_stop else self._opted_out.discard)(phone)
            answers.append(self.add_text(phone, "to_phone", _STOP_ANSWER if is_stop else _START_ANSWER))
        for body in self._ask_for_texts(form):
            if body and phone not in self._opted_out:
                answers.append(self.add_text(phone, "to_phone", body))
        return sent, answers

    def add_text(self, phone: str, direction: Literal["from_phone", "to_phone"], body: str) -> Text:
        """Put a text into a phone's thread."""
        with self._changed:
            text = Text(len(self.texts) + 1, _sid("SM"), phone, direction, body, self._clock.now())
            self.texts.append(text)
            self._changed.notify_all()
        return text

    def find_text(self, text_id: str) -> Text | None:
        return next((text for text in self.texts if text.id == text_id), None)

    def redact(self, text: Text) -> None:
        """Wipe a text's body, also from the wire log."""
        with self._changed:
            text.body, text.is_redacted = "", True
            self.wire.blank(text.id)
            self._changed.notify_all()

    def is_opted_out(self, phone: str) -> bool:
        return phone in self._opted_out

    def thread(self, phone: str, after: int = 0, wait_seconds: float = 0) -> ThreadView:
        """A phone's thread above number `after`; waits for a new text or a change of its calls."""
        before = self._live_call_id(phone)

        def has_news() -> bool:
            is_new = any(text.phone == phone and text.number > after for text in self.texts)
            return is_new or self._live_call_id(phone) != before

        with self._changed:
            self._changed.wait_for(has_news, timeout=wait_seconds)
        texts = [text.view() for text in list(self.texts) if text.phone == phone and text.number > after]
        return ThreadView(
            phone=phone,
            is_opted_out=phone in self._opted_out,
            call_id=self._live_call_id(phone),
            texts=texts,
        )

    # Calls

    def call_from(self, phone: str) -> LiveCall:
        """A member calls the co-op. Raises NotNow while the phone is in another call."""
        call = self._new_call(phone, "from_phone", self._webhooks.resolve("/twilio/voice"))
        call.pick_up()
        return call

    def ring(self, phone: str, url: str, *, fallback_url: str, status_url: str, seconds: int) -> LiveCall:
        """The co-op calls a member; the handset rings until it is taken, declined, or `seconds` are over."""
        return self._new_call(phone, "to_phone", url, fallback_url, status_url, seconds)

    def call(self, call_id: str) -> LiveCall | None:
        """A call by id, as it is now."""
        call = self.calls.get(call_id)
        if call is not None:
            call.stop_ringing_if_late(self._clock.now())
        return call

    def _new_call(
        self,
        phone: str,
        direction: Literal["from_phone", "to_phone"],
        url: str,
        fallback_url: str = "",
        status_url: str = "",
        ring_seconds: int = 0,
    ) -> LiveCall:
        is_ours = direction == "from_phone"
        route = Route(
            call_id=_sid("CA"),
            account_id=self.account_id,
            from_phone=phone if is_ours else self.number,
            to_phone=self.number if is_ours else phone,
            direction="inbound" if is_ours else "outbound-api",
            voice_url=url,
            fallback_url=fallback_url or self._webhooks.resolve("/twilio/voice/fallback"),
            status_url=status_url or self._webhooks.resolve("/twilio/voice/status"),
        )
        call = Call(
            route,
            self._webhooks,
            self._pay_desk,
            office_picks_up=lambda: self.knobs.office_picks_up,
            sleep=self._sleep,
        )
        live = LiveCall(
            call,
            phone,
            direction,
            made_at=self._clock.now(),
            ring_seconds=ring_seconds,
            on_change=self._wake,
        )
        with self._changed:
            if is_ours and self._live_call_id(phone) is not None:
                raise NotNow("this phone is in another call")
            self.calls[live.id] = live
            self._changed.notify_all()
        return live

    def _live_call_id(self, phone: str) -> str | None:
        now = self._clock.now()
        for call in reversed(list(self.calls.values())):
            if call.phone == phone:
                call.stop_ringing_if_late(now)
                if call.state != "ended":
                    return call.id
        return None

    def _ask_for_texts(self, form: dict[str, str]) -> list[str]:
        """The webhook's texts; at trouble those of the fallback address, else none."""
        url = self._webhooks.resolve("/twilio/sms")
        bodies = messages_in(self._webhooks.send(url, form))
        if bodies is None:
            trouble = {"ErrorCode": "11200", "ErrorUrl": url}
            fallback = self._webhooks.resolve("/twilio/sms/fallback")
            bodies = messages_in(self._webhooks.send(fallback, {**form, **trouble}))
        return bodies or []

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _sid(prefix: str) -> str:
    """An id of the carrier; never one that the wire's log would take for a card number and mask."""
    made = prefix + uuid.uuid4().hex
    return made if mask_card_numbers(made) == made else _sid(prefix)
