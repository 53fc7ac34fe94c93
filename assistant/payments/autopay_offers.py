"""Autopay offers: the options that were read back, the consent to them, and that each is used once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.billing.locks import lock_account
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import rows_changed
from assistant.errors import DraftRefused, PaymentRefused
from assistant.ids import new_id
from assistant.money import require_cents
from assistant.payments.autopay_planning import AutopayPlanning
from assistant.payments.autopay_views import AutopayOfferView, AutopayOptions
from assistant.payments.drafts import ConsentHow
from assistant.payments.methods import Methods
from assistant.payments.models import PaymentMethod
from assistant.payments.policy import PaymentPolicy
from assistant.payments.scheduling_models import AutopayOffer
from assistant.payments.views import MethodView
from assistant.settings import Settings

OFFER_PREFIX = "offer"


class AutopayOffers:
    """Makes and finds offers. A session has at most one open offer: a new one replaces the old."""

    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        *,
        billing: Billing,
        methods: Methods,
        policy: PaymentPolicy,
        planning: AutopayPlanning,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._billing = billing
        self._methods = methods
        self._policy = policy
        self._planning = planning

    def make(
        self,
        tx: Session,
        *,
        session_id: str,
        account_id: int,
        options: AutopayOptions,
        enrollment_id: str | None,
    ) -> AutopayOfferView:
        """Check the options and keep them for reading back. Raises PaymentRefused."""
        lock_account(tx, account_id)
        self.check(tx, account_id, options)
        now = self._clock.now()
        tx.execute(
            update(AutopayOffer)
            .where(
                AutopayOffer.session_id == session_id,
                AutopayOffer.confirmed_at.is_(None),
                AutopayOffer.replaced_at.is_(None),
            )
            .values(replaced_at=now)
        )
        row = AutopayOffer(
            id=new_id(OFFER_PREFIX),
            session_id=session_id,
            account_id=account_id,
            enrollment_id=enrollment_id,
            days_before=options.days_before,
            amount_kind=options.amount_kind,
            amount_cents=options.amount_cents,
            fee_cents=self._policy.fee_cents,
            method_id=options.method_id,
            backup_method_id=options.backup_method_id,
            made_at=now,
            expires_at=now + timedelta(minutes=self._settings.draft_minutes),
        )
        tx.add(row)
        tx.flush()
        return self._view(tx, row)

    def check(self, tx: Session, account_id: int, options: AutopayOptions) -> None:
        """Raise the first reason why autopay cannot be set up this way."""
        if self._billing.summary_in(tx, account_id).is_cash_only:
            raise PaymentRefused("cards_not_accepted")
        most_days = self._settings.autopay_days_before_max
        if not 0 <= options.days_before <= most_days:
            raise PaymentRefused("autopay_days_too_many", days_max=most_days)
        if (options.amount_kind == "full") != (options.amount_cents is None):
            raise ValueError("a cap or a fixed amount has an amount, the full amount has none")
        if options.amount_cents is not None:
            self._check_amount(require_cents(options.amount_cents))
        if options.method_id == options.backup_method_id:
            raise PaymentRefused("autopay_same_backup")
        for method_id in (options.method_id, options.backup_method_id):
            today = self._clock.today()
            if method_id and self._methods.usable(tx, account_id, method_id, today) is None:
                raise PaymentRefused("method_not_usable")

    def record_consent(
        self, tx: Session, *, session_id: str, offer_id: str, turn_id: str, how: ConsentHow
    ) -> bool:
        """Bind the member's yes to this offer and turn; False when there is nothing left to say yes to."""
        changed = tx.execute(
            update(AutopayOffer)
            .where(
                AutopayOffer.id == offer_id,
                AutopayOffer.session_id == session_id,
                AutopayOffer.confirmed_at.is_(None),
                AutopayOffer.replaced_at.is_(None),
                AutopayOffer.expires_at > self._clock.now(),
            )
            .values(consent_turn_id=turn_id, consent_how=how)
        )
        return rows_changed(changed) == 1

    def consented(self, tx: Session, *, session_id: str, turn_id: str) -> AutopayOffer:
        """The offer that this very turn said yes to, locked, with its account. Raises DraftRefused."""
        row = tx.scalar(
            select(AutopayOffer).where(
                AutopayOffer.session_id == session_id, AutopayOffer.consent_turn_id == turn_id
            )
        )
        if row is None:
            raise self._nothing_agreed(tx, session_id)
        lock_account(tx, row.account_id)
        tx.refresh(row, with_for_update=True)
        if row.confirmed_at is not None:
            raise DraftRefused("draft_used")
        if row.replaced_at is not None or row.expires_at <= self._clock.now():
            raise DraftRefused("draft_expired")
        return row

    def _nothing_agreed(self, tx: Session, session_id: str) -> DraftRefused:
        """Why a turn has said yes to no offer: the one that was read back ran out, or there was none."""
        expires_at = tx.scalar(
            select(AutopayOffer.expires_at).where(
                AutopayOffer.session_id == session_id,
                AutopayOffer.confirmed_at.is_(None),
                AutopayOffer.replaced_at.is_(None),
            )
        )
        has_run_out = expires_at is not None and expires_at <= self._clock.now()
        return DraftRefused("draft_expired" if has_run_out else "draft_not_confirmed")

    def _check_amount(self, amount_cents: int) -> None:
        rules = self._settings
        if amount_cents < rules.payment_min_cents:
            raise PaymentRefused("amount_too_small", minimum_cents=rules.payment_min_cents)
        if not self._policy.fits_limits(amount_cents, rules.fee_cents):
            raise PaymentRefused("amount_too_large", maximum_cents=rules.payment_max_cents - rules.fee_cents)

    def _view(self, tx: Session, row: AutopayOffer) -> AutopayOfferView:
        options = AutopayOptions.of(row)
        return AutopayOfferView(
            id=row.id,
            account_id=row.account_id,
            options=options,
            fee_cents=row.fee_cents,
            method=self.method_view(tx, row.method_id),
            backup=None if row.backup_method_id is None else self.method_view(tx, row.backup_method_id),
            first=self._planning.preview(tx, row.account_id, options),
            is_change=row.enrollment_id is not None,
            expires_at=row.expires_at,
        )

    def method_view(self, tx: Session, method_id: str) -> MethodView:
        """A method of an offer or enrollment as it may be told."""
        return MethodView.of(tx.get_one(PaymentMethod, method_id), self._clock.today())
