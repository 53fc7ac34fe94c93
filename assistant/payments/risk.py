"""Risk: judges a payment in the transaction that writes it, before it is sent, and keeps the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import lock_keys
from assistant.identity.limits import WITHHELD, is_real_phone
from assistant.payments.models import PaymentMethod
from assistant.payments.risk_counts import Look
from assistant.payments.risk_models import RiskDecision
from assistant.payments.risk_rules import RULE_OF, RULES, Outcome, Rule
from assistant.settings import Settings

_GRAVITY: dict[str, int] = {"allow": 0, "hold": 1, "refuse": 2}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A payment that is about to be sent. `phone` and `session_id` are empty when no member is there."""

    account_id: int
    amount_cents: int
    method: PaymentMethod
    phone: str | None
    session_id: str | None
    is_member_present: bool


class Risk:
    """Judges by the rules of `risk_rules`. The caller has locked the account."""

    def __init__(self, clock: Clock, settings: Settings, rules: Iterable[Rule] = RULES) -> None:
        self._clock = clock
        self._settings = settings
        self._rules = tuple(rules)

    def decide(self, tx: Session, attempt: Attempt) -> RiskDecision:
        """Count the try, judge it, and write both down in the caller's transaction.

        Two tries that share a phone or a card wait for each other here, so that both cannot pass a limit.
        """
        this = self._written(tx, attempt)
        rules = [rule for rule in self._rules if attempt.is_member_present or rule.judges_drafts]
        this.reasons = [reason for rule in rules if (reason := self._reason(tx, rule, this)) is not None]
        this.outcome = _gravest(this.reasons)
        tx.flush()
        return this

    def _written(self, tx: Session, attempt: Attempt) -> RiskDecision:
        card = attempt.method.fingerprint or attempt.method.id
        phone = _line_of(attempt)
        if attempt.is_member_present:
            lock_keys(tx, [f"risk:card:{card}", f"risk:phone:{phone}"])
        this = RiskDecision(
            at=self._clock.now(),
            account_id=attempt.account_id,
            amount_cents=attempt.amount_cents,
            card=card,
            is_card_saved=attempt.method.is_saved,
            is_member_present=attempt.is_member_present,
            phone=phone,
            session_id=attempt.session_id if attempt.is_member_present else None,
            outcome="allow",
            reasons=[],
        )
        tx.add(this)
        tx.flush()
        return this

    def _reason(self, tx: Session, rule: Rule, this: RiskDecision) -> dict[str, Any] | None:
        value = rule.counts(Look(tx, this, this.at - rule.window, self._settings))
        limit = rule.limit(self._settings)
        if value <= limit:
            return None
        return {"reason": rule.reason, "value": value, "limit": limit, "outcome": rule.outcome}


def told_reasons(reasons: Iterable[dict[str, Any]]) -> list[str]:
    """Why, in sentences for the office; a rule that is no longer there is told by its name."""
    return [
        RULE_OF[each["reason"]].told.format_map(each) if each["reason"] in RULE_OF else str(each["reason"])
        for each in reasons
    ]


def _line_of(attempt: Attempt) -> str | None:
    if not attempt.is_member_present:
        return None
    return attempt.phone if is_real_phone(attempt.phone or "") else WITHHELD


def _gravest(reasons: Iterable[dict[str, Any]]) -> Outcome:
    return max((each["outcome"] for each in reasons), key=_GRAVITY.__getitem__, default="allow")
