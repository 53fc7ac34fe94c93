"""What every Twilio webhook passes first: the signature, and the guard that answers each delivery once."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl

import structlog
from fastapi import HTTPException, Request, Response
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from assistant.clock import Clock
from assistant.db import Database, insert_once
from assistant.dialogue.models import InboundMessage
from assistant.redaction import find_card_numbers
from assistant.settings import Settings

_log = structlog.get_logger(__name__)
# Twilio's own forms are far smaller.
BODY_LIMIT = 100_000
FIELDS_LIMIT = 300
# A process that took a delivery and has not answered it in this time is taken for dead.
CLAIM_LIFE = timedelta(seconds=60)
_POLL_SECONDS = 0.05
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")

# What PostgreSQL or XML cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

TWIML = "text/xml"


@dataclass(frozen=True)
class Form:
    """A verified webhook's fields. Every name may be absent: that reads as ""."""

    fields: ImmutableMultiDict[str, str]
    query: dict[str, str]

    def get(self, name: str) -> str:
        """The field, without the characters that our database or XML cannot hold."""
        return _UNWRITABLE.sub("", self.fields.get(name, ""))

    def sid(self, name: str) -> str:
        """A Twilio id, or "" when it is absent or not of that form."""
        value = self.get(name)
        return value if _SID.fullmatch(value) else ""

    def phone(self, name: str) -> str:
        """An E.164 number, or "" for a withheld one, a short code, or digits that are a card's."""
        value = self.get(name).strip()
        return value if _PHONE.fullmatch(value) and not find_card_numbers(value) else ""


def signed_form(settings: Settings) -> Callable[[Request], Awaitable[Form]]:
    """A FastAPI dependency: the form of a webhook that Twilio signed for `settings.public_url`; else 403."""
    validator = RequestValidator(settings.twilio_auth_token.get_secret_value())  # type: ignore[no-untyped-call]
    base = settings.public_url.rstrip("/")

    async def read(request: Request) -> Form:
        fields = _parse(await _small_body(request))
        signature = request.headers.get("X-Twilio-Signature", "")
        # Behind a proxy the Host header says nothing; what counts is the address configured at Twilio.
        url = base + request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        url = f"{url}?{query}" if query else url
        if not signature or not validator.validate(url, fields, signature):  # type: ignore[no-untyped-call]
            _log.warning("webhook_refused", path=request.url.path, has_signature=bool(signature))
            raise HTTPException(403)
        return Form(fields, dict(request.query_params))

    return read


def twiml_response(document: str, status: int = 200) -> Response:
    """A TwiML document as Twilio wants it."""
    return Response(document, status_code=status, media_type=TWIML)


class DuplicateGuard:
    """Answers each delivery once: a repeated one gets the stored answer, a concurrent one waits for it."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def claim(self, provider_id: str, phone: str) -> bool:
        """Whether this delivery is ours to answer: it is new, or whoever took it before is dead."""
        now = self._clock.now()
        row = {"provider_id": provider_id, "phone": phone, "received_at": now}
        with self._db.write() as tx:
            if insert_once(tx, InboundMessage, [row]):
                return True
            abandoned = (
                update(InboundMessage)
                .where(
                    InboundMessage.provider_id == provider_id,
                    InboundMessage.answered_at.is_(None),
                    InboundMessage.received_at <= now - CLAIM_LIFE,
                )
                .values(received_at=now)
                .returning(InboundMessage.provider_id)
            )
            return tx.scalar(abandoned) is not None

    def keep(self, provider_id: str, answer: str) -> None:
        """Store the answer for repeated deliveries."""
        with self._db.write() as tx:
            self.keep_in(tx, provider_id, answer)

    def keep_in(self, tx: Session, provider_id: str, answer: str) -> None:
        """The same in the caller's transaction; the first answer stays."""
        tx.execute(
            update(InboundMessage)
            .where(InboundMessage.provider_id == provider_id, InboundMessage.answered_at.is_(None))
            .values(answered_at=self._clock.now(), answer=answer)
        )

    def answer(self, provider_id: str) -> str | None:
        """The stored answer, or None when there is none yet."""
        with self._db.read() as tx:
            return tx.scalar(select(InboundMessage.answer).where(InboundMessage.provider_id == provider_id))

    def wait(self, provider_id: str, seconds: float) -> str | None:
        """The answer, waiting for whoever is at work on it; None when it does not come in time."""
        deadline = time.monotonic() + seconds
        while (found := self.answer(provider_id)) is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        return found

    def is_abandoned(self, provider_id: str) -> bool:
        """Whether nobody is at work on this delivery any more, or nobody ever was."""
        with self._db.read() as tx:
            row = tx.get(InboundMessage, provider_id)
            if row is None:
                return True
            return row.answered_at is None and row.received_at <= self._clock.now() - CLAIM_LIFE


async def _small_body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(403)
    return body


def _parse(body: bytes) -> ImmutableMultiDict[str, str]:
    """The form's fields in order, with repeats. What is no form has no fields, so its signature fails."""
    try:
        text = body.decode("utf-8")
        return ImmutableMultiDict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_LIMIT))
    except ValueError:
        return ImmutableMultiDict()
