"""The sweeper: finishes what a crash left behind and finds out about outcomes that are not known."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database, rows_changed
from assistant.errors import PaymentRefused, ProcessorUnreachable
from assistant.handoff.service import Handoff, HandoffAnswer
from assistant.observability import done_one_by_one
from assistant.payments.gateway import ChargeOutcome, PaymentGateway, RefundRequest, Returned
from assistant.payments.locks import lock_payment
from assistant.payments.lookup_times import (
    DENIALS_WANTED,
    LATE_UNTIL,
    LOOKUP_AFTER,
    QUIET_PERIOD,
    is_due,
    next_lookup,
)
from assistant.payments.methods import Methods
from assistant.payments.models import Payment, PaymentAttempt, PaymentMethod
from assistant.payments.policy import PaymentPolicy
from assistant.payments.settling import (
    OPEN_STATES,
    PENDING,
    UNKNOWN_SUMMARY,
    UNKNOWN_TOPIC,
    Settling,
    summary_of,
)
from assistant.payments.telling import Telling

# Our time of submission may have been ahead of the processor's, by a little or because our clock was wrong:
# look at intents made from this long before. A customer has few.
CLOCK_SLACK = timedelta(days=31)


class Lookup:
    """Looks, never guesses, and never charges."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        gateway: PaymentGateway,
        methods: Methods,
        settling: Settling,
        policy: PaymentPolicy,
        telling: Telling,
        handoff: Handoff,
    ) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._methods = methods
        self._settling = settling
        self._policy = policy
        self._telling = telling
        self._handoff = handoff

    def sweep(self, limit: int = 100) -> int:
        """Look at every payment whose time has come; returns how many were looked at."""
        return done_one_by_one("payment_lookups", self.look_at, self.due(limit))

    def due(self, limit: int) -> list[str]:
        """The payments that are to be looked up, or whose member is owed word; the longest due first."""
        now = self._clock.now()
        with self._db.read() as tx:
            return list(
                tx.scalars(
                    select(Payment.id)
                    .where(
                        or_(
                            _is_open() & or_(is_due(Payment.next_lookup_at, now), self._is_promised(now)),
                            and_(Payment.state == PENDING, is_due(Payment.next_lookup_at, now)),
                        )
                    )
                    .order_by(Payment.next_lookup_at)
                    .limit(limit)
                )
            )

    def look_at(self, payment_id: str) -> bool:
        """One lookup, and the word we promised. False when another process took it or nothing is due."""
        attempt_id = self._claim(payment_id)
        if attempt_id is not None:
            self._look(payment_id, attempt_id)
        return self._keep_promise(payment_id) or attempt_id is not None

    def _look(self, payment_id: str, attempt_id: int) -> None:
        with self._db.read() as tx:
            payment = tx.get_one(Payment, payment_id)
        try:
            outcome = self.find(payment)
            returned = None if outcome is None else self.returned(outcome)
        except ProcessorUnreachable:
            self._finish(attempt_id, "unreachable")
            return
        if outcome is not None:
            self.settle(payment_id, outcome, returned, attempt_id=attempt_id)
        else:
            self._finish(attempt_id, "not_found")
            if self._is_denied_for_good(payment):
                self._settling.close_as_not_charged(payment_id)

    def _keep_promise(self, payment_id: str) -> bool:
        """At the time we promised an answer the member gets one, also if it is that we still do not know."""
        now = self._clock.now()
        with self._db.write() as tx:
            changed = tx.execute(
                update(Payment)
                .where(Payment.id == payment_id, Payment.state.in_(OPEN_STATES), self._is_promised(now))
                .values(still_unknown_at=now)
            )
            if rows_changed(changed) != 1:
                return False
            payment = tx.get_one(Payment, payment_id)
            self._telling.tell(tx, payment, "still_unknown", cause=payment_id)
            return True

    def _is_promised(self, now: datetime) -> ColumnElement[bool]:
        """Only who was there was promised an answer; what is made later and by itself tells for itself."""
        return (
            Payment.session_id.is_not(None)
            & Payment.still_unknown_at.is_(None)
            & (Payment.submitted_at <= now - self._policy.unknown_told_after)
        )

    def returned(self, outcome: ChargeOutcome, *, is_expected: bool = False) -> Returned | None:
        """What went back of a charge; None when it says that nothing did and `is_expected` is false."""
        if outcome.state == "succeeded" and (is_expected or outcome.refunded_cents or outcome.is_disputed):
            return self._gateway.read_returns(outcome.processor_id)
        return None

    def settle(
        self,
        payment_id: str,
        outcome: ChargeOutcome,
        returned: Returned | None,
        *,
        attempt_id: int | None = None,
    ) -> None:
        """Apply what the processor said outside of a turn; money held for a closed payment goes back."""
        verdict = self._settling.apply(
            payment_id, outcome, attempt_id=attempt_id, is_in_reply=False, returned=returned
        )
        if verdict == "stray" and outcome.refunded_cents < outcome.amount_cents:
            self.give_back(payment_id, outcome)

    def find(self, payment: Payment) -> ChargeOutcome | None:
        """What the processor has of it; None when it lists nothing. Raises ProcessorUnreachable."""
        if payment.processor_id is not None:
            return self._gateway.read_charge(payment.processor_id)
        return self.listed(payment)

    def listed(self, payment: Payment) -> ChargeOutcome | None:
        """What the processor lists for it: one that took the money before any other."""
        return self._gateway.find_charge(
            payment_id=payment.id,
            customer_id=self._customer_of(payment),
            since=_submitted_at(payment) - CLOCK_SLACK,
        )

    def _customer_of(self, payment: Payment) -> str:
        """Whom the charge hangs on: an imported method brought its own."""
        with self._db.read() as tx:
            own = tx.get_one(PaymentMethod, payment.method_id).customer_id
        return own or self._methods.customer_of(payment.account_id)

    def _claim(self, payment_id: str) -> int | None:
        """Take the payment's next lookup: the guarded UPDATE lets one process through."""
        now = self._clock.now()
        with self._db.write() as tx:
            payment = lock_payment(tx, payment_id)
            is_pending, count = payment.state == PENDING, payment.lookup_count + 1
            changed = tx.execute(
                update(Payment)
                .where(
                    Payment.id == payment_id,
                    or_(_is_open(), Payment.state == PENDING),
                    is_due(Payment.next_lookup_at, now),
                    Payment.lookup_count == payment.lookup_count,
                )
                .values(
                    state=PENDING if is_pending else "unknown",
                    lookup_count=count,
                    # The bank is asked once a day, and takes no part of the schedule of the unknown.
                    next_lookup_at=next_lookup(
                        _submitted_at(payment), max(count, len(LOOKUP_AFTER)) if is_pending else count, now
                    ),
                )
            )
            if rows_changed(changed) != 1:
                return None
            if is_pending:
                if now - _submitted_at(payment) >= LATE_UNTIL:
                    self._ask_a_person(tx, payment, UNKNOWN_TOPIC, "is still with the bank after 14 days")
            elif count == len(LOOKUP_AFTER):
                self._hand_over(tx, payment)
            ticks = self._clock.ticks()
            attempt = PaymentAttempt(
                payment_id=payment_id,
                kind="lookup",
                started_at=now,
                tick_source=ticks.source,
                tick_ms=ticks.ms,
            )
            tx.add(attempt)
            tx.flush()
            return attempt.id

    def _hand_over(self, tx: Session, payment: Payment) -> None:
        """After a day a person finds out; the member, if one waits for word, hears by when."""
        asked = self._ask_a_person(tx, payment, UNKNOWN_TOPIC, UNKNOWN_SUMMARY)
        if payment.session_id is not None:
            by = asked.promised_by_at.astimezone(self._clock.zone).date()
            self._telling.tell(tx, payment, "unknown_to_person", cause=payment.id, by=by)

    def _is_denied_for_good(self, payment: Payment) -> bool:
        """Denied often enough, and quiet for long enough by a count that no step of a clock can shorten."""
        ticks = self._clock.ticks()
        with self._db.read() as tx:
            first_ms = tx.scalar(
                select(func.min(PaymentAttempt.tick_ms)).where(
                    PaymentAttempt.payment_id == payment.id, PaymentAttempt.tick_source == ticks.source
                )
            )
            if first_ms is None or timedelta(milliseconds=ticks.ms - first_ms) < QUIET_PERIOD:
                return False
            outcomes = tx.scalars(
                select(PaymentAttempt.outcome).where(
                    PaymentAttempt.payment_id == payment.id, PaymentAttempt.kind == "lookup"
                )
            ).all()
        return outcomes.count("not_found") >= DENIALS_WANTED

    def _finish(self, attempt_id: int, outcome: str) -> None:
        with self._db.write() as tx:
            attempt = tx.get_one(PaymentAttempt, attempt_id)
            attempt.finished_at = self._clock.now()
            attempt.outcome = outcome

    def give_back(self, payment_id: str, outcome: ChargeOutcome) -> None:
        """The member was told of no charge, or of one: so that it is true, refund the whole."""
        started_at = self._clock.now()
        refund_id = self._refund_stray(payment_id, outcome)
        with self._db.write() as tx:
            # Under a lock: each event of the processor comes by here, and one task is enough.
            payment = lock_payment(tx, payment_id)
            tx.add(
                PaymentAttempt(
                    payment_id=payment_id,
                    kind="refund",
                    started_at=started_at,
                    finished_at=self._clock.now(),
                    outcome="stray_returned" if refund_id else "not_returned",
                    processor_id=refund_id or None,
                )
            )
            if not refund_id:
                self._ask_about_stray(tx, payment)

    def _ask_about_stray(self, tx: Session, payment: Payment) -> None:
        topic, what = "stray_charge", "was charged after it was closed, or twice"
        if not self._handoff.was_asked(tx, topic=topic, summary=summary_of(payment, what)):
            self._ask_a_person(tx, payment, topic, what)

    def _refund_stray(self, payment_id: str, outcome: ChargeOutcome) -> str:
        """The refund's id, or "" when a person must look: what went back once and is here again came back
        from the bank, and sending it again would get the old answer."""
        went_back = (
            (PaymentAttempt.payment_id == payment_id)
            & (PaymentAttempt.kind == "refund")
            & (PaymentAttempt.outcome == "stray_returned")
        )
        with self._db.read() as tx:
            if tx.scalar(select(PaymentAttempt.id).where(went_back).limit(1)) is not None:
                return ""
        try:
            refund = self._gateway.refund(
                RefundRequest(
                    refund_id="",
                    payment_id=payment_id,
                    idempotency_key=f"porchlight-stray-{payment_id}",
                    processor_id=outcome.processor_id,
                    amount_cents=outcome.amount_cents - outcome.refunded_cents,
                )
            )
        except (PaymentRefused, ProcessorUnreachable):
            # Disputed or refunded by hand meanwhile, or no answer.
            return ""
        return "" if refund.state == "failed" else refund.processor_id

    def _ask_a_person(self, tx: Session, payment: Payment, topic: str, what: str) -> HandoffAnswer:
        return self._handoff.ask_in(
            tx,
            # A payment's own task: in one session two payments may need one each.
            session_id=None,
            account_id=payment.account_id,
            phone=payment.notify_phone or "",
            topic=topic,
            summary=summary_of(payment, what),
        )


def _is_open() -> ColumnElement[bool]:
    return Payment.state.in_(OPEN_STATES)


def _submitted_at(payment: Payment) -> datetime:
    return payment.submitted_at or payment.created_at
