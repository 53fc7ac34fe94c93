"""The kinds of callers: how the account stands, and what such a call is about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, update

from assistant.billing.models import Account, PrepaidAccount, ServiceLocation
from assistant.errors import PaymentPending
from assistant.payments.autopay_views import AutopayOptions
from assistant.payments.models import PaymentMethod
from tests.dialogs.callers import Kind, Town
from tests.dialogs.conftest import Line
from tests.factories import MadeAccount

TODAY = date(2026, 11, 23)
NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def with_a_card(town: Town) -> MadeAccount:
    account = town.account()
    town.card(account)
    return account


def without_a_card(town: Town) -> MadeAccount:
    return town.account()


def with_two_cards(town: Town) -> MadeAccount:
    account = with_a_card(town)
    town.card(account, "1881", is_default=False)
    return account


def not_on_file(town: Town) -> MadeAccount:
    account = town.account(phone="")
    town.card(account)
    return account


def without_a_pin(town: Town) -> MadeAccount:
    return town.account(pin="")


def owing_nothing(town: Town) -> MadeAccount:
    account = town.account(balance_cents=0)
    town.card(account)
    return account


def with_a_credit(town: Town) -> MadeAccount:
    account = town.account(balance_cents=-2500)
    town.card(account)
    return account


def owing_too_much(town: Town) -> MadeAccount:
    account = town.account(balance_cents=900_00)
    town.card(account)
    return account


def partly_past_due_with_a_notice(town: Town) -> MadeAccount:
    account = town.account(balance_cents=9640, due_on=TODAY - timedelta(days=20))
    town.world.factory.statement(account.id, 8000, due_on=TODAY + timedelta(days=20))
    town.card(account)
    notice = {"disconnect_on": TODAY + timedelta(days=4), "disconnect_minimum_cents": 9640}
    with town.world.app.db.write() as tx:
        tx.execute(
            update(Account)
            .where(Account.id == account.id)
            .values(disconnect_noted_at=town.world.clock.now(), **notice)
        )
    return account


def prepaid(town: Town) -> MadeAccount:
    account = town.account(balance_cents=-2340)
    town.card(account)
    with town.world.app.db.write() as tx:
        tx.add(PrepaidAccount(account_id=account.id, daily_use_cents=420, told_at=town.world.clock.now()))
    return account


def by_cash_only(town: Town) -> MadeAccount:
    return town.account(is_cash_only=True)


def on_autopay(town: Town) -> MadeAccount:
    account = town.account()
    return _on_autopay(town, account, AutopayOptions(town.card(account)))


def on_autopay_owing_nothing(town: Town) -> MadeAccount:
    account = town.account(balance_cents=0)
    return _on_autopay(town, account, AutopayOptions(town.card(account)))


def on_paused_autopay(town: Town) -> MadeAccount:
    account = on_autopay(town)
    town.world.app.payments.autopay.pause(session_id=town.verified_session(account))
    return account


def with_a_payment_set(town: Town) -> MadeAccount:
    account = town.account()
    _set_payment(town, account, town.card(account), 3000, 8)
    return account


def who_paid_today(town: Town) -> MadeAccount:
    account = town.account()
    _pay(town, account, town.card(account), 2000)
    return account


def who_paid_often(town: Town) -> MadeAccount:
    """More often than one reply can tell."""
    account = town.account()
    card = town.card(account)
    for cents in (1000, 1100, 1200, 1300):
        _pay(town, account, card, cents)
    return account


def who_paid_what_a_day_allows(town: Town) -> MadeAccount:
    account = town.account(balance_cents=2000_00)
    card = town.card(account)
    for cents in (590_00, 600_00):
        _pay(town, account, card, cents)
    return account


def with_a_bank_account(town: Town) -> MadeAccount:
    """At a bank that takes its days."""
    account = town.account()
    with town.world.app.db.write() as tx:
        tx.add(
            PaymentMethod(
                id=f"method_bank_{account.id}",
                account_id=account.id,
                processor_id=f"pm_bank_{account.id}",
                customer_id=f"cus_bank_{account.id}",
                kind="bank_account",
                brand="First Farmers Bank",
                last_four="6789",
                is_default=True,
                is_saved=True,
                added_at=town.world.clock.now(),
            )
        )
    # The processor knows it: its mandate was imported.
    town.world.gateway.attached.append(f"pm_bank_{account.id}")
    town.world.gateway.plan = ["processing"]
    return account


def with_a_payment_on_its_way(town: Town) -> MadeAccount:
    account = with_a_bank_account(town)
    with suppress(PaymentPending):
        _pay(town, account, f"method_bank_{account.id}", 2000)
    return account


def without_an_address(town: Town) -> MadeAccount:
    account = with_a_card(town)
    with town.world.app.db.write() as tx:
        tx.execute(delete(ServiceLocation).where(ServiceLocation.account_id == account.id))
    return account


def without_paper(town: Town) -> MadeAccount:
    account = with_a_card(town)
    town.preferences.set_paperless(town.verified_session(account), is_paperless=True)
    return account


def with_two_accounts(town: Town) -> MadeAccount:
    account = with_a_card(town)
    town.account(phone=account.phone, name=f"Ada {account.id}", nickname="Barn")
    return account


def a_helper(town: Town) -> MadeAccount:
    account = town.account(role="helper")
    town.card(account)
    return account


def with_a_capped_autopay(town: Town) -> MadeAccount:
    """The cap is below the bill."""
    account = town.account()
    options = AutopayOptions(town.card(account), amount_kind="capped", amount_cents=5000)
    return _on_autopay(town, account, options)


def with_a_backup(town: Town) -> MadeAccount:
    account = town.account()
    options = AutopayOptions(town.card(account), town.card(account, "1881", is_default=False))
    return _on_autopay(town, account, options)


def with_two_payments_set(town: Town) -> MadeAccount:
    account = town.account()
    card = town.card(account)
    for cents, days in ((3000, 8), (1500, 9)):
        _set_payment(town, account, card, cents, days)
    return account


def with_a_payment_for_tomorrow(town: Town) -> MadeAccount:
    account = town.account()
    _set_payment(town, account, town.card(account), 3000, 1)
    return account


def with_more_time(town: Town) -> MadeAccount:
    account = past_due(town)
    session, app = town.verified_session(account), town.world.app
    proof = app.identity.require(session, "verified")
    offer = app.billing.arrangements.offer(proof)
    turn = town.consent(session, offer.id)["turn_id"]
    app.billing.arrangements.agree(proof, turn_id=turn, words="You agree.", language=town.language)
    return account


def past_due(town: Town) -> MadeAccount:
    account = town.account(balance_cents=9640, due_on=TODAY - timedelta(days=20))
    town.card(account)
    return account


def due_today(town: Town) -> MadeAccount:
    account = town.account(due_on=TODAY)
    town.card(account)
    return account


def with_two_helpers(town: Town) -> MadeAccount:
    account = with_a_card(town)
    session = town.verified_session(account)
    for phone in ("+17065550177", "+17065550178"):
        town.world.app.identity.name_helper(session, phone)
    return account


def without_reminders(town: Town) -> MadeAccount:
    """Neither reminders nor receipts are wanted."""
    account = with_a_card(town)
    session = town.verified_session(account)
    town.preferences.set_reminder(session, 0)
    town.preferences.set_receipts(session, has_receipts=False)
    return account


def at_night(town: Town) -> MadeAccount:
    """The first call comes late in the evening, and so do the others."""
    if town.world.clock.now() < NIGHT:
        town.world.clock.advance(NIGHT - town.world.clock.now())
    return with_a_card(town)


def whose_bank_says(answer: str) -> Callable[[Town], MadeAccount]:
    """A member whose next charge ends like this; see `FakeGateway.plan`."""

    def arrange(town: Town) -> MadeAccount:
        account = with_a_card(town)
        town.world.gateway.plan = [answer]
        return account

    return arrange


def while_the_processor_is_down(town: Town) -> MadeAccount:
    """A card that is keyed cannot be looked at."""
    town.world.gateway.is_down = True
    return town.account()


def of_another_account(town: Town) -> str:
    """A token that is on file there."""
    account = with_a_card(town)
    return f"pm_{account.id}_4242"


def who_texted_pay(town: Town, account: MadeAccount) -> Line:
    line = town.thread(account)
    line.text("PAY" if town.language == "en" else "PAGAR")
    return line


def who_texted_cards(town: Town, account: MadeAccount) -> Line:
    line = town.thread(account)
    line.text("CARDS" if town.language == "en" else "TARJETAS")
    return line


def who_texted_a_later_day(town: Town, account: MadeAccount) -> Line:
    line = town.thread(account)
    town.world.app.identity.check_pin(line.session_id, account.phone, account.pin)
    town.world.app.payments.draft(
        session_id=line.session_id,
        account_id=account.id,
        amount_cents=3000,
        method_id=town.card(account),
        pay_on=TODAY + timedelta(days=8),
    )
    return line


def _on_autopay(town: Town, account: MadeAccount, options: AutopayOptions) -> MadeAccount:
    session, autopay = town.verified_session(account), town.world.app.payments.autopay
    offer = autopay.offer(session_id=session, options=options)
    autopay.confirm(**town.consent(session, offer.id), words="You agree.")
    return account


def _set_payment(town: Town, account: MadeAccount, card: str, cents: int, days: int) -> None:
    session, payments = town.verified_session(account), town.world.app.payments
    draft = payments.draft(
        session_id=session,
        account_id=account.id,
        amount_cents=cents,
        method_id=card,
        pay_on=TODAY + timedelta(days=days),
    )
    payments.scheduled.confirm(**town.consent(session, draft.id), words="You agree.")


def _pay(town: Town, account: MadeAccount, method_id: str, cents: int) -> None:
    session, payments = town.verified_session(account), town.world.app.payments
    draft = payments.draft(session_id=session, account_id=account.id, amount_cents=cents, method_id=method_id)
    try:
        payments.confirm(**town.consent(session, draft.id))
    finally:
        payments.told_in_reply(draft.id)


def _about(*wishes: str) -> frozenset[str]:
    return frozenset(wishes)


CARDS = "update_payment_method"
# With wishes: the walk goes where they lead; without: everywhere. With `start`: the keys of one question.
KINDS: dict[str, Kind] = {
    "a member with a card": Kind(with_a_card),
    "a member without a card": Kind(without_a_card, _about("pay_bill", "autopay", "later", CARDS)),
    "a member with two cards": Kind(with_two_cards, _about("pay_bill", "autopay", "later", CARDS)),
    "a member whose phone nobody knows": Kind(
        with_a_card,
        _about("pay_bill", "check_balance", "payment_history", "autopay", "account_access"),
        is_verified=False,
        is_own_phone=False,
    ),
    "somebody who enrolls": Kind(
        without_a_pin, _about("account_access", "pay_bill"), is_verified=False, is_own_phone=False
    ),
    "a guest": Kind(with_a_card, _about("guest_payment"), is_verified=False, is_own_phone=False),
    "a guest for who may pay by cash only": Kind(
        by_cash_only, _about("guest_payment"), is_verified=False, is_own_phone=False
    ),
    "a helper": Kind(a_helper, _about("pay_bill", "payment_history", "autopay"), is_verified=False),
    "one of two accounts": Kind(with_two_accounts, _about("pay_bill", "check_balance"), is_verified=False),
    "who owes nothing": Kind(
        owing_nothing,
        _about("pay_bill", "later", "check_balance", "payment_arrangement", "get_statement"),
    ),
    "who has a credit": Kind(with_a_credit, _about("pay_bill", "check_balance")),
    "who owes more than a card may pay": Kind(owing_too_much, _about("pay_bill")),
    "who is partly past due with a notice": Kind(
        partly_past_due_with_a_notice,
        _about("pay_bill", "later", "min_payment", "payment_arrangement", "good_standing_letter"),
    ),
    "who is past due": Kind(past_due, _about("payment_arrangement", "later")),
    "who has more time": Kind(with_more_time, _about("payment_arrangement", "min_payment")),
    "whose bill is due today": Kind(due_today, _about("later")),
    "who is prepaid": Kind(prepaid, _about("pay_bill", "check_balance", "payment_arrangement")),
    "who may pay by cash only": Kind(by_cash_only, _about("pay_bill", "autopay", "later")),
    "who is on autopay": Kind(on_autopay, _about("autopay", CARDS)),
    "who is on autopay and owes nothing": Kind(on_autopay_owing_nothing, _about("autopay")),
    "whose autopay is paused": Kind(on_paused_autopay, _about("autopay")),
    "whose autopay is capped": Kind(with_a_capped_autopay, _about("autopay")),
    "who has a backup card": Kind(with_a_backup, _about(CARDS)),
    "who has a payment set": Kind(with_a_payment_set, _about("later", CARDS)),
    "who has two payments set": Kind(with_two_payments_set, _about("later")),
    "who has a payment set for tomorrow": Kind(with_a_payment_for_tomorrow, _about("later")),
    "who paid today": Kind(who_paid_today, _about("payment_status", "payment_history", "refund")),
    "who paid often": Kind(who_paid_often, _about("payment_history")),
    "who pays from a bank account": Kind(with_a_bank_account, _about("pay_bill", CARDS)),
    "whose address we do not have": Kind(without_an_address, _about("get_statement", "good_standing_letter")),
    "who gets no paper": Kind(without_paper, _about("paperless")),
    "who has two helpers": Kind(with_two_helpers, _about("helper_access")),
    "who wants no reminders": Kind(without_reminders, _about("notification_settings")),
    # What only one thing that happened, or was said, leads to.
    "who says no to what is read back": Kind(with_a_card, start=("1", "{no}")),
    "who says no to what is read back for a later day": Kind(with_a_card, start=("4", "1", "1", "{no}")),
    "who wants paper and gets it": Kind(with_a_card, start=("{paper}",)),
    "who wants paper again": Kind(without_paper, start=("{paper}",)),
    "whose payment is on its way from the bank": Kind(with_a_payment_on_its_way, start=("1",)),
    "who paid what a day allows": Kind(who_paid_what_a_day_allows, start=("1", "100*00")),
    "who pays the same twice": Kind(who_paid_today, start=("1", "2", "20*00")),
    "whose payment is looked at first": Kind(with_a_card, start=("1", "2", "280*00", "1")),
    "whose payment is looked at and who pays again": Kind(
        with_a_card, start=("1", "2", "280*00", "1", "2", "1", "2", "280*00")
    ),
    "whose card belongs to another account": Kind(
        without_a_card, start=("1", "success"), card=of_another_account
    ),
    "whose bank has no money": Kind(whose_bank_says("insufficient_funds"), start=("1", "1")),
    "whose bank says no": Kind(whose_bank_says("generic_decline"), start=("1", "1")),
    "whose card has expired": Kind(whose_bank_says("expired_card"), start=("1", "1")),
    "whose card number is wrong": Kind(whose_bank_says("incorrect_cvc"), start=("1", "1")),
    "whose bank wants to ask": Kind(whose_bank_says("authentication_required"), start=("1", "1")),
    "whose bank does not answer": Kind(whose_bank_says("lost"), start=("1", "1")),
    "whose bank has not answered yet": Kind(whose_bank_says("lost"), start=("1", "1", "2", "1")),
    "while the processor is down": Kind(while_the_processor_is_down, start=("1", "success")),
    "at night": Kind(at_night, start=("0",)),
    "whom we ring to pay": Kind(without_a_card, is_verified=False, start=("9",), texted=who_texted_pay),
    "whom we ring for a card": Kind(without_a_card, is_verified=False, start=("9",), texted=who_texted_cards),
    "whom we ring for a later day": Kind(
        without_a_card, is_verified=False, start=("9",), texted=who_texted_a_later_day
    ),
}
