"""Draws a letter as one PDF page with reportlab: a copy of a bill, or a proof of good standing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from babel.dates import format_date
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from assistant.billing.letters import LetterView
from assistant.money import written
from assistant.settings import Settings

_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=11, leading=16)
_TITLE = ParagraphStyle("title", parent=_BODY, fontName="Helvetica-Bold", fontSize=14, leading=20)
_LOCALES = {"en": "en_US", "es": "es_US"}
# The rows of a bill, in the order of the page; a fact that is not there has no row.
_BILL_ROWS = {
    "statement_number": ("Bill number", "Número de factura"),
    "account_last_four": ("Account ending in", "Cuenta que termina en"),
    "service_place": ("Service at", "Servicio en"),
    "issued_on": ("Made on", "Fecha de la factura"),
    "due_on": ("Due on", "Vence el"),
    "bill_cents": ("This bill", "Esta factura"),
    "before_cents": ("Owed before this bill", "Saldo anterior"),
    "paid_cents": ("Paid since", "Pagado desde entonces"),
    "balance_cents": ("Owed on the day of this copy", "Saldo el día de esta copia"),
}
_WORDS = {
    "statement_copy": ("Copy of your bill", "Copia de su factura"),
    "good_standing": ("Letter of good standing", "Carta de buen pagador"),
}


def write_letter(letter: LetterView, settings: Settings, path: Path) -> None:
    """Write the page to `path`. Everything on it comes from the letter's own row and the settings."""
    place = 0 if letter.language == "en" else 1
    parts: list[Any] = [
        Paragraph(f"<b>{escape(settings.coop_name)}</b><br/>{escape(settings.office_address)}", _BODY),
        Spacer(1, 0.4 * inch),
        Paragraph("<br/>".join(escape(line) for line in _address(letter)), _BODY),
        Spacer(1, 0.4 * inch),
        Paragraph(_day(letter.as_of, letter.language), _BODY),
        Spacer(1, 0.2 * inch),
        Paragraph(_WORDS[letter.kind][place], _TITLE),
        Spacer(1, 0.15 * inch),
        *(_bill(letter, place) if letter.kind == "statement_copy" else _standing(letter, settings)),
        Spacer(1, 0.3 * inch),
        Paragraph(_questions(letter, settings), _BODY),
    ]
    title = f"{_WORDS[letter.kind][place]} - {settings.coop_short_name}"
    SimpleDocTemplate(str(path), pagesize=LETTER, title=title, author=settings.coop_name).build(parts)


def _address(letter: LetterView) -> tuple[str, str, str]:
    return letter.name, letter.street, f"{letter.city}, {letter.state_code} {letter.zip}"


def _bill(letter: LetterView, place: int) -> list[Any]:
    rows = [
        [words[place], _value(name, letter.facts[name], letter.language)]
        for name, words in _BILL_ROWS.items()
        if letter.facts.get(name) not in (None, "")
    ]
    style = TableStyle([("FONT", (0, 0), (-1, -1), "Helvetica", 11), ("ALIGN", (1, 0), (1, -1), "RIGHT")])
    return [Table(rows, colWidths=[3.5 * inch, 3 * inch], style=style)]


def _standing(letter: LetterView, settings: Settings) -> list[Any]:
    facts, coop = letter.facts, escape(settings.coop_name)
    name, ending = escape(letter.name), escape(str(facts["account_last_four"]))
    where = escape(str(facts["service_place"]))
    if letter.language == "en":
        text = (
            f"{name} has electric service from {coop} at {where}, on the account ending in {ending}. "
            f"On {_day(letter.as_of, 'en')} nothing was past due on it and it was in good standing. "
            f"In the twelve months before, we made {facts['bill_count']} bills on it."
        )
    else:
        text = (
            f"{name} tiene servicio eléctrico de {coop} en {where}, en la cuenta que termina en {ending}. "
            f"El {_day(letter.as_of, 'es')} no tenía nada vencido y estaba al corriente. "
            f"En los doce meses anteriores hicimos {facts['bill_count']} facturas en ella."
        )
    return [Paragraph(text, _BODY)]


def _questions(letter: LetterView, settings: Settings) -> str:
    phone = settings.office_phone_written
    return f"Questions? {phone}" if letter.language == "en" else f"¿Preguntas? {phone}"


def _value(name: str, value: Any, language: str) -> str:
    if name.endswith("_cents"):
        return written(int(value))
    return _day(date.fromisoformat(value), language) if name.endswith("_on") else str(value)


def _day(on: date, language: str) -> str:
    return format_date(on, "long", locale=_LOCALES[language])
