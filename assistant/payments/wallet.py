"""The member's own methods: keep a new card, take one off, and say which is used first and which in need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from assistant.audit import record
from assistant.billing.locks import lock_account
from assistant.clock import Clock
from assistant.db import Database
from assistant.errors import PaymentRefused, ProcessorUnreachable
from assistant.identity.service import Identity
from assistant.identity.verification import Verification
from assistant.payments.autopay import Autopay
from assistant.payments.autopay_rows import find_enrollment
from assistant.payments.gateway import PaymentGateway
from assistant.payments.member_texts import MemberTexts
from assistant.payments.methods import Evidence, Methods
from assistant.payments.models import Mandate, PaymentMethod
from assistant.payments.scheduled import Scheduled
from assistant.payments.views import MethodView

# In place of a draft's id: the card that is keyed next is to be kept, not charged.
KEEP_ONLY = "wallet"
_MOST_SAVED = 8
# Keyed cards in a day on one account; more looks like somebody trying out stolen numbers.
_MOST_KEYED_IN_A_DAY = 5
_NICKNAME = re.compile(r"[^\W_][\w '&-]{0,23}", re.UNICODE)


@dataclass(frozen=True)
class Removal:
    """What happens when a method is taken off: told before the member says yes.

    `ends_autopay`: autopay pays with it. `ends_backup`: autopay has it in reserve. `scheduled_count`
    payments that are set for later will not be made.
    """

    method: MethodView
    ends_autopay: bool
    ends_backup: bool
    scheduled_count: int


class Wallet:
    """For verified members; a helper changes nothing. Every act is kept in the audit trail."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        identity: Identity,
        gateway: PaymentGateway,
        methods: Methods,
        scheduled: Scheduled,
        autopay: Autopay,
        texts: MemberTexts,
    ) -> None:
        self._db = db
        self._clock = clock
        self._identity = identity
        self._gateway = gateway
        self._methods = methods
        self._scheduled = scheduled
        self._autopay = autopay
        self._texts = texts

    def methods(self, session_id: str) -> list[MethodView]:
        """What is on file, the first used first. Raises NotVerified, only_member_may_change."""
        return self._methods.saved(self._require_member(session_id).account_id)

    def require_room(self, session_id: str) -> None:
        """Before a card is keyed. Raises NotVerified, only_member_may_change, methods_too_many."""
        who = self._require_member(session_id)
        with self._db.read() as tx:
            self._check_room(tx, who.account_id)

    def take_keyed(self, session_id: str, token: str) -> MethodView:
        """A card was keyed to be kept; it is kept when the member says yes to the mandate, with `keep`.

        Raises NotVerified and PaymentRefused: methods_too_many, method_already_saved, payments_unavailable.
        """
        who = self._require_member(session_id)
        with self._db.read() as tx:
            self._check_room(tx, who.account_id)
        try:
            keyed = self._methods.add_keyed(who.account_id, token)
        except ProcessorUnreachable as unreachable:
            raise PaymentRefused("payments_unavailable") from unreachable
        with self._db.read() as tx:
            if _is_on_file(tx, tx.get_one(PaymentMethod, keyed.id)):
                raise PaymentRefused("method_already_saved", method=keyed)
        return keyed

    def keyed(self, session_id: str, method_id: str) -> MethodView:
        """A card that was keyed and not kept yet. Raises method_not_found."""
        who = self._require_member(session_id)
        with self._db.read() as tx:
            found = self._methods.find(tx, who.account_id, method_id)
        if found is None:
            raise PaymentRefused("method_not_found")
        return found

    def keep(self, session_id: str, method_id: str, evidence: Evidence) -> MethodView:
        """Keep a keyed card for later payments; the first one on file becomes the default.

        Raises method_not_found, payments_unavailable, and PaymentDeclined when the bank refuses.
        """
        who = self._require_member(session_id)
        customer = self._customer_of(who.account_id)
        with self._db.read() as tx:
            row = tx.get(PaymentMethod, method_id)
        if row is None or row.account_id != who.account_id or row.is_saved or row.removed_at is not None:
            raise PaymentRefused("method_not_found")
        try:
            kept_as = self._gateway.attach_method(row.processor_id, customer_id=customer)
        except ProcessorUnreachable as unreachable:
            raise PaymentRefused("payments_unavailable") from unreachable
        with self._db.write() as tx:
            lock_account(tx, who.account_id)
            kept = tx.get_one(PaymentMethod, method_id, with_for_update=True)
            kept.processor_id, kept.is_saved = kept_as, True
            self._methods.default_if_first(tx, kept)
            self._methods.write_mandate(
                tx, account_id=who.account_id, method_id=method_id, purpose="keep_card", evidence=evidence
            )
            self._note(tx, who, "method_kept", method_id)
            self._texts.tell(
                tx,
                "card_kept",
                method_id,
                account_id=who.account_id,
                phone=who.phone,
                language=evidence.language,
                method=kept,
            )
            return MethodView.of(kept, self._clock.today())

    def removal(self, session_id: str, method_id: str) -> Removal:
        """What taking it off would end. Raises method_not_found, method_in_use_soon."""
        who = self._require_member(session_id)
        with self._db.read() as tx:
            row = self._own(tx, who, method_id)
            enrollment = find_enrollment(tx, who.account_id)
        uses = [each for each in self._scheduled.upcoming(who) if each.method.id == method_id]
        if any(not each.is_changeable for each in uses):
            raise PaymentRefused("method_in_use_soon", method=MethodView.of(row, self._clock.today()))
        return Removal(
            MethodView.of(row, self._clock.today()),
            ends_autopay=enrollment is not None and enrollment.method_id == method_id,
            ends_backup=enrollment is not None and enrollment.backup_method_id == method_id,
            scheduled_count=len(uses),
        )

    def remove(self, session_id: str, method_id: str, *, channel: str) -> Removal:
        """Take a method off: what depends on it ends first, so that a crash never leaves it without one."""
        who = self._require_member(session_id)
        effect = self.removal(session_id, method_id)
        for each in self._scheduled.upcoming(who):
            if each.method.id == method_id:
                self._scheduled.cancel(session_id=session_id, scheduled_id=each.id)
        if effect.ends_autopay:
            self._autopay.leave(session_id=session_id, channel=channel)
        with self._db.write() as tx:
            lock_account(tx, who.account_id)
            row = self._own(tx, who, method_id)
            self._drop_backup(tx, who.account_id, method_id)
            row.removed_at, row.is_default, row.is_backup = self._clock.now(), False, False
            for mandate_id in tx.scalars(
                select(Mandate.id).where(Mandate.method_id == method_id, Mandate.revoked_at.is_(None))
            ).all():
                self._methods.revoke_mandate(tx, mandate_id)
            tx.flush()
            self._methods.default_if_none(tx, who.account_id)
            self._note(tx, who, "method_removed", method_id)
            token = row.processor_id
        self._forget_at_processor(token)
        return effect

    def make_default(self, session_id: str, method_id: str) -> MethodView:
        """Offer this one first from now on. Raises method_not_found."""
        who = self._require_member(session_id)
        with self._db.write() as tx:
            lock_account(tx, who.account_id)
            row = self._own(tx, who, method_id)
            self._methods.make_default(tx, row)
            row.is_backup = False
            self._note(tx, who, "method_made_default", method_id)
            return MethodView.of(row, self._clock.today())

    def make_backup(self, session_id: str, method_id: str, evidence: Evidence) -> MethodView:
        """Use this one when the first one fails: by autopay at once, if it is on.

        The words of the question are the permission. Raises method_not_found, autopay_same_backup.
        """
        who = self._require_member(session_id)
        with self._db.write() as tx:
            lock_account(tx, who.account_id)
            row = self._own(tx, who, method_id)
            enrollment = find_enrollment(tx, who.account_id)
            if row.is_default or (enrollment is not None and enrollment.method_id == method_id):
                raise PaymentRefused("autopay_same_backup")
            tx.execute(
                update(PaymentMethod)
                .where(PaymentMethod.account_id == who.account_id)
                .values(is_backup=PaymentMethod.id == method_id)
                .execution_options(synchronize_session="fetch")
            )
            if enrollment is not None:
                self._methods.write_mandate(
                    tx, account_id=who.account_id, method_id=method_id, purpose="autopay", evidence=evidence
                )
                enrollment.backup_method_id = method_id
            self._note(tx, who, "method_made_backup", method_id)
            return MethodView.of(row, self._clock.today())

    def rename(self, session_id: str, method_id: str, nickname: str) -> MethodView:
        """Give it a short name. Raises method_not_found, nickname_not_possible."""
        name = " ".join(nickname.split())
        # Digits in a row could be a card number; a name has at most a few.
        if not _NICKNAME.fullmatch(name) or sum(char.isdigit() for char in name) > 4:
            raise PaymentRefused("nickname_not_possible")
        who = self._require_member(session_id)
        with self._db.write() as tx:
            row = self._own(tx, who, method_id)
            row.nickname = name
            self._note(tx, who, "method_renamed", method_id)
            return MethodView.of(row, self._clock.today())

    def _require_member(self, session_id: str) -> Verification:
        who = self._identity.require(session_id, "verified")
        if who.role == "helper":
            raise PaymentRefused("only_member_may_change")
        return who

    def _own(self, tx: Session, who: Verification, method_id: str) -> PaymentMethod:
        row = tx.get(PaymentMethod, method_id)
        if row is None or row.account_id != who.account_id or row.removed_at is not None or not row.is_saved:
            raise PaymentRefused("method_not_found")
        return row

    def _check_room(self, tx: Session, account_id: int) -> None:
        mine = PaymentMethod.account_id == account_id
        saved = tx.scalar(
            select(func.count()).where(mine, PaymentMethod.is_saved, PaymentMethod.removed_at.is_(None))
        )
        keyed = tx.scalar(
            select(func.count()).where(mine, PaymentMethod.added_at > self._clock.now() - timedelta(days=1))
        )
        if int(saved or 0) >= _MOST_SAVED or int(keyed or 0) >= _MOST_KEYED_IN_A_DAY:
            raise PaymentRefused("methods_too_many")

    def _customer_of(self, account_id: int) -> str:
        try:
            return self._methods.customer_of(account_id)
        except ProcessorUnreachable as unreachable:
            raise PaymentRefused("payments_unavailable") from unreachable

    def _drop_backup(self, tx: Session, account_id: int, method_id: str) -> None:
        enrollment = find_enrollment(tx, account_id)
        if enrollment is not None and enrollment.backup_method_id == method_id:
            enrollment.backup_method_id = None

    def _forget_at_processor(self, token: str) -> None:
        try:
            self._gateway.detach_method(token)
        except ProcessorUnreachable:
            return  # ours is the truth: a method that was taken off here is never charged again

    def _note(self, tx: Session, who: Verification, action: str, method_id: str) -> None:
        record(
            tx,
            at=self._clock.now(),
            actor=f"session:{who.session_id}",
            action=action,
            account_id=who.account_id,
            session_id=who.session_id,
            method_id=method_id,
        )


def _is_on_file(tx: Session, keyed: PaymentMethod) -> bool:
    """The same card, as far as brand, last four and expiry tell."""
    return (
        tx.scalar(
            select(PaymentMethod.id).where(
                PaymentMethod.account_id == keyed.account_id,
                PaymentMethod.id != keyed.id,
                PaymentMethod.is_saved,
                PaymentMethod.removed_at.is_(None),
                PaymentMethod.brand == keyed.brand,
                PaymentMethod.last_four == keyed.last_four,
                PaymentMethod.expires_month == keyed.expires_month,
                PaymentMethod.expires_year == keyed.expires_year,
            )
        )
        is not None
    )
