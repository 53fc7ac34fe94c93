"""Makes the members, accounts and statements that tests talk about. Demo-like, short, one call each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from argon2 import PasswordHasher
from sqlalchemy import select

from assistant.billing.models import Account, LedgerEntry, Member, ServiceLocation, Statement
from assistant.clock import Clock
from assistant.db import Database
from assistant.identity.models import AccountAccess, AccountSecret

# Cheap on purpose: what is tested is the rule, not the cost of the hash.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class MadeAccount:
    """What a test needs to know of an account it made."""

    id: int
    account_number: str
    member_id: int
    zip_code: str
    phone: str
    pin: str
    enrollment_code: str


class Factory:
    """Makes rows in one database, at one clock's time."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def account(
        self,
        account_number: str = "1000000001",
        *,
        name: str = "Ada Miller",
        zip_code: str = "30601",
        balance_cents: int = 8420,
        due_on: date | None = None,
        pin: str = "4821",
        enrollment_code: str = "73920164",
        phone: str = "+17065550111",
        language: str = "en",
        nickname: str = "",
        is_cash_only: bool = False,
        role: str = "member",
    ) -> MadeAccount:
        """One account with one statement. Empty `pin` or `phone` means not set or not enrolled."""
        with self._db.write() as tx:
            member = tx.scalar(select(Member).where(Member.name == name))
            if member is None:
                member = Member(member_number=f"M{account_number}", name=name, language=language)
                tx.add(member)
                tx.flush()
            account = Account(
                account_number=account_number,
                member_id=member.id,
                billing_zip=zip_code,
                nickname=nickname,
                is_cash_only=is_cash_only,
            )
            tx.add(account)
            tx.flush()
            tx.add(
                ServiceLocation(
                    account_id=account.id, street="4 Mill Road", city="Athens", state="GA", zip=zip_code
                )
            )
            tx.add(
                AccountSecret(
                    account_id=account.id,
                    pin_hash=CHEAP_HASHER.hash(pin) if pin else None,
                    pin_set_at=self._clock.now() if pin else None,
                    enrollment_code_hash=CHEAP_HASHER.hash(enrollment_code) if enrollment_code else None,
                )
            )
            if phone:
                tx.add(
                    AccountAccess(
                        account_id=account.id,
                        phone=phone,
                        role=role,
                        enrolled_at=self._clock.now(),
                        enrolled_how="factory",
                    )
                )
            made = MadeAccount(account.id, account_number, member.id, zip_code, phone, pin, enrollment_code)
        if balance_cents:
            self.statement(made.id, balance_cents, due_on=due_on)
        return made

    def statement(
        self,
        account_id: int,
        amount_cents: int,
        *,
        due_on: date | None = None,
        issued_on: date | None = None,
        number: str = "",
    ) -> None:
        """A statement and its charge. A negative amount makes a credit adjustment instead."""
        due = due_on or self._clock.today() + timedelta(days=10)
        issued = issued_on or due - timedelta(days=20)
        name = number or f"S-{account_id}-{due.isoformat()}"
        with self._db.write() as tx:
            if amount_cents > 0:
                tx.add(
                    Statement(
                        statement_number=name,
                        account_id=account_id,
                        amount_cents=amount_cents,
                        issued_on=issued,
                        due_on=due,
                    )
                )
            tx.add(
                LedgerEntry(
                    account_id=account_id,
                    book="member",
                    kind="charge" if amount_cents > 0 else "adjustment",
                    amount_cents=amount_cents,
                    posted_at=self._clock.now(),
                    effective_on=issued,
                    source=f"statement:{name}",
                    description="Electric service",
                )
            )
