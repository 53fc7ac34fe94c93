"""A co-op with many payments due at this moment, a processor and a carrier, and workers to do them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select, update

from assistant import migrations
from assistant.app import Application, build
from assistant.billing.models import LedgerEntry, Statement
from assistant.clock import SystemClock
from assistant.db import Database
from assistant.ids import new_digits, new_id
from assistant.jobs.models import JobClaim, Worker
from assistant.payments.methods import Evidence
from assistant.payments.models import Payment, PaymentAttempt
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment, ScheduledPayment
from assistant.sandbox.leash import leash_argv
from assistant.sandbox.phone_network import create_app as create_network
from assistant.sandbox.stripe_app import create_app as create_processor
from assistant.settings import Settings
from tests.conftest_rasa import free_port
from tests.factories import Factory
from tests.phone_fixtures import Phone
from tests.stripe_fixtures import StandIn, ThreadServer

PHONE = "+17065550111"
CENTS = 8420
# Every so many members' card is declined.
DECLINED_EVERY = 10
_OPEN_STATES = ("created", "submitted", "unknown")
_ZONE_HOURS = 12
_NOT_YET = timedelta(days=1)


def until(found: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for something; fails when it does not happen in time."""
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.05)


def zone_where_it_is_noon() -> str:
    """Drafts are made by day, whatever the hour at which the test runs."""
    hours = datetime.now(UTC).hour - _ZONE_HOURS
    return "Etc/GMT" if hours == 0 else f"Etc/GMT{hours:+d}"


class Process:
    """A `porchlight` process of its own, which dies with the test, whatever happens."""

    def __init__(self, command: str, values: dict[str, Any], folder: Path, log_name: str) -> None:
        self._command = command
        self.public_url = str(values.get("public_url", ""))
        self._environment = {f"PORCHLIGHT_{name.upper()}": str(value) for name, value in values.items()}
        self._folder = folder
        self.log = folder / f"{log_name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._start_count = 0

    def start(self) -> None:
        self._start_count += 1
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                leash_argv([sys.executable, "-m", "assistant.cli", self._command]),
                env={**os.environ, **self._environment},
                cwd=self._folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_working(self, seconds: float) -> None:
        """Wait until a worker that was started says that it works."""
        until(
            lambda: self.log.read_text().count('"worker_started"') == self._start_count, "its start", seconds
        )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        assert self._process.poll() is None, f"it was dead already: {self.log.read_text()[-2000:]}"
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            assert self._process.wait(10) == -signal.SIGKILL

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(30)


