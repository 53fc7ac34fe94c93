"""A co-op of real processes that a test may kill: the service, its database, and lines that can be held."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import httpx
from fastapi import Depends, FastAPI, Request, Response
from sqlalchemy import func, select, update
from twilio.request_validator import RequestValidator

from assistant.app import Application
from assistant.billing.models import LedgerEntry
from assistant.db import Base, Database, UtcDateTime
from assistant.internal import SECRET_HEADER
from assistant.payments.models import Payment, PaymentAttempt
from assistant.sandbox.carrier import Carrier
from assistant.sandbox.leash import leash_argv
from assistant.settings import Settings
from assistant.worker import rounds_of
from tests.conftest_rasa import NO_ROOTS, RunningRasa
from tests.factories import MadeAccount
from tests.phone_fixtures import Phone
from tests.stripe_fixtures import StandIn

CHARGES = "/v1/payment_intents"
# For a machine with much else to do.
_START_SECONDS = 120
_ANSWER_SECONDS = 90
Found = TypeVar("Found")


def until(found: Callable[[], Found], what: str, seconds: float = 30, every: float = 0.02) -> Found:
    """The first true answer of `found`; fails the test when `what` does not happen in time."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(every)
    return answer


class Service:
    """`porchlight serve` as a process of its own. It dies with the test, whatever happens."""

    def __init__(self, values: dict[str, Any], folder: Path) -> None:
        """`values` are settings by name; `folder` has no .env file and gets the log."""
        self._environment = {f"PORCHLIGHT_{name.upper()}": str(value) for name, value in values.items()}
        self._url = values["public_url"]
        self._folder = folder
        self._log = folder / "service.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready for a turn."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                leash_argv([sys.executable, "-m", "assistant.cli", "serve"]),
                env={**os.environ, **self._environment},
                cwd=self._folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        # Each look takes from the one core that the start has to itself.
        until(self._is_ready, "the start of the service", _START_SECONDS, every=0.1)

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        assert self._process is not None
        assert self._process.poll() is None, "it was dead already"
        self._process.kill()
        assert self._process.wait(10) == -signal.SIGKILL

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"{self._url}/health", trust_env=False, verify=NO_ROOTS).status_code == 200
        except httpx.HTTPError:
            return False


class Hold:
    """Something that stops on its way until the test lets it go on."""

    def __init__(self) -> None:
        self.is_wanted = False
        self._arrived = threading.Event()
        self._over = threading.Event()

    def wait_here(self) -> None:
        self._arrived.set()
        assert self._over.wait(120), "nobody let it go on"

    def arrived(self, seconds: float = 30) -> None:
        """Wait until something is held."""
        assert self._arrived.wait(seconds), "nothing came this way"

    def end(self) -> None:
        self.is_wanted = False
        self._over.set()


async def _raw_body(request: Request) -> bytes:
    return await request.body()


class LineToProcessor:
    """Stands between the service and the processor; a held charge never arrives there."""

    def __init__(self, processor_url: str) -> None:
        self.hold = Hold()
        self.app = FastAPI()
        self._client = httpx.Client(base_url=processor_url, trust_env=False, timeout=60, verify=NO_ROOTS)
        self.app.add_api_route("/{path:path}", self._pass_on, methods=["GET", "POST", "DELETE"])

    def close(self) -> None:
        self.hold.end()
        self._client.close()

    def _pass_on(self, request: Request, body: Annotated[bytes, Depends(_raw_body)]) -> Response:
        if self.hold.is_wanted and (request.method, request.url.path) == ("POST", CHARGES):
            self.hold.wait_here()
            return Response(status_code=502)
        kept = ("authorization", "content-type", "idempotency-key", "stripe-version")
        headers = {name: value for name, value in request.headers.items() if name in kept}
        url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        answer = self._client.request(request.method, url, content=body, headers=headers)
        return Response(answer.content, answer.status_code, {"Content-Type": "application/json"})


