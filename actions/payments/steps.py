"""Where pay_form begins, and the draft that it reads back."""

from __future__ import annotations

from typing import Any

from actions.base import slots
from actions.payments.amounts import FULL, LEAST, amount_at_start, cents_of, least, names_least, usual_amount
from actions.turn import Event, Turn
from assistant.billing.views import AccountSummary
from assistant.dialogue import phrasing
from assistant.errors import NotVerified
from assistant.identity.verification import Verification
from assistant.payments.views import DraftView, LeftOpen, MethodView

NEW_CARD = "new_card"
NOT_NEEDED = "not_needed"
# What a question of the form is about when it is not its first wording.
OTHER_AMOUNT, WHAT_TO_CHANGE, DUPLICATE = "other_amount", "what_to_change", "duplicate"
# The choice of a call that we made: go on with what the text began.
GO_ON = "go_on"


def payer(turn: Turn) -> Verification:
    """Who is paying. Raises NotVerified when the proof has run out."""
    verification = turn.services.identity.current(turn.session_id)
    if verification is None:
        raise NotVerified(needed="recognized")
    return verification


def summary_of(turn: Turn) -> AccountSummary:
    return turn.services.billing.summary(payer(turn).account_id)


def when_due(turn: Turn, summary: AccountSummary) -> str:
    """`, due Dec 3`, to follow an amount; empty when no bill is open."""
    if summary.due_on is None:
        return ""
    return phrasing.when_due(summary.due_on, turn.services.clock.today(), turn.language, turn.channel)


def which_account(turn: Turn, account_id: int) -> str:
    """` for the account ending 0012`, to follow an amount; empty when the phone has only one account."""
    accounts = turn.services.identity.accounts_of_phone(turn.phone)
    found = next((each for each in accounts if each.account_id == account_id), None)
    if found is None or len(accounts) == 1:
        return ""
    return phrasing.for_account(found.nickname, found.last_four, turn.language, turn.channel)


def told_of_payment(turn: Turn) -> dict[str, Any]:
    """The amount that the first words name."""
    return {"amount": LEAST if names_least(turn) else amount_at_start(turn)}


def begin_paying(turn: Turn, told: dict[str, Any]) -> list[Event]:
    """Slots for a fresh pay_form; an open draft with a keyed card is gone on with."""
    amount = least(turn) if told["amount"] == LEAST else told["amount"]
    draft = turn.services.payments.current_draft(turn.session_id)
    goes_on = turn.intent == "card_keyed" or turn.entity("option") == GO_ON
    if goes_on and draft is not None and draft.pay_on is None:
        return [*slots(amount=draft.amount_cents), *with_method_of(turn, draft)]
    asks_other = turn.entity("option") == OTHER_AMOUNT
    if amount is None and not asks_other and turn.intent != "switch_method":
        left = left_open(turn)
        if left is not None:
            return _go_on_with(turn, left)
    if amount is None and not asks_other:
        amount = usual_amount(summary_of(turn))
    return [
        *slots(amount=None if asks_other else amount, asking=OTHER_AMOUNT if asks_other else None),
        *slots(accepts_duplicate=turn.entity("option") == DUPLICATE),
        *with_method(_first_method(turn)),
    ]


def left_open(turn: Turn) -> LeftOpen | None:
    """What a dropped call or an unfinished text was about to pay: told to a verified member, or to the phone
    that began it."""
    who = payer(turn)
    left = turn.services.payments.left_open(who.account_id, turn.session_id)
    if left is None or who.level == "verified":
        return left
    is_own = turn.channel == "sms" and turn.services.conversation_control.is_same_phone(
        left.session_id, turn.session_id
    )
    return left if is_own else None


def _go_on_with(turn: Turn, left: LeftOpen) -> list[Event]:
    """ "You were paying $60.00.", and then the question that comes next for that amount and method."""
    due_cents = summary_of(turn).amount_due_cents
    # From here on it is this session's; left again, this session's draft is what is offered.
    turn.services.payments.put_off(left.session_id)
    if turn.intent != "secret_checked" or turn.entity("secret") != "new_pin":
        # Behind "Your new PIN is set" a third reply would be one too many.
        turn.say("you_were_paying", due_cents=due_cents, paying_cents=left.amount_cents)
    is_saved = left.method is not None and left.method.is_saved and not left.method.is_expired
    return [
        *slots(amount=FULL if left.amount_cents == due_cents else left.amount_cents, asking=None),
        *slots(accepts_duplicate=False),
        *with_method(left.method.id if left.method is not None and is_saved else _first_method(turn)),
    ]


