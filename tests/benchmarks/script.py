"""What each virtual member says, turn by turn, to our webhook and to stock Rasa's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

PIN = "4821"
OWED_CENTS = 24_180
PAID_CENTS = 2_531


@dataclass(frozen=True)
class Line:
    """One turn. `stock` is what stock Rasa gets instead, where our service sends Rasa a structured input.

    `proof` is a piece of the right answer, on both sides; `stock_proof` replaces it where the words are made
    for texts only and stock Rasa's channel has none; the question after the payment proves those steps.
    """

    text: str
    proof: str
    stock: str = ""
    stock_proof: str | None = None

    @property
    def stock_text(self) -> str:
        return self.stock or self.text

    @property
    def proof_of_stock(self) -> str:
        return self.proof if self.stock_proof is None else self.stock_proof


def _structured(intent: str, **entities: Any) -> str:
    """Rasa's own notation for an input that skips the NLU."""
    return f"/{intent}{json.dumps(entities)}"


# A whole session: questions in free words, a payment of another amount with the PIN, and what comes after.
SCRIPT = (
    Line("How much do I owe on my account?", "You owe $241.80"),
    Line("when is it due?", "due"),
    Line("I want to pay my bill", "PIN", stock_proof=""),
    Line(
        "1",
        "How much do you want to pay?",
        stock=_structured("pay_bill", option="other_amount"),
        stock_proof="",
    ),
    Line("25.31", "$25.31", stock=_structured("inform_amount", amount_cents=PAID_CENTS), stock_proof=""),
    # Our service checks the PIN and the consent before Rasa hears of it; a stock bot does it in an action.
    Line(PIN, "Confirmation number", stock=_structured("confirm_payment", digits=PIN), stock_proof=""),
    Line("Did you get my payment?", "We received your payment of $25.31"),
    Line("and how much do I owe now?", "You owe $216.49"),
    Line("what are your office hours?", "office"),
    Line("thanks so much for your help", ""),
)
