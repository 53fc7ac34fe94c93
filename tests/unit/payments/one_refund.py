"""One clerk who gives a payment back, and the processes around that: they die, start again, and go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from assistant.errors import RefundNotPossible
from assistant.payments.gateway import ProcessorNotice
from assistant.payments.return_models import Refund
from tests.unit.payments.one_payment import CENTS, OnePayment

PART = 2000
# A refund that is on its way is read again for ever, and an open dispute too; neither is work left undone.
_UNFINISHED = Refund.state.in_(("submitted", "unknown"))


@dataclass
class OneRefund(OnePayment):
    """A member who has paid and heard so. The clerk asks until told that the money is back, or why not."""

    asked: int = 0
    answers: list[str] = field(default_factory=list)
    confirmation_number: str = ""

    def pay_first(self) -> None:
        """Nobody dies here."""
        self.take_turn()
        payment = self.payment()
        assert payment is not None
        self.confirmation_number = payment.confirmation_number

    @property
    def intent_id(self) -> str:
        [charge] = self.charges()
        return charge.processor_id

    def ask(self) -> None:
        """The clerk enters the command once; a process that dies gives no answer."""
        self.asked += 1
        try:
            view = self.desk.payments.refunding.give_back(
                self.confirmation_number, amount_cents=PART, reason="paid twice", by="ana"
            )
        except RefundNotPossible:
            self.answers.append("no")
        else:
            self.answers.append(view.state)

    def ask_until_answered(self) -> None:
        """Who got no answer asks again."""
        while not self.answers:
            self.survive(self.ask)

    def news(self, *kinds: str) -> None:
        """The processor sends each event twice."""
        for kind in kinds:
            notice = ProcessorNotice(
                f"evt_{self.number}_{kind}", kind, f"obj_{self.number}", "", self.intent_id
            )
            self.unthanked += [notice, notice]

    def work_a_round(self) -> None:
        super().work_a_round()
        self.survive(self.desk.payments.refunding.finish_due)

    def refunds(self) -> list[Refund]:
        with self.desk.db.read() as tx:
            return list(tx.scalars(select(Refund).where(Refund.account_id == self.account_id)))

    def _is_quiet(self) -> bool:
        with self.desk.db.read() as tx:
            is_open = tx.scalar(select(Refund.id).where(_UNFINISHED).limit(1)) is not None
        return not is_open and super()._is_quiet()

    def _next_times(self) -> list[datetime | None]:
        with self.desk.db.read() as tx:
            refund_at = tx.scalar(select(func.min(Refund.next_lookup_at)).where(_UNFINISHED))
        return [*super()._next_times(), refund_at]


def require_good_refund(one: OneRefund, *, given: int, taken: int, texts: dict[str, int]) -> None:
    """Raises AssertionError with the first promise that is broken.

    `given` and `taken` are the cents that the processor gave back and the bank holds in the end; `texts` are
    words and how many texts must hold them.
    """
    payment = one.payment()
    assert payment is not None
    back = [one for charge, one in one.desk.gateway.refunds.values() if charge == payment.processor_id]
    kept = sum(refund.amount_cents for refund in back if refund.state != "failed")
    assert kept == given, "given back more or less than once"
    assert (payment.refunded_cents, payment.disputed_cents) == (given, taken), "the records differ"
    balance = one.desk.billing.summary(one.account_id).balance_cents
    assert balance == given + taken, "what went back is not what was posted"
    books = one.desk.books(one.account_id)
    assert sum(books.values()) == CENTS, "the ledger's books differ: only the bill has no other side"
    assert books["clearing"] == CENTS - given - taken
    assert all(row.state not in ("submitted", "unknown") for row in one.refunds()), "never finished"
    for words, count in texts.items():
        assert sum(words in body for body in one.texts()) == count, f"told {words!r} not {count} times"
