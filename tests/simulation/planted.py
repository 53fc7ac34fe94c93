"""Bugs planted on purpose: the simulation must find each, or it proves nothing.

Each is a context manager that breaks one rule of the product the way a plausible change would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from unittest import mock

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.billing.service import Billing
from assistant.errors import PaymentRefused, ProcessorUnreachable
from assistant.ids import new_id
from assistant.notifications.outbox import Outbox
from assistant.payments import lookup
from assistant.payments.autopay_drafting import AutopayDrafting
from assistant.payments.charging import Charging
from assistant.payments.drafts import Drafts
from assistant.payments.gateway import ChargeOutcome, RefundOutcome
from assistant.payments.lookup import Lookup
from assistant.payments.models import Payment, PaymentAttempt, PaymentDraft, ProcessorEvent
from assistant.payments.notices import Notices
from assistant.payments.policy import PaymentPolicy, UnderWay
from assistant.payments.return_models import Refund
from assistant.payments.returns import Returns
from assistant.payments.schedule_rules import ScheduleRules
from assistant.payments.scheduling_models import AutopayDraft
from assistant.payments.settling import Settling, Verdict
from assistant.payments.taking import Ending, Intent, Taking
from assistant.payments.telling import Telling
from assistant.payments.timetable import Timetable
from tests.simulation import weather
from tests.simulation.story import Story

BUGS: dict[str, Callable[[], AbstractContextManager[None]]] = {}


def _bug(plant: Callable[[], Iterator[None]]) -> Callable[[], Iterator[None]]:
    BUGS[plant.__name__.replace("_", " ")] = contextmanager(plant)
    return plant


def _instead(owner: Any, name: str, other: Any) -> AbstractContextManager[Any]:
    return mock.patch.object(owner, name, other)


@_bug
def a_new_key_for_each_attempt() -> Iterator[None]:
    """An unknown charge is sent again under another key."""

    def send_again(self: Lookup, payment: Payment) -> ChargeOutcome | None:
        asked = {one.payment_id: one for one in self._gateway.lost.values()}  # type: ignore[attr-defined]
        asked |= {one.payment_id: one for one in self._gateway.requests.values()}  # type: ignore[attr-defined]
        if payment.id not in asked:
            return None
        return self._gateway.charge(replace(asked[payment.id], idempotency_key=new_id("key")))

    with _instead(Lookup, "find", send_again):
        yield


@_bug
def settling_in_two_commits() -> Iterator[None]:
    """The state first, the ledger a moment later."""
    apply, post = Settling.apply, Billing.post_payment

    def in_two(self: Settling, *given: Any, **how: Any) -> Verdict:
        later: list[dict[str, Any]] = []
        with _instead(Billing, "post_payment", lambda _self, _tx, **line: later.append(line)):
            verdict = apply(self, *given, **how)
        for line in later:
            with self._db.write() as tx:
                post(self._billing, tx, **line)
        return verdict

    with _instead(Settling, "apply", in_two):
        yield


@_bug
def a_webhook_believed_each_time_it_comes() -> Iterator[None]:
    """No inbox: what an event says is posted when it comes, and again when it comes again."""
    take = Notices.take

    def believe(self: Notices, notice: Any) -> bool:
        is_new = take(self, notice)
        with self._db.write() as tx:
            payment = tx.get(Payment, notice.payment_id)
            if not is_new and payment is not None and payment.state == "succeeded":
                self._lookup._settling._billing.post_payment(
                    tx,
                    account_id=payment.account_id,
                    payment_id=f"{payment.id}",
                    amount_cents=payment.amount_cents,
                    fee_cents=payment.fee_cents + 1,
                    at=self._clock.now(),
                )
        return is_new

    with _instead(Notices, "take", believe):
        yield


@_bug
def a_late_webhook_reopens_a_final_state() -> Iterator[None]:
    """The event itself is believed instead of reading the object again, and `processing` may come last."""

    def believe(self: Notices, event: ProcessorEvent) -> bool:
        payment_id = self._payment_of(event)
        if payment_id is not None and event.kind == "payment_intent.processing":
            with self._db.write() as tx:
                payment = tx.get_one(Payment, payment_id)
                # A debit that the bank works on is not final: what is planted here is another bug.
                payment.state = payment.state if payment.state == "pending" else "unknown"
        return handle(self, event)

    handle = Notices._handle
    with _instead(Notices, "_handle", believe):
        yield


@_bug
def a_debit_is_posted_when_the_bank_has_only_taken_it_on() -> Iterator[None]:
    """`processing` from a bank account is taken for paid."""
    with _instead(Settling, "_keep_open", Settling._succeed):
        yield


@_bug
def drafting_beside_a_debit_that_is_on_its_way() -> Iterator[None]:
    """What the bank works on is not taken off what is owed."""
    look = PaymentPolicy.under_way

    def blind(self: PaymentPolicy, tx: Session, account_id: int) -> UnderWay:
        return replace(look(self, tx, account_id), pending_cents=0)

    with _instead(PaymentPolicy, "under_way", blind):
        yield


@_bug
def nobody_sweeps() -> Iterator[None]:
    """What a crash left behind stays as it is."""
    with _instead(Lookup, "sweep", lambda _self, limit=100: 0):
        yield


@_bug
def only_timeouts_are_swept() -> Iterator[None]:
    """The sweeper looks at `unknown` and forgets those whose process died as `submitted`."""
    with _instead(lookup, "OPEN_STATES", ("unknown",)):
        yield


@_bug
def the_time_of_submission_written_late() -> Iterator[None]:
    """`submitted_at` is written when the answer is there."""
    write, send = Taking.write_intent, Taking.send

    def without_time(self: Taking, tx: Session, *given: Any) -> Intent:
        intent = write(self, tx, *given)
        tx.execute(update(Payment).where(Payment.id == intent.request.payment_id).values(submitted_at=None))
        return intent

    def then_time(self: Taking, intent: Intent, **how: Any) -> Ending:
        ending = send(self, intent, **how)
        with self._db.write() as tx:
            tx.execute(
                update(Payment)
                .where(Payment.id == intent.request.payment_id)
                .values(submitted_at=self._clock.now())
            )
        return ending

    with _instead(Taking, "write_intent", without_time), _instead(Taking, "send", then_time):
        yield


@_bug
def one_denial_is_enough() -> Iterator[None]:
    """The first `not found` closes the payment, while the request may be on its way."""
    with _instead(Lookup, "_is_denied_for_good", lambda _self, _payment: True):
        yield


@_bug
def a_quiet_period_by_the_wall_clock() -> Iterator[None]:
    """Denied often enough, and quiet for as long as the wall clock says: a step of it ends the wait."""

    def by_the_wall(self: Lookup, payment: Payment) -> bool:
        with self._db.read() as tx:
            denied = tx.scalars(
                select(PaymentAttempt.id).where(
                    PaymentAttempt.payment_id == payment.id, PaymentAttempt.outcome == "not_found"
                )
            ).all()
        asked_at = payment.submitted_at or payment.created_at
        return len(denied) >= lookup.DENIALS_WANTED and self._clock.now() - asked_at >= lookup.QUIET_PERIOD

    with _instead(Lookup, "_is_denied_for_good", by_the_wall):
        yield


@_bug
def no_answer_taken_for_a_no() -> Iterator[None]:
    """A timeout is told as a decline."""

    def send(self: Taking, intent: Intent, *, is_in_reply: bool) -> Ending:
        try:
            outcome = self._gateway.charge(intent.request)
        except ProcessorUnreachable:
            outcome = ChargeOutcome("declined", "", intent.request.amount_cents)
        return self._settling.apply(
            intent.request.payment_id, outcome, attempt_id=intent.attempt_id, is_in_reply=is_in_reply
        )

    with _instead(Taking, "send", send):
        yield


@_bug
def an_update_without_its_guard() -> Iterator[None]:
    """A move that does not look where it comes from: who comes second overwrites."""

    def move(
        self: Settling,
        tx: Session,
        payment: Payment,
        *,
        to: str,
        processor_id: str | None = None,
        decline_code: str | None = None,
    ) -> bool:
        tx.execute(
            update(Payment)
            .where(Payment.id == payment.id)
            .values(
                state=to,
                settled_at=self._clock.now(),
                processor_id=processor_id or Payment.processor_id,
                decline_code=decline_code,
                next_lookup_at=None,
            )
        )
        tx.refresh(payment)
        return True

    with _instead(Settling, "_move", move):
        yield


@_bug
def drafted_again_in_the_hour_that_comes_twice() -> Iterator[None]:
    """Drafts at 01:30, an hour that the settings refuse, and a guard that names the hour with its offset.

    The clock is right: at that hour one that is set ahead would draft on the day before.
    """
    draft_due = AutopayDrafting.draft_due

    def again(self: AutopayDrafting, limit: int = 100) -> int:
        moved = draft_due(self, limit)
        if self._clock.now().astimezone(self._clock.zone).fold:
            with self._db.write() as tx:
                is_done = AutopayDraft.state == "paid"
                tx.execute(update(AutopayDraft).where(is_done).values(state="planned", closed_at=None))
        return moved

    with (
        _instead(weather, "DRAFTS_AT", "01:30"),
        _instead(Story, "_set_clock", lambda *_: None),
        _instead(AutopayDrafting, "draft_due", again),
    ):
        yield


@_bug
def one_yes_for_whatever_is_open() -> Iterator[None]:
    """Consent belongs to the session, not to the draft: the next draft needs no yes of its own."""
    consented = Drafts.consented

    def any_yes(self: Drafts, tx: Session, *, session_id: str, turn_id: str) -> PaymentDraft:
        newest = tx.scalar(
            select(PaymentDraft)
            .where(
                PaymentDraft.session_id == session_id,
                PaymentDraft.confirmed_at.is_(None),
                PaymentDraft.replaced_at.is_(None),
            )
            .order_by(PaymentDraft.made_at.desc())
            .limit(1)
        )
        has_said_yes = select(PaymentDraft.id).where(
            PaymentDraft.session_id == session_id, PaymentDraft.consent_turn_id.is_not(None)
        )
        if newest is not None and tx.scalar(has_said_yes.limit(1)) is not None:
            return newest
        return consented(self, tx, session_id=session_id, turn_id=turn_id)

    def prepare(self: Charging, session_id: str, turn_id: str) -> str:
        with self._db.read() as tx:
            mine = select(PaymentDraft.account_id).where(PaymentDraft.session_id == session_id)
            account_id = tx.scalar(mine)
        try:
            return self._methods.customer_of(account_id)
        except ProcessorUnreachable as unreachable:
            raise PaymentRefused("payments_unavailable") from unreachable

    with _instead(Drafts, "consented", any_yes), _instead(Charging, "_prepare", prepare):
        yield


@_bug
def a_refund_posted_twice() -> Iterator[None]:
    """Each event about a refund posts it, whatever was posted before."""
    apply = Returns._apply_refund

    def again(self: Returns, tx: Session, payment: Payment, news: RefundOutcome) -> None:
        known = tx.scalar(select(Refund.state).where(Refund.processor_id == news.processor_id))
        apply(self, tx, payment, news)
        is_room = payment.refunded_cents + news.amount_cents <= payment.amount_cents + payment.fee_cents
        if known == news.state == "succeeded" and is_room:
            self._move(tx, payment, new_id("refund"), "Payment returned", refunded=news.amount_cents)

    with _instead(Returns, "_apply_refund", again):
        yield


@_bug
def a_draft_time_in_utc() -> Iterator[None]:
    """The hour of drafts is read as UTC: the small hours of the co-op's day."""

    def instant(self: Timetable, on: date) -> datetime:
        return datetime.combine(on, time.fromisoformat(self._settings.drafts_at), tzinfo=UTC)

    with _instead(Timetable, "draft_instant", instant), _instead(Timetable, "is_daytime", lambda _self: True):
        yield


@_bug
def the_receipt_told_twice() -> Iterator[None]:
    """The text goes out although the reply told it."""
    with _instead(Outbox, "withdraw", lambda _self, _tx, dedupe_key: None):
        yield


@_bug
def drafting_beside_a_charge_under_way() -> Iterator[None]:
    """A draft does not wait until it is known how the payment before it ends."""
    with _instead(PaymentPolicy, "under_way", lambda _self, _tx, _account: UnderWay(False, 0)):
        yield


@_bug
def scheduled_past_the_due_date() -> Iterator[None]:
    """The day is not checked against the bill."""
    with _instead(ScheduleRules, "_check_day", lambda _self, _account, _pay_on: None):
        yield


@_bug
def nothing_is_told_of_a_decline() -> Iterator[None]:
    """Only good news is queued."""
    tell = Telling.tell

    def good_news(self: Telling, tx: Session, payment: Payment, what: str, **how: Any) -> None:
        if what != "declined":
            tell(self, tx, payment, what, **how)

    with _instead(Telling, "tell", good_news):
        yield
