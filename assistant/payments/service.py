"""The front door of `payments`: what actions, channels, the worker and the command line may do."""

from __future__ import annotations

from datetime import date
from typing import Literal

from sqlalchemy import exists, select

from assistant.billing.arrangements import ARRANGEMENT_PREFIX
from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import DraftRefused, NotVerified, PaymentRefused, ProcessorUnreachable
from assistant.handoff.service import Handoff
from assistant.identity.service import Identity
from assistant.identity.verification import Verification
from assistant.notifications.outbox import Outbox
from assistant.notifications.preferences import ContactPreferences
from assistant.notifications.words import Words
from assistant.payments.autopay_offers import OFFER_PREFIX
from assistant.payments.charging import Charging
from assistant.payments.confirmations import Confirmations
from assistant.payments.drafts import ConsentHow, Drafts
from assistant.payments.gateway import PaymentGateway, ProcessorNotice
from assistant.payments.lookup import Lookup
from assistant.payments.member_texts import MemberTexts
from assistant.payments.methods import Evidence, Methods
from assistant.payments.models import Payment, PaymentAttempt, PaymentDraft
from assistant.payments.notices import Notices
from assistant.payments.policy import PaymentPolicy
from assistant.payments.refunding import Refunding
from assistant.payments.reminders import Reminders
from assistant.payments.resolving import Resolving
from assistant.payments.returns import Returns
from assistant.payments.reviews import Reviews
from assistant.payments.risk import Risk
from assistant.payments.risk_models import PaymentReview
from assistant.payments.schedule_rules import Later, ScheduleRules
from assistant.payments.settling import Settling
from assistant.payments.taking import OUTCOMES_TOLD_LATER, Taking
from assistant.payments.telling import Telling
from assistant.payments.timetable import Timetable
from assistant.payments.unattended import Unattended
from assistant.payments.untold import EarlierPayment, Untold
from assistant.payments.views import (
    ConfirmationStatus,
    DraftView,
    LeftOpen,
    MethodView,
    PaymentStatus,
    Receipt,
)
from assistant.payments.wallet import Wallet
from assistant.settings import Settings


