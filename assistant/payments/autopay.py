"""Autopay for members: enroll, look, change, pause, resume, leave. The worker plans and drafts."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import DraftRefused, PaymentRefused
from assistant.identity.service import Identity
from assistant.identity.verification import Verification
from assistant.ids import new_id
from assistant.money import Language, written
from assistant.notifications.words import Words
from assistant.payments.autopay_offers import AutopayOffers
from assistant.payments.autopay_planning import AutopayPlanning
from assistant.payments.autopay_rows import drop_plans, enrollment_on, find_enrollment, plan_anew
from assistant.payments.autopay_views import AutopayOfferView, AutopayOptions, AutopayView, NextDraft
from assistant.payments.drafts import ConsentHow
from assistant.payments.member_texts import MemberTexts
from assistant.payments.methods import Evidence, Methods
from assistant.payments.models import PaymentMethod
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment, AutopayOffer
from assistant.payments.timetable import Timetable


class Autopay:
    """What a member may do with autopay. Everything but `status` wants a verified member, not a helper."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        identity: Identity,
        methods: Methods,
        offers: AutopayOffers,
        planning: AutopayPlanning,
        timetable: Timetable,
        texts: MemberTexts,
        words: Words,
    ) -> None:
        self._db = db
        self._clock = clock
        self._identity = identity
        self._methods = methods
        self._offers = offers
        self._planning = planning
        self._timetable = timetable
        self._texts = texts
        self._words = words

    def status(self, verification: Verification) -> AutopayView | None:
        """The account's autopay, active or paused; None when it is off. A recognized session may ask."""
        with self._db.read() as tx:
            row = find_enrollment(tx, verification.account_id)
            return None if row is None else self._view(tx, row)

    def offer(self, *, session_id: str, options: AutopayOptions) -> AutopayOfferView:
        """Keep new options for reading back. Raises NotVerified, PaymentRefused (autopay_already_on, …)."""
        verification = self._require_member(session_id)
        with self._db.write() as tx:
            if find_enrollment(tx, verification.account_id) is not None:
                raise PaymentRefused("autopay_already_on")
            return self._offers.make(
                tx,
                session_id=session_id,
                account_id=verification.account_id,
                options=options,
                enrollment_id=None,
            )

    def offer_change(self, *, session_id: str, options: AutopayOptions) -> AutopayOfferView:
        """Keep changed options for reading back: all of them, as they shall be. Raises autopay_not_on, …"""
        verification = self._require_member(session_id)
        with self._db.write() as tx:
            row = enrollment_on(tx, verification.account_id)
            return self._offers.make(
                tx,
                session_id=session_id,
                account_id=verification.account_id,
                options=options,
                enrollment_id=row.id,
            )

    def record_consent(self, *, session_id: str, offer_id: str, turn_id: str, how: ConsentHow) -> bool:
        """Bind the member's exact yes to the offer that was read back."""
        with self._db.write() as tx:
            return self._offers.record_consent(
                tx, session_id=session_id, offer_id=offer_id, turn_id=turn_id, how=how
            )

    def confirm(
        self, *, session_id: str, turn_id: str, language: str, channel: str, phone: str, words: str
    ) -> AutopayView:
        """Switch on, or change, what this turn said yes to. `words`: what was read back, as it was said.

        Raises DraftRefused, NotVerified, PaymentRefused. On the phone a copy follows by text or post.
        """
        verification = self._require_member(session_id)
        with self._db.write() as tx:
            offer = self._offers.consented(tx, session_id=session_id, turn_id=turn_id)
            if verification.account_id != offer.account_id:
                raise DraftRefused("draft_expired")
            self._offers.check(tx, offer.account_id, AutopayOptions.of(offer))
            evidence = Evidence(words, language, str(offer.consent_how), session_id, turn_id)
            row = self._write(tx, offer, evidence, phone)
            offer.confirmed_at = self._clock.now()
            if channel == "voice":
                self._send_copy(tx, row)
            return self._view(tx, row)

    def pause(self, *, session_id: str) -> AutopayView:
        """Draft nothing until it is resumed. A draft on its way is not called back. Raises autopay_not_on."""
        verification = self._require_member(session_id)
        with self._db.write() as tx:
            row = enrollment_on(tx, verification.account_id)
            if row.state == "active":
                row.state = "paused"
                drop_plans(tx, row, "paused", self._clock.now())
                self._note(tx, row, "autopay_paused", session_id)
            return self._view(tx, row)

    def resume(self, *, session_id: str) -> AutopayView:
        """Draft again, from tomorrow at the earliest. Raises autopay_not_on."""
        verification = self._require_member(session_id)
        with self._db.write() as tx:
            row = enrollment_on(tx, verification.account_id)
            if row.state == "paused":
                row.state, row.active_since = "active", self._clock.now()
                self._note(tx, row, "autopay_resumed", session_id)
            return self._view(tx, row)

    def leave(self, *, session_id: str, channel: str) -> AutopayView:
        """End autopay; returns what it was. The mandate is revoked and kept. Raises autopay_not_on."""
        verification = self._require_member(session_id)
        with self._db.write() as tx:
            row = enrollment_on(tx, verification.account_id)
            row.state, row.left_at = "left", self._clock.now()
            drop_plans(tx, row, "left", self._clock.now())
            self._methods.revoke_mandates(tx, row.account_id, "autopay")
            self._note(tx, row, "autopay_left", session_id)
            if channel == "voice":
                self._texts.tell(
                    tx,
                    "autopay_left",
                    row.id,
                    account_id=row.account_id,
                    phone=row.phone,
                    language=row.language,
                )
            return self._view(tx, row)

    def _require_member(self, session_id: str) -> Verification:
        verification = self._identity.require(session_id, "verified")
        if verification.role == "helper":
            raise PaymentRefused("only_member_may_change")
        return verification

    def _write(self, tx: Session, offer: AutopayOffer, evidence: Evidence, phone: str) -> AutopayEnrollment:
        now = self._clock.now()
        row = find_enrollment(tx, offer.account_id)
        if (row is None) != (offer.enrollment_id is None):
            # Somebody else switched it on or off since the offer was read back.
            raise PaymentRefused("autopay_not_on" if row is None else "autopay_already_on")
        agreed = {
            "days_before": offer.days_before,
            "amount_kind": offer.amount_kind,
            "amount_cents": offer.amount_cents,
            "fee_cents": offer.fee_cents,
            "method_id": offer.method_id,
            "backup_method_id": offer.backup_method_id,
            "mandate_id": self._write_mandates(tx, offer, evidence),
            "language": evidence.language,
        }
        if row is None:
            row = AutopayEnrollment(
                id=new_id("autopay"),
                account_id=offer.account_id,
                state="active",
                phone=phone,
                enrolled_at=now,
                active_since=now,
                **agreed,
            )
            tx.add(row)
        else:
            for name, value in agreed.items():
                setattr(row, name, value)
            plan_anew(tx, row)
        tx.flush()
        action = "autopay_changed" if offer.enrollment_id else "autopay_enrolled"
        self._note(tx, row, action, evidence.session_id)
        return row

    def _write_mandates(self, tx: Session, offer: AutopayOffer, evidence: Evidence) -> str:
        """A permission for each method, in place of those before; returns the first method's."""
        self._methods.revoke_mandates(tx, offer.account_id, "autopay")
        ids = [
            self._methods.write_mandate(
                tx, account_id=offer.account_id, method_id=method_id, purpose="autopay", evidence=evidence
            )
            for method_id in (offer.method_id, offer.backup_method_id)
            if method_id
        ]
        return ids[0]

    def _send_copy(self, tx: Session, row: AutopayEnrollment) -> None:
        """What was only heard is sent in writing."""
        language = cast("Language", row.language)
        days = {0: "autopay_on_due_date", 1: "autopay_day_before"}
        self._texts.tell(
            tx,
            "autopay_on",
            row.mandate_id,
            account_id=row.account_id,
            phone=row.phone,
            language=row.language,
            what=self._words.text(
                f"autopay_{row.amount_kind}", language, limit=written(row.amount_cents or 0)
            ),
            when=self._words.text(
                days.get(row.days_before, "autopay_days_before"), language, days=str(row.days_before)
            ),
            method=tx.get_one(PaymentMethod, row.method_id),
        )

    def _view(self, tx: Session, row: AutopayEnrollment) -> AutopayView:
        backup_id = row.backup_method_id
        return AutopayView(
            id=row.id,
            state=row.state,  # type: ignore[arg-type]
            options=AutopayOptions.of(row),
            fee_cents=row.fee_cents,
            method=self._offers.method_view(tx, row.method_id),
            backup=None if backup_id is None else self._offers.method_view(tx, backup_id),
            enrolled_on=self._timetable.day_of(row.enrolled_at),
            next=self._next(tx, row) if row.state == "active" else None,
        )

    def _next(self, tx: Session, row: AutopayEnrollment) -> NextDraft | None:
        draft = tx.scalar(
            select(AutopayDraft)
            .where(
                AutopayDraft.enrollment_id == row.id, AutopayDraft.state.in_(("planned", "waiting", "sent"))
            )
            .order_by(AutopayDraft.draft_at)
            .limit(1)
        )
        if draft is not None:
            day = self._timetable.day_of(draft.draft_at)
            return NextDraft(day, draft.due_on, draft.planned_cents, is_over_limit=False)
        return self._planning.preview(tx, row.account_id, AutopayOptions.of(row))

    def _note(self, tx: Session, row: AutopayEnrollment, action: str, session_id: str) -> None:
        record(
            tx,
            at=self._clock.now(),
            actor=f"session:{session_id}",
            action=action,
            account_id=row.account_id,
            session_id=session_id,
            enrollment_id=row.id,
            amount_kind=row.amount_kind,
            amount_cents=row.amount_cents,
            days_before=row.days_before,
        )
