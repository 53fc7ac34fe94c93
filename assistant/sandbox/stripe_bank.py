"""The bank behind the stand-in: what a card says to a charge, and what is written down about it."""

from __future__ import annotations

from assistant.sandbox import stripe_objects as objects
from assistant.sandbox.stripe_books import Books, Object
from assistant.sandbox.stripe_cards import Manner, card_problem
from assistant.sandbox.stripe_debits import begin_debit
from assistant.sandbox.stripe_disputes import open_dispute
from assistant.sandbox.stripe_methods import keep, manner_of

_NEEDS_BANK = "Your card was declined. This transaction requires authentication."
_ACTION_NOT_HANDLED = (
    "This payment required an authentication action to complete, but `error_on_requires_action` was set. "
    "When you're ready, you can upgrade your integration to handle actions at "
    "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions."
)
_APPROVED: Object = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 12,
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def ask_bank(
    books: Books,
    intent: Object,
    method: Object,
    *,
    is_off_session: bool,
    is_moto: bool,
    fails_on_action: bool,
) -> Object:
    """Try the charge. Returns the intent; raises the decline as a Problem that keeps its traces."""
    manner = manner_of(books, method)
    if manner.takes_days:
        return begin_debit(books, intent, method)
    if manner.code:
        raise _decline(books, intent, method, manner)
    if _needs_authentication(books, method, manner, is_off_session=is_off_session, is_moto=is_moto):
        if is_off_session:
            refused = Manner("authentication_required", "authentication_required", _NEEDS_BANK)
            raise _decline(books, intent, method, refused)
        if fails_on_action:
            refused = Manner("authentication_required", "authentication_not_handled", _ACTION_NOT_HANDLED)
            raise _decline(books, intent, method, refused, is_bank_asked=False)
        intent.update(status="requires_action", next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {}})
        books.put(intent)
        books.emit("payment_intent.requires_action", intent)
        return intent
    return _approve(books, intent, method, manner)


def _needs_authentication(
    books: Books, method: Object, manner: Manner, *, is_off_session: bool, is_moto: bool
) -> bool:
    if is_moto or manner.authentication == "never":
        return False
    is_set_up = bool(books.hidden(method["id"]).get("is_set_up"))
    return manner.authentication == "always" or not (is_off_session and is_set_up)


def _approve(books: Books, intent: Object, method: Object, manner: Manner) -> Object:
    charge = objects.charge(books.now, intent, method, outcome=dict(_APPROVED), is_paid=True)
    books.put(charge)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
    )
    books.put(intent)
    is_kept = intent["setup_future_usage"] is not None
    books.put(method, is_used=not is_kept)
    if is_kept and intent["customer"] is not None:
        keep(books, method, intent["customer"])
    books.emit("charge.succeeded", charge)
    books.emit("payment_intent.succeeded", intent)
    if manner.dispute_reason:
        open_dispute(books, charge, manner.dispute_reason)
    return intent


def _decline(
    books: Books, intent: Object, method: Object, manner: Manner, *, is_bank_asked: bool = True
) -> Exception:
    """Write the refused attempt down and return its error. A method that was tried is used up."""
    charge_id = None
    if is_bank_asked:
        charge = objects.charge(books.now, intent, method, outcome=_refusal(manner), is_paid=False)
        charge.update(failure_code=manner.code, failure_message=manner.message)
        charge_id = books.put(charge)["id"]
        books.emit("charge.failed", charge)
    if method["customer"] is None:
        books.put(method, is_used=True)
    problem = card_problem(manner, keeps_changes=True, charge=charge_id, payment_method=method)
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge_id,
        last_payment_error=dict(problem.body["error"]),
    )
    books.put(intent)
    books.emit("payment_intent.payment_failed", intent)
    problem.body["error"]["payment_intent"] = intent
    return problem


def _refusal(manner: Manner) -> Object:
    is_blocked = manner.is_blocked
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None if is_blocked else "01",
        "network_status": "not_sent_to_network" if is_blocked else "declined_by_network",
        "reason": "highest_risk_level" if is_blocked else manner.decline_code or manner.code,
        "risk_level": "highest" if is_blocked else "normal",
        "risk_score": 92 if is_blocked else 12,
        "seller_message": "Stripe blocked this payment as too risky."
        if is_blocked
        else "The bank did not return any further details with this decline.",
        "type": "blocked" if is_blocked else "issuer_declined",
    }
