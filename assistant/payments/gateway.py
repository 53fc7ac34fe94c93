"""The port to the payment processor. `adapters/stripe_gateway.py` fills it; contract tests judge both sides.

Every method may raise `ProcessorUnreachable`: the outcome is then not known and must not be guessed.
No method is called with a database transaction open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

OutcomeState = Literal["succeeded", "declined", "processing", "canceled"]
RefundState = Literal["pending", "succeeded", "failed"]
# inquiry: the bank only asks · open: we may answer · won, lost: the bank decided · closed: came to nothing
DisputeState = Literal["inquiry", "open", "won", "lost", "closed"]


@dataclass(frozen=True)
class ChargeRequest:
    """One charge. `amount_cents` includes the fee. The same key must always carry the same request."""

    payment_id: str
    idempotency_key: str
    customer_id: str
    method_id: str  # the processor's `pm_…`
    amount_cents: int
    description: str
    is_member_present: bool = True
    # True for a card keyed for this payment only: attach it for future use.
    save_method: bool = False


@dataclass(frozen=True)
class ChargeOutcome:
    """What the processor says about a charge. `decline_code` is its own word, e.g. `insufficient_funds`."""

    state: OutcomeState
    processor_id: str
    amount_cents: int
    decline_code: str = ""
    refunded_cents: int = 0
    created_at: datetime | None = None
    # The payer's bank asks the money back, or asked it once: `read_returns` tells more.
    is_disputed: bool = False
    # Our payment, from the metadata; empty for a charge that is not ours.
    payment_id: str = ""


@dataclass(frozen=True)
class RefundRequest:
    """Money to be given back for one charge. The same key must always carry the same request."""

    refund_id: str
    payment_id: str
    idempotency_key: str
    processor_id: str  # the charge's `pi_…`
    amount_cents: int


@dataclass(frozen=True)
class RefundOutcome:
    """One refund as the processor has it. `failed`: the bank did not take it, or it was called off."""

    processor_id: str
    state: RefundState
    amount_cents: int
    # Ours, from the metadata; empty for a refund that was made elsewhere.
    refund_id: str = ""
    failure_code: str = ""


@dataclass(frozen=True)
class DisputeOutcome:
    """One time that the payer's bank asks the money back. Amounts in cents.

    `move_count` counts how often money moved because of it, out and in; it only grows. `withdrawn_cents` is
    what is away now. `is_bank_return`: the bank could not collect, nobody complains (an ACH return).
    """

    processor_id: str
    state: DisputeState
    amount_cents: int
    reason: str
    move_count: int
    withdrawn_cents: int
    is_bank_return: bool = False
    respond_by_at: datetime | None = None


@dataclass(frozen=True)
class Returned:
    """All that was given back, or asked back, of one charge."""

    refunds: tuple[RefundOutcome, ...] = ()
    disputes: tuple[DisputeOutcome, ...] = ()


@dataclass(frozen=True)
class MethodDetails:
    """A tokenized method as the processor knows it."""

    processor_id: str
    kind: Literal["card", "bank_account"]
    brand: str
    last_four: str
    expires_month: int | None
    expires_year: int | None
    # The processor's name for the card itself, the same under every token; empty when it has none.
    fingerprint: str = ""


@dataclass(frozen=True)
class ProcessorNotice:
    """A verified webhook event, reduced to what we act on; the object is read again before acting."""

    event_id: str
    kind: str
    object_id: str
    # From the object's metadata; empty for objects that are not ours.
    payment_id: str
    # The payment intent the event is about, also when the object is a charge, refund or dispute.
    intent_id: str


class ForgedNotice(Exception):
    """The webhook's signature is missing, malformed, too old or wrong: answer 400, store nothing."""


class PaymentGateway(Protocol):
    def create_customer(self, *, account_id: int, idempotency_key: str) -> str:
        """Make the processor's customer of an account and return its id. Holds no name or address."""
        ...

    def read_method(self, method_id: str) -> MethodDetails:
        """Read a token's brand, last four and expiry."""
        ...

    def attach_method(self, method_id: str, *, customer_id: str) -> str:
        """Keep a method on the customer for later payments. Raises PaymentDeclined when the bank says no.

        Returns the id it is kept under: Stripe gives a shared test method (`pm_card_visa`) a new one.
        """
        ...

    def detach_method(self, method_id: str) -> None:
        """Forget a method at the processor."""
        ...

    def charge(self, request: ChargeRequest) -> ChargeOutcome:
        """Charge once. A decline is an outcome, not an exception."""
        ...

    def find_charge(self, *, payment_id: str, customer_id: str, since: datetime) -> ChargeOutcome | None:
        """Look for our payment among the customer's intents made after `since`; None when there is none."""
        ...

    def read_charge(self, processor_id: str) -> ChargeOutcome:
        """Read one payment intent."""
        ...

    def cancel_charge(self, processor_id: str) -> ChargeOutcome:
        """Cancel an intent that is not final; returns what it turned out to be."""
        ...

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Give money back once. PaymentRefused: not possible, no money has moved."""
        ...

    def read_returns(self, processor_id: str) -> Returned:
        """Every refund and dispute of one payment intent, as they are now."""
        ...

    def read_notice(self, body: bytes, signature: str) -> ProcessorNotice:
        """Check a webhook's signature and read it. Raises ForgedNotice."""
        ...
