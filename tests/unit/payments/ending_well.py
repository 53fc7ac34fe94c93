"""What must be true of one payment when everything is quiet again (DESIGN 7), whatever died on the way."""

from __future__ import annotations

from itertools import pairwise

from sqlalchemy import func, select

from assistant.billing.models import LedgerEntry
from assistant.payments.gateway import ChargeOutcome
from assistant.payments.models import Payment
from tests.unit.payments.one_payment import CENTS, OnePayment

_OPEN = {"created", "held", "submitted", "unknown"}
_CHARGED = {"succeeded", "partially_refunded", "refunded"}


def require_good_end(one: OnePayment) -> None:
    """Raises AssertionError with the first promise that is broken."""
    payments = _payments(one)
    charges = [charge for charge in one.charges() if charge.state == "succeeded"]
    assert len(payments) <= 1, "one yes made two payments"
    assert len(charges) <= 1, "charged twice"
    require_money_posted(one, charges)
    if not payments:
        assert not one.charges(), "charged without a record"
        assert not one.texts(), "told of a payment that nobody made"
        return
    _require_same_as_processor(payments[0], charges)
    require_final_states_stay(one.states)
    _require_told(one, payments[0])


def require_money_posted(one: OnePayment, charges: list[ChargeOutcome]) -> None:
    kept_cents = sum(charge.amount_cents - charge.refunded_cents for charge in charges)
    balance_cents = one.desk.billing.summary(one.account_id).balance_cents
    assert balance_cents == CENTS - kept_cents, "what was charged is not what was posted"
    payments_only = LedgerEntry.payment_id.is_not(None) & (LedgerEntry.account_id == one.account_id)
    with one.desk.db.read() as tx:
        total = tx.scalar(select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(payments_only))
    assert int(total or 0) == 0, "the ledger's books differ"


def _require_same_as_processor(payment: Payment, charges: list[ChargeOutcome]) -> None:
    assert payment.state not in _OPEN, "the payment was never finished"
    if payment.state not in _CHARGED:
        assert all(charge.refunded_cents == charge.amount_cents for charge in charges), "charged, not posted"
        return
    assert charges, "posted, not charged"
    ours = (payment.processor_id, payment.amount_cents + payment.fee_cents, payment.refunded_cents)
    [charge] = charges
    assert ours == (charge.processor_id, charge.amount_cents, charge.refunded_cents), "the records differ"


def require_final_states_stay(states: list[str]) -> None:
    for before, after in pairwise(states):
        is_refund = before in _CHARGED and after in _CHARGED
        assert before in _OPEN or is_refund, f"a final state changed: {before} became {after}"


def _require_told(one: OnePayment, payment: Payment) -> None:
    final = "receipt" if payment.state in _CHARGED else payment.state
    words = {
        "receipt": f"Confirmation {payment.confirmation_number}",
        "declined": "did not go through",
        "not_charged": "was not charged",
        "refused": "Nothing was charged",
    }[final]
    waiting = [body for body in one.texts() if "we still do not know" in body]
    texts = [body for body in one.texts() if words in body]
    returned = [body for body in one.texts() if "was given back" in body]
    told = one.replies.count(final)
    assert len(waiting) + len(texts) + len(returned) == len(one.texts()), "a text told something else"
    assert one.texts()[: len(waiting)] == waiting, "told that we do not know after we did"
    assert len(waiting) <= 1, "told twice that we do not know"
    assert not {"receipt", "declined"} - {final} & set(one.replies), "a reply told something else"
    assert texts or told, "the member was never told"
    assert len(texts) <= 1 >= told, "told twice"
    assert len(returned) == (1 if payment.refunded_cents else 0), "the refund was not told once"
    # Nobody can know that a reply arrived when the process died before noting that it left.
    died_since = any(death > one.told_at for death in one.boundaries.deaths)
    if told and one.channel == "sms" and not died_since:
        assert not texts, "told in the reply and once more by text"


def _payments(one: OnePayment) -> list[Payment]:
    with one.desk.db.read() as tx:
        return list(tx.scalars(select(Payment).where(Payment.account_id == one.account_id)))
