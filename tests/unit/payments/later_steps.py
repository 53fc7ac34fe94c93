"""Steps that tests of scheduled payments and autopay repeat: go to a day, set a payment, enroll."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select, update

from assistant.clock import local_instant
from assistant.identity.models import AccountAccess
from assistant.payments.autopay_views import AutopayOptions, AutopayView
from assistant.payments.models import Mandate, Payment, PaymentMethod
from assistant.payments.scheduled import ScheduledView
from assistant.payments.scheduling_models import AutopayDraft, ScheduledPayment
from tests.unit.payments.conftest import PHONE, Desk

WORDS = "Pay $84.20 on Dec 1 with Visa 4242? Reply YES or 1."


def go_to(desk: Desk, day: date, hour: int = 9, minute: int = 0) -> None:
    """Move the clock to a wall-clock time of the co-op."""
    moment = local_instant(day, time(hour, minute), desk.clock.zone)
    desk.clock.advance(moment - desk.clock.now())


def card(desk: Desk) -> str:
    """The member's saved card, made when it is not there."""
    with desk.db.read() as tx:
        known = tx.scalar(select(PaymentMethod.id).where(PaymentMethod.processor_id == "pm_saved"))
    return known or desk.saved_card()


def expire(desk: Desk, method_id: str, year: int, month: int) -> None:
    with desk.db.write() as tx:
        row = tx.get_one(PaymentMethod, method_id)
        row.expires_year, row.expires_month = year, month


def make_helper(desk: Desk) -> None:
    with desk.db.write() as tx:
        tx.execute(update(AccountAccess).where(AccountAccess.phone == PHONE).values(role="helper"))


def forget_phone(desk: Desk) -> None:
    with desk.db.write() as tx:
        tx.execute(update(AccountAccess).values(revoked_at=desk.clock.now()))


def schedule(
    desk: Desk,
    day: date,
    cents: int = 8420,
    *,
    turn: str = "turn_s",
    channel: str = "sms",
    one_more: bool = False,
    method_id: str = "",
) -> ScheduledView:
    """Verify, read back, say yes, set it."""
    desk.verify()
    draft = desk.payments.draft(
        session_id=desk.session,
        account_id=desk.account.id,
        amount_cents=cents,
        method_id=method_id or card(desk),
        pay_on=day,
        accept_duplicate=one_more,
    )
    return confirm(desk, draft.id, turn, channel)


def confirm(desk: Desk, draft_id: str, turn: str, channel: str = "sms") -> ScheduledView:
    desk.payments.record_consent(session_id=desk.session, draft_id=draft_id, turn_id=turn, how="key")
    return desk.payments.scheduled.confirm(
        session_id=desk.session, turn_id=turn, language="en", channel=channel, phone=PHONE, words=WORDS
    )


def enroll(desk: Desk, *, turn: str = "turn_a", channel: str = "sms", **options: Any) -> AutopayView:
    """Verify, read autopay back, say yes, switch it on."""
    desk.verify()
    options["method_id"] = options.get("method_id") or card(desk)
    offer = desk.payments.autopay.offer(session_id=desk.session, options=AutopayOptions(**options))
    return accept(desk, offer.id, turn, channel)


def accept(desk: Desk, offer_id: str, turn: str, channel: str = "sms") -> AutopayView:
    desk.payments.record_consent(session_id=desk.session, draft_id=offer_id, turn_id=turn, how="key")
    return desk.payments.autopay.confirm(
        session_id=desk.session, turn_id=turn, language="en", channel=channel, phone=PHONE, words=WORDS
    )


def rounds(desk: Desk) -> None:
    """What the worker does, once: outcomes first, then drafts and notices."""
    desk.payments.sweep()
    desk.payments.scheduled_drafting.draft_due()
    desk.payments.autopay_planning.plan_due()
    desk.payments.autopay_drafting.draft_due()


def day_by_day(desk: Desk, last: date) -> None:
    """The worker's rounds at 09:00 of each day up to and with `last`."""
    day = desk.clock.today()
    while day <= last:
        if local_instant(day, time(9), desk.clock.zone) >= desk.clock.now():
            go_to(desk, day)
        rounds(desk)
        day = date.fromordinal(day.toordinal() + 1)


def payments(desk: Desk) -> list[Payment]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(Payment).order_by(Payment.created_at, Payment.id)))


def payment_days(desk: Desk) -> list[date]:
    return [one.created_at.astimezone(desk.clock.zone).date() for one in payments(desk)]


def scheduled_row(desk: Desk, scheduled_id: str) -> ScheduledPayment:
    with desk.db.read() as tx:
        return tx.get_one(ScheduledPayment, scheduled_id)


def autopay_rows(desk: Desk) -> list[AutopayDraft]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(AutopayDraft).order_by(AutopayDraft.made_at, AutopayDraft.id)))


def mandates(desk: Desk) -> list[Mandate]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(Mandate).order_by(Mandate.given_at, Mandate.id)))


def local(moment: datetime, desk: Desk) -> datetime:
    return moment.astimezone(desk.clock.zone)