class Payments:
    """Wires the parts of `payments` and forwards to them; holds no rule of its own."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        *,
        gateway: PaymentGateway,
        identity: Identity,
        billing: Billing,
        outbox: Outbox,
        handoff: Handoff,
        words: Words,
        contacts: ContactPreferences,
    ) -> None:
        self._db = db
        self._clock = clock
        self._identity = identity
        self._billing = billing
        policy = PaymentPolicy(settings, clock)
        self._telling = Telling(
            clock, billing=billing, outbox=outbox, words=words, handoff=handoff, contacts=contacts
        )
        texts = MemberTexts(outbox=outbox, words=words, handoff=handoff)
        self.saved_methods = Methods(db, clock, gateway)
        timetable = Timetable(settings, clock)
        rules = ScheduleRules(clock, methods=self.saved_methods, policy=policy, timetable=timetable)
        self._drafts = Drafts(
            db, clock, settings, billing=billing, methods=self.saved_methods, policy=policy, rules=rules
        )
        returns = Returns(clock, billing=billing, telling=self._telling, handoff=handoff)
        settling = Settling(
            db,
            clock,
            billing=billing,
            methods=self.saved_methods,
            telling=self._telling,
            returns=returns,
            handoff=handoff,
        )
        self.refunding = Refunding(db, clock, gateway=gateway, returns=returns)
        self.lookup = Lookup(
            db,
            clock,
            gateway=gateway,
            methods=self.saved_methods,
            settling=settling,
            policy=policy,
            telling=self._telling,
            handoff=handoff,
        )
        self.resolving = Resolving(db, clock, gateway=gateway, settling=settling, lookup=self.lookup)
        self.untold = Untold(db, clock, outbox=outbox, handoff=handoff)
        taking = Taking(
            db,
            clock,
            gateway=gateway,
            settling=settling,
            give_back=self.lookup.give_back,
            risk=Risk(clock, settings),
        )
        self.reviews = Reviews(
            db,
            clock,
            settings,
            billing=billing,
            methods=self.saved_methods,
            policy=policy,
            taking=taking,
            telling=self._telling,
        )
        self._charging = Charging(
            db,
            clock,
            identity=identity,
            billing=billing,
            drafts=self._drafts,
            methods=self.saved_methods,
            policy=policy,
            taking=taking,
            reviews=self.reviews,
        )
        self._confirmations = Confirmations(db, clock, settings)
        unattended = Unattended(
            db,
            clock,
            settings,
            identity=identity,
            billing=billing,
            drafts=self._drafts,
            methods=self.saved_methods,
            policy=policy,
            rules=rules,
            taking=taking,
            timetable=timetable,
            texts=texts,
            words=words,
        )
        self.scheduled = unattended.scheduled
        self.scheduled_drafting = unattended.scheduled_drafting
        self.autopay = unattended.autopay
        self.autopay_planning = unattended.autopay_planning
        self.autopay_drafting = unattended.autopay_drafting
        self.wallet = Wallet(
            db,
            clock,
            identity=identity,
            gateway=gateway,
            methods=self.saved_methods,
            scheduled=self.scheduled,
            autopay=self.autopay,
            texts=texts,
        )
        self.reminders = Reminders(db, clock, billing=billing, contacts=contacts, outbox=outbox, words=words)
        self.notices = Notices(db, clock, gateway=gateway, lookup=self.lookup)

    # Methods

    def methods(self, verification: Verification) -> list[MethodView]:
        """The methods on file of a verified member's account."""
        if verification.level != "verified":
            raise NotVerified(needed="verified")
        return self.saved_methods.saved(verification.account_id)

    def default_method(self, account_id: int) -> MethodView | None:
        """The method a bill is paid with when nothing else is said; brand and last four only."""
        usable = [method for method in self.saved_methods.saved(account_id) if not method.is_expired]
        return usable[0] if usable else None

    def method_to_offer(self, account_id: int) -> MethodView | None:
        """The default method, or the next one right after the bank has said no to it."""
        return self.saved_methods.to_offer(account_id)

    # Drafts and consent

    def draft(
        self,
        *,
        session_id: str,
        account_id: int,
        amount_cents: int,
        method_id: str | None,
        accept_duplicate: bool = False,
        pay_on: date | None = None,
    ) -> DraftView:
        """Keep an amount for reading back. Raises PaymentRefused, NotVerified.

        With a `pay_on` after today it is for that day, wants a verified member and a saved method, and is
        confirmed by `scheduled.confirm`; a `pay_on` of today is an ordinary draft.
        """
        is_today = pay_on is None or pay_on == self._clock.today()
        verification = self._identity.require(session_id, "recognized" if is_today else "verified")
        if verification.account_id != account_id:
            raise NotVerified(needed=verification.level)
        return self._drafts.make(
            session_id=session_id,
            account_id=account_id,
            amount_cents=amount_cents,
            method_id=method_id,
            accept_duplicate=accept_duplicate,
            later=None if pay_on is None or is_today else Later(pay_on),
        )

    def current_draft(self, session_id: str) -> DraftView | None:
        """The draft that can still be confirmed in this session."""
        return self._drafts.current(session_id)

    def carry_draft(self, from_session: str, to_session: str) -> None:
        """A call continues what a text began: the open draft moves with the member."""
        self._drafts.carry(from_session, to_session)

    def left_open(self, account_id: int, session_id: str) -> LeftOpen | None:
        """What was begun for this account in another session, for going on with it here."""
        return self._drafts.left_open(account_id, session_id)

    def put_off(self, session_id: str) -> None:
        """The member said not to pay now: the open draft of this session is closed."""
        self._drafts.put_off(session_id)

    def attach_card(self, session_id: str, draft_id: str, token: str) -> MethodView:
        """Put the card that the caller just keyed on the draft. Raises DraftRefused, PaymentRefused."""
        draft = self._drafts.current(session_id)
        if draft is None or draft.id != draft_id:
            raise DraftRefused("draft_expired")
        try:
            method = self.saved_methods.add_keyed(draft.account_id, token)
        except ProcessorUnreachable as unreachable:
            raise PaymentRefused("payments_unavailable") from unreachable
        self._drafts.set_card(session_id, draft_id, method.id)
        return method

    def keep_card(
        self, session_id: str, keeps: bool, *, words: str, language: str, turn_id: str, how: str
    ) -> None:
        """Remember that the keyed card is to be kept, with the evidence. Wants a verified member."""
        self._identity.require(session_id, "verified")
        with self._db.write() as tx:
            draft = self._drafts.set_keeps(tx, session_id, keeps)
            if keeps:
                self.saved_methods.write_mandate(
                    tx,
                    account_id=draft.account_id,
                    method_id=str(draft.method_id),
                    purpose="keep_card",
                    evidence=Evidence(words, language, how, session_id, turn_id),
                )

    def record_consent(self, *, session_id: str, draft_id: str, turn_id: str, how: ConsentHow) -> bool:
        """Bind the member's exact yes to the draft, autopay offer or arrangement that was read back."""
        if draft_id.startswith(OFFER_PREFIX):
            return self.autopay.record_consent(
                session_id=session_id, offer_id=draft_id, turn_id=turn_id, how=how
            )
        if draft_id.startswith(ARRANGEMENT_PREFIX):
            return self._billing.arrangements.record_consent(
                session_id=session_id, arrangement_id=draft_id, turn_id=turn_id, how=how
            )
        return self._drafts.record_consent(session_id=session_id, draft_id=draft_id, turn_id=turn_id, how=how)

    def kind_of_draft(self, draft_id: str) -> Literal["payment", "later", "autopay", "arrangement"]:
        """What a yes to it means, whether or not it can still be confirmed."""
        if draft_id.startswith(OFFER_PREFIX):
            return "autopay"
        if draft_id.startswith(ARRANGEMENT_PREFIX):
            return "arrangement"
        return "later" if self._drafts.is_for_later(draft_id) else "payment"

    # Payments

    def confirm(self, *, session_id: str, turn_id: str, language: str, channel: str, phone: str) -> Receipt:
        """Charge the draft that this turn consented to; see Charging.confirm."""
        return self._charging.confirm(
            session_id=session_id, turn_id=turn_id, language=language, channel=channel, phone=phone
        )

    def told_in_reply(self, turn_id: str) -> None:
        """The reply of this turn has left: what the turn charged, or saw declined, counts as told.

        A turn that promised to tell later has told nothing, and neither has any other turn of the session.
        """
        # Nearly every turn charged nothing: found without waiting for the writer.
        with self._db.read() as tx:
            untold = (
                select(Payment.id)
                .join(PaymentDraft, PaymentDraft.id == Payment.draft_id)
                .where(PaymentDraft.consent_turn_id == turn_id, Payment.told_at.is_(None))
            )
            if tx.scalar(untold) is None:
                return
        with self._db.write() as tx:
            held = tx.scalar(
                select(Payment)
                .join(PaymentDraft, PaymentDraft.id == Payment.draft_id)
                .where(PaymentDraft.consent_turn_id == turn_id, Payment.state == "held")
            )
            if held is not None:
                self._telling.held_told_in_reply(tx, held)
                return
            pending = tx.scalar(
                select(Payment)
                .join(PaymentDraft, PaymentDraft.id == Payment.draft_id)
                .where(PaymentDraft.consent_turn_id == turn_id, Payment.state == "pending")
            )
            if pending is not None:
                self._telling.pending_told_in_reply(tx, pending)
                return
            payment = tx.scalar(
                select(Payment)
                .join(PaymentDraft, PaymentDraft.id == Payment.draft_id)
                .join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
                .where(
                    PaymentDraft.consent_turn_id == turn_id,
                    PaymentAttempt.kind == "charge",
                    PaymentAttempt.outcome.not_in(OUTCOMES_TOLD_LATER),
                    Payment.settled_at.is_not(None),
                    Payment.told_at.is_(None),
                    # Held then, and approved while the caller still listened: the reply told of the review.
                    ~exists().where(PaymentReview.payment_id == Payment.id),
                )
            )
            if payment is not None:
                self._telling.told_in_reply(tx, payment)

    def earlier_news(self, session_id: str) -> EarlierPayment | None:
        """How a payment ended that this member began in an earlier session and may not have heard of.

        None while it is not known who it is, or not surely enough; see Untold.earlier.
        """
        known = self._identity.current(session_id)
        return None if known is None else self.untold.earlier(known)

    def last_status(self, account_id: int) -> PaymentStatus | None:
        """The newest payment made through us on the account, whatever its state."""
        with self._db.read() as tx:
            row = tx.scalar(
                select(Payment)
                .where(Payment.account_id == account_id)
                .order_by(Payment.created_at.desc(), Payment.id.desc())
                .limit(1)
            )
            return None if row is None else PaymentStatus.of(row)

    def status_by_confirmation(
        self, number: str, *, session_id: str, phone: str
    ) -> ConfirmationStatus | None:
        """What anyone holding the number may know; see Confirmations.status."""
        return self._confirmations.status(number, session_id=session_id, phone=phone)

    def is_confirmation_number(self, number: str) -> bool:
        """Whether it is one of ours; counts no try, and is not to be told to anybody."""
        return self._confirmations.find(number) is not None

    def all_of(self, account_id: int) -> list[PaymentStatus]:
        """Every payment of an account, newest first: for the office and the command line."""
        with self._db.read() as tx:
            rows = tx.scalars(
                select(Payment).where(Payment.account_id == account_id).order_by(Payment.created_at.desc())
            )
            return [PaymentStatus.of(row) for row in rows]

    # Work of the worker and the webhooks

    def take_notice(self, notice: ProcessorNotice) -> bool:
        """Write a verified webhook event down, once; False for a repeated one."""
        return self.notices.take(notice)

    def handle_notices(self) -> int:
        """Act on events that were written down."""
        return self.notices.handle_open()

    def sweep(self) -> int:
        """Look up payments whose outcome is not known, and finish what a crash left behind."""
        return self.lookup.sweep()
