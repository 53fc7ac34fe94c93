"""What must be true after every commit (DESIGN 7), whoever is asleep, dead or wrong about the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from assistant.clock import local_instant
from assistant.payments.gateway import ChargeOutcome, ChargeRequest
from assistant.payments.lookup import QUIET_PERIOD
from tests.simulation.rows import DraftRow, PaymentRow, ScheduledRow
from tests.simulation.world import World

OPEN = frozenset(("created", "held", "submitted", "unknown", "pending"))
CHARGED = frozenset(("succeeded", "partially_refunded", "refunded"))
UNATTENDED = frozenset(("scheduled", "autopay"))
_MOVES = {
    "held": {"submitted", "refused"},
    "submitted": {"unknown", "pending", "succeeded", "declined", "not_charged", "canceled"},
    "unknown": {"pending", "succeeded", "declined", "not_charged", "canceled"},
    # The bank has it: no silence ends it, only the bank's word.
    "pending": {"succeeded", "declined"},
    # Money goes back, and should the bank not take it, it is there again.
    "succeeded": {"partially_refunded", "refunded"},
    "partially_refunded": {"succeeded", "refunded"},
    "refunded": {"succeeded", "partially_refunded"},
}
# What a payment keeps for ever.
_KEPT = ("account_id", "origin", "amount_cents", "fee_cents", "draft_id", "scheduled_id", "created_at")
_KEPT_TOO = ("idempotency_key", "confirmation_number", "autopay_draft_id", "autopay_try")


class BrokenPromise(BaseException):
    """Not an Exception, so that no code under test can swallow it."""


def require(is_kept: bool, promise: str) -> None:
    if not is_kept:
        raise BrokenPromise(promise)


@dataclass
class Promises:
    """Looks at what is committed, compares it with what was before and with the processor's books."""

    world: World
    payments: dict[str, PaymentRow] = field(default_factory=dict)
    scheduled: dict[str, ScheduledRow] = field(default_factory=dict)
    drafts: dict[str, DraftRow] = field(default_factory=dict)
    # When the processor's caller last let go of a request that may be on its way, in true time.
    asked_at: dict[str, datetime] = field(default_factory=dict)
    # The drafts that a member said yes to.
    yes: set[str] = field(default_factory=set)

    def before_charge(self, request: ChargeRequest) -> None:
        """The intent was committed before the processor hears of it."""
        row = next((one for one in self.world.rows.payments() if one.id == request.payment_id), None)
        require(row is not None, "charged without a record")
        assert row is not None
        require(row.submitted_at is not None, "charged before the time of submission was written")
        require(row.idempotency_key == request.idempotency_key, "charged under a key that was not written")
        others = [key for key, asked in self.world.gateway.requests.items() if asked.payment_id == row.id]
        require(not set(others) - {request.idempotency_key}, "charged twice")
        self.asked_at[row.id] = self.world.clock.true.now()

    def check(self) -> None:
        """After a commit. Raises BrokenPromise with the first promise that is broken."""
        payments = {row.id: row for row in self.world.rows.payments()}
        if payments != self.payments:
            for row in payments.values():
                self._check_move(self.payments.get(row.id), row)
            require(not set(self.payments) - set(payments), "a payment vanished")
            self._check_one_at_a_time(payments)
            new = [row for row in payments.values() if row.id not in self.payments]
            self.payments = payments
            for row in new:
                self._check_new(row)
        self._check_ledger()
        self._check_scheduled()
        self._check_autopay()

    def _check_move(self, before: PaymentRow | None, now: PaymentRow) -> None:
        if before is None:
            self.asked_at[now.id] = self.world.clock.true.now()
            return
        if before == now:
            return
        for name in (*_KEPT, *_KEPT_TOO):
            require(getattr(before, name) == getattr(now, name), f"a payment's {name} changed")
        is_same_time = before.submitted_at in (None, now.submitted_at)
        require(is_same_time, "a payment's time of submission changed")
        if before.state == now.state:
            return
        if before.state == "held" and now.state == "submitted":
            self.asked_at[now.id] = self.world.clock.true.now()
            self._check_day(now)
        require(now.state in _MOVES.get(before.state, set()), f"{before.state} became {now.state}")
        if now.state == "declined":
            theirs = [one.state for one in self._charges_of(now.id)]
            require("declined" in theirs, "told as declined, but the bank did not decline")
        if now.state == "not_charged" and now.processor_id is None:
            waited = self.world.clock.true.now() - self.asked_at[now.id]
            require(waited >= QUIET_PERIOD, f"given up after {waited}")

    def _charges_of(self, payment_id: str) -> list[ChargeOutcome]:
        gateway = self.world.gateway
        return [
            gateway.charges[key] for key, asked in gateway.requests.items() if asked.payment_id == payment_id
        ]

    def _check_one_at_a_time(self, payments: dict[str, PaymentRow]) -> None:
        accounts = [row.account_id for row in payments.values() if row.state in ("submitted", "unknown")]
        require(len(accounts) == len(set(accounts)), "two payments of one account under way")
        tries = [
            row.draft_id or row.scheduled_id or (row.autopay_draft_id, row.autopay_try)
            for row in payments.values()
        ]
        require(len(tries) == len(set(tries)), "two payments for one yes")

    def _check_new(self, row: PaymentRow) -> None:
        if row.origin in UNATTENDED:
            on_its_way = sum(
                one.amount_cents
                for one in self.payments.values()
                if one.account_id == row.account_id and one.state == "pending"
            )
            owed_cents = self.world.rows.balances().get(row.account_id, 0) - on_its_way
            require(row.amount_cents <= max(owed_cents, 0), "drafted more than is owed")
            local = self.world.clock.now().astimezone(self.world.clock.zone)
            require(self._drafts_at() <= local.time() < time(20), "drafted at night")
        else:
            require(row.draft_id in self.yes, "charged without a yes to this very draft")
            if row.state != "held":
                self._check_day(row)

    def _check_day(self, row: PaymentRow) -> None:
        zone = self.world.clock.zone
        day = (row.submitted_at or row.created_at).astimezone(zone).date()
        midnight = local_instant(day, time(), zone)
        spent_cents = sum(
            one.amount_cents + one.fee_cents - one.refunded_cents
            for one in self.payments.values()
            if one.account_id == row.account_id
            and midnight <= (one.submitted_at or one.created_at)
            and one.state not in ("held", "declined", "not_charged", "canceled", "refused", "refunded")
        )
        require(spent_cents <= self.world.settings.payment_day_max_cents, "over the day's limit")

    def _check_ledger(self) -> None:
        """State and ledger rows move in one commit."""
        expected: dict[tuple[str, str], int] = {}
        refunds = self.world.rows.posted_refunds()
        for row in self.payments.values():
            require(refunds.get(row.id, 0) == row.refunded_cents, "a payment and its refunds differ")
            if row.state not in CHARGED:
                require(row.refunded_cents == row.disputed_cents == 0, "returned what was not charged")
                continue
            require(row.state == _state_by_refunds(row), "a payment's state and its refunds differ")
            bill, fee, loss = row.returned
            expected[row.id, "member"] = bill - row.amount_cents
            expected[row.id, "clearing"] = row.amount_cents + row.fee_cents - bill - fee - loss
            expected[row.id, "income"] = fee - row.fee_cents + loss
        posted = self.world.rows.ledger()
        keys = expected.keys() | posted.keys()
        differing = sorted(
            book for key in keys if expected.get(key, 0) != posted.get(key, 0) for book in key[1:]
        )
        require(not differing, f"state and ledger differ in the books {', '.join(differing)}")

    def _check_scheduled(self) -> None:
        rows = {row.id: row for row in self.world.rows.scheduled()}
        if rows == self.scheduled:
            return
        for row in rows.values():
            self._check_scheduled_move(self.scheduled.get(row.id), row)
        self.scheduled = rows

    def _check_scheduled_move(self, before: ScheduledRow | None, now: ScheduledRow) -> None:
        clock = self.world.clock
        made = next((one for one in self.payments.values() if one.scheduled_id == now.id), None)
        require((made is not None) == (now.state == "drafted"), "a scheduled payment and its payment differ")
        if now.state == "scheduled" and now != before:
            require(now.pay_on > clock.today(), "set for a day that is no later one")
            due_on = self._oldest_due_on(now.account_id)
            require(due_on is not None and now.pay_on.isoformat() <= due_on, "set past the due date")
            local = now.draft_at.astimezone(clock.zone)
            require((local.date(), local.time()) == (now.pay_on, self._drafts_at()), "not set for its day")
        if before is None or before == now:
            return
        require(before.state == "scheduled", f"a {before.state} scheduled payment changed")
        is_by_member = now.state == "scheduled" or now.reason == "member"
        is_too_late = clock.now() > before.draft_at - timedelta(hours=24)
        require(not (is_by_member and is_too_late), "changed within a day of its draft")
        if made is not None:
            self._check_date(before.pay_on.isoformat())
            require(made.amount_cents <= before.amount_cents, "drafted more than was set")

    def _check_autopay(self) -> None:
        rows = {row.id: row for row in self.world.rows.autopay_drafts()}
        if rows == self.drafts:
            return
        bills = [(row.enrollment_id, row.statement_id) for row in rows.values()]
        require(len(bills) == len(set(bills)), "two drafts of one bill")
        for row in rows.values():
            before = self.drafts.get(row.id)
            if before is not None and before != row:
                self._check_autopay_move(before, row)
        self.drafts = rows

    def _check_autopay_move(self, before: DraftRow, now: DraftRow) -> None:
        require(before.state not in ("paid", "failed", "skipped"), f"a draft that was {before.state} changed")
        require(before.planned_cents == now.planned_cents, "a plan that was told changed")
        tries = [one for one in self.payments.values() if one.autopay_draft_id == now.id]
        require(len(tries) == now.try_count, "tries and payments differ")
        require(sum(one.state in (OPEN | CHARGED) for one in tries) <= 1, "one bill drafted twice")
        if now.state == "sent" and before.state != "sent":
            zone = self.world.clock.zone
            self._check_date(before.draft_at.astimezone(zone).date().isoformat())
            require(max(one.amount_cents for one in tries) <= now.planned_cents, "drafted more than was told")

    def _check_date(self, day: str) -> None:
        today = self.world.clock.true.now().astimezone(self.world.clock.zone).date()
        require(today.isoformat() >= day, "drafted before its day")

    def _drafts_at(self) -> time:
        return time.fromisoformat(self.world.settings.drafts_at)

    def _oldest_due_on(self, account_id: int) -> str | None:
        """When the oldest bill that is not paid is due: payments pay the oldest first."""
        owed_cents = self.world.rows.balances().get(account_id, 0)
        oldest = None
        for due_on, cents in self.world.rows.bills(account_id):
            if owed_cents <= 0:
                break
            oldest, owed_cents = str(due_on), owed_cents - cents
        return oldest


def _state_by_refunds(row: PaymentRow) -> str:
    if row.refunded_cents == 0:
        return "succeeded"
    return "refunded" if row.refunded_cents == row.amount_cents + row.fee_cents else "partially_refunded"