@dataclass
class DueBills:
    """`values` are the settings of every process; `application` is the same product in this one."""

    values: dict[str, Any]
    folder: Path
    application: Application
    processor: StandIn
    phone: Phone
    processes: list[Process] = field(default_factory=list)

    @property
    def db(self) -> Database:
        return self.application.db

    def process(self, command: str, **values: Any) -> Process:
        """A process of the co-op, not started yet."""
        name = f"{command}-{len(self.processes)}"
        made = Process(command, {**self.values, **values}, self.folder, name)
        self.processes.append(made)
        return made

    def service(self) -> Process:
        """A `porchlight serve` on ports of its own, not started yet."""
        port = free_port()
        values = {"public_port": port, "internal_port": free_port(), "public_url": f"http://127.0.0.1:{port}"}
        return self.process("serve", **values)

    def open_payments(self) -> list[str]:
        with self.db.read() as tx:
            return list(tx.scalars(select(Payment.id).where(Payment.state.in_(_OPEN_STATES))))

    def set_due(self, count: int) -> None:
        """Make members whose payments fall due all at once: half are autopay, every tenth card is bad."""
        factory = Factory(self.db, self.application.clock)
        for number in range(count):
            account = factory.account(str(1_000_000_001 + number), phone=PHONE, balance_cents=CENTS)
            token = "pm_card_chargeCustomerFail" if number % DECLINED_EVERY == 9 else "pm_card_visa"
            method_id = self.application.payments.saved_methods.save(account.id, token).id
            make = self._add_autopay if number % 2 else self._add_scheduled
            make(account.id, method_id)
        with self.db.write() as tx:
            for table in (ScheduledPayment, AutopayDraft):
                tx.execute(update(table).values(draft_at=self.application.clock.now()))

    def let_payments_age(self, step: timedelta) -> None:
        """For every process at once: open payments were sent, looked up and left alone that much earlier."""
        with self.db.write() as tx:
            for payment in tx.scalars(select(Payment).where(Payment.state.in_(_OPEN_STATES))):
                payment.created_at -= step
                payment.submitted_at = (payment.submitted_at or payment.created_at) - step
                if payment.next_lookup_at is not None:
                    payment.next_lookup_at -= step
                tries = select(PaymentAttempt).where(PaymentAttempt.payment_id == payment.id)
                for attempt in tx.scalars(tries):
                    attempt.started_at -= step
                    if attempt.tick_ms is not None:
                        attempt.tick_ms -= int(step.total_seconds() * 1000)
                    if attempt.finished_at is not None:
                        attempt.finished_at -= step
            for claim in tx.scalars(select(JobClaim).where(JobClaim.job_id.is_(None))):
                claim.until -= step

    def count(self, *conditions: Any) -> int:
        with self.db.read() as tx:
            return int(tx.scalar(select(func.count()).select_from(Payment).where(*conditions)) or 0)

    def count_undrafted(self) -> int:
        with self.db.read() as tx:
            waiting = (
                select(func.count()).where(ScheduledPayment.state == "scheduled"),
                select(func.count()).where(AutopayDraft.state == "planned"),
            )
            return sum(int(tx.scalar(each) or 0) for each in waiting)

    def workers(self) -> list[str]:
        with self.db.read() as tx:
            return list(tx.scalars(select(Worker.name).order_by(Worker.name)))

    def finish_open(self, seconds: float = 120) -> None:
        """Let time pass until every payment has ended, as it does by itself within a day."""
        deadline = time.monotonic() + seconds
        while self.open_payments():
            assert time.monotonic() < deadline, "payments are still open"
            self.let_payments_age(timedelta(minutes=6))
            time.sleep(1.5)

    def require_books_agree(self, count: int, *, lost_at_most: int = 0) -> None:
        """What the processor took, what we recorded and what the ledger posted is the same, to the cent.

        Every due payment was made into one, and all but the declined and `lost_at_most` took money.
        """
        taken = Counter(
            (charge["payment_intent"], charge["amount"], charge["amount_refunded"])
            for charge in self.processor.charged()
        )
        with self.db.read() as tx:
            payments = list(tx.scalars(select(Payment)))
            posted = int(
                tx.scalar(
                    select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(
                        LedgerEntry.book == "member", LedgerEntry.payment_id.is_not(None)
                    )
                )
                or 0
            )
        recorded = Counter(
            (each.processor_id, each.amount_cents + each.fee_cents, each.refunded_cents)
            for each in payments
            if each.state in ("succeeded", "refunded", "partially_refunded")
        )
        assert recorded == taken
        assert posted == -sum(amount - refunded for _, amount, refunded in taken.elements())
        by_state = Counter(each.state for each in payments)
        assert by_state["succeeded"] + by_state["declined"] + by_state["not_charged"] == count, by_state
        assert by_state["declined"] <= count // DECLINED_EVERY
        # Killed between the intent and the charge: it never arrived, and is said to be not charged.
        assert by_state["not_charged"] <= lost_at_most, by_state
        assert len({each.account_id for each in payments}) == len(payments), "an account was drafted twice"

    def require_told_once(self) -> None:
        """Each payment was told in one text."""
        with self.db.read() as tx:
            numbers = tx.scalars(
                select(Payment.confirmation_number).where(Payment.state == "succeeded")
            ).all()
        until(lambda: len(self.phone.received()) >= len(numbers), "the receipts")
        told = Counter(word.strip(".") for body in self.phone.received() for word in body.split())
        assert {number: told[number] for number in numbers} == dict.fromkeys(numbers, 1)

    def _add_scheduled(self, account_id: int, method_id: str) -> None:
        now = self.application.clock.now()
        with self.db.write() as tx:
            tx.add(
                ScheduledPayment(
                    id=new_id("sched"),
                    account_id=account_id,
                    method_id=method_id,
                    mandate_id=self._mandate(tx, account_id, method_id, "scheduled"),
                    confirmation_number=new_digits(8),
                    amount_cents=CENTS,
                    fee_cents=0,
                    pay_on=self.application.clock.today(),
                    draft_at=now + _NOT_YET,
                    session_id="session_1",
                    phone=PHONE,
                    language="en",
                    made_at=now,
                )
            )

    def _add_autopay(self, account_id: int, method_id: str) -> None:
        now, today = self.application.clock.now(), self.application.clock.today()
        with self.db.write() as tx:
            enrollment = AutopayEnrollment(
                id=new_id("autopay"),
                account_id=account_id,
                days_before=10,
                amount_kind="full",
                fee_cents=0,
                method_id=method_id,
                mandate_id=self._mandate(tx, account_id, method_id, "autopay"),
                phone=PHONE,
                language="en",
                enrolled_at=now,
                active_since=now,
            )
            tx.add(enrollment)
            tx.flush()
            statement_id = tx.scalar(select(Statement.id).where(Statement.account_id == account_id))
            tx.add(
                AutopayDraft(
                    id=new_id("apd"),
                    enrollment_id=enrollment.id,
                    account_id=account_id,
                    statement_id=statement_id,
                    due_on=today + timedelta(days=10),
                    planned_cents=CENTS,
                    draft_at=now + _NOT_YET,
                    state="planned",
                    made_at=now,
                )
            )

    def _mandate(self, tx: Any, account_id: int, method_id: str, purpose: Any) -> str:
        evidence = Evidence("Pay $84.20 with Visa 4242?", "en", "key", "session_1", "turn_1")
        return self.application.payments.saved_methods.write_mandate(
            tx, account_id=account_id, method_id=method_id, purpose=purpose, evidence=evidence
        )


