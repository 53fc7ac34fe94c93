"""What the gateway's contract tests share: a customer with a saved card, and a charge request."""

from __future__ import annotations

from typing import Any

from assistant.payments.gateway import ChargeRequest, PaymentGateway, RefundOutcome, RefundRequest

ACCOUNT_ID = 7
CENTS = 8420


def customer_of(gateway: PaymentGateway) -> str:
    return gateway.create_customer(account_id=ACCOUNT_ID, idempotency_key=f"customer-{ACCOUNT_ID}")


def saved_card(gateway: PaymentGateway, customer_id: str, test_card: str = "pm_card_visa") -> str:
    return gateway.attach_method(test_card, customer_id=customer_id)


def charge_request(customer_id: str, method_id: str, number: int = 1, **changes: Any) -> ChargeRequest:
    given = {
        "payment_id": f"pay_{number}",
        "idempotency_key": f"porchlight-pay_{number}",
        "customer_id": customer_id,
        "method_id": method_id,
        "amount_cents": CENTS,
        "description": "Electric bill payment 12345678",
    }
    return ChargeRequest(**{**given, **changes})


def give_back(gateway: PaymentGateway, processor_id: str, cents: int, key: str = "refund-1") -> RefundOutcome:
    return gateway.refund(RefundRequest("ref_1", "pay_1", key, processor_id, cents))
