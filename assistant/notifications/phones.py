"""The language that was chosen on a phone: kept by phone, whoever is there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from assistant.db import insert_once
from assistant.money import Language
from assistant.notifications.models import PhonePreference


def language_of_phone(tx: Session, phone: str) -> Language | None:
    """The language that was asked for on this phone, or None."""
    kept = tx.get(PhonePreference, phone)
    if kept is None:
        return None
    return "es" if kept.language == "es" else "en"


def remember_language(tx: Session, phone: str, language: Language, *, at: datetime) -> None:
    """Speak to this phone in this language from now on."""
    values = {"language": language, "changed_at": at}
    if not insert_once(tx, PhonePreference, [{"phone": phone, **values}]):
        tx.execute(update(PhonePreference).where(PhonePreference.phone == phone).values(**values))
