"""The carrier's Stripe connector: exchanges a keyed card for a token at the processor."""

from __future__ import annotations

import httpx

from assistant.sandbox.carrier_wire import WEBHOOK_SECONDS
from assistant.sandbox.pay_desk import ConnectorRefused, KeyedCard, Tokenizer
from assistant.settings import Settings


def connector_of(settings: Settings) -> Tokenizer:
    """A tokenizer at `settings.stripe_api_base`; without one every card is refused."""
    base = settings.stripe_api_base.rstrip("/")
    key = settings.stripe_api_key.get_secret_value()

    def tokenize(card: KeyedCard) -> str:
        if not base:
            raise ConnectorRefused
        try:
            answer = httpx.post(
                f"{base}/v1/payment_methods",
                data=_form(card),
                auth=(key, ""),
                timeout=WEBHOOK_SECONDS,
                trust_env=False,
            )
            token = answer.json().get("id") if answer.is_success else None
        except (httpx.HTTPError, ValueError):
            raise ConnectorRefused from None
        if not isinstance(token, str):
            raise ConnectorRefused
        return token

    return tokenize


def _form(card: KeyedCard) -> dict[str, str]:
    return {
        "type": "card",
        "card[number]": card.number,
        "card[exp_month]": str(int(card.expires[:2])),
        "card[exp_year]": str(2000 + int(card.expires[2:])),
        "card[cvc]": card.security_code,
        "billing_details[address][postal_code]": card.postal_code,
    }
