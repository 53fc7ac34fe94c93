"""Stripe behind the payment port: the only code that calls Stripe."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn, TypeVar

import stripe
import structlog

from assistant.adapters.stripe_answers import (
    UnreadableAnswer,
    details_of,
    dispute_of,
    is_decline,
    is_rejection,
    notice_of,
    outcome_of,
    outcome_of_error,
    payment_id_of,
    refund_of,
    word_of_error,
)
from assistant.errors import PaymentDeclined, PaymentRefused, ProcessorUnreachable
from assistant.payments.declines import group_of, refusal_code
from assistant.payments.gateway import (
    ChargeOutcome,
    ChargeRequest,
    ForgedNotice,
    MethodDetails,
    ProcessorNotice,
    RefundOutcome,
    RefundRequest,
    Returned,
)
from assistant.settings import Settings

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.params import PaymentIntentCreateParams, RefundCreateParams

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")

# Stripe's clock and ours may differ when we look for a charge made "since".
_CLOCK_SKEW = timedelta(minutes=5)
_NOTICE_TOLERANCE_SECONDS = 300

# What a refused request (400, 404) means at each step; at the steps that look, it means nothing is known.
_REFUSALS = {
    "create_customer": "payment_refused",
    "read_method": "method_not_usable",
    "attach_method": "method_not_usable",
    "refund": "payment_refused",
}


class StripeGateway:
    """Fills `PaymentGateway` with stripe-python. Safe to share between threads.

    A call waits at most about twice `stripe_timeout_seconds`: one send and one repeat with the same
    idempotency key. Every answer that proves nothing is `ProcessorUnreachable`; which errors prove that
    nothing was charged is told at `outcome_of_error`. No exception or log line carries the request, the
    answer or a key: only the step, the status and Stripe's own word and request id.
    """

    def __init__(self, settings: Settings) -> None:
        self._moto = settings.stripe_moto
        self._webhook_secret = settings.stripe_webhook_secret.get_secret_value()
        # Telemetry writes a file into the home folder; debug logging would print whole answers.
        stripe.enable_telemetry = False
        logging.getLogger("stripe").setLevel(logging.WARNING)
        base = settings.stripe_api_base.rstrip("/")
        self._stripe = stripe.StripeClient(
            settings.stripe_api_key.get_secret_value(),
            base_addresses={"api": base} if base else None,
            http_client=stripe.RequestsClient(timeout=settings.stripe_timeout_seconds),
            max_network_retries=1,
        )

    def create_customer(self, *, account_id: int, idempotency_key: str) -> str:
        """Make the processor's customer of an account and return its id. Holds no name or address."""
        customer = self._ask(
            "create_customer",
            lambda: self._stripe.v1.customers.create(
                {"metadata": {"account_id": str(account_id)}}, {"idempotency_key": idempotency_key}
            ),
        )
        return customer.id

    def read_method(self, method_id: str) -> MethodDetails:
        """Read a token's brand, last four and expiry. Raises PaymentRefused when there is no such token."""
        return self._ask(
            "read_method", lambda: details_of(self._stripe.v1.payment_methods.retrieve(method_id))
        )

    def attach_method(self, method_id: str, *, customer_id: str) -> str:
        """Keep a method on the customer. PaymentDeclined: the bank said no; PaymentRefused: not possible.

        Returns the id it is kept under; Stripe gives a shared test method (`pm_card_visa`) a new one.
        A method that was charged without `save_method` can never be kept.
        """
        kept = self._ask(
            "attach_method",
            lambda: self._stripe.v1.payment_methods.attach(method_id, {"customer": customer_id}),
        )
        return kept.id

    def detach_method(self, method_id: str) -> None:
        """Forget a method at the processor; one that is already gone is fine."""
        try:
            _send("detach_method", lambda: self._stripe.v1.payment_methods.detach(method_id))
        except stripe.StripeError as error:
            if not is_rejection(error):
                _unknown("detach_method", error)

    def charge(self, request: ChargeRequest) -> ChargeOutcome:
        """Charge once. A decline is an outcome, not an exception.

        A request that Stripe refuses before charging is `declined` too, with `method_not_usable` or Stripe's
        own error code; its `processor_id` is empty when no payment intent was made.
        """
        params = self._charge_params(request)
        options: RequestOptions = {"idempotency_key": request.idempotency_key}
        try:
            return _send(
                "charge", lambda: outcome_of(self._stripe.v1.payment_intents.create(params, options))
            )
        except stripe.StripeError as error:
            return _outcome_or_unknown("charge", error, request.amount_cents)

    def find_charge(self, *, payment_id: str, customer_id: str, since: datetime) -> ChargeOutcome | None:
        """Look for our payment among the customer's intents made after `since`; None when there is none.

        Lists, because Stripe's search lags behind. None can also mean "not yet": a send that is still on
        its way is not listed. If one payment has several intents, one that took money wins.
        """
        made_after = int((since - _CLOCK_SKEW).timestamp())

        def look() -> list[ChargeOutcome]:
            page = self._stripe.v1.payment_intents.list(
                {
                    "customer": customer_id,
                    "created": {"gte": made_after},
                    "limit": 100,
                    "expand": ["data.latest_charge"],
                }
            )
            ours = (intent for intent in page.auto_paging_iter() if payment_id_of(intent) == payment_id)
            return [outcome_of(intent) for intent in ours]

        found = self._ask("find_charge", look)
        taking = [outcome for outcome in found if outcome.state in {"succeeded", "processing"}]
        if len(taking) > 1:
            log.error("payment_charged_twice", payment_id=payment_id, count=len(taking))
        succeeded = [outcome for outcome in taking if outcome.state == "succeeded"]
        return next(iter(succeeded or taking or found), None)

    def read_charge(self, processor_id: str) -> ChargeOutcome:
        """Read one payment intent. One that Stripe does not find is unknown: we may ask the wrong account."""
        return self._ask("read_charge", lambda: outcome_of(self._retrieve(processor_id)))

    def cancel_charge(self, processor_id: str) -> ChargeOutcome:
        """Cancel an intent that is not final; returns what it turned out to be."""
        try:
            return _send(
                "cancel_charge", lambda: outcome_of(self._stripe.v1.payment_intents.cancel(processor_id))
            )
        except stripe.StripeError as error:
            # A final intent cannot be canceled: what it is, is the answer.
            if is_rejection(error):
                return self.read_charge(processor_id)
            _unknown("cancel_charge", error)

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Give money back once. PaymentRefused: not possible, no money has moved."""
        params: RefundCreateParams = {
            "payment_intent": request.processor_id,
            "amount": request.amount_cents,
            "metadata": {"refund_id": request.refund_id, "payment_id": request.payment_id},
        }
        return self._ask(
            "refund",
            lambda: refund_of(
                self._stripe.v1.refunds.create(params, {"idempotency_key": request.idempotency_key})
            ),
        )

    def read_returns(self, processor_id: str) -> Returned:
        """Every refund and dispute of one payment intent, as they are now."""
        refunds, disputes = self._stripe.v1.refunds, self._stripe.v1.disputes

        def look() -> Returned:
            given = refunds.list({"payment_intent": processor_id, "limit": 100})
            asked = disputes.list({"payment_intent": processor_id, "limit": 100})
            return Returned(
                tuple(refund_of(one) for one in given.auto_paging_iter()),
                tuple(dispute_of(one) for one in asked.auto_paging_iter()),
            )

        return self._ask("read_returns", look)

    def read_notice(self, body: bytes, signature: str) -> ProcessorNotice:
        """Check a webhook's signature (no older than 5 minutes) and read it. Raises ForgedNotice."""
        try:
            stripe.WebhookSignature.verify_header(
                body, signature, self._webhook_secret, _NOTICE_TOLERANCE_SECONDS
            )
            return notice_of(body)
        except (stripe.SignatureVerificationError, UnicodeDecodeError, UnreadableAnswer):
            raise ForgedNotice from None

    def _charge_params(self, request: ChargeRequest) -> PaymentIntentCreateParams:
        params: PaymentIntentCreateParams = {
            "amount": request.amount_cents,
            "currency": "usd",
            "customer": request.customer_id,
            "payment_method": request.method_id,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "confirm": True,
            "description": request.description,
            "metadata": {"payment_id": request.payment_id},
            "expand": ["latest_charge"],
        }
        if request.is_member_present:
            # Nobody on a phone line can pass a bank's web page, so asking for one is a decline.
            params["error_on_requires_action"] = True
        else:
            params["off_session"] = True
        if request.save_method:
            params["setup_future_usage"] = "off_session"
        if self._moto and request.is_member_present:
            params["payment_method_options"] = {"card": {"moto": True}}
        return params

    def _retrieve(self, processor_id: str) -> stripe.PaymentIntent:
        return self._stripe.v1.payment_intents.retrieve(processor_id, {"expand": ["latest_charge"]})

    def _ask(self, step: str, call: Callable[[], Answer]) -> Answer:
        """Send and read; the bank's "no" and Stripe's refusals become refusals, the rest is not known."""
        try:
            return _send(step, call)
        except stripe.StripeError as error:
            word = word_of_error(error)
            if is_decline(error):
                raise PaymentDeclined(refusal_code(word), reason=group_of(word)) from None
            if is_rejection(error) and step in _REFUSALS:
                _log_refusal(step, error)
                raise PaymentRefused(_REFUSALS[step], reason=word) from None
            _unknown(step, error)


def _send(step: str, call: Callable[[], Answer]) -> Answer:
    """Call Stripe and read its answer; one that makes no sense to us or to the SDK is not known."""
    try:
        return call()
    except (UnreadableAnswer, AttributeError, KeyError, TypeError, ValueError) as error:
        log.warning("stripe_answer_unreadable", step=step, kind=type(error).__name__)
        raise ProcessorUnreachable(f"stripe {step}: unreadable answer") from None


def _outcome_or_unknown(step: str, error: stripe.StripeError, amount_cents: int) -> ChargeOutcome:
    outcome = _send(step, lambda: outcome_of_error(error, amount_cents))
    if outcome is None:
        _unknown(step, error)
    if is_rejection(error):
        _log_refusal(step, error)
    return outcome


def _log_refusal(step: str, error: stripe.StripeError) -> None:
    log.warning("stripe_refused", step=step, word=word_of_error(error), request_id=error.request_id)


def _unknown(step: str, error: stripe.StripeError) -> NoReturn:
    kind, status = type(error).__name__, error.http_status
    log.warning("stripe_outcome_unknown", step=step, status=status, kind=kind, request_id=error.request_id)
    raise ProcessorUnreachable(f"stripe {step}: {kind} {status or 'no answer'}") from None
