"""Each risk rule at its limit and one below it, alone; what it takes in, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.identity.limits import by_phone, reserve
from assistant.payments.models import Payment, PaymentMethod
from assistant.payments.risk import Attempt, Risk, told_reasons
from assistant.payments.risk_models import RiskDecision
from assistant.payments.risk_rules import RULE_OF, RULES, Rule
from assistant.settings import Settings
from tests.factories import Factory

PHONE, OTHER_PHONE = "+17065550111", "+17065550112"


@dataclass
class History:
    """Tries to pay, one after the other, judged by one rule."""

    db: Database
    clock: FixedClock
    settings: Settings
    factory: Factory
    rule: Rule
    numbers: count[int] = field(default_factory=lambda: count(1))

    def account(self, **what: object) -> int:
        number = next(self.numbers)
        made = self.factory.account(f"{3_000_000_000 + number}", name=f"M{number}", phone="", **what)  # type: ignore[arg-type]
        return made.id

    def card(self, account_id: int, *, fingerprint: str | None = None, is_saved: bool = False) -> str:
        number = next(self.numbers)
        with self.db.write() as tx:
            tx.add(
                PaymentMethod(
                    id=f"method_{number}",
                    account_id=account_id,
                    processor_id=f"pm_{number}",
                    kind="card",
                    brand="Visa",
                    last_four="4242",
                    fingerprint=fingerprint or f"mark_{number}",
                    is_saved=is_saved,
                    added_at=self.clock.now(),
                )
            )
        return f"method_{number}"

    def attempt(
        self,
        account_id: int | None = None,
        *,
        method_id: str = "",
        phone: str | None = PHONE,
        session: str = "",
        cents: int = 8420,
        is_member_present: bool = True,
        bank: str = "",
    ) -> str:
        """One try; what the rule said. `bank`: the decline that the bank answered with."""
        account_id = account_id or self.account()
        method_id = method_id or self.card(account_id)
        with self.db.write() as tx:
            decision = Risk(self.clock, self.settings, [self.rule]).decide(
                tx,
                Attempt(
                    account_id=account_id,
                    amount_cents=cents,
                    method=tx.get_one(PaymentMethod, method_id),
                    phone=phone,
                    session_id=session or f"session_{next(self.numbers)}",
                    is_member_present=is_member_present,
                ),
            )
            if bank:
                self._decline(decision, method_id, bank)
                tx.add(self.declined)
                tx.flush()
                decision.payment_id = self.declined.id
            return decision.outcome

    def _decline(self, decision: RiskDecision, method_id: str, bank: str) -> None:
        number = next(self.numbers)
        self.declined = Payment(
            id=f"pay_{number}",
            account_id=decision.account_id,
            method_id=method_id,
            confirmation_number=f"{number:08d}",
            idempotency_key=f"key_{number}",
            amount_cents=decision.amount_cents,
            state="declined",
            decline_code=bank,
            origin="voice",
            created_at=self.clock.now(),
        )


Past = Callable[[History], Callable[[], str]]


def tries_from_a_phone(past: History) -> Callable[[], str]:
    return past.attempt


def tries_of_callers_who_withhold(past: History) -> Callable[[], str]:
    return lambda: past.attempt(phone="+266696687")


def tries_in_a_call(past: History) -> Callable[[], str]:
    phones = (f"+1706555{number:04d}" for number in count(1000))
    return lambda: past.attempt(phone=next(phones), session="one_call")


def tries_on_an_account(past: History) -> Callable[[], str]:
    account_id = past.account()
    phones = (f"+1706555{number:04d}" for number in count(1000))
    return lambda: past.attempt(account_id, phone=next(phones))


def tries_with_a_card(past: History) -> Callable[[], str]:
    def once() -> str:
        account_id = past.account()
        return past.attempt(account_id, method_id=past.card(account_id, fingerprint="one_card"))

    return once


def cards_on_an_account(past: History) -> Callable[[], str]:
    account_id = past.account()
    return lambda: past.attempt(account_id)


def declines_on_an_account(past: History) -> Callable[[], str]:
    account_id = past.account()
    past.attempt(account_id, bank="insufficient_funds")
    return lambda: past.attempt(account_id, bank="insufficient_funds")


def guesses_from_a_phone(past: History) -> Callable[[], str]:
    def once() -> str:
        with past.db.write() as tx:
            reserve(tx, past.clock.now(), [by_phone("zip", PHONE)])
        return past.attempt()

    return once


# What a rule counts, and the setting that limits it.
COUNTED: dict[str, tuple[Past, str]] = {
    "many_tries_from_phone": (tries_from_a_phone, "risk_phone_tries"),
    "many_tries_from_withheld_numbers": (tries_of_callers_who_withhold, "risk_withheld_tries"),
    "many_tries_in_session": (tries_in_a_call, "risk_session_tries"),
    "many_tries_on_account": (tries_on_an_account, "risk_account_tries"),
    "many_tries_with_card": (tries_with_a_card, "risk_card_tries"),
    "many_accounts_from_phone": (tries_from_a_phone, "risk_phone_accounts"),
    "many_cards_on_account": (cards_on_an_account, "risk_account_cards"),
    "many_declines_on_account": (declines_on_an_account, "risk_account_declines"),
    "many_guesses_from_phone": (guesses_from_a_phone, "risk_phone_guesses"),
}
LOST_OR_STOLEN = {"card_lost_or_stolen", "lost_or_stolen_on_account", "lost_or_stolen_from_phone"}


@pytest.fixture
def past(
    request: pytest.FixtureRequest, db: Database, clock: FixedClock, settings: Settings, factory: Factory
) -> History:
    return History(db, clock, settings, factory, RULE_OF[request.param])


def test_every_rule_has_a_test_of_its_limit_here() -> None:
    assert {rule.reason for rule in RULES} == {*COUNTED, *LOST_OR_STOLEN, "amount_above_history"}


@pytest.mark.parametrize(("past", "reason"), [(name, name) for name in COUNTED], indirect=["past"])
def test_up_to_its_limit_a_rule_is_silent_and_beyond_it_speaks(past: History, reason: str) -> None:
    build, setting = COUNTED[reason]
    setattr(past.settings, setting, 3)
    once = build(past)
    assert [once() for _ in range(4)] == ["allow", "allow", "allow", "hold"]
    with past.db.read() as tx:
        [last] = tx.scalars(select(RiskDecision).order_by(RiskDecision.id.desc()).limit(1))
    assert last.reasons == [{"reason": reason, "value": 4, "limit": 3, "outcome": "hold"}]
    assert "4" in told_reasons(last.reasons)[0]

    past.clock.advance(past.rule.window + timedelta(seconds=1))
    assert once() == "allow", "its window is over"


@pytest.mark.parametrize("past", ["amount_above_history"], indirect=True)
def test_three_times_the_largest_bill_is_fine_and_a_cent_more_is_held(past: History) -> None:
    account_id = past.account(balance_cents=8000)
    past.factory.statement(account_id, 7000, due_on=past.clock.today() - timedelta(days=25))
    assert past.attempt(account_id, cents=24_000) == "allow"
    assert past.attempt(account_id, cents=24_001) == "hold"


@pytest.mark.parametrize("past", ["amount_above_history"], indirect=True)
def test_an_amount_is_not_held_when_it_is_small_or_there_is_nothing_to_compare_it_with(past: History) -> None:
    assert past.attempt(past.account(balance_cents=1000), cents=19_999) == "allow"
    assert past.attempt(past.account(balance_cents=0), cents=60_000) == "allow"


@pytest.mark.parametrize("past", ["card_lost_or_stolen"], indirect=True)
@pytest.mark.parametrize("bank", ["lost_card", "stolen_card", "pickup_card"])
def test_a_card_that_a_bank_called_lost_or_stolen_is_refused_on_every_account(
    past: History, bank: str
) -> None:
    account_id = past.account()
    assert past.attempt(account_id, method_id=past.card(account_id, fingerprint="gone"), bank=bank) == "allow"
    other_id = past.account()
    assert past.attempt(other_id, method_id=past.card(other_id, fingerprint="gone")) == "refuse"
    assert past.attempt(other_id, method_id=past.card(other_id, fingerprint="fine")) == "allow"
    saved = past.card(other_id, fingerprint="gone", is_saved=True)
    assert past.attempt(other_id, method_id=saved, is_member_present=False) == "refuse", "an autopay draft"
    past.clock.advance(timedelta(days=181))
    assert past.attempt(other_id, method_id=past.card(other_id, fingerprint="gone")) == "allow"


@pytest.mark.parametrize("past", ["card_lost_or_stolen"], indirect=True)
def test_another_decline_says_nothing_about_the_card(past: History) -> None:
    account_id = past.account()
    method_id = past.card(account_id)
    past.attempt(account_id, method_id=method_id, bank="insufficient_funds")
    assert past.attempt(account_id, method_id=method_id) == "allow"


@pytest.mark.parametrize("past", ["lost_or_stolen_on_account"], indirect=True)
def test_after_a_stolen_card_the_accounts_next_card_is_held_for_a_day(past: History) -> None:
    account_id = past.account()
    past.attempt(account_id, bank="stolen_card")
    assert past.attempt(account_id, phone=OTHER_PHONE) == "hold"
    assert past.attempt() == "allow", "another account"
    past.clock.advance(timedelta(days=1, seconds=1))
    assert past.attempt(account_id) == "allow"


@pytest.mark.parametrize("past", ["lost_or_stolen_from_phone"], indirect=True)
def test_after_a_stolen_card_the_phones_next_card_is_held_for_a_day(past: History) -> None:
    past.attempt(bank="lost_card")
    assert past.attempt() == "hold"
    assert past.attempt(phone=OTHER_PHONE) == "allow"


@pytest.mark.parametrize("past", ["lost_or_stolen_from_phone", "many_guesses_from_phone"], indirect=True)
def test_a_thief_with_a_hidden_number_holds_up_no_other_hidden_number(past: History) -> None:
    past.settings.risk_phone_guesses = 0
    past.attempt(phone="+266696687", bank="stolen_card")
    with past.db.write() as tx:
        reserve(tx, past.clock.now(), [by_phone("zip", "+266696687")])
    assert past.attempt(phone="+266696687") == "allow"


@pytest.mark.parametrize("past", ["many_accounts_from_phone"], indirect=True)
def test_a_phone_may_pay_all_the_accounts_it_is_enrolled_for(past: History) -> None:
    past.settings.risk_phone_accounts = 1
    own = [past.factory.account(f"40000000{number:02d}", phone=PHONE).id for number in range(5)]
    assert {past.attempt(account_id) for account_id in own} == {"allow"}
    assert past.attempt() == "allow"
    assert past.attempt() == "hold"


@pytest.mark.parametrize("past", ["many_tries_with_card"], indirect=True)
def test_a_card_on_file_is_not_counted_with_the_same_card_on_file_elsewhere(past: History) -> None:
    past.settings.risk_card_tries = 1
    for _ in range(3):
        account_id = past.account()
        saved = past.card(account_id, fingerprint="one_card", is_saved=True)
        assert past.attempt(account_id, method_id=saved) == "allow"
    assert past.attempt(account_id, method_id=saved) == "hold"


@pytest.mark.parametrize("past", ["many_tries_on_account"], indirect=True)
def test_drafts_that_nobody_tried_are_not_counted(past: History) -> None:
    past.settings.risk_account_tries = 1
    account_id = past.account()
    for _ in range(3):
        assert past.attempt(account_id, is_member_present=False) == "allow"
    assert past.attempt(account_id) == "allow"


def test_the_gravest_rule_decides_and_every_reason_is_kept(
    db: Database, clock: FixedClock, settings: Settings, factory: Factory
) -> None:
    past = History(db, clock, settings, factory, RULE_OF["card_lost_or_stolen"])
    account_id = past.account()
    method_id = past.card(account_id)
    past.attempt(account_id, method_id=method_id, bank="lost_card")
    with db.write() as tx:
        decision = Risk(clock, settings).decide(
            tx,
            Attempt(
                account_id=account_id,
                amount_cents=8420,
                method=tx.get_one(PaymentMethod, method_id),
                phone=PHONE,
                session_id="session_9",
                is_member_present=True,
            ),
        )
    assert decision.outcome == "refuse"
    assert {each["reason"] for each in decision.reasons} == LOST_OR_STOLEN


def test_only_a_rule_about_the_card_may_refuse_so_a_new_card_always_gets_to_a_person() -> None:
    assert {rule.about for rule in RULES if rule.outcome == "refuse"} == {"card"}
    with pytest.raises(ValueError, match="only a card is refused"):
        Rule(
            reason="too_many",
            about="phone",
            counts=lambda _: 1,
            window=timedelta(hours=1),
            limit=lambda _: 0,
            outcome="refuse",
            told="",
        )
