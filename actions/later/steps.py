"""Where later_form begins, and the draft that it reads back."""

from __future__ import annotations

from datetime import date
from typing import Any

from actions.base import slots
from actions.later.days import day_in
from actions.later.wishes import AMOUNT, CHANGE, DAY, GO_ON, METHOD, SET
from actions.payments.amounts import FULL, PAST_DUE, cents_of
from actions.payments.steps import payer, summary_of
from actions.turn import Event, Turn
from assistant.billing.views import AccountSummary
from assistant.errors import NotVerified, PaymentRefused
from assistant.payments.scheduled import ScheduledView
from assistant.payments.views import DraftView

# The slot `later_which` of a payment that is not set yet, and any slot of what is not asked.
NEW, NOT_NEEDED = "new", "not_needed"
# What a question is about when it is not its first wording.
TAKING_BACK, WHAT_TO_CHANGE, ONE_MORE, OTHER_AMOUNT = (
    "taking_back",
    "what_to_change",
    "one_more",
    "other_amount",
)
_SLOT_OF_CHANGE = {AMOUNT: "later_amount", DAY: "later_on", METHOD: "later_method"}


def begin_later(turn: Turn, told: dict[str, Any]) -> list[Event]:
    """Slots for a fresh later_form."""
    if told["later_aim"] == GO_ON:
        begun = turn.services.payments.current_draft(turn.session_id)
        if begun is not None and begun.pay_on is not None:
            return _go_on_with(begun)
        told = told | {"later_aim": SET}
    fresh = slots(asking=None, accepts_duplicate=False, later_consent=None, later_aim=told["later_aim"])
    if told["later_aim"] in (None, SET):
        summary = summary_of(turn)
        day = day_in(turn, told["later_said"] or "", summary.due_on)
        if summary.amount_due_cents <= 0 and not told["later_said"] and upcoming(turn):
            # Nothing is left to be set for a day, but what was set can be seen and taken back.
            return [*fresh, *look_at_what_is_set(turn)]
        usual = turn.services.payments.default_method(summary.account_id)
        amount = told["later_amount"]
        is_known = type(amount) is int or amount in (FULL, PAST_DUE)
        return [
            *fresh,
            *slots(later_which=NEW, later_wish=SET, later_amount=amount if is_known else FULL),
            *slots(later_on=day.isoformat() if day else None, later_method=usual.id if usual else None),
        ]
    return [*fresh, *look_at_what_is_set(turn)]


def look_at_what_is_set(turn: Turn) -> list[Event]:
    """Slots that make the form ask which payment it is about, and what to do with it."""
    coming = upcoming(turn)
    return [
        *slots(later_which=coming[0].id if len(coming) == 1 else None),
        *slots(later_wish=None, later_amount=None, later_on=None, later_method=None),
    ]


def _go_on_with(begun: DraftView) -> list[Event]:
    return slots(
        asking=None,
        accepts_duplicate=False,
        later_aim=CHANGE if begun.scheduled_id else SET,
        later_which=begun.scheduled_id or NEW,
        later_wish=CHANGE if begun.scheduled_id else SET,
        later_amount=begun.amount_cents,
        later_on=begun.pay_on.isoformat() if begun.pay_on else None,
        later_method=begun.method.id if begun.method else None,
        later_consent=None,
    )


def upcoming(turn: Turn) -> list[ScheduledView]:
    """What is set for the member's account, the earliest first."""
    return turn.services.payments.scheduled.upcoming(payer(turn))


def chosen(turn: Turn) -> ScheduledView:
    """The payment that is to be changed or taken back. Raises schedule_not_found."""
    found = next((each for each in upcoming(turn) if each.id == turn.slot("later_which")), None)
    if found is None:
        raise PaymentRefused("schedule_not_found")
    return found


def begin_change(turn: Turn, what: str) -> list[Event]:
    """Everything stays but the part that is to be changed, which is asked."""
    old = chosen(turn)
    keeps = slots(
        later_wish=CHANGE,
        later_amount=old.amount_cents,
        later_on=old.pay_on.isoformat(),
        later_method=old.method.id,
        later_consent=None,
    )
    asking = OTHER_AMOUNT if what == AMOUNT else None
    return [*keeps, *slots(**{_SLOT_OF_CHANGE[what]: None}, asking=asking)]


def require_possible(turn: Turn, summary: AccountSummary) -> None:
    """Raise the reason why nothing can be set for a later day on this account, before any question."""
    if payer(turn).level != "verified":
        raise NotVerified(needed="verified")
    if summary.is_cash_only:
        raise PaymentRefused("cards_not_accepted")
    if summary.balance_cents <= 0:
        raise PaymentRefused("nothing_due")
    if summary.past_due_cents > 0:
        raise PaymentRefused("schedule_past_due", past_due_cents=summary.past_due_cents)
    if turn.services.payments.default_method(summary.account_id) is None:
        raise PaymentRefused("no_saved_method")


def has_time(summary: AccountSummary, today: date) -> bool:
    """Whether a day is left between today and the due date."""
    return summary.due_on is not None and summary.due_on > today


def later_draft(turn: Turn, summary: AccountSummary) -> DraftView:
    """The draft for the form's amount, day and method: the open one if it fits, else a new one."""
    payments = turn.services.payments
    amount_cents = cents_of(turn.slot("later_amount"), summary)
    pay_on, method_id = date.fromisoformat(turn.slot("later_on")), turn.slot("later_method")
    changes = turn.slot("later_which") if turn.slot("later_which") != NEW else None
    draft = payments.current_draft(turn.session_id)
    if draft is not None and (
        (draft.account_id, draft.amount_cents, draft.pay_on, draft.scheduled_id)
        == (summary.account_id, amount_cents, pay_on, changes)
        and draft.method is not None
        and draft.method.id == method_id
    ):
        return draft
    accepts = bool(turn.slot("accepts_duplicate"))
    if changes is not None:
        return payments.scheduled.redraft(
            session_id=turn.session_id,
            scheduled_id=changes,
            amount_cents=amount_cents,
            pay_on=pay_on,
            method_id=method_id,
            accept_duplicate=accepts,
        )
    return payments.draft(
        session_id=turn.session_id,
        account_id=summary.account_id,
        amount_cents=amount_cents,
        method_id=method_id,
        accept_duplicate=accepts,
        pay_on=pay_on,
    )