@contextmanager
def due_bills(database_url: str, folder: Path, **values: Any) -> Iterator[DueBills]:
    """The co-op with a processor and a carrier served by this process; its processes end with the block."""
    zone, port = zone_where_it_is_noon(), free_port()
    clock = SystemClock(zone)
    values = {
        "data_dir": folder,
        "database_url": database_url,
        "coop_zone": zone,
        "public_url": f"http://127.0.0.1:{port}",
        "public_port": port,
        "internal_port": free_port(),
        "worker_name": "chaos",
        **values,
    }
    with ExitStack() as stack:
        books = create_processor(Settings(_env_file=None), folder / "stripe.db", clock=clock)
        values["stripe_api_base"] = stack.enter_context(_served(books))
        network = create_network(Settings(_env_file=None, **values), clock=clock)
        values["twilio_api_base"] = stack.enter_context(_served(network))
        db = stack.enter_context(closing(Database(database_url)))
        migrations.upgrade(db.writer)
        application = build(Settings(_env_file=None, **values), clock=clock, db=db)
        client = stack.enter_context(
            httpx.Client(base_url=values["stripe_api_base"], trust_env=False, timeout=60)
        )
        processor = StandIn(values["stripe_api_base"], client)
        bills = DueBills(values, folder, application, processor, Phone(network.state.carrier, PHONE))
        try:
            yield bills
        finally:
            for process in bills.processes:
                process.stop()


@contextmanager
def _served(app: Any) -> Iterator[str]:
    server = ThreadServer(app)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
