"""Answers "was my payment received?", also for anyone who has the confirmation number."""

from __future__ import annotations

from actions.turn import Turn
from assistant.billing.views import LedgerLine
from assistant.payments.views import PaymentStatus

# How each state of a payment is told; a state that is not here is still under way.
_WORDS = {
    "succeeded": "payment_received",
    "partially_refunded": "payment_received",
    "refunded": "payment_given_back",
    "held": "payment_in_review",
    "pending": "payment_at_bank",
    "declined": "payment_was_declined",
    "canceled": "payment_not_made",
    "refused": "payment_not_made",
    "not_charged": "payment_not_made",
}


def tell_by_confirmation(turn: Turn, number: str) -> None:
    """Yes or no and the date: all that a number alone may tell. Raises IdentityRefused in a pause."""
    status = turn.services.payments.status_by_confirmation(
        number, session_id=turn.session_id, phone=turn.phone
    )
    if status is None:
        turn.say("confirmation_not_found")
    elif status.is_posted and status.posted_on is not None:
        turn.say("confirmation_posted", confirmation_number=number, posted_on=status.posted_on)
    else:
        turn.say("confirmation_not_posted", confirmation_number=number)


def tell_last(turn: Turn, account_id: int) -> None:
    """The newest payment on the account, made through us or elsewhere."""
    ours = turn.services.payments.last_status(account_id)
    posted = turn.services.billing.last_payment(account_id)
    if ours is not None and not _is_newer(posted, ours):
        turn.say(
            _WORDS.get(ours.state, "payment_under_way"),
            paid_cents=ours.amount_cents,
            paid_at=ours.at,
            confirmation_number=ours.confirmation_number,
        )
    elif posted is not None:
        turn.say("payment_posted", paid_cents=-posted.amount_cents, posted_on=posted.effective_on)
    else:
        turn.say("no_payment_yet")


def _is_newer(posted: LedgerLine | None, ours: PaymentStatus) -> bool:
    return posted is not None and posted.payment_id != ours.payment_id and posted.posted_at > ours.at
