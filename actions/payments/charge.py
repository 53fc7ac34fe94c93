"""Charges what was read back and agreed to, and tells how it went."""

from __future__ import annotations

from actions.base import PorchlightAction, slots
from actions.forms import READ_BACK_AGAIN
from actions.payments.guest import as_told
from actions.payments.next_account import buttons_for, next_account
from actions.payments.steps import payer, which_account
from actions.payments.whose import is_guest
from actions.turn import Event, Turn
from assistant.dialogue import phrasing
from assistant.errors import DraftRefused, NotVerified, Refusal


class Charge(PorchlightAction):
    """`step` becomes `settled` (receipt), `pay` (read back again), or `asked` or `done`.

    `asked`: the words ask what next, behind a refusal or with another account; `done`: they do not.
    """

    action_name = "action_charge"

    def act(self, turn: Turn) -> list[Event]:
        receipt = turn.services.payments.confirm(
            session_id=turn.session_id,
            turn_id=turn.id,
            language=turn.language,
            channel=turn.channel,
            phone=turn.phone,
        )
        paid_id = payer(turn).account_id
        if is_guest(turn):
            turn.say(
                "receipt_guest",
                total_cents=receipt.total_cents,
                method=receipt.method,
                confirmation_number=receipt.confirmation_number,
            )
            turn.services.identity.forget(turn.session_id)
            return slots(step="settled", goal=None, amount=None, account=None)
        following = next_account(turn, paid_id)
        if following is not None:
            turn.say(
                "receipt_and_next",
                buttons_for(turn, following),
                price=phrasing.amount(receipt.total_cents, turn.language, turn.channel)
                + which_account(turn, paid_id),
                method=receipt.method,
                confirmation_number=receipt.confirmation_number,
                due_cents=turn.services.billing.summary(following.account_id).amount_due_cents,
            )
            return slots(step="asked", goal=None, amount=None, account=None)
        turn.say(
            "receipt_with_credit" if receipt.balance_cents < 0 else "receipt",
            total_cents=receipt.total_cents,
            method=receipt.method,
            confirmation_number=receipt.confirmation_number,
            balance_cents=max(receipt.balance_cents, 0),
            credit_cents=max(-receipt.balance_cents, 0),
        )
        return [*slots(step="settled", goal=None, amount=None), *open_choice_of_account(turn)]

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(as_told(turn, refusal))
        if isinstance(refusal, DraftRefused | NotVerified):
            has_more_to_say = turn.slot("amount") is not None and turn.slot("method") is not None
            can_ask_again = refusal.code in READ_BACK_AGAIN and has_more_to_say
            return slots(step="pay" if can_ask_again else "done", asking=None, consent=None)
        if refusal.code in ("payment_held", "payment_pending"):
            return slots(step="asked", goal=None, amount=None)
        return slots(step="asked")


def open_choice_of_account(turn: Turn) -> list[Event]:
    """After a payment a phone with several accounts is asked again which one is meant."""
    accounts = turn.services.identity.accounts_of_phone(turn.phone)
    return slots(account=None) if turn.channel == "sms" and len(accounts) > 1 else []
