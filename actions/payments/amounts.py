"""Which amount is meant: a number our own grammar read, all of it, or the part past due."""

from __future__ import annotations

from actions.payments.whose import is_guest
from actions.turn import Turn
from assistant.billing.views import AccountSummary

FULL, PAST_DUE, LEAST, HALF = "full", "past_due", "minimum", "half"
# What is being paid: a kind, or cents.
Amount = str | int
# Only these say how much to pay; an amount in "did you get my 50 dollars?" is not an order. What was not
# understood but names one clean amount is taken while paying, because it is read back before any yes.
_TELLS_AMOUNT = frozenset(
    {"pay_bill", "inform_amount", "deny", "affirm", "switch_method", "nlu_fallback", "out_of_scope"}
)
# These go on with what was being paid before.
_GOES_ON = frozenset({"switch_method", "card_keyed", "account_access"})


def amount_in(turn: Turn) -> Amount | None:
    """The amount that this input asks to pay, or None."""
    if turn.intent not in _TELLS_AMOUNT:
        return None
    if names_least(turn):
        return least(turn)
    cents = turn.entity("amount_cents") or turn.facts.get("amount_cents")
    # bool is an int too; a slot or a fact of another type is never money.
    if type(cents) is int:
        return cents
    kind = turn.entity("option") or turn.entity("amount_kind") or turn.facts.get("amount_kind")
    return kind if kind in (FULL, PAST_DUE, HALF) else None


def names_least(turn: Turn) -> bool:
    """Whether the least is to be paid, whatever that is."""
    return LEAST in (turn.entity("option"), turn.entity("amount_kind"))


def least(turn: Turn) -> int | None:
    """The next part of an arrangement, or the least that a notice asks for; nothing that a guest is told."""
    if is_guest(turn):
        return None
    who = turn.services.identity.current(turn.session_id)
    return None if who is None else turn.services.billing.standing(who.account_id).least_cents or None


def amount_at_start(turn: Turn) -> Amount | None:
    """The amount to begin with: the one said now, or the one that was being paid."""
    return amount_in(turn) or (turn.slot("amount") if turn.intent in _GOES_ON else None)


def usual_amount(summary: AccountSummary) -> Amount | None:
    """All of it; None (to be asked) when only a part is past due, or when nothing is owed."""
    if summary.amount_due_cents == 0 or 0 < summary.past_due_cents < summary.amount_due_cents:
        return None
    return FULL


def cents_of(amount: Amount, summary: AccountSummary) -> int:
    """The amount in cents as the account stands now."""
    if amount == FULL:
        return summary.amount_due_cents
    if amount == HALF:
        # The odd cent is paid: two halves are never less than the bill.
        return (summary.amount_due_cents + 1) // 2
    if amount == PAST_DUE:
        return summary.past_due_cents or summary.amount_due_cents
    return int(amount)