class LineFromRasa:
    """Rasa's action calls to the service; the answer of one action can be held on its way back."""

    def __init__(self, rasa: RunningRasa, internal_port: int) -> None:
        self.hold = Hold()
        self.held_action = ""
        self._url = f"http://127.0.0.1:{internal_port}/actions"
        self._secret = rasa.secret
        rasa.answer = self.answer

    def hold_answer_of(self, action: str) -> None:
        self.held_action, self.hold.is_wanted = action, True

    def answer(self, call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {SECRET_HEADER: self._secret}
        try:
            response = httpx.post(
                self._url, json=call, headers=headers, timeout=60, trust_env=False, verify=NO_ROOTS
            )
        except httpx.HTTPError:
            return 503, {"error": "the service is gone"}
        if self.hold.is_wanted and call["next_action"] == self.held_action:
            self.hold.wait_here()
        return response.status_code, response.json()


@dataclass
class Coop:
    """Everything around one member's phone. Recovery is the worker's own rounds, on the machine's clock."""

    settings: Settings
    db: Database
    service: Service
    worker: Application
    processor: StandIn
    carrier: Carrier
    phone: Phone
    account: MadeAccount
    to_processor: LineToProcessor
    from_rasa: LineFromRasa

    def text(self, body: str) -> str:
        """Send a text; its answer, which comes as a message of its own when the turn took long."""
        before = len(self.phone.received())
        answer = self.phone.text(body)
        if not answer:
            until(lambda: len(self.phone.received()) > before, f"an answer to {body!r}", _ANSWER_SECONDS)
            answer = self.phone.received()[before]
        return answer

    def start_text(self, body: str) -> threading.Thread:
        """Send a text and do not wait for its answer."""
        thread = threading.Thread(target=self.phone.text, args=(body,))
        thread.start()
        return thread

    def deliver_again(self, body: str) -> str:
        """The carrier delivers the newest text with this body again, same MessageSid; the answer's TwiML."""
        url = f"{self.settings.public_url}/twilio/sms"
        delivered = [entry.form for entry in self.carrier.wire.entries() if entry.url == url]
        # A body that was wiped at the carrier is empty in its log.
        form = next({**form, "Body": body} for form in reversed(delivered) if form["Body"] in ("", body))
        token = self.settings.twilio_auth_token.get_secret_value()
        headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)}
        answer = httpx.post(url, data=form, headers=headers, timeout=60, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.text

    def let_time_pass(self, step: timedelta) -> None:
        """For every process at once: whatever was written down was written that much earlier."""
        with self.db.write() as tx:
            for table in Base.metadata.sorted_tables:
                times = [column for column in table.columns if isinstance(column.type, UtcDateTime)]
                keys = list(table.primary_key.columns)
                for row in tx.execute(select(*keys, *times)).mappings().all():
                    earlier = {column.name: row[column.name] - step for column in times if row[column.name]}
                    if earlier:
                        same = [key == row[key.name] for key in keys]
                        tx.execute(update(table).where(*same).values(earlier))
            # Tries are also dated by what the machine has ticked.
            ticked = PaymentAttempt.tick_ms - step // timedelta(milliseconds=1)
            tx.execute(
                update(PaymentAttempt).where(PaymentAttempt.tick_ms.is_not(None)).values(tick_ms=ticked)
            )

    def work(self) -> None:
        """One round of everything that the worker does."""
        for one in rounds_of(self.worker):
            one.work()

    def work_for(self, *steps: timedelta) -> None:
        """Let time pass step by step, with a round of work after each."""
        for step in steps:
            self.let_time_pass(step)
            self.work()

    def told(self, words: str) -> str:
        """The one text with these words; waits for it, because listeners and workers hand over by turns."""
        until(lambda: self.texts_with(words), f"a text with {words!r}")
        [text] = self.texts_with(words)
        return text

    def payments(self) -> list[Payment]:
        with self.db.read() as tx:
            return list(tx.scalars(select(Payment).order_by(Payment.created_at)))

    @property
    def balance_cents(self) -> int:
        return self.worker.billing.summary(self.account.id).balance_cents

    def texts_with(self, words: str) -> list[str]:
        """What the phone received that has these words."""
        return [body for body in self.phone.received() if words in body]

    def require_paid_and_told_once(self) -> None:
        """$84.20: charged once, posted once, and told in exactly one text with the confirmation number."""
        receipt = self.told("we received your payment of $84.20")
        [payment] = self.payments()
        assert f"Confirmation {payment.confirmation_number}" in receipt
        assert payment.state == "succeeded"
        assert [charge["amount"] for charge in self.processor.charged()] == [8420]
        assert self.balance_cents == 0
        self.require_books_agree()

    def require_books_agree(self) -> None:
        """What the processor took is what we recorded and what the ledger posted, to the cent and the id."""
        taken = {
            (charge["payment_intent"], charge["amount"], charge["amount_refunded"])
            for charge in self.processor.charged()
        }
        recorded = {
            (each.processor_id, each.amount_cents + each.fee_cents, each.refunded_cents)
            for each in self.payments()
            if each.state == "succeeded"
        }
        assert recorded == taken
        with self.db.read() as tx:
            by_book = dict(
                tx.execute(
                    select(LedgerEntry.book, func.sum(LedgerEntry.amount_cents))
                    .where(LedgerEntry.payment_id.is_not(None))
                    .group_by(LedgerEntry.book)
                ).all()
            )
        total = sum(cents for _, cents, _ in taken)
        assert {book: int(cents) for book, cents in by_book.items()} == (
            {"member": -total, "clearing": total} if total else {}
        )
