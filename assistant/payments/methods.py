"""Payment methods: what is on file, a card keyed just now, and the mandate to keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.clock import Clock
from assistant.db import Database, insert_once
from assistant.errors import PaymentRefused
from assistant.ids import new_id
from assistant.payments.gateway import MethodDetails, PaymentGateway
from assistant.payments.models import Mandate, Payment, PaymentDraft, PaymentMethod, ProcessorCustomer
from assistant.payments.views import MethodView, has_expired

MandatePurpose = Literal["keep_card", "scheduled", "autopay", "bank_debit"]

# One key per account for ever: making the customer twice gives the same customer.
_CUSTOMER_KEY = "porchlight-customer-{account_id}"
# So soon after a "no" the same card would only be declined again.
_DECLINE_REMEMBERED = timedelta(hours=1)


@dataclass(frozen=True)
class Evidence:
    """How a permission was given: the words that were read, and the turn that said yes to them."""

    words: str
    language: str
    how: str
    session_id: str
    turn_id: str


class Methods:
    """Reads and adds payment methods of accounts. Tokens stay inside `payments`."""

    def __init__(self, db: Database, clock: Clock, gateway: PaymentGateway) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway

    def saved(self, account_id: int) -> list[MethodView]:
        """Methods on file, the default first."""
        with self._db.read() as tx:
            rows = tx.scalars(
                select(PaymentMethod)
                .where(
                    PaymentMethod.account_id == account_id,
                    PaymentMethod.is_saved,
                    PaymentMethod.removed_at.is_(None),
                )
                .order_by(PaymentMethod.is_default.desc(), PaymentMethod.added_at.desc())
            )
            return [MethodView.of(row, self._clock.today()) for row in rows]

    def to_offer(self, account_id: int) -> MethodView | None:
        """The first usable method that the bank has not just said no to; None: there is none."""
        since = self._clock.now() - _DECLINE_REMEMBERED
        with self._db.read() as tx:
            declined = tx.scalars(
                select(Payment.method_id).where(
                    Payment.account_id == account_id, Payment.created_at > since, Payment.state == "declined"
                )
            ).all()
        usable = [method for method in self.saved(account_id) if not method.is_expired]
        return next((method for method in usable if method.id not in declined), None)

    def find(self, tx: Session, account_id: int, method_id: str) -> MethodView | None:
        """A method of this account that was not removed; never another account's."""
        row = tx.get(PaymentMethod, method_id)
        if row is None or row.account_id != account_id or row.removed_at is not None:
            return None
        return MethodView.of(row, self._clock.today())

    def customer_of(self, account_id: int) -> str:
        """The processor's customer of the account, made at the first need. HTTP: no transaction open."""
        with self._db.read() as tx:
            known = tx.get(ProcessorCustomer, account_id)
            if known is not None:
                return known.processor_id
        made = self._gateway.create_customer(
            account_id=account_id, idempotency_key=_CUSTOMER_KEY.format(account_id=account_id)
        )
        # Two processes may make it at once: the key gives both the same customer, and one row is kept.
        row = {"account_id": account_id, "processor_id": made, "created_at": self._clock.now()}
        with self._db.write() as tx:
            insert_once(tx, ProcessorCustomer, [row])
        return made

    def add_keyed(self, account_id: int, token: str) -> MethodView:
        """A card that the caller keyed: known by its token, not kept unless the member asks."""
        details = self._gateway.read_method(token)
        with self._db.write() as tx:
            row = tx.scalar(select(PaymentMethod).where(PaymentMethod.processor_id == token))
            if row is None:
                row = _row_of(account_id, details, self._clock)
                tx.add(row)
            elif row.account_id != account_id:
                raise PaymentRefused("method_not_usable")
            return MethodView.of(row, self._clock.today())

    def save(
        self, account_id: int, token: str, *, is_default: bool = False, nickname: str = ""
    ) -> MethodView:
        """Keep a tokenized method on file (attach it at the processor, then write it down)."""
        customer = self.customer_of(account_id)
        kept = self._gateway.attach_method(token, customer_id=customer)
        details = self._gateway.read_method(kept)
        with self._db.write() as tx:
            row = _row_of(account_id, details, self._clock)
            row.is_saved = True
            row.nickname = nickname
            tx.add(row)
            if is_default:
                self.make_default(tx, row)
            return MethodView.of(row, self._clock.today())

    def keep_after_payment(self, tx: Session, draft: PaymentDraft) -> None:
        """The payment went through and the member wanted the card kept."""
        row = tx.get(PaymentMethod, draft.method_id)
        if row is not None and draft.keeps_method and not row.is_saved:
            row.is_saved = True
            self.default_if_first(tx, row)

    def default_if_first(self, tx: Session, row: PaymentMethod) -> None:
        """The first method on file is the one that is offered first."""
        has_default = tx.scalar(
            select(PaymentMethod.id)
            .where(
                PaymentMethod.account_id == row.account_id,
                PaymentMethod.is_default,
                PaymentMethod.removed_at.is_(None),
            )
            .limit(1)
        )
        if has_default is None:
            self.make_default(tx, row)

    def default_if_none(self, tx: Session, account_id: int) -> None:
        """After one was taken off: the newest that is left is offered first."""
        newest = tx.scalar(
            select(PaymentMethod)
            .where(
                PaymentMethod.account_id == account_id,
                PaymentMethod.is_saved,
                PaymentMethod.removed_at.is_(None),
            )
            .order_by(PaymentMethod.added_at.desc(), PaymentMethod.id)
            .limit(1)
        )
        if newest is not None:
            self.default_if_first(tx, newest)

    def write_mandate(
        self,
        tx: Session,
        *,
        account_id: int,
        method_id: str,
        purpose: MandatePurpose,
        evidence: Evidence,
    ) -> str:
        """Keep the evidence of a permission; returns the mandate's id."""
        if not evidence.words:
            raise ValueError("a mandate without the words that were read proves nothing")
        mandate = Mandate(
            id=new_id("mandate"),
            account_id=account_id,
            method_id=method_id,
            purpose=purpose,
            words=evidence.words,
            language=evidence.language,
            consent_how=evidence.how,
            session_id=evidence.session_id,
            turn_id=evidence.turn_id,
            given_at=self._clock.now(),
        )
        tx.add(mandate)
        tx.flush()
        self._note(tx, "mandate_given", mandate)
        return mandate.id

    def revoke_mandate(self, tx: Session, mandate_id: str) -> None:
        """The permission ends now; its evidence stays."""
        mandate = tx.get_one(Mandate, mandate_id)
        if mandate.revoked_at is None:
            mandate.revoked_at = self._clock.now()
            self._note(tx, "mandate_revoked", mandate)

    def revoke_mandates(self, tx: Session, account_id: int, purpose: MandatePurpose) -> None:
        """Every live permission of this kind on the account ends now."""
        for mandate_id in tx.scalars(
            select(Mandate.id).where(
                Mandate.account_id == account_id, Mandate.purpose == purpose, Mandate.revoked_at.is_(None)
            )
        ).all():
            self.revoke_mandate(tx, mandate_id)

    def usable(self, tx: Session, account_id: int, method_id: str, on: date) -> PaymentMethod | None:
        """A saved method of this account that is good on that day, or None."""
        row = tx.get(PaymentMethod, method_id)
        if row is None or row.account_id != account_id or row.removed_at is not None or not row.is_saved:
            return None
        return None if has_expired(row.expires_month, row.expires_year, on) else row

    def _note(self, tx: Session, action: str, mandate: Mandate) -> None:
        record(
            tx,
            at=self._clock.now(),
            actor=f"session:{mandate.session_id}",
            action=action,
            account_id=mandate.account_id,
            session_id=mandate.session_id,
            method_id=mandate.method_id,
            purpose=mandate.purpose,
        )

    def make_default(self, tx: Session, row: PaymentMethod) -> None:
        """This one and no other is offered first."""
        tx.execute(
            update(PaymentMethod)
            .where(PaymentMethod.account_id == row.account_id, PaymentMethod.id != row.id)
            .values(is_default=False)
        )
        row.is_default = True


def _row_of(account_id: int, details: MethodDetails, clock: Clock) -> PaymentMethod:
    return PaymentMethod(
        id=new_id("method"),
        account_id=account_id,
        processor_id=details.processor_id,
        kind=details.kind,
        brand=details.brand,
        last_four=details.last_four,
        fingerprint=details.fingerprint or None,
        expires_month=details.expires_month,
        expires_year=details.expires_year,
        nickname="",
        is_saved=False,
        is_default=False,
        is_backup=False,
        added_at=clock.now(),
    )
