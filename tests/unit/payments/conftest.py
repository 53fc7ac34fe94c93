"""A bill desk: real services on a real database, with a processor and a carrier in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant.billing.import_report import FileCount
from assistant.billing.models import LedgerEntry
from assistant.billing.service import Billing
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.handoff.service import Handoff
from assistant.identity.service import Identity
from assistant.notifications.models import OutboxMessage
from assistant.notifications.outbox import Outbox
from assistant.notifications.preferences import ContactPreferences
from assistant.notifications.words import Words
from assistant.payments.importing_mandates import import_bank_mandates
from assistant.payments.models import Payment
from assistant.payments.service import Payments
from assistant.payments.views import DraftView, Receipt
from assistant.settings import Settings
from tests.factories import CHEAP_HASHER, Factory, MadeAccount
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender

PHONE = "+17065550111"


@dataclass
class Desk:
    """Everything a payment test needs, and the few steps that every such test repeats."""

    db: Database
    clock: FixedClock
    settings: Settings
    billing: Billing
    identity: Identity
    payments: Payments
    gateway: FakeGateway
    sender: FakeSender
    outbox: Outbox
    account: MadeAccount
    session: str = "session_1"

    def recognize(self, session: str = "session_1") -> None:
        self.identity.recognize_by_phone(session, PHONE)

    def verify(self, session: str = "session_1") -> None:
        self.recognize(session)
        self.identity.check_pin(session, PHONE, self.account.pin)

    def saved_card(self) -> str:
        return self.payments.saved_methods.save(self.account.id, "pm_saved", is_default=True).id

    def bank_account(self, folder: Path, **cells: str) -> FileCount:
        """Import a bank account with its mandate; it is the default where nothing else is on file."""
        row = {
            "account_number": self.account.account_number,
            "customer_id": "cus_bank",
            "method_id": "pm_bank",
            "bank_name": "First Farmers Bank",
            "last_four": "6789",
            "signed_on": "2025-03-10",
            "signed_how": "paper",
            "mandate_reference": "ACH-17",
            "mandate_words": "You may debit my account ending in 6789.",
            "revoked": "no",
            **cells,
        }
        file = folder / "bank_mandates.csv"
        file.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8")
        return import_bank_mandates(self.db, self.clock, file, account_number_length=10)

    def draft(
        self, cents: int = 8420, *, method_id: str | None = None, twice_is_fine: bool = False
    ) -> DraftView:
        return self.payments.draft(
            session_id=self.session,
            account_id=self.account.id,
            amount_cents=cents,
            method_id=method_id,
            accept_duplicate=twice_is_fine,
        )

    def say_yes(self, draft: DraftView, turn: str = "turn_1") -> bool:
        return self.payments.record_consent(
            session_id=self.session, draft_id=draft.id, turn_id=turn, how="key"
        )

    def confirm(self, turn: str = "turn_1", channel: str = "sms") -> Receipt:
        return self.payments.confirm(
            session_id=self.session, turn_id=turn, language="en", channel=channel, phone=PHONE
        )

    def pay(self, cents: int = 8420, turn: str = "turn_1", channel: str = "sms") -> Receipt:
        """Verify, draft with the saved card, say yes, charge."""
        self.verify()
        saved = self.payments.saved_methods.saved(self.account.id)
        method_id = saved[0].id if saved else self.saved_card()
        self.say_yes(self.draft(cents, method_id=method_id), turn)
        return self.confirm(turn, channel)

    @property
    def balance(self) -> int:
        return self.billing.summary(self.account.id).balance_cents

    def only_payment(self) -> Payment:
        with self.db.read() as tx:
            return tx.scalars(select(Payment)).one()

    def books(self, account_id: int = 0) -> dict[str, int]:
        """The sum of each book over the lines of an account's payments and bills."""
        with self.db.read() as tx:
            sums = tx.execute(
                select(LedgerEntry.book, func.sum(LedgerEntry.amount_cents))
                .where(LedgerEntry.account_id == (account_id or self.account.id))
                .group_by(LedgerEntry.book)
            )
            return {book: int(cents) for book, cents in sums}

    def ledger_sum(self, source: str) -> int:
        with self.db.read() as tx:
            return int(
                tx.scalar(
                    select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(
                        LedgerEntry.source == source
                    )
                )
                or 0
            )

    def queued(self) -> list[str]:
        """The bodies that wait in the outbox."""
        with self.db.read() as tx:
            return list(
                tx.scalars(
                    select(OutboxMessage.body)
                    .where(OutboxMessage.state == "queued")
                    .order_by(OutboxMessage.created_at)
                )
            )


@pytest.fixture
def desk(db: Database, clock: FixedClock, settings: Settings, factory: Factory) -> Desk:
    gateway = FakeGateway(clock)
    sender = FakeSender(clock)
    billing = Billing(db, clock)
    handoff = Handoff(db, clock, settings)
    outbox = Outbox(db, clock, sender)
    identity = Identity(db, clock, settings, outbox, hasher=CHEAP_HASHER)
    payments = Payments(
        db,
        clock,
        settings,
        gateway=gateway,
        identity=identity,
        billing=billing,
        outbox=outbox,
        handoff=handoff,
        words=Words(settings.coop_short_name),
        contacts=ContactPreferences(clock, settings),
    )
    account = factory.account(phone=PHONE)
    return Desk(db, clock, settings, billing, identity, payments, gateway, sender, outbox, account)
