"""One member who sets a payment or switches autopay on, and the workers that die while they carry it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from sqlalchemy import func, select, update

from assistant.payments.autopay_views import AutopayOptions
from assistant.payments.models import Payment
from assistant.payments.scheduling_models import AutopayDraft, AutopayEnrollment, ScheduledPayment
from tests.factories import Factory
from tests.unit.payments.ending_well import require_final_states_stay, require_money_posted
from tests.unit.payments.one_payment import CENTS, OnePayment

WORDS = "Pay $84.20 on Dec 3 with Visa 4242? Reply YES or 1."
_SET = ScheduledPayment.state == "scheduled"
_OPEN = ("planned", "waiting", "sent")


@dataclass
class OneDraft(OnePayment):
    """A fresh member with a saved card, who has heard what is to be paid in ten days and said yes to it."""

    kind: str = "scheduled"
    # The states of each of the payments in order, as they were committed.
    states_of: dict[str, list[str]] = field(default_factory=dict)

    def prepare(self, factory: Factory) -> None:
        desk, number = self.desk, f"{2_000_000_000 + self.number}"
        due_on = desk.clock.today() + timedelta(days=10)
        account = factory.account(number, name=f"Member {self.number}", phone=self.phone, due_on=due_on)
        self.account_id = account.id
        method = desk.payments.saved_methods.save(account.id, f"pm_{self.number}", is_default=True)
        desk.identity.recognize_by_phone(self.session, self.phone)
        desk.identity.check_pin(self.session, self.phone, account.pin)
        if self.kind == "autopay":
            options = AutopayOptions(method_id=method.id)
            self.draft_id = desk.payments.autopay.offer(session_id=self.session, options=options).id
        else:
            self.draft_id = desk.payments.draft(
                session_id=self.session,
                account_id=account.id,
                amount_cents=CENTS,
                method_id=method.id,
                pay_on=due_on,
            ).id

    def agree(self) -> None:
        """The member says yes until somebody answers; two deaths need three of them."""
        for turn in ("first", "second", "third"):
            if not self._is_set():
                self.survive(partial(self._agree, turn))

    def leave(self) -> None:
        """The next member's rounds need not look at this one."""
        with self.desk.db.write() as tx:
            mine = AutopayEnrollment.account_id == self.account_id
            tx.execute(update(AutopayEnrollment).where(mine).values(state="left"))

    def work_a_round(self) -> None:
        """What workers do; their deaths while they send texts are played with `OnePayment`."""
        payments = self.desk.payments
        rounds: tuple[Callable[[], object], ...] = (
            payments.sweep,
            payments.scheduled_drafting.draft_due,
            payments.autopay_planning.plan_due,
            payments.autopay_drafting.draft_due,
        )
        for work in rounds:
            self.survive(work)
        with self.boundaries.uncounted():
            self.desk.outbox.send_due()

    def note_state(self) -> None:
        for one in self.payments():
            states = self.states_of.setdefault(one.id, [])
            if states[-1:] != [one.state]:
                states.append(one.state)

    def payments(self) -> list[Payment]:
        with self.desk.db.read() as tx:
            mine = select(Payment).where(Payment.account_id == self.account_id)
            return list(tx.scalars(mine.order_by(Payment.created_at, Payment.id)))

    def scheduled(self) -> list[ScheduledPayment]:
        with self.desk.db.read() as tx:
            mine = ScheduledPayment.account_id == self.account_id
            return list(tx.scalars(select(ScheduledPayment).where(mine)))

    def drafts(self) -> list[AutopayDraft]:
        with self.desk.db.read() as tx:
            return list(tx.scalars(select(AutopayDraft).where(AutopayDraft.account_id == self.account_id)))

    def _agree(self, turn: str) -> None:
        self.say_yes(turn)
        service = self.desk.payments.autopay if self.kind == "autopay" else self.desk.payments.scheduled
        service.confirm(
            session_id=self.session,
            turn_id=self._turn_id(turn),
            language="en",
            channel=self.channel,
            phone=self.phone,
            words=WORDS,
        )

    def _is_set(self) -> bool:
        if self.kind != "autopay":
            return bool(self.scheduled())
        with self.desk.db.read() as tx:
            mine = AutopayEnrollment.account_id == self.account_id
            return tx.scalar(select(AutopayEnrollment.id).where(mine)) is not None

    def _is_quiet(self) -> bool:
        is_planned = self.kind != "autopay" or bool(self.drafts()) or not self._is_set()
        is_open = any(one.state in _OPEN for one in self.drafts())
        is_open = is_open or any(one.state == "scheduled" for one in self.scheduled())
        return is_planned and not is_open and super()._is_quiet()

    def _next_times(self) -> list[datetime | None]:
        with self.desk.db.read() as tx:
            scheduled_at = tx.scalar(select(func.min(ScheduledPayment.draft_at)).where(_SET))
            is_open = AutopayDraft.state.in_(("planned", "waiting"))
            drafted_at = tx.scalar(select(func.min(AutopayDraft.draft_at)).where(is_open))
        return [*super()._next_times(), scheduled_at, drafted_at]


def require_good_draft(one: OneDraft, *, is_paid: bool | None) -> None:
    """Raises AssertionError with the first promise that is broken. `is_paid` None: either is fine."""
    charges = [charge for charge in one.charges() if charge.state == "succeeded"]
    payments = one.payments()
    assert len(charges) <= 1, "charged twice"
    require_money_posted(one, charges)
    for states in one.states_of.values():
        require_final_states_stay(states)
    paid = [payment for payment in payments if payment.state == "succeeded"]
    assert {payment.processor_id for payment in paid} == {charge.processor_id for charge in charges}
    assert is_paid in (None, bool(paid)), "paid, or not paid, against what the bank said"
    _require_one_draft(one, payments, is_paid=bool(paid))
    _require_told(one, payments, is_paid=bool(paid))


def _require_one_draft(one: OneDraft, payments: list[Payment], *, is_paid: bool) -> None:
    """One draft for one yes, and nothing before its time."""
    rows = one.drafts() if one.kind == "autopay" else one.scheduled()
    assert len(rows) == 1, "not one draft for one yes"
    [row] = rows
    tries = row.try_count if isinstance(row, AutopayDraft) else 1
    ended = ("paid" if is_paid else "failed") if isinstance(row, AutopayDraft) else "drafted"
    assert (row.state, len(payments)) == (ended, tries), "the draft and its payments differ"
    times = [payment.created_at for payment in payments]
    assert all(later - earlier >= timedelta(hours=23) for earlier, later in pairwise(times)), "tried at once"
    local = times[0].astimezone(one.desk.clock.zone)
    assert 9 <= local.hour < 20, "drafted at night"


def _require_told(one: OneDraft, payments: list[Payment], *, is_paid: bool) -> None:
    texts = one.texts()
    assert len(set(texts)) == len(texts), "told twice"
    receipts = [text for text in texts if "we received your payment of $84.20" in text]
    failures = [text for text in texts if "not charged" in text or "Nothing was charged" in text]
    assert len(receipts) == (1 if is_paid else 0), "the receipt was not told once"
    retried = [text for text in texts if "We will try again on" in text]
    notices = [text for text in texts if "autopay will pay" in text or "autopay is on" in text]
    assert len(retried) == len(payments) - 1, "not told once of each further try"
    assert len(notices) == (1 if one.kind == "autopay" else 0), "not told once before the draft"
    known = {*receipts, *failures, *retried, *notices}
    assert set(texts) == known, "a text told something else"
    assert is_paid or texts[-1] in failures, "the member was not told that nothing was charged"
