"""The risk rules as a table: what is counted, over which time, how much is fine, and what follows beyond.

Only a rule about the card itself may refuse, so that a new card always gets as far as a person: no number of
tries shuts a member out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from assistant.payments import risk_counts as counts
from assistant.settings import Settings

Outcome = Literal["allow", "hold", "refuse"]
Subject = Literal["card", "account", "phone", "session"]

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_HALF_A_YEAR, _YEAR = timedelta(days=180), timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`outcome` follows when `counts` over the last `window` is more than `limit`.

    `told` is what the office reads, with the blanks `{value}` and `{limit}`. A rule that `judges_drafts`
    looks at scheduled and autopay drafts too, where nobody is there to try anything.
    """

    reason: str
    about: Subject
    counts: Callable[[counts.Look], int]
    window: timedelta
    limit: Callable[[Settings], int]
    outcome: Literal["hold", "refuse"]
    told: str
    judges_drafts: bool = False

    def __post_init__(self) -> None:
        if self.outcome == "refuse" and self.about != "card":
            raise ValueError("only a card is refused; a member always has another way to pay")


RULES = (
    Rule(
        reason="many_tries_from_phone",
        about="phone",
        counts=counts.tries_from_phone,
        window=_HOUR,
        limit=lambda settings: settings.risk_phone_tries,
        outcome="hold",
        told="{value} tries from this phone within an hour; {limit} are fine",
    ),
    Rule(
        reason="many_tries_from_withheld_numbers",
        about="phone",
        counts=counts.tries_from_withheld_numbers,
        window=_HOUR,
        limit=lambda settings: settings.risk_withheld_tries,
        outcome="hold",
        told="{value} tries from withheld numbers within an hour; {limit} are fine",
    ),
    Rule(
        reason="many_tries_in_session",
        about="session",
        counts=counts.tries_in_session,
        window=_HOUR,
        limit=lambda settings: settings.risk_session_tries,
        outcome="hold",
        told="{value} tries in one call or thread; {limit} are fine",
    ),
    Rule(
        reason="many_tries_on_account",
        about="account",
        counts=counts.tries_on_account,
        window=_DAY,
        limit=lambda settings: settings.risk_account_tries,
        outcome="hold",
        told="{value} tries on this account within a day; {limit} are fine",
    ),
    Rule(
        reason="many_tries_with_card",
        about="card",
        counts=counts.tries_with_card,
        window=_DAY,
        limit=lambda settings: settings.risk_card_tries,
        outcome="hold",
        told="{value} tries with this card within a day; {limit} are fine",
    ),
    Rule(
        reason="many_accounts_from_phone",
        about="phone",
        counts=counts.accounts_from_phone,
        window=_DAY,
        limit=lambda settings: settings.risk_phone_accounts,
        outcome="hold",
        told="{value} accounts of others paid from this phone within a day; {limit} are fine",
    ),
    Rule(
        reason="many_cards_on_account",
        about="account",
        counts=counts.cards_on_account,
        window=_DAY,
        limit=lambda settings: settings.risk_account_cards,
        outcome="hold",
        told="{value} different cards on this account within a day; {limit} are fine",
    ),
    Rule(
        reason="many_declines_on_account",
        about="account",
        counts=counts.declines_on_account,
        window=_DAY,
        limit=lambda settings: settings.risk_account_declines,
        outcome="hold",
        told="{value} declines on this account within a day; {limit} are fine",
    ),
    Rule(
        reason="amount_above_history",
        about="account",
        counts=counts.percent_of_usual_amount,
        window=_YEAR,
        limit=lambda settings: settings.risk_amount_percent,
        outcome="hold",
        told="the amount is {value} % of the largest bill or payment of the last year; {limit} % is fine",
    ),
    Rule(
        reason="card_lost_or_stolen",
        about="card",
        counts=counts.lost_or_stolen_card,
        window=_HALF_A_YEAR,
        limit=lambda _: 0,
        outcome="refuse",
        told="a bank said that this card is lost or stolen ({value} times)",
        judges_drafts=True,
    ),
    Rule(
        reason="lost_or_stolen_on_account",
        about="account",
        counts=counts.lost_or_stolen_on_account,
        window=_DAY,
        limit=lambda _: 0,
        outcome="hold",
        told="a lost or stolen card was tried on this account within a day ({value} times)",
    ),
    Rule(
        reason="lost_or_stolen_from_phone",
        about="phone",
        counts=counts.lost_or_stolen_from_phone,
        window=_DAY,
        limit=lambda _: 0,
        outcome="hold",
        told="a lost or stolen card was tried from this phone within a day ({value} times)",
    ),
    Rule(
        reason="many_guesses_from_phone",
        about="phone",
        counts=counts.guesses_from_phone,
        window=_HOUR,
        limit=lambda settings: settings.risk_phone_guesses,
        outcome="hold",
        told="{value} wrong proofs or confirmation numbers from this phone within an hour; {limit} are fine",
    ),
)
RULE_OF = {rule.reason: rule for rule in RULES}
