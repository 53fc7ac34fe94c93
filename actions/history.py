"""The past of an account: payments in pages, a month, a year, what a balance is made of; and "more"."""

from __future__ import annotations

from datetime import date
from typing import Any

from actions.base import Aside, Shown, slots
from actions.payments.steps import payer
from actions.places import say_places
from actions.turn import Event, Turn
from assistant.billing.views import Span, Total
from assistant.dialogue import account_phrases
from assistant.dialogue.periods import Period, read_period
from assistant.errors import NotVerified, Refusal
from assistant.identity.verification import Verification

# What fits into one text, and what a caller can keep in mind; a form's question needs room as well.
_PAGE, _PAGE_IN_FORM = {"sms": 4, "voice": 3}, 3
PAYMENTS, PLACES = "payments", "places"


def told_of_period(turn: Turn) -> dict[str, Any]:
    """The month or year that the words name, as a slot's value."""
    period = read_period(turn.words, turn.services.clock.today())
    if period is None:
        return {"period": None}
    span = period.span
    return {
        "period": {
            "kind": period.kind,
            "first": span.first.isoformat(),
            "last": span.last.isoformat(),
            "is_compared": period.is_compared,
        }
    }


def period_of(turn: Turn, question: str) -> Period | None:
    """The period of the question that was just asked, or of the one that waited for who asks."""
    told = told_of_period(turn)["period"] if turn.intent == question else turn.slot("period")
    if not isinstance(told, dict):
        return None
    span = Span(date.fromisoformat(told["first"]), date.fromisoformat(told["last"]))
    return Period(told["kind"], span, bool(told["is_compared"]))


def show_history(turn: Turn, question: str) -> Shown:
    """A year's total, a month's payments, or the last ones."""
    who, period = payer(turn), period_of(turn, question)
    if period is not None and period.kind == "year":
        _say_year(turn, who, period)
        return Shown()
    return _say_payments(turn, who, None if period is None else period.span, 0)


def show_bill_details(turn: Turn, question: str) -> Shown:
    """The parts of the balance, or the newest bill beside the one of a year ago."""
    who, period = payer(turn), period_of(turn, question)
    if period is not None and period.is_compared:
        _say_bills_compared(turn, who)
        return Shown()
    parts = turn.services.billing.breakdown(who)
    listed = account_phrases.parts_of(parts, turn.services.clock.today(), turn.language, turn.channel)
    credit = "_with_credit" if parts.balance_cents < 0 else ""
    if listed:
        turn.say(f"made_of{credit}", balance_cents=abs(parts.balance_cents), parts=listed)
    else:
        turn.say("owes_nothing")
    return Shown()


class ShowMore(Aside):
    """Goes on with the list that was told last."""

    action_name = "action_show_more"

    def act(self, turn: Turn) -> list[Event]:
        paging = turn.slot("paging")
        shown = Shown("menu")
        if isinstance(paging, dict) and paging["what"] == PLACES:
            shown = say_places(turn, paging["skip"])
        elif isinstance(paging, dict):
            shown = _say_payments(turn, _verified(turn), _span(paging), paging["skip"])
        if not turn.active_form:
            turn.say(shown.closing)
        return shown.events

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        if not turn.active_form:
            turn.say("what_next")
        return []


def _verified(turn: Turn) -> Verification:
    who = payer(turn)
    if who.level != "verified":
        raise NotVerified(needed="verified")
    return who


def _span(paging: dict[str, Any]) -> Span | None:
    if paging["first"] is None:
        return None
    return Span(date.fromisoformat(paging["first"]), date.fromisoformat(paging["last"]))


def _say_payments(turn: Turn, who: Verification, span: Span | None, skip: int) -> Shown:
    size = _PAGE_IN_FORM if turn.active_form else _PAGE[turn.channel]
    today = turn.services.clock.today()
    page = turn.services.billing.history.payments(who, span, skip=skip, size=size)
    listed = account_phrases.payment_list(page.payments, today, turn.language, turn.channel)
    month = "" if span is None else account_phrases.month_name(span, today, turn.language)
    if not page.payments:
        turn.say("no_payment_in" if span else "no_payment_yet", month=month)
    elif skip:
        turn.say("payments_more", payments=listed)
    elif span is not None:
        total = turn.services.billing.history.paid_in(who, span)
        turn.say("payments_in", month=month, total_cents=total.amount_cents, payments=listed)
    else:
        turn.say("payments_last", payments=listed)
    if not page.has_more:
        return Shown("what_next", slots(paging=None))
    paging = {
        "what": PAYMENTS,
        "skip": skip + size,
        "first": span.first.isoformat() if span else None,
        "last": span.last.isoformat() if span else None,
    }
    return Shown("more_or_menu", slots(paging=paging))


def _say_year(turn: Turn, who: Verification, period: Period) -> None:
    history, today = turn.services.billing.history, turn.services.clock.today()
    total = history.paid_in(who, period.span)
    year = account_phrases.year_name(period.span, today, turn.language)
    before = history.paid_in(who, period.year_before) if period.is_compared else Total(0, 0)
    turn.say(
        "year_total_compared" if before.count else "year_total" if total.count else "no_payment_in_year",
        year=year,
        total_cents=total.amount_cents,
        count=str(total.count),
        before_year=str(period.year_before.first.year),
        before_cents=before.amount_cents,
    )


def _say_bills_compared(turn: Turn, who: Verification) -> None:
    history, today = turn.services.billing.history, turn.services.clock.today()
    newest = history.bills(who, Span(date.min, today), size=1)
    if not newest:
        turn.say("owes_nothing")
        return
    bill = newest[0]
    around = date(bill.issued_on.year - 1, bill.issued_on.month, min(bill.issued_on.day, 28))
    span = Span(date.fromordinal(around.toordinal() - 15), date.fromordinal(around.toordinal() + 15))
    then = history.bills(who, span, size=1)
    turn.say(
        "bill_compared" if then else "bill_not_compared",
        bill_cents=bill.amount_cents,
        issued_on=bill.issued_on,
        then_cents=then[0].amount_cents if then else 0,
        then_on=then[0].issued_on if then else None,
    )
