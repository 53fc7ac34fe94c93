"""Texts about what happens later and by itself; a letter when there is no phone on file."""

from __future__ import annotations

from datetime import date
from typing import cast

from sqlalchemy.orm import Session

from assistant.handoff.service import Handoff
from assistant.money import Language, written
from assistant.notifications.outbox import Outbox
from assistant.notifications.words import Words, written_day
from assistant.payments.models import PaymentMethod
from assistant.payments.naming import written_method
from assistant.payments.telling import phone_on_file

Blank = str | int | date | PaymentMethod


class MemberTexts:
    """Tells a member something once, by text to a phone on file, or through the office by post."""

    def __init__(self, *, outbox: Outbox, words: Words, handoff: Handoff) -> None:
        self._outbox = outbox
        self._words = words
        self._handoff = handoff

    def tell(
        self,
        tx: Session,
        name: str,
        cause: str,
        *,
        account_id: int,
        phone: str,
        language: str,
        **blanks: Blank,
    ) -> None:
        """Queue `utter_text_<name>` once per `cause`, to `phone` if it is still enrolled, in the caller's
        transaction.

        Blanks: `total_cents=8420` fills `{total}` with `$84.20`; dates and methods are written out.
        """
        chosen = cast("Language", language)
        body = self._words.text(
            name, chosen, **dict(_written(key, value, chosen) for key, value in blanks.items())
        )
        on_file = phone_on_file(tx, account_id, prefer=phone)
        if on_file is not None:
            self._outbox.queue_text(
                tx, phone=on_file, body=body, dedupe_key=f"{name}:{cause}", account_id=account_id
            )
            return
        self._handoff.ask_in(
            tx,
            session_id=None,
            account_id=account_id,
            phone="",
            topic="post_to_member",
            summary=f"No phone on file. By letter: {body}",
        )


def _written(name: str, value: Blank, language: Language) -> tuple[str, str]:
    if isinstance(value, PaymentMethod):
        return name, written_method(value.kind, value.brand, value.last_four, language)
    if isinstance(value, date):
        return name, written_day(value, language)
    if isinstance(value, int):
        return name.removesuffix("_cents"), written(value)
    return name, value
