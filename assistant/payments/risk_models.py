"""Tables of risk decisions and of the reviews of held payments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assistant.db import Base, BigId


class RiskDecision(Base):
    """One try to pay and what the rules said to it: `allow`, `hold` or `refuse`, with every reason.

    `phone` is a number in E.164, `withheld`, or empty when the member was not there; `card` is the
    processor's fingerprint, the same for one card on every account, or else our method's id.
    """

    __tablename__ = "risk_decisions"
    __table_args__ = (
        CheckConstraint("outcome IN ('allow', 'hold', 'refuse')", name="outcome_known"),
        Index("ix_risk_decisions_account", "account_id", "at"),
        Index("ix_risk_decisions_phone", "phone", "at"),
        Index("ix_risk_decisions_session", "session_id", "at"),
        Index("ix_risk_decisions_card", "card", "at"),
        Index("ix_risk_decisions_payment", "payment_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    # Empty when it was refused: no payment was written.
    payment_id: Mapped[str | None] = mapped_column(ForeignKey("payments.id"))
    amount_cents: Mapped[int]
    card: Mapped[str] = mapped_column(String(64))
    is_card_saved: Mapped[bool]
    is_member_present: Mapped[bool]
    phone: Mapped[str | None] = mapped_column(String(16))
    session_id: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(6))
    # One per rule that spoke: `{"reason": "many_cards_on_account", "value": 4, "limit": 3, …}`.
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class PaymentReview(Base):
    """A held payment waits here for a person until `expires_at`; then it is refused by itself."""

    __tablename__ = "payment_reviews"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'approved', 'refused', 'expired')", name="state_known"),
        Index("ix_payment_reviews_waiting", "state", "expires_at"),
        {"sqlite_strict": True},
    )

    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    held_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # What the account owed when the member agreed: how the office sees that it was paid meanwhile.
    owed_cents: Mapped[int]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    why: Mapped[str | None] = mapped_column(String(300))
