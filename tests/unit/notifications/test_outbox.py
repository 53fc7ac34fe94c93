"""The outbox hands over each text and call once, whatever the carrier or our own processes do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from assistant.clock import FixedClock
from assistant.db import Database
from assistant.notifications.models import OptOut, OutboxMessage
from assistant.notifications.opt_outs import has_opted_out, record_opt_out, remove_opt_out
from assistant.notifications.outbox import LEASE, SECRET_LIFE, TEXT_WAITS, Outbox
from tests.fake_sender import FakeSender

ADA = "+17065550111"


@pytest.fixture
def sender(clock: FixedClock) -> FakeSender:
    return FakeSender(clock)


@pytest.fixture
def outbox(db: Database, clock: FixedClock, sender: FakeSender) -> Outbox:
    return Outbox(db, clock, sender)


def queue(db: Database, outbox: Outbox, key: str = "receipt:1", **options: object) -> None:
    with db.write() as tx:
        outbox.queue_text(tx, phone=ADA, body="Paid $84.20.", dedupe_key=key, **options)  # type: ignore[arg-type]


def rows(db: Database) -> list[OutboxMessage]:
    with db.read() as tx:
        return list(tx.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)))


def test_a_queued_text_goes_out_once(db: Database, outbox: Outbox, sender: FakeSender) -> None:
    queue(db, outbox)
    assert outbox.send_due() == 1
    assert outbox.send_due() == 0
    assert sender.bodies_to(ADA) == ["Paid $84.20."]
    assert (rows(db)[0].state, rows(db)[0].provider_id) == ("sent", sender.texts[0][0])


def test_the_same_cause_queues_one_text_even_in_one_transaction(
    db: Database, outbox: Outbox, sender: FakeSender
) -> None:
    with db.write() as tx:
        for _ in range(2):
            outbox.queue_text(tx, phone=ADA, body="Paid.", dedupe_key="receipt:1")
    queue(db, outbox)
    outbox.send_due()
    assert sender.bodies_to(ADA) == ["Paid."]


def test_a_rolled_back_cause_sends_nothing(db: Database, outbox: Outbox, sender: FakeSender) -> None:
    with db.write() as tx:
        outbox.queue_text(tx, phone=ADA, body="Paid.", dedupe_key="receipt:1")
        tx.rollback()
    assert outbox.send_due() == 0
    assert sender.texts == []


def test_a_text_waits_for_its_time(db: Database, outbox: Outbox, clock: FixedClock) -> None:
    queue(db, outbox, send_after=clock.now() + timedelta(hours=1))
    assert outbox.send_due() == 0
    clock.advance(timedelta(hours=1))
    assert outbox.send_due() == 1


def test_a_lost_answer_is_looked_up_and_not_sent_again(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    sender.plan = ["taken"]
    queue(db, outbox)
    assert outbox.send_due() == 0
    assert rows(db)[0].state == "unknown"
    clock.advance(TEXT_WAITS[0])
    assert outbox.send_due() == 1
    assert len(sender.texts) == 1
    assert rows(db)[0].provider_id == sender.texts[0][0]


def test_a_text_taken_while_our_clock_was_ahead_is_found_and_not_sent_again(
    db: Database, clock: FixedClock
) -> None:
    carrier = FakeSender(FixedClock(clock.now() - timedelta(hours=2)))
    outbox = Outbox(db, clock, carrier)
    carrier.plan = ["taken"]
    queue(db, outbox)
    outbox.send_due()
    clock.advance(TEXT_WAITS[0])
    assert outbox.send_due() == 1
    assert carrier.bodies_to(ADA) == ["Paid $84.20."]


def test_a_text_that_never_went_out_is_sent_again_after_a_look(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    sender.plan = ["lost"]
    queue(db, outbox)
    outbox.send_due()
    assert outbox.send_due() == 0  # not before its time
    clock.advance(TEXT_WAITS[0])
    assert outbox.send_due() == 1
    assert sender.looks == 1
    assert len(sender.texts) == 1


def test_an_equal_text_of_another_cause_is_not_taken_for_this_one(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    queue(db, outbox, "a")
    queue(db, outbox, "b")
    sender.plan = ["ok", "lost"]
    outbox.send_due()
    clock.advance(TEXT_WAITS[0])
    outbox.send_due()
    assert len(sender.texts) == 2


def test_a_process_that_died_while_sending_leaves_no_double(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    queue(db, outbox)
    with db.write() as tx:
        tx.execute(update(OutboxMessage).values(state="sending", tries=1, send_after=clock.now() + LEASE))
    sender.send_text(ADA, "Paid $84.20.")  # it had gone out when the process died
    assert outbox.send_due() == 0
    clock.advance(LEASE)
    assert outbox.send_due() == 1
    assert len(sender.texts) == 1
    assert rows(db)[0].state == "sent"


def test_a_process_that_slept_until_it_was_taken_for_dead_sends_nothing(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    queue(db, outbox)
    sleeper = Outbox(db, clock, sender)
    claim = sleeper._claim

    def claim_and_sleep(row_id: str) -> object:
        parcel = claim(row_id)
        clock.advance(LEASE)
        assert outbox.send_due() == 1
        return parcel

    sleeper._claim = claim_and_sleep  # type: ignore[method-assign, assignment]
    assert sleeper.send_due() == 0
    assert sender.bodies_to(ADA) == ["Paid $84.20."]


def test_a_refused_text_fails_for_good(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    sender.plan = ["30006"]
    queue(db, outbox)
    outbox.send_due()
    clock.advance(timedelta(days=1))
    assert outbox.send_due() == 0
    assert (rows(db)[0].state, rows(db)[0].error_code) == ("failed", "30006")


def test_the_carrier_saying_opted_out_is_remembered(db: Database, outbox: Outbox, sender: FakeSender) -> None:
    sender.plan = ["21610"]
    queue(db, outbox)
    outbox.send_due()
    with db.read() as tx:
        opt_out = tx.get(OptOut, ADA)
        assert opt_out is not None
        assert opt_out.how == "carrier"


def test_an_opted_out_phone_gets_answers_and_codes_but_nothing_unasked(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    with db.write() as tx:
        record_opt_out(tx, phone=ADA, how="own_words", at=clock.now())
        record_opt_out(tx, phone=ADA, how="carrier_word", at=clock.now())
        outbox.queue_text(tx, phone=ADA, body="Reminder", dedupe_key="r")
        outbox.queue_text(tx, phone=ADA, body="Answer", dedupe_key="a", is_answer=True)
        outbox.queue_text(tx, phone=ADA, body="Code 123456", dedupe_key="c", holds_secret=True)
    assert outbox.send_due() == 2
    assert sorted(sender.bodies_to(ADA)) == ["Answer", "Code 123456"]
    assert {row.dedupe_key: row.error_code for row in rows(db)}["r"] == "opted_out"
    with db.write() as tx:
        remove_opt_out(tx, phone=ADA)
        assert not has_opted_out(tx, ADA)


@pytest.mark.parametrize("step", ["ok", "30006"])
def test_a_secret_is_wiped_once_it_was_handed_over(
    step: str, db: Database, outbox: Outbox, sender: FakeSender
) -> None:
    sender.plan = [step]
    with db.write() as tx:
        outbox.queue_text(tx, phone=ADA, body="Code 123456", dedupe_key="c", holds_secret=True)
    outbox.send_due()
    assert rows(db)[0].body == ""


def test_a_secret_too_old_to_be_of_use_is_wiped_unsent(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    with db.write() as tx:
        outbox.queue_text(tx, phone=ADA, body="Code 123456", dedupe_key="c", holds_secret=True)
    clock.advance(SECRET_LIFE)
    assert outbox.send_due() == 0
    assert sender.texts == []
    assert (rows(db)[0].body, rows(db)[0].error_code) == ("", "expired")


def test_after_the_last_try_we_give_up_and_say_so(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    sender.plan = ["lost"] * 20
    queue(db, outbox)
    for wait in TEXT_WAITS:
        outbox.send_due()
        clock.advance(wait)
    outbox.send_due()
    assert (rows(db)[0].state, rows(db)[0].error_code) == ("failed", "gave_up")
    assert rows(db)[0].tries == len(TEXT_WAITS) + 1


def test_a_call_is_placed_once_and_looked_for_after_an_unclear_outcome(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    sender.plan = ["taken"]
    with db.write() as tx:
        outbox.queue_call(tx, phone=ADA, path="/twilio/voice?resume=ses_1", dedupe_key="call:1")
    outbox.send_due()
    clock.advance(timedelta(seconds=10))
    assert outbox.send_due() == 1
    assert [path for _, _, path, _ in sender.calls] == ["/twilio/voice?resume=ses_1"]


def test_a_redaction_is_tried_until_the_carrier_does_it(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    sender.plan = ["20009", "lost"]
    with db.write() as tx:
        outbox.queue_redaction(tx, phone=ADA, message_id="SM1")
        outbox.queue_redaction(tx, phone=ADA, message_id="SM1")
    for wait in (*TEXT_WAITS[:2], TEXT_WAITS[2]):
        outbox.send_due()
        clock.advance(wait)
    assert sender.redacted == ["SM1"]


def test_many_processes_hand_over_at_once_and_each_text_goes_out_once(
    db: Database, outbox: Outbox, sender: FakeSender
) -> None:
    for number in range(10):
        queue(db, outbox, f"receipt:{number}")
    with ThreadPoolExecutor(6) as pool:
        handed_over = sum(pool.map(lambda _: outbox.send_due(), range(6)))
    assert handed_over == 10
    assert len(sender.texts) == 10


def test_what_was_told_otherwise_is_withdrawn_unless_it_is_on_its_way(
    db: Database, outbox: Outbox, sender: FakeSender, clock: FixedClock
) -> None:
    queue(db, outbox, "early")
    outbox.send_due()
    queue(db, outbox, "late", send_after=clock.now() + timedelta(seconds=120))
    with db.write() as tx:
        outbox.withdraw(tx, dedupe_key="early")
        outbox.withdraw(tx, dedupe_key="late")
    clock.advance(timedelta(hours=1))
    assert outbox.send_due() == 0
    assert {row.dedupe_key: row.state for row in rows(db)} == {"early": "sent", "late": "withdrawn"}
