"""What the risk rules count. Each function looks back over a window and returns one number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from assistant.billing.models import LedgerEntry, Statement
from assistant.identity.limits import WITHHELD
from assistant.identity.models import AccountAccess, IdentityLimit
from assistant.payments.declines import codes_of
from assistant.payments.models import Payment
from assistant.payments.risk_models import RiskDecision
from assistant.settings import Settings

# What a phone may guess at: `identity_limits` counts its wrong tries within the hour.
_GUESSED = ("zip", "pin", "code", "enroll", "confirmation")
_LOST_OR_STOLEN = codes_of("lost_stolen")
_PERCENT = 100


@dataclass(frozen=True)
class Look:
    """One try, already written down, so that every count holds it; and how far to look back."""

    tx: Session
    this: RiskDecision
    since: datetime
    settings: Settings

    def count(self, query: Select[int]) -> int:
        return int(self.tx.scalar(query) or 0)


def tries_from_phone(look: Look) -> int:
    """Tries from one number, over all accounts."""
    return 0 if look.this.phone == WITHHELD else _tries(look, RiskDecision.phone == look.this.phone)


def tries_from_withheld_numbers(look: Look) -> int:
    """Tries of all callers who withhold their number, together."""
    return _tries(look, RiskDecision.phone == WITHHELD) if look.this.phone == WITHHELD else 0


def tries_in_session(look: Look) -> int:
    """Tries in one call or thread, whatever number it claims to come from."""
    return _tries(look, RiskDecision.session_id == look.this.session_id)


def tries_on_account(look: Look) -> int:
    """Tries on one account, from anywhere."""
    return _tries(look, RiskDecision.account_id == look.this.account_id)


def tries_with_card(look: Look) -> int:
    """Tries with one card: keyed on any account, or on file on this one."""
    is_same_use = (
        RiskDecision.account_id == look.this.account_id
        if look.this.is_card_saved
        else RiskDecision.is_card_saved.is_(False)
    )
    return _tries(look, and_(RiskDecision.card == look.this.card, is_same_use))


def accounts_from_phone(look: Look) -> int:
    """Different accounts that one number tried to pay without being enrolled for them."""
    phone = look.this.phone
    if phone == WITHHELD:
        return 0
    its_own = select(AccountAccess.account_id).where(
        AccountAccess.phone == phone, AccountAccess.revoked_at.is_(None)
    )
    return look.count(
        select(func.count(RiskDecision.account_id.distinct())).where(
            _counted(look), RiskDecision.phone == phone, RiskDecision.account_id.not_in(its_own)
        )
    )


def cards_on_account(look: Look) -> int:
    """Different cards tried on one account."""
    return look.count(
        select(func.count(RiskDecision.card.distinct())).where(
            _counted(look), RiskDecision.account_id == look.this.account_id
        )
    )


def declines_on_account(look: Look) -> int:
    """How often a bank said no on this account."""
    return look.count(
        select(func.count()).where(
            Payment.account_id == look.this.account_id,
            Payment.state == "declined",
            Payment.created_at > look.since,
        )
    )


def lost_or_stolen_card(look: Look) -> int:
    """How often a bank said that this very card is lost or stolen, on any account."""
    return _lost_or_stolen(look, RiskDecision.card == look.this.card)


def lost_or_stolen_on_account(look: Look) -> int:
    """How often a lost or stolen card was tried on this account."""
    return _lost_or_stolen(look, RiskDecision.account_id == look.this.account_id)


def lost_or_stolen_from_phone(look: Look) -> int:
    """How often a lost or stolen card was tried from this number."""
    phone = look.this.phone
    return 0 if phone == WITHHELD else _lost_or_stolen(look, RiskDecision.phone == phone)


def guesses_from_phone(look: Look) -> int:
    """Wrong proofs and unknown confirmation numbers from one number."""
    if look.this.phone == WITHHELD:
        return 0
    keys = [f"{what}:phone:{look.this.phone}" for what in _GUESSED]
    return look.count(
        select(func.coalesce(func.sum(IdentityLimit.failed_count), 0)).where(
            IdentityLimit.key.in_(keys), IdentityLimit.window_started_at > look.since
        )
    )


def percent_of_usual_amount(look: Look) -> int:
    """The amount in percent of the largest bill or payment of the account, rounded up.

    0 for a small amount, and where there is nothing to compare with.
    """
    amount_cents = look.this.amount_cents
    if amount_cents < look.settings.risk_amount_floor_cents:
        return 0
    largest_cents = _largest_cents(look)
    return -(-amount_cents * _PERCENT // largest_cents) if largest_cents else 0


def _tries(look: Look, which: ColumnElement[bool]) -> int:
    return look.count(select(func.count()).select_from(RiskDecision).where(_counted(look), which))


def _counted(look: Look) -> ColumnElement[bool]:
    """A refused try is not counted, or trying again would make the wait longer."""
    return and_(
        RiskDecision.at > look.since,
        RiskDecision.is_member_present,
        RiskDecision.outcome != "refuse",
    )


def _lost_or_stolen(look: Look, which: ColumnElement[bool]) -> int:
    return look.count(
        select(func.count())
        .select_from(RiskDecision)
        .join(Payment, Payment.id == RiskDecision.payment_id)
        .where(which, RiskDecision.at > look.since, Payment.decline_code.in_(_LOST_OR_STOLEN))
    )


def _largest_cents(look: Look) -> int:
    account_id, since_on = look.this.account_id, look.since.date()
    bill = select(func.max(Statement.amount_cents)).where(
        Statement.account_id == account_id, Statement.issued_on >= since_on
    )
    paid = select(func.max(-LedgerEntry.amount_cents)).where(
        LedgerEntry.account_id == account_id,
        LedgerEntry.book == "member",
        LedgerEntry.kind == "payment",
        LedgerEntry.effective_on >= since_on,
    )
    return max(look.count(bill), look.count(paid))