def with_method(method: str | None) -> list[Event]:
    """Slots for a chosen method; only a new card is keyed, and asked about keeping."""
    needs_card = method is None or method == NEW_CARD
    rest = None if needs_card else NOT_NEEDED
    return slots(method=method, card=rest, keep_card=rest, consent=None)


def may_keep_card(turn: Turn) -> bool:
    """Only a verified member puts a card on an account."""
    return payer(turn).level == "verified"


def _first_method(turn: Turn) -> str | None:
    """The method to offer first; None asks which."""
    if turn.intent == "switch_method":
        method = turn.entity("method_id")
        return method if isinstance(method, str) else None
    who = payer(turn)
    usual = turn.services.payments.method_to_offer(who.account_id)
    # A helper is not asked for a PIN that only the member has: a new card needs none.
    may_use_saved = who.level == "verified" or (turn.channel == "sms" and who.role == "member")
    named = named_method(turn)
    if named is not None and may_use_saved:
        return named.id
    if usual is None and may_use_saved and turn.services.payments.default_method(who.account_id) is not None:
        # The bank has just said no to all that is on file: the member says with what.
        return None
    return usual.id if usual is not None and may_use_saved else NEW_CARD


def named_method(turn: Turn) -> MethodView | None:
    """`pay 50 with my visa`: the one saved card of that brand. Before the PIN only the usual one counts."""
    brand = turn.facts.get("card_brand")
    if brand is None:
        return None
    fitting = [method for method in _offered(turn) if method.brand == brand]
    return fitting[0] if len(fitting) == 1 else None


def other_method(turn: Turn) -> MethodView | None:
    """ "The other card", when there is just one other."""
    others = [method for method in _offered(turn) if method.id != turn.slot("method")]
    return others[0] if len(others) == 1 and payer(turn).level == "verified" else None


def pays_with_usual(turn: Turn) -> bool:
    """Whether the method that is read back is the one on file that comes first."""
    usual = turn.services.payments.default_method(payer(turn).account_id)
    return usual is not None and usual.id == turn.slot("method")


def methods_to_choose(turn: Turn) -> list[MethodView]:
    """The saved methods beside the one that was read back; if that is the only one, it may be taken again."""
    draft = turn.services.payments.current_draft(turn.session_id)
    now = draft.method.id if draft is not None and draft.method is not None else None
    saved = _offered(turn)
    return [method for method in saved if method.id != now] or saved


def _offered(turn: Turn) -> list[MethodView]:
    who = payer(turn)
    if who.level == "verified":
        return [method for method in turn.services.payments.methods(who) if not method.is_expired]
    usual = turn.services.payments.default_method(who.account_id)
    return [] if usual is None else [usual]


def with_method_of(turn: Turn, draft: DraftView) -> list[Event]:
    """Slots for the method of a draft, whose card may have been keyed already."""
    if draft.method is None:
        return with_method(NEW_CARD)
    if draft.method.is_saved:
        return with_method(draft.method.id)
    keep = None if may_keep_card(turn) else NOT_NEEDED
    return slots(method=draft.method.id, card="keyed", keep_card=keep, consent=None)


def draft_now(turn: Turn) -> DraftView:
    """The draft for the form's amount and method: the open one if it fits, else a new one.

    Raises PaymentRefused and NotVerified.
    """
    payments, summary = turn.services.payments, summary_of(turn)
    amount_cents = cents_of(turn.slot("amount"), summary)
    method_id = None if turn.slot("method") == NEW_CARD else turn.slot("method")
    draft = payments.current_draft(turn.session_id)
    if draft is not None and (
        draft.pay_on is None
        and draft.account_id == summary.account_id
        and draft.amount_cents == amount_cents
        and (draft.method.id if draft.method else None) == method_id
    ):
        return draft
    return payments.draft(
        session_id=turn.session_id,
        account_id=summary.account_id,
        amount_cents=amount_cents,
        method_id=method_id,
        accept_duplicate=bool(turn.slot("accepts_duplicate")),
    )
