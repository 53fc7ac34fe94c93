"""Telling the member how a payment ended: a text to the phone on file, written in the settling commit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.handoff.service import TELLING_TOPIC, Handoff
from assistant.identity.limits import is_real_phone
from assistant.identity.models import AccountAccess
from assistant.money import Language, written
from assistant.notifications.outbox import Outbox
from assistant.notifications.preferences import ContactPreferences
from assistant.notifications.words import Words, written_day
from assistant.payments.models import Payment, PaymentAttempt, PaymentMethod

# A text session gets its receipt as the reply. Should the process die before that reply is out, the outbox
# sends it after this; when the reply did go out, the row is withdrawn.
REPLY_GRACE = timedelta(seconds=120)
# A turn that sent a charge has answered or died after this.
TURN_LIFE = timedelta(seconds=60)
_BANK_TEXTS = {"declined": "bank_declined", "returned": "returned_to_bank"}


class Telling:
    """Puts the outcome of a payment into the outbox, in the caller's transaction."""

    def __init__(
        self,
        clock: Clock,
        *,
        billing: Billing,
        outbox: Outbox,
        words: Words,
        handoff: Handoff,
        contacts: ContactPreferences,
    ) -> None:
        self._clock = clock
        self._billing = billing
        self._outbox = outbox
        self._words = words
        self._handoff = handoff
        self._contacts = contacts

    def tell(
        self,
        tx: Session,
        payment: Payment,
        what: str,
        *,
        is_in_reply: bool = False,
        cents: int = 0,
        cause: str = "",
        by: date | None = None,
    ) -> None:
        """Queue the text `what` (`receipt`, `declined`, `not_charged`, `returned`, …) once per payment, or
        once per `cause` where a payment has many. `by` is the day of a promise in it.

        A guest hears it on the phone that paid, in words without a balance; the member gets the receipt.
        `is_in_reply` says that the running turn will tell it too. Without a phone on file a person gets
        the task, because the member may hang up before hearing; it is dropped once the reply was heard.
        """
        if payment.origin == "autopay" and what in ("declined", "not_charged"):
            return  # told by autopay itself, with what happens next
        phone = phone_on_file(tx, payment.account_id, prefer=payment.notify_phone)
        if payment.is_guest and not cause and phone is not None:
            self._tell_guest(tx, payment, what, is_in_reply=is_in_reply, by=by)
            if what != "receipt":
                return
        body = self._body(tx, payment, what, cents, by)
        if phone is None:
            self._ask_a_person(tx, payment, what, body=body if cause else "")
            return
        self._outbox.queue_text(
            tx,
            phone=phone,
            body=body,
            dedupe_key=telling_key(what, cause or payment.id),
            send_after=self._send_after(tx, payment, is_in_reply),
            account_id=payment.account_id,
        )

    def told_in_reply(self, tx: Session, payment: Payment) -> None:
        """The reply that told the outcome has left: no second message and no person is needed."""
        payment.told_at = self._clock.now()
        if not self._texts_anyway(tx, payment):
            for what in ("receipt", "declined"):
                self._outbox.withdraw(tx, dedupe_key=telling_key(what, payment.id))
        self._guest_was_told(tx, payment, "receipt_guest", "declined")
        for what in ("receipt", "declined"):
            self._handoff.drop_task(tx, topic=TELLING_TOPIC, summary=_task(payment, what))

    def pending_told_in_reply(self, tx: Session, payment: Payment) -> None:
        """The reply that told of the bank's days has left; how it ends is still to be told."""
        if not self._texts_anyway(tx, payment):
            self._outbox.withdraw(tx, dedupe_key=telling_key("pending", payment.id))
        self._handoff.drop_task(tx, topic=TELLING_TOPIC, summary=_task(payment, "pending"))

    def held_told_in_reply(self, tx: Session, payment: Payment) -> None:
        """The reply that told of the review has left; how it ends is still to be told."""
        if not self._texts_anyway(tx, payment):
            self._outbox.withdraw(tx, dedupe_key=telling_key("held", payment.id))
        self._guest_was_told(tx, payment, "held")
        self._handoff.drop_task(tx, topic=TELLING_TOPIC, summary=_task(payment, "held"))

    def _tell_guest(
        self, tx: Session, payment: Payment, what: str, *, is_in_reply: bool, by: date | None
    ) -> None:
        """The payer's phone is on no account: it is told what it was promised, and nothing after a reply."""
        phone = payment.notify_phone or ""
        if not is_real_phone(phone):
            if what != "receipt":
                self._ask_a_person(tx, payment, what, body="")
            return
        name = "receipt_guest" if what == "receipt" else what
        may_be_heard = is_in_reply or self._has_live_turn(tx, payment)
        self._outbox.queue_text(
            tx,
            phone=phone,
            body=self._body(tx, payment, name, 0, by),
            dedupe_key=telling_key(name, payment.id),
            send_after=self._clock.now() + REPLY_GRACE if may_be_heard else None,
            account_id=payment.account_id,
        )

    def _guest_was_told(self, tx: Session, payment: Payment, *names: str) -> None:
        """A guest heard it, and gets no text on top: it may be a landline, or nobody's wish."""
        if payment.is_guest:
            for name in names:
                self._outbox.withdraw(tx, dedupe_key=telling_key(name, payment.id))

    def _texts_anyway(self, tx: Session, payment: Payment) -> bool:
        """Whether a text follows also when the reply told it: after a call, unless the member wants none."""
        return payment.origin != "sms" and self._contacts.of(tx, payment.account_id).has_receipts

    def _send_after(self, tx: Session, payment: Payment, is_in_reply: bool) -> datetime | None:
        if self._texts_anyway(tx, payment) or not (is_in_reply or self._has_live_turn(tx, payment)):
            return None
        return self._clock.now() + REPLY_GRACE

    def _has_live_turn(self, tx: Session, payment: Payment) -> bool:
        """Whether the turn that sent the charge may still tell its end, though a webhook brought it first."""
        still_waiting = select(PaymentAttempt.id).where(
            PaymentAttempt.payment_id == payment.id,
            PaymentAttempt.kind == "charge",
            PaymentAttempt.finished_at.is_(None),
            PaymentAttempt.started_at > self._clock.now() - TURN_LIFE,
        )
        return tx.scalar(still_waiting) is not None

    def _body(self, tx: Session, payment: Payment, what: str, cents: int, by: date | None) -> str:
        language = cast("Language", payment.language)
        return self._words.text(
            _text_of(payment, what, tx.get_one(PaymentMethod, payment.method_id).kind),
            language,
            total=written(cents or payment.amount_cents + payment.fee_cents),
            confirmation_number=payment.confirmation_number,
            balance=written(self._billing.balance_in(tx, payment.account_id)),
            by=written_day(by, language) if by else "",
        )

    def _ask_a_person(self, tx: Session, payment: Payment, what: str, body: str) -> None:
        """`body`: news of a later day; no reply of the paying session can tell it."""
        self._handoff.ask_in(
            tx,
            session_id=None,  # a session has one open task of a kind; here each payment has its own
            account_id=payment.account_id,
            phone=payment.notify_phone or "",
            topic=TELLING_TOPIC,
            summary=f"No phone on file. Tell the member: {body}" if body else _task(payment, what),
        )


def _text_of(payment: Payment, what: str, kind: str) -> str:
    """The words that fit: who has a bank account on file reads of no card."""
    if kind == "bank_account" and what in _BANK_TEXTS:
        return _BANK_TEXTS[what]
    return "scheduled_declined" if (payment.origin, what) == ("scheduled", "declined") else what


def _task(payment: Payment, what: str) -> str:
    return f"Payment {payment.confirmation_number} ended: {what}. No phone on file to tell it to."


def telling_key(what: str, cause: str) -> str:
    """Names one telling, so that it is queued once: `receipt:pay_…`, `returned:ref_…`."""
    return f"{what}:{cause}"


def phone_on_file(tx: Session, account_id: int, *, prefer: str | None) -> str | None:
    """A phone enrolled for the account: the one that paid if it is enrolled, else the oldest."""
    phones = tx.scalars(
        select(AccountAccess.phone)
        .where(AccountAccess.account_id == account_id, AccountAccess.revoked_at.is_(None))
        .order_by(AccountAccess.enrolled_at, AccountAccess.id)
    ).all()
    if prefer in phones:
        return prefer
    return phones[0] if phones else None
