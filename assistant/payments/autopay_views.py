"""What autopay is asked for and what it tells: frozen values, so that nobody outside holds a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from assistant.payments.scheduling_models import AutopayEnrollment, AutopayOffer
from assistant.payments.views import MethodView

AmountKind = Literal["full", "capped", "fixed"]


@dataclass(frozen=True)
class AutopayOptions:
    """What the member chooses.

    `days_before`: drafted this many days before the due date, 0 on it. `amount_kind`: `full` pays all that is
    owed up to the bill; `capped` the same, but nothing at all when that is more than `amount_cents`; `fixed`
    pays `amount_cents` or what is owed, whichever is less. `amount_cents` is None for `full`.
    """

    method_id: str
    backup_method_id: str | None = None
    days_before: int = 0
    amount_kind: AmountKind = "full"
    amount_cents: int | None = None

    @classmethod
    def of(cls, row: AutopayOffer | AutopayEnrollment) -> AutopayOptions:
        return cls(
            row.method_id,
            row.backup_method_id,
            row.days_before,
            cast("AmountKind", row.amount_kind),
            row.amount_cents,
        )


@dataclass(frozen=True)
class NextDraft:
    """The next bill that autopay looks at. `amount_cents` is without the fee.

    `is_over_limit`: it is more than the member's cap or one payment may be, so it will not be drafted.
    """

    draft_on: date
    due_on: date
    amount_cents: int
    is_over_limit: bool


@dataclass(frozen=True)
class AutopayOfferView:
    """Autopay as it is to be read back. `first` is None when it begins with the next bill."""

    id: str
    account_id: int
    options: AutopayOptions
    fee_cents: int
    method: MethodView
    backup: MethodView | None
    first: NextDraft | None
    is_change: bool
    expires_at: datetime


@dataclass(frozen=True)
class AutopayView:
    """An enrollment. `next` is None when it is paused or no bill is open."""

    id: str
    state: Literal["active", "paused", "left"]
    options: AutopayOptions
    fee_cents: int
    method: MethodView
    backup: MethodView | None
    enrolled_on: date
    next: NextDraft | None
